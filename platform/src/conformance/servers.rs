//! The real servers that tests work on. They are started by who runs the tests, never here, and a
//! missing one is a failure that says how to start it.

use std::sync::atomic::{AtomicU32, Ordering};

/// `HOST:PORT` of a Kafka broker.
///
/// # Panics
/// Where none was started.
#[must_use]
pub fn kafka() -> String {
    address("GOLDSTREAM_TEST_KAFKA", "Kafka")
}

/// URL of a Redis.
///
/// # Panics
/// Where none was started.
#[must_use]
pub fn redis() -> String {
    address("GOLDSTREAM_TEST_REDIS", "Redis")
}

/// URL of something that speaks S3, with a bucket `lake`; user and password are `minioadmin`.
///
/// # Panics
/// Where none was started.
#[must_use]
pub fn s3() -> String {
    address("GOLDSTREAM_TEST_S3", "S3")
}

fn address(variable: &str, server: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!(
            "no {server} to test on: {variable} is not set; `make test` starts one, \
             and so does `scripts/with-servers.sh cargo test --profile ci NAME`"
        )
    })
}

/// A prefix that no other test has, in this process or another.
#[must_use]
pub fn fresh_prefix(name: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("test-{name}-{:x}-{}-{number}", crate::clock::now_ms(), std::process::id())
}

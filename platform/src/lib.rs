//! The only crate that touches the world's logs and stores.
//!
//! [`log`] and [`store`] are the two ports; every implementation passes the same conformance suite.
//! No rule of the shop's data lives here, and nothing outside names an implementation's types
//! except where a process is put together.

pub mod clock;
#[cfg(any(test, feature = "conformance"))]
#[allow(clippy::expect_used, clippy::panic, reason = "a suite of tests")]
pub mod conformance;
pub mod cpu_share;
pub mod documents;
pub mod embedded;
pub mod generations;
pub mod health;
pub mod heartbeat;
pub mod hearts;
pub mod inputs;
pub mod instance;
pub mod kafka;
pub mod lakes;
pub mod ledger;
pub mod limits;
pub mod log;
pub mod metrics;
pub mod rebuilding;
pub mod redis;
pub mod reports;
pub mod role;
pub mod secret;
pub mod served;
pub mod server_file;
pub mod settings;
pub mod shop_clock;
pub mod shutdown;
pub mod store;
pub mod telemetry;
pub mod throttle;
pub mod topology;
pub mod trace;

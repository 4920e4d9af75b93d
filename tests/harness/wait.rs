//! Waiting for something to become true: by looking again, never by hoping that a while is enough.

use std::time::{Duration, Instant};

/// Generous: only a test that fails waits so long.
const DEADLINE: Duration = Duration::from_secs(90);
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// What `look` gives once it gives something; an `Err` tells what it saw instead.
pub(crate) fn eventually<T>(wish: &str, mut look: impl FnMut() -> Result<T, String>) -> T {
    let began = Instant::now();
    loop {
        let seen = match look() {
            Ok(found) => return found,
            Err(seen) => seen,
        };
        assert!(began.elapsed() < DEADLINE, "it never came that {wish}; last seen: {seen}");
        std::thread::sleep(LOOK_AGAIN);
    }
}

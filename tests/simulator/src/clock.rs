//! The clock of a run: it stands still until it is moved. Waiting code sees it through tokio's paused
//! clock, stamps through [`now_ms`].

use goldstream_platform::limits::COMMIT_PACE;
use std::cell::Cell;
use std::io;
use tokio::runtime::{Builder, Runtime};

thread_local! {
    static TICKS: Cell<u64> = const { Cell::new(0) };
}

/// Milliseconds since 1970 UTC, as the run has it.
#[must_use]
pub(crate) fn now_ms() -> i64 {
    1_700_000_000_000 + steady_ms() as i64
}

/// Milliseconds since the run began.
#[must_use]
pub(crate) fn steady_ms() -> u64 {
    TICKS.get() * COMMIT_PACE.as_millis() as u64
}

/// The clock of one run, on this thread.
#[derive(Debug)]
pub(crate) struct Clock {
    runtime: Runtime,
}

impl Clock {
    /// A clock at its beginning.
    ///
    /// # Errors
    /// Where the runtime that carries it cannot be made.
    pub(crate) fn new() -> io::Result<Self> {
        TICKS.set(0);
        Ok(Self {
            runtime: Builder::new_current_thread().enable_time().start_paused(true).build()?,
        })
    }

    /// One tick of the stages passes.
    pub(crate) fn tick(&self) {
        TICKS.set(self.ticks() + 1);
        self.runtime.block_on(tokio::time::advance(COMMIT_PACE));
    }

    /// Ticks so far.
    #[must_use]
    pub(crate) fn ticks(&self) -> u64 {
        TICKS.get()
    }

    /// Runs what asks tokio for the time.
    pub(crate) fn under<T>(&self, run: impl FnOnce() -> T) -> T {
        let _entered = self.runtime.enter();
        run()
    }
}

//! How much a scenario does to its processes, and what it tells of that. Nothing here is asserted: how
//! soon something counts again is a figure of the machine.

use std::io::Write;
use std::time::{Duration, Instant};

/// The variable that makes scenarios longer: `make chaos` sets it.
const TIMES: &str = "GOLDSTREAM_CHAOS";

/// So much in a test, and a multiple of it in `make chaos`.
pub(crate) fn times(of_a_test: usize) -> usize {
    let told = std::env::var(TIMES).ok();
    of_a_test * told.map_or(1, |times| times.parse().expect("GOLDSTREAM_CHAOS is a number"))
}

/// What was done and how soon rows were counted again. It is printed at the end of the scenario.
pub(crate) struct Toll {
    what: &'static str,
    faults: usize,
    recoveries: Vec<Duration>,
}

impl Toll {
    pub(crate) fn of(what: &'static str) -> Self {
        Self { what, faults: 0, recoveries: Vec::new() }
    }

    /// A fault after which nothing is waited for.
    pub(crate) fn struck(&mut self) {
        self.faults += 1;
    }

    /// A fault after which nothing was counted for so long.
    pub(crate) fn paused(&mut self, longest: Duration) {
        self.recoveries.push(longest);
    }

    /// A fault, or several, have struck just now; `wait` ends when rows are counted again.
    pub(crate) fn recovers(&mut self, wait: impl FnOnce()) {
        let began = Instant::now();
        wait();
        self.recoveries.push(began.elapsed());
    }
}

impl Drop for Toll {
    fn drop(&mut self) {
        let Self { what, faults, recoveries } = self;
        let faults = (*faults).max(recoveries.len());
        recoveries.sort_unstable();
        let waits = recoveries.len();
        let half = recoveries.get(waits / 2).map_or(0, Duration::as_millis);
        let worst = recoveries.last().map_or(0, Duration::as_millis);
        let told = format!(
            "{what}: {faults} faults, {waits} recoveries, half within {half} ms, the worst {worst} ms\n"
        );
        // Not captured: who runs the tests sees it of those that pass, too.
        std::io::stderr().write_all(told.as_bytes()).ok();
    }
}

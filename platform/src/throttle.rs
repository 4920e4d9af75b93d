//! How a generation that is folded beside the served one leaves the machine to it: where rows of the served one
//! wait for longer than they may, the other reads no further for a while. It measures nothing itself, and keeps
//! nobody from going on for ever.

use crate::limits::{REBUILD_LAG_MAX, REBUILD_PAUSE_MAX, REBUILD_RUN_MIN, REBUILD_YIELD_HOLD};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What the stages of a process share, whichever generation they fold. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Throttle {
    state: Arc<Mutex<State>>,
    began: Instant,
}

/// The part of one generation's stages.
#[derive(Debug, Clone)]
pub struct Share {
    throttle: Throttle,
    generation: u32,
}

impl Throttle {
    /// One for a process in which this generation is served.
    #[must_use]
    pub fn new(served: u32) -> Self {
        Self { state: Arc::new(Mutex::new(State::new(served))), began: Instant::now() }
    }

    /// Another generation is served from now on.
    pub fn serve(&self, generation: u32) {
        let mut state = self.state();
        if state.served != generation {
            *state = State::new(generation);
        }
    }

    /// The part of a generation's stages.
    #[must_use]
    pub fn share(&self, generation: u32) -> Share {
        Share { throttle: self.clone(), generation }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Rows were committed whose oldest had waited so long: milliseconds since bronze took it in.
    pub fn committed(&self, waited_ms: i64) {
        let now = self.throttle.began.elapsed();
        self.throttle.state().committed(self.generation, waited_ms, now);
    }

    /// Whether nothing more is to be read now.
    #[must_use]
    pub fn must_wait(&self) -> bool {
        let now = self.throttle.began.elapsed();
        self.throttle.state().must_wait(self.generation, now)
    }
}

#[derive(Debug)]
struct State {
    served: u32,
    /// When rows of the served one were late last.
    late_at: Option<Duration>,
    /// Since when others yield to it.
    yields_since: Option<Duration>,
}

impl State {
    const fn new(served: u32) -> Self {
        Self { served, late_at: None, yields_since: None }
    }

    /// Clocks of machines differ: by one that goes wrong a rebuild becomes slow, never wrong.
    fn committed(&mut self, generation: u32, waited_ms: i64, now: Duration) {
        if generation == self.served && i128::from(waited_ms) > REBUILD_LAG_MAX.as_millis() as i128
        {
            self.late_at = Some(now);
        }
    }

    fn must_wait(&mut self, generation: u32, now: Duration) -> bool {
        if generation == self.served {
            return false;
        }
        if self.late_at.is_none_or(|at| now.saturating_sub(at) >= REBUILD_YIELD_HOLD) {
            self.yields_since = None;
            return false;
        }
        let since = *self.yields_since.get_or_insert_with(|| {
            tracing::info!("rows wait to be counted: what is folded beside them goes slowly");
            now
        });
        // What is served may be late for reasons of its own: the other goes on, if slowly.
        let turn = (REBUILD_PAUSE_MAX + REBUILD_RUN_MIN).as_millis();
        now.saturating_sub(since).as_millis() % turn < REBUILD_PAUSE_MAX.as_millis()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATE_MS: i64 = REBUILD_LAG_MAX.as_millis() as i64 + 1;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn what_is_folded_beside_waits_while_rows_of_the_served_one_are_late_and_a_moment_longer() {
        let mut state = State::new(3);
        assert!(!state.must_wait(4, at(0)));
        state.committed(3, LATE_MS - 1, at(0));
        assert!(!state.must_wait(4, at(0)), "at the limit nothing is late");
        state.committed(3, LATE_MS, at(10));
        assert!(state.must_wait(4, at(10)));
        let hold_ms = REBUILD_YIELD_HOLD.as_millis() as u64;
        assert!(state.must_wait(4, at(9 + hold_ms)));
        assert!(!state.must_wait(4, at(10 + hold_ms)));
    }

    #[test]
    fn the_served_one_never_waits_and_nobody_waits_for_the_other() {
        let mut state = State::new(3);
        state.committed(4, LATE_MS, at(10));
        assert!(!state.must_wait(4, at(10)));
        state.committed(3, LATE_MS, at(10));
        assert!(!state.must_wait(3, at(10)));
    }

    #[test]
    fn where_the_served_one_is_late_for_ever_the_other_goes_on_slowly() {
        let mut state = State::new(3);
        let seconds = 60;
        let waits = (0..seconds * 1_000).filter(|ms| {
            state.committed(3, i64::MAX, at(*ms));
            state.must_wait(4, at(*ms))
        });
        let runs_ms = seconds * 1_000 - waits.count() as u64;
        let turn = REBUILD_PAUSE_MAX + REBUILD_RUN_MIN;
        let share = REBUILD_RUN_MIN.div_duration_f64(turn);
        assert_eq!(runs_ms, (seconds as f64 * 1_000.0 * share) as u64);
    }

    #[test]
    fn who_is_served_next_is_waited_for_by_who_was_before() {
        let throttle = Throttle::new(3);
        throttle.share(3).committed(LATE_MS);
        assert!(throttle.share(4).must_wait());
        throttle.serve(4);
        assert!(!throttle.share(4).must_wait());
        assert!(!throttle.share(3).must_wait(), "what was late is shown no more");
        throttle.share(4).committed(LATE_MS);
        assert!(throttle.share(3).must_wait());
    }
}

//! Whether the loops of this process turn: beside each beats a heart, driven by the thread that drives
//! the loop. What a loop waits for is no matter of life: a broker that is away stops no heart. Nothing
//! is mended here.

use crate::limits::{HEARTBEAT_PACE, SILENCE_MAX};
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The hearts of a process. Clones are the same hearts.
#[derive(Debug, Clone, Default)]
pub struct Hearts {
    last_beats: Arc<Mutex<BTreeMap<String, Instant>>>,
}

impl Hearts {
    /// What `work` gives; as long as it is at it, a heart of this name beats.
    pub async fn beside<T>(&self, name: &str, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut pace = tokio::time::interval(HEARTBEAT_PACE);
        loop {
            tokio::select! {
                done = &mut work => {
                    self.beats().remove(name);
                    return done;
                }
                _ = pace.tick() => self.beat(name, Instant::now()),
            }
        }
    }

    /// Whose heart has been silent for too long.
    #[must_use]
    pub fn silent(&self) -> Vec<String> {
        self.silent_at(Instant::now())
    }

    fn silent_at(&self, now: Instant) -> Vec<String> {
        let is_silent = |last: &Instant| now.saturating_duration_since(*last) > SILENCE_MAX;
        let beats = self.beats();
        let silent = beats.iter().filter(|(_, last)| is_silent(last));
        silent.map(|(name, _)| name.clone()).collect()
    }

    fn beat(&self, name: &str, now: Instant) {
        self.beats().insert(name.to_owned(), now);
    }

    fn beats(&self) -> MutexGuard<'_, BTreeMap<String, Instant>> {
        self.last_beats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn a_heart_beats_while_its_loop_waits_and_is_gone_with_it() {
        let hearts = Hearts::default();
        let (end, ends) = oneshot::channel::<()>();
        let loop_turns = hearts.beside("gold", ends);
        let looks = async {
            while hearts.beats().is_empty() {
                tokio::task::yield_now().await;
            }
            assert!(hearts.silent().is_empty());
            end.send(()).unwrap();
        };
        let (ended, ()) = tokio::join!(loop_turns, looks);
        ended.unwrap();
        assert!(hearts.beats().is_empty());
    }

    #[test]
    fn who_is_silent_for_too_long_is_named() {
        let hearts = Hearts::default();
        let began = Instant::now();
        hearts.beat("silver", began);
        assert!(hearts.silent_at(began + SILENCE_MAX).is_empty());
        let later = began + SILENCE_MAX + HEARTBEAT_PACE;
        hearts.beat("gold", later);
        assert_eq!(hearts.silent_at(later), ["silver"]);
    }
}

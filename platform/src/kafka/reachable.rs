//! Whether the brokers answer and give what they have, as far as the clients tell. It is told to people, and to
//! who judges fences.

use crate::health::{self, Health};
use crate::log::TopicPartition;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Under which the trouble is told.
const NAME: &str = health::KAFKA;
/// What the client says of a broker that is there and refuses.
const REFUSALS: [&str; 2] = ["SASL authentication error", "SSL handshake failed: error"];
const RIGHTS: &str = health::KAFKA_RIGHTS;

/// A shared note of the brokers' absence.
#[derive(Debug, Clone)]
pub(super) struct Reachable {
    health: Health,
    is_away: Arc<AtomicBool>,
    is_refused: Arc<AtomicBool>,
    /// Whether there is anything in `lacking`: it is asked with each record.
    lacks_rights: Arc<AtomicBool>,
    lacking: Arc<Mutex<BTreeSet<String>>>,
    cut_at: Arc<Mutex<Option<Instant>>>,
}

impl Reachable {
    pub(super) fn new(health: Health) -> Self {
        Self {
            health,
            is_away: Arc::default(),
            is_refused: Arc::default(),
            lacks_rights: Arc::default(),
            lacking: Arc::default(),
            cut_at: Arc::default(),
        }
    }

    /// A client says that brokers do not answer.
    pub(super) fn away(&self, reason: &str) {
        if !self.is_away.swap(true, Ordering::Relaxed) {
            tracing::warn!(reason, "Kafka does not answer, trying on");
        }
        let is_refused = REFUSALS.iter().any(|words| reason.contains(words));
        if is_refused && !self.is_refused.swap(true, Ordering::Relaxed) {
            tracing::warn!(reason, "Kafka does not let us in any more, trying on");
        }
        self.health.report(NAME, reason);
        *self.cut_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// When the line to a broker was last found cut, by any client of this process.
    pub(super) fn cut_at(&self) -> Option<Instant> {
        *self.cut_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was answered.
    pub(super) fn back(&self) {
        if self.is_away.load(Ordering::Relaxed) && self.is_away.swap(false, Ordering::Relaxed) {
            tracing::info!("Kafka answers again");
            self.is_refused.store(false, Ordering::Relaxed);
            self.health.clear(NAME);
        }
    }

    /// The user may not do what a stage needs with one of these topics or groups. That may be mended while it tries on.
    pub(super) fn lacks_rights<'a>(&self, of: impl IntoIterator<Item = &'a str>, sentence: String) {
        let mut lacking = self.lacking.lock().unwrap_or_else(PoisonError::into_inner);
        if lacking.is_empty() {
            tracing::warn!("{sentence}");
        }
        lacking.extend(of.into_iter().map(str::to_owned));
        self.lacks_rights.store(true, Ordering::Relaxed);
        self.health.report(RIGHTS, sentence);
    }

    /// It may do so with this one.
    pub(super) fn has_rights(&self, of: &str) {
        if !self.lacks_rights.load(Ordering::Relaxed) {
            return;
        }
        let mut lacking = self.lacking.lock().unwrap_or_else(PoisonError::into_inner);
        if lacking.remove(of) && lacking.is_empty() {
            tracing::info!("Kafka's user has the rights it needs");
            self.lacks_rights.store(false, Ordering::Relaxed);
            self.health.clear(RIGHTS);
        }
    }

    /// A client gives no records of a partition though its broker has them.
    pub(super) fn stalled(&self, at: TopicPartition, from: u64, end: u64) {
        let reason = format!(
            "the client gives nothing from {from} on, though the broker has records up to {end}; \
             it is told to read the partition anew"
        );
        tracing::warn!(partition = %at, "{reason}");
        self.health.report(reading(at), reason);
    }

    /// A partition that had stalled goes on.
    pub(super) fn goes_on(&self, at: TopicPartition) {
        tracing::info!(partition = %at, "records come again");
        self.health.clear(&reading(at));
    }
}

fn reading(at: TopicPartition) -> String {
    format!("reading of {at}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_that_is_missing_is_told_until_each_topic_it_may_be_of_gives_something() {
        let health = Health::default();
        let reachable = Reachable::new(health.clone());
        reachable.lacks_rights(["a", "b"], "a right is missing".to_owned());
        reachable.has_rights("a");
        reachable.has_rights("other");
        assert!(health.has(RIGHTS), "it may be that of b");
        reachable.has_rights("b");
        assert!(!health.has(RIGHTS));
    }
}

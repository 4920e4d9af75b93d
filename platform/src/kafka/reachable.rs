//! Whether the brokers answer and give what they have, as far as the clients tell. It is told to people, and to
//! who judges fences.

use crate::health::Health;
use crate::log::TopicPartition;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Under which the trouble is told.
const NAME: &str = "kafka";

/// A shared note of the brokers' absence.
#[derive(Debug, Clone)]
pub(super) struct Reachable {
    health: Health,
    is_away: Arc<AtomicBool>,
    cut_at: Arc<Mutex<Option<Instant>>>,
}

impl Reachable {
    pub(super) fn new(health: Health) -> Self {
        Self { health, is_away: Arc::default(), cut_at: Arc::default() }
    }

    /// A client says that brokers do not answer.
    pub(super) fn away(&self, reason: &str) {
        if !self.is_away.swap(true, Ordering::Relaxed) {
            tracing::warn!(reason, "Kafka does not answer, trying on");
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
            self.health.clear(NAME);
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

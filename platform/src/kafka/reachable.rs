//! Whether the brokers answer, as far as the clients tell. It is told to people; nothing depends on it.

use crate::health::Health;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Under which the trouble is told.
const NAME: &str = "kafka";

/// A shared note of the brokers' absence.
#[derive(Debug, Clone)]
pub(super) struct Reachable {
    health: Health,
    is_away: Arc<AtomicBool>,
}

impl Reachable {
    pub(super) fn new(health: Health) -> Self {
        Self { health, is_away: Arc::default() }
    }

    /// A client says that brokers do not answer.
    pub(super) fn away(&self, reason: &str) {
        if !self.is_away.swap(true, Ordering::Relaxed) {
            tracing::warn!(reason, "Kafka does not answer, trying on");
        }
        self.health.report(NAME, reason);
    }

    /// Something was answered.
    pub(super) fn back(&self) {
        if self.is_away.load(Ordering::Relaxed) && self.is_away.swap(false, Ordering::Relaxed) {
            tracing::info!("Kafka answers again");
            self.health.clear(NAME);
        }
    }
}

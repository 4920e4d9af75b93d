//! Positions that a person has told to pass over, because nobody can read what stands there. They are read as
//! positions without a record. It is told once, before anything is read.

use crate::log::TopicPartition;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// What all readers of one log pass over.
#[derive(Debug, Clone, Default)]
pub(super) struct Skips(Arc<OnceLock<BTreeSet<(TopicPartition, u64)>>>);

impl Skips {
    /// What was told first holds.
    pub(super) fn tell(&self, skips: BTreeSet<(TopicPartition, u64)>) {
        self.0.set(skips).unwrap_or_default();
    }

    pub(super) fn has(&self, at: TopicPartition, position: u64) -> bool {
        self.0.get().is_some_and(|skips| skips.contains(&(at, position)))
    }
}

//! Which partition of which generation.

use crate::generations::ROWS;
use crate::log::{Topic, TopicPartition};

/// A partition of a generation. Bronze stands outside of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PartitionKey {
    pub(super) generation: u32,
    pub(super) at: TopicPartition,
}

impl PartitionKey {
    /// The partition that a generation means by this.
    pub(super) fn new(generation: u32, at: TopicPartition) -> Self {
        let generation = if is_bronze(at) { ROWS } else { generation };
        Self { generation, at }
    }
}

pub(super) fn is_bronze(at: TopicPartition) -> bool {
    matches!(at.topic, Topic::Bronze(_))
}

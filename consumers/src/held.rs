//! Reads that are to be made, and wait while the stages they are for must leave the machine to others. It reads
//! nothing itself.

use goldstream_platform::log::TopicPartition;
use std::collections::BTreeMap;

/// Partitions that are to be read on, and from where.
#[derive(Debug, Default)]
pub(crate) struct Held(BTreeMap<TopicPartition, u64>);

impl Held {
    /// One more that waits; of a partition the last one counts.
    pub(crate) fn hold(&mut self, at: TopicPartition, from: u64) {
        self.0.insert(at, from);
    }

    /// Whether none waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A partition is handed back.
    pub(crate) fn forget(&mut self, at: TopicPartition) {
        self.0.remove(&at);
    }

    /// All of them, which wait no longer.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = (TopicPartition, u64)> {
        std::mem::take(&mut self.0).into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_platform::log::Topic;

    #[test]
    fn of_each_partition_the_last_read_waits_and_none_of_one_that_was_handed_back() {
        let at = |partition| TopicPartition::new(Topic::Silver, partition);
        let mut held = Held::default();
        held.hold(at(0), 5);
        held.hold(at(1), 6);
        held.hold(at(0), 7);
        held.forget(at(1));
        assert_eq!(held.take().collect::<Vec<_>>(), [(at(0), 7)]);
        assert_eq!(held.take().count(), 0);
        assert!(held.is_empty());
    }
}

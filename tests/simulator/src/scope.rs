//! How log and store tell generations apart that they know nothing of: what follows from bronze has the
//! generation in the number of its partition, as topics and keys of servers have it in their names.

use goldstream_domain::planted::{self, Bug};
use goldstream_domain::progress::BronzePartition;
use goldstream_platform::log::{Topic, TopicPartition};
use goldstream_platform::store::{Commit, ShardId};
use std::sync::Arc;

/// More than a topic has partitions.
const STEP: u32 = 1_000;

/// One generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scope(pub u32);

impl Scope {
    /// The generation of a partition.
    #[must_use]
    pub const fn of(at: TopicPartition) -> Self {
        Self(at.partition / STEP)
    }

    /// The generation of a shard.
    #[must_use]
    pub const fn of_shard(shard: &ShardId) -> Self {
        match shard {
            ShardId::Silver(BronzePartition { partition, .. }) | ShardId::Gold(partition) => {
                Self(*partition / STEP)
            }
            ShardId::Source(_) => Self(0),
        }
    }

    /// A partition under the name by which all know it.
    #[must_use]
    pub const fn place(self, at: TopicPartition) -> TopicPartition {
        TopicPartition::new(at.topic, self.number(at.partition))
    }

    /// A shard under the name by which all know it. How far files were read belongs to no generation.
    #[must_use]
    pub fn shard(self, shard: ShardId) -> ShardId {
        self.renamed(shard, |partition| self.number(partition))
    }

    /// A commit for a shard of this generation.
    pub(crate) fn commit(self, commit: &Arc<Commit>) -> Arc<Commit> {
        if self.0 == 0 {
            return Arc::clone(commit);
        }
        Arc::new(Commit { shard: self.shard(commit.shard.clone()), ..(**commit).clone() })
    }

    /// The same for who reads it.
    pub(crate) fn own_commit(self, commit: &Arc<Commit>) -> Arc<Commit> {
        if self.0 == 0 {
            return Arc::clone(commit);
        }
        let shard = self.renamed(commit.shard.clone(), own_number);
        Arc::new(Commit { shard, ..(**commit).clone() })
    }

    fn renamed(self, shard: ShardId, number: impl Fn(u32) -> u32) -> ShardId {
        match shard {
            ShardId::Silver(BronzePartition { kind, partition }) => {
                ShardId::Silver(BronzePartition { kind, partition: number(partition) })
            }
            ShardId::Gold(partition) => ShardId::Gold(number(partition)),
            ShardId::Source(source) => ShardId::Source(source),
        }
    }

    const fn number(self, partition: u32) -> u32 {
        self.0 * STEP + partition
    }
}

/// A partition as its stages know it.
#[must_use]
pub const fn own(at: TopicPartition) -> TopicPartition {
    TopicPartition::new(at.topic, own_number(at.partition))
}

const fn own_number(partition: u32) -> u32 {
    partition % STEP
}

/// The partition in which records stand: all generations read the same bronze.
#[must_use]
pub fn stored(at: TopicPartition) -> TopicPartition {
    match at.topic {
        Topic::Bronze(_) => own(at),
        Topic::Silver if planted::is(Bug::SilverShared) => own(at),
        Topic::Silver | Topic::Quarantine => at,
    }
}

//! What a driver hears and what it asks for: closed lists, without behaviour.

use goldstream_domain::record::Block;
use goldstream_platform::log::{Fetched, LogError, TopicPartition};
use goldstream_platform::store::{Commit, CommitError, Image, ShardId, StoreError};
use std::sync::Arc;
use std::time::Duration;

/// Everything that can happen to a stage.
#[derive(Debug)]
pub enum Event {
    /// Partitions are ours.
    Assigned(Vec<TopicPartition>),
    /// Partitions are to be handed back.
    Revoked(Vec<TopicPartition>),
    /// The answer to [`Action::Load`].
    Loaded {
        /// Whose.
        at: TopicPartition,
        /// Of which run.
        run: u64,
        /// The image.
        result: Result<Image, StoreError>,
    },
    /// The answer to [`Action::Discard`].
    Discarded {
        /// Whose.
        at: TopicPartition,
        /// Of which run.
        run: u64,
        /// Whether nothing is stored now.
        result: Result<(), StoreError>,
    },
    /// The answer to [`Action::Check`].
    Checked {
        /// Whose.
        at: TopicPartition,
        /// Of which run.
        run: u64,
        /// The stored position.
        result: Result<u64, StoreError>,
    },
    /// The answer to [`Action::Verify`].
    Verified {
        /// Whose.
        at: TopicPartition,
        /// Of which run.
        run: u64,
        /// The block that holds the record, none where the log ends before it.
        result: Result<Option<Fetched>, LogError>,
    },
    /// The answer to [`Action::Read`].
    Records(TopicPartition, Fetched),
    /// The partition could not be read.
    ReadFailed(TopicPartition, LogError),
    /// The answer to [`Action::Append`].
    Appended {
        /// Whose.
        at: TopicPartition,
        /// Of which run.
        run: u64,
        /// Which append.
        number: u64,
        /// Whether all of it is acknowledged.
        result: Result<(), LogError>,
    },
    /// The answer to [`Action::Commit`].
    Committed {
        /// Whose.
        at: TopicPartition,
        /// Of which run.
        run: u64,
        /// Whether it was made.
        result: Result<(), CommitError>,
    },
    /// An answer has been waited for so long that it is taken for lost.
    Stuck(TopicPartition, Duration),
    /// [`goldstream_platform::limits::COMMIT_PACE`] has passed.
    Tick,
    /// Finish what is begun and end.
    Stop,
}

/// Everything that a driver can ask for.
#[derive(Debug)]
pub enum Action {
    /// Load a shard.
    Load {
        /// Whose.
        at: TopicPartition,
        /// Of which run.
        run: u64,
        /// Which.
        shard: ShardId,
    },
    /// Look at the stored position of a shard that has had nothing to do: a store that lost a suffix
    /// is noticed by who commits, and this one might not for long.
    Check {
        /// Whose.
        at: TopicPartition,
        /// Of which run.
        run: u64,
        /// Which.
        shard: ShardId,
    },
    /// Forget a shard's stored state, which is damaged.
    Discard {
        /// Whose.
        at: TopicPartition,
        /// Of which run.
        run: u64,
        /// Which.
        shard: ShardId,
    },
    /// Read the record at `position`, whether or not it still exists.
    Verify {
        /// Whose.
        at: TopicPartition,
        /// Of which run.
        run: u64,
        /// Where.
        position: u64,
    },
    /// Read on.
    Read {
        /// Whose.
        at: TopicPartition,
        /// From where.
        from: u64,
    },
    /// Append what was made.
    Append {
        /// Whose.
        at: TopicPartition,
        /// Of which run.
        run: u64,
        /// What.
        append: Append,
    },
    /// Commit a step.
    Commit {
        /// Whose.
        at: TopicPartition,
        /// Of which run.
        run: u64,
        /// The step.
        commit: Arc<Commit>,
    },
    /// Hand a partition back.
    Release(TopicPartition),
    /// A shard has trouble; `Halt` in its message means that it will not go on by itself.
    Report {
        /// Whose.
        at: TopicPartition,
        /// What.
        trouble: Trouble,
    },
    /// The shard's trouble is over.
    Clear(TopicPartition),
}

/// One append of a shard.
#[derive(Debug)]
pub struct Append {
    /// The blocks in order.
    pub blocks: Vec<(TopicPartition, Block)>,
    /// Counts the appends of a run from 1.
    pub number: u64,
}

/// Trouble of a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It is tried again.
    Retrying(String),
    /// The shard stands still until a person acts.
    Halted(String),
}

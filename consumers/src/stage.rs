//! What a stage is: a pure fold from records to outputs and changes.

use goldstream_domain::chain::Diverged;
use goldstream_domain::codec::CodecError;
use goldstream_domain::gold::shard::SumOverflow;
use goldstream_domain::progress::LastApplied;
use goldstream_domain::record::Block;
use goldstream_platform::log::{Fetched, Topic, TopicPartition};
use goldstream_platform::store::{Changes, Content, ShardId};

/// Why a shard must stop: going on would mean guessing.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// A source's history is another than the one read.
    #[error(transparent)]
    Diverged(#[from] Diverged),
    /// Sums would leave the exact range.
    #[error(transparent)]
    SumOverflow(#[from] SumOverflow),
    /// A record cannot be read.
    #[error("a record of the log cannot be read: {0}")]
    Damaged(#[from] CodecError),
    /// The store holds something else under the shard's name.
    #[error("the store holds another kind of state for this shard")]
    WrongContent,
}

/// What a fold hands over for a commit.
#[derive(Debug)]
pub struct Taken {
    /// Absolute values of all that changed since the last time.
    pub changes: Changes,
    /// When bronze took in the oldest row among them: milliseconds since 1970 UTC.
    pub ingested_at_ms: Option<i64>,
}

/// How much of the outputs is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// Blocks that are full: appending them early costs nothing.
    FullBlocks,
    /// All of them, because a commit is to follow.
    Everything,
}

/// A stage of the pipeline. No method does I/O or knows the time.
pub trait Stage: Send + 'static {
    /// The state of one shard.
    type State: Send;

    /// Its name, for threads and messages.
    fn name(&self) -> &'static str;

    /// What it reads.
    fn topics(&self) -> Vec<Topic>;

    /// The shard whose log is this partition.
    fn shard(&self, at: TopicPartition) -> ShardId;

    /// The state as it was stored.
    ///
    /// # Errors
    /// [`StageError::WrongContent`].
    fn restore(&self, at: TopicPartition, content: Content) -> Result<Self::State, StageError>;

    /// The last record that the state has taken in.
    fn last_applied(state: &Self::State) -> Option<LastApplied>;

    /// Whether records are missing whose re-send must follow.
    fn has_holes(state: &Self::State) -> bool;

    /// Takes in the records from position `from` on.
    ///
    /// # Errors
    /// [`StageError`]: the shard must stop.
    fn fold(&self, state: &mut Self::State, from: u64, fetched: &Fetched)
    -> Result<(), StageError>;

    /// What is to be appended. Records of a stage that writes nothing are none.
    fn take_outputs(&self, state: &mut Self::State, amount: Amount)
    -> Vec<(TopicPartition, Block)>;

    /// What changed since the last call. All outputs must have been taken before.
    fn take_changes(&self, state: &mut Self::State) -> Taken;
}

//! The port to the log: where rows and events stand, in order, for ever.

use futures::FutureExt;
use futures::future::BoxFuture;
use goldstream_domain::column::Kind;
use goldstream_domain::progress::BronzePartition;
use goldstream_domain::record::Block;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// The four topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Rows as they came.
    Bronze(Kind),
    /// Accepted events.
    Silver,
    /// Refused rows.
    Quarantine,
}

impl Topic {
    /// All topics.
    pub const ALL: [Self; 4] = [
        Self::Bronze(Kind::Customers),
        Self::Bronze(Kind::Purchases),
        Self::Silver,
        Self::Quarantine,
    ];
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bronze(kind) => write!(f, "bronze.{}", kind.name()),
            Self::Silver => f.write_str("silver"),
            Self::Quarantine => f.write_str("quarantine"),
        }
    }
}

/// One partition of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic.
    pub topic: Topic,
    /// Which partition.
    pub partition: u32,
}

impl TopicPartition {
    /// A partition of a topic.
    #[must_use]
    pub const fn new(topic: Topic, partition: u32) -> Self {
        Self { topic, partition }
    }
}

impl From<BronzePartition> for TopicPartition {
    fn from(bronze: BronzePartition) -> Self {
        Self::new(Topic::Bronze(bronze.kind), bronze.partition)
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.partition)
    }
}

/// Records read from a partition.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Position of the block's first record; may lie before the one asked for.
    pub first: u64,
    /// The records.
    pub block: Arc<Block>,
    /// Where the partition ended when this was read: the position after its last record.
    pub end: u64,
}

/// Why the log could not do it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LogError {
    /// It may work later.
    #[error("log is away: {0}")]
    Unavailable(String),
    /// It will not work: the log is damaged or is another one.
    #[error("log is damaged: {0}")]
    Damaged(String),
    /// A record is too large for it, and was not appended. Larger ones may be taken later.
    #[error("{0}")]
    TooLarge(String),
    /// Nothing is lost, but it must not be worked on until a person acts: it is not as it was made.
    #[error("{0}")]
    Stopped(String),
}

impl LogError {
    /// A partition that ends at `end` has not what was read from it before.
    #[must_use]
    pub fn ends_before(at: TopicPartition, end: u64, read_to: u64) -> Self {
        Self::Damaged(format!(
            "{at} ends at {end}, but {read_to} was read from it: it is another log under the same \
             name, or lost records; fold again under a new --prefix"
        ))
    }
}

/// Where blocks lie, each from its first record to behind its last. What others append may lie between.
pub type Appended = Vec<Range<u64>>;

/// What happened to a member of a consumer group.
#[derive(Debug)]
pub enum MemberEvent {
    /// These partitions are the member's now.
    Assigned(Vec<TopicPartition>),
    /// These are to be handed back with [`Member::release`] once their work is committed.
    Revoked(Vec<TopicPartition>),
    /// Records asked for with [`Member::request`].
    Records(TopicPartition, Fetched),
    /// The partition could not be read.
    Failed(TopicPartition, LogError),
    /// The member is none any more and will not be one again, with the reason.
    Expelled(String),
}

/// One reader of a group that shares the partitions of some topics among its members.
pub trait Member: Send {
    /// What happens next. Dropping the future loses nothing.
    fn next(&mut self) -> BoxFuture<'_, MemberEvent>;
    /// Asks for the records at `from` and after; answered by one event once there are some.
    fn request(&mut self, at: TopicPartition, from: u64);
    /// Gives a revoked partition back.
    fn release(&mut self, at: TopicPartition);
}

/// An ordered, durable log.
pub trait Log: Send + Sync {
    /// Appends blocks, each to its partition, in the order given. Resolves once they are acknowledged,
    /// with where they lie: bronze is then durable; silver and quarantine are in the
    /// one order in which state that follows from them is made durable.
    fn append(
        &self,
        blocks: Vec<(TopicPartition, Block)>,
    ) -> BoxFuture<'static, Result<Appended, LogError>>;

    /// The records at `from`, none where the partition ends there.
    fn read(
        &self,
        at: TopicPartition,
        from: u64,
    ) -> BoxFuture<'static, Result<Option<Fetched>, LogError>>;

    /// The position after the last record.
    fn end(&self, at: TopicPartition) -> BoxFuture<'static, Result<u64, LogError>>;

    /// Resolves once all that was appended before stays there, whatever happens to who appended it. Where an
    /// acknowledgement says that already, at once.
    fn settle(&self) -> BoxFuture<'static, Result<(), LogError>> {
        std::future::ready(Ok(())).boxed()
    }

    /// Partitions beyond those that the log was made with, and their ends: nobody reads them.
    fn surplus(&self) -> Vec<(TopicPartition, u64)> {
        Vec::new()
    }

    /// Joins the group that shares these topics.
    fn join(&self, topics: &[Topic]) -> Box<dyn Member>;
}

/// A place in each partition of bronze, such as its end.
pub type BronzeEnds = BTreeMap<BronzePartition, u64>;

/// Where each partition of bronze ends.
///
/// # Errors
/// [`LogError`]
pub async fn bronze_ends(log: &dyn Log, partitions: u32) -> Result<BronzeEnds, LogError> {
    let mut ends = BronzeEnds::new();
    for at in BronzePartition::all(partitions) {
        ends.insert(at, log.end(at.into()).await?);
    }
    Ok(ends)
}

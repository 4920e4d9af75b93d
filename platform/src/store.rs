//! The port to the store: what follows from the log, with the position that it reflects (laws 1 and 2).

use crate::trace::TraceContext;
use futures::future::BoxFuture;
use goldstream_domain::chain::SourceId;
use goldstream_domain::dedupe::Claim;
use goldstream_domain::gold::rows::{PlacedRow, RowChange};
use goldstream_domain::moment::Moment;
use goldstream_domain::progress::{BronzePartition, GoldHead, SilverHead};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Whose state it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShardId {
    /// The silver stage's, of one bronze partition.
    Silver(BronzePartition),
    /// The gold stage's, of one silver partition.
    Gold(u32),
    /// A producer's, of one file: how far it has been read.
    Source(SourceId),
}

impl ShardId {
    /// What the names of all sources begin with, and of nothing else.
    pub(crate) const SOURCES: &'static str = "source/";

    /// All shards that follow from bronze: those of silver, then those of gold.
    pub fn derived(partitions: u32) -> impl Iterator<Item = Self> {
        let silver = BronzePartition::all(partitions).map(Self::Silver);
        silver.chain((0..partitions).map(Self::Gold))
    }
}

impl fmt::Display for ShardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silver(bronze) => {
                write!(f, "silver.{}/{}", bronze.kind.name(), bronze.partition)
            }
            Self::Gold(partition) => write!(f, "gold/{partition}"),
            Self::Source(source) => write!(f, "{}{source}", Self::SOURCES),
        }
    }
}

/// How far a file has been read into bronze: a cache, rebuilt from bronze where it is missing or behind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceCheckpoint {
    /// Grows when what was already read of the file has changed.
    pub generation: u64,
    /// Rows read.
    pub rows: u64,
    /// Bytes up to the end of the last of them, after decompression.
    pub bytes: u64,
    /// Hash of these bytes, in hexadecimal digits.
    pub prefix_hash: String,
    /// Whether the last row was taken without its line end.
    pub unfinished: bool,
    /// Per bronze partition: the last row sent there, 0 if none.
    pub tails: Vec<u64>,
    /// Per bronze partition: where it ended when this was written.
    pub bronze_ends: Vec<u64>,
}

/// A purchase as the feed lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedPurchase {
    /// The key.
    pub purchase_id: Arc<str>,
    /// Who bought.
    pub customer_id: Arc<str>,
    /// When, local wall time.
    pub purchased_at: Moment,
    /// For how much.
    pub amount_cents: i64,
    /// What.
    pub product: Arc<str>,
    /// The customer's country when it was counted.
    pub country: Option<Arc<str>>,
    /// When bronze took it in: milliseconds since 1970 UTC.
    pub ingested_at_ms: i64,
}

/// What one commit changes: absolute values only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changes {
    /// Of a silver shard.
    Silver {
        /// Its new head.
        head: SilverHead,
        /// Purchase ids newly taken, in the order of the log.
        claims: Vec<Claim>,
    },
    /// Of a gold shard.
    Gold {
        /// Its new head.
        head: GoldHead,
        /// New rows.
        rows: Vec<RowChange>,
        /// The newest purchases that it accepted.
        accepted: Vec<AcceptedPurchase>,
    },
    /// Of a producer.
    Source(SourceCheckpoint),
}

/// One atomic step of a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Whose.
    pub shard: ShardId,
    /// The position that must be stored now.
    pub from: u64,
    /// The position stored with the changes.
    pub to: u64,
    /// When bronze took in the oldest row that it reflects: milliseconds since 1970 UTC.
    pub ingested_at_ms: Option<i64>,
    /// The traces that who shows it goes on with: told with it, and stored nowhere.
    pub traces: Vec<TraceContext>,
    /// What changes.
    pub changes: Changes,
}

/// A shard as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The position that it reflects.
    pub position: u64,
    /// Its content.
    pub content: Content,
}

/// The content of a stored shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing was ever committed.
    Empty,
    /// Of a silver shard.
    Silver {
        /// Its head.
        head: SilverHead,
        /// Purchase ids taken, in the order of the log.
        claims: Vec<Claim>,
    },
    /// Of a gold shard.
    Gold {
        /// Its head.
        head: GoldHead,
        /// Its rows with their places, in their order.
        rows: Vec<PlacedRow>,
    },
    /// Of a producer.
    Source(SourceCheckpoint),
}

/// Which part of a shard is wanted: readers of the feed need no dedupe sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Without the dedupe set.
    WithoutClaims,
}

/// Why the store could not do it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// It may work later.
    #[error("store is away: {0}")]
    Unavailable(String),
    /// It lets nobody in, or not this user. It works once somebody has mended that.
    #[error("store is closed to us: {0}")]
    Denied(String),
    /// It will not work: the store is damaged or is another one.
    #[error("store is damaged: {0}")]
    Damaged(String),
    /// The state of this shard is not what was written. It follows from the shard's log, so it can be
    /// discarded and folded again.
    #[error("the shard is damaged: {0}")]
    Torn(String),
}

/// Why a commit was not made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// Another position is stored: somebody else went on, or the store lost a suffix. Load again.
    #[error("commit refused: position {stored} is stored")]
    Refused {
        /// The stored position.
        stored: u64,
    },
    /// The store failed. Whether the commit was made is not known; making it again is harmless.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a follower of the feed sees next.
#[derive(Debug, Clone)]
pub enum FeedEvent {
    /// A commit of some shard, in the order in which each shard made them. Its claims may be left out.
    Commit(Arc<Commit>),
    /// Entries were lost before they were read: load the shards again.
    Lagged,
    /// The store was emptied or is another one: what was shown has no continuation in it.
    Replaced,
}

/// A reader of the change feed of all shards.
pub trait Follower: Send {
    /// What happens next. Dropping the future loses nothing.
    fn next(&mut self) -> BoxFuture<'_, Result<FeedEvent, StoreError>>;
}

/// A store of shards.
pub trait Store: Send + Sync {
    /// The shard as it is stored.
    fn load(&self, shard: ShardId, part: Part) -> BoxFuture<'static, Result<Image, StoreError>>;

    /// The position that is stored for a shard now: 0 where nothing is.
    fn position(&self, shard: ShardId) -> BoxFuture<'static, Result<u64, StoreError>>;

    /// Makes a commit if its `from` is stored. One that finds its `to` stored was made before: done.
    fn commit(&self, commit: Arc<Commit>) -> BoxFuture<'static, Result<(), CommitError>>;

    /// The sources that have a checkpoint, in no order.
    fn sources(&self) -> BoxFuture<'static, Result<Vec<SourceId>, StoreError>>;

    /// Forgets a shard's state, so that it is folded again from the beginning of its log.
    fn discard(&self, shard: ShardId) -> BoxFuture<'static, Result<(), StoreError>>;

    /// Follows all commits from the moment at which this resolves, and possibly some before.
    fn follow(&self) -> BoxFuture<'static, Result<Box<dyn Follower>, StoreError>>;
}

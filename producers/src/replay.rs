//! What is to be replayed, and why a replay ends early.

use crate::handed::HandedOver;
use crate::input::NamedInput;
use crate::pace::Rate;
use crate::source::SourceError;
use goldstream_platform::inputs::Inputs;
use goldstream_platform::log::{Log, LogError};
use goldstream_platform::store::{Store, StoreError};
use std::path::PathBuf;
use std::sync::Arc;

/// What happens at the end of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtEnd {
    /// The replay ends.
    Stop,
    /// It waits for appended rows.
    Follow,
}

/// A replay to be run.
pub struct Replay {
    /// Where rows go.
    pub log: Arc<dyn Log>,
    /// Where checkpoints are kept.
    pub store: Arc<dyn Store>,
    /// Partitions of every topic.
    pub partitions: u32,
    /// What is read, in this order.
    pub inputs: Vec<NamedInput>,
    /// Where further files of the shop may appear, which are followed then, too.
    pub folder: Option<PathBuf>,
    /// Files that others hand over, to be read once.
    pub handed: Option<HandedOver>,
    /// Rows a second over all inputs; none is as fast as they can be counted.
    pub rate: Option<Rate>,
    /// What happens at their end.
    pub at_end: AtEnd,
    /// When a row is taken in: milliseconds since 1970 UTC.
    pub now_ms: fn() -> i64,
    /// Where it is told how each input fares.
    pub board: Inputs,
}

/// Why a replay ended early.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A source cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The log failed for good.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The store failed for good.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store has lost the last checkpoints.
    #[error("the store has lost the last checkpoints")]
    CheckpointLost,
    /// Somebody else reads the same source.
    #[error("another goldstream is reading {0}")]
    ReadByAnother(String),
}

impl ReplayError {
    /// Whether it concerns one input, and others can be read.
    pub(crate) fn is_of_one_input(&self) -> bool {
        matches!(self, Self::Source(_) | Self::ReadByAnother(_))
    }

    /// Whether it is only that log or store is away.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Log(LogError::Unavailable(_) | LogError::TooLarge(_))
                | Self::Store(StoreError::Unavailable(_) | StoreError::Denied(_))
                | Self::CheckpointLost
        )
    }
}

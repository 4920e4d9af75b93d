//! What a writer of a lake works on, what it tells and what it is asked for.

use crate::gold::GoldSource;
use crate::objects::Lake;
use crate::shard::RollWhen;
use goldstream_platform::health::Health;
use goldstream_platform::lakes::LakeBoard;
use goldstream_platform::log::Log;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// What a writer works on and tells.
pub struct World {
    /// The lake.
    pub lake: Lake,
    /// Partitions of each topic.
    pub partitions: u32,
    /// When what waits is written.
    pub when: RollWhen,
    /// The generation that is served now, with its log.
    pub served: ServedNow,
    /// Who has the numbers.
    pub gold: Arc<dyn GoldSource>,
    /// Who waits until all is written.
    pub flushes: mpsc::Receiver<Flush>,
    /// Where troubles are told.
    pub health: Health,
    /// Where it is told how the lake is.
    pub board: LakeBoard,
    /// No two writers have one name.
    pub writer: String,
}

/// What is served.
#[derive(Clone)]
pub struct Serving {
    /// Which generation.
    pub generation: u32,
    /// How many days a purchase may lie ahead of its ingestion.
    pub future_days: u32,
    /// Its log.
    pub log: Arc<dyn Log>,
}

/// What is served now.
pub type ServedNow = Arc<dyn Fn() -> Serving + Send + Sync>;

/// Somebody waits until all that the log has now is in the lake.
#[derive(Debug)]
pub struct Flush(pub oneshot::Sender<Caught>);

/// What comes of it: the reason where it will not be.
pub type Caught = Result<(), String>;

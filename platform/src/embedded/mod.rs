//! Log and store in one file, for one process and no server (redb).
//!
//! One ordered sequence: bronze is durable before it is acknowledged; what follows from it (silver,
//! quarantine, state, gold) is written in the order in which it was made, less often, because the
//! log replays it. State never reaches the file before the records that it reflects.
//!
//! ```text
//! append ─► pending ─► writer thread: one transaction ─► file ─► acknowledged, readable
//! commit ─► images in memory ─► change feed              ▲
//!              └── changed chunks, now and then ─────────┘
//! ```
//!
//! What is folded stands in generations. One is served; where its rules are others, the next one is folded from
//! the same bronze beside it, and takes its place in one transaction.

mod aside;
mod backup;
mod damage;
mod documents;
mod feed;
mod file;
mod images;
mod log;
mod opening;
mod partitions;
mod rebuild;
mod store;
mod stored;
mod writer;

pub use crate::embedded::backup::{Backup, BackupError};
pub use crate::embedded::opening::{Stored, look};

use crate::embedded::file::{File, Place};
use crate::embedded::images::Images;
use crate::embedded::partitions::Partitions;
use crate::embedded::rebuild::Asked;
use crate::generations::{Generations, Wanted};
use crate::topology::Topology;
use goldstream_domain::clean::Rules;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::sync::{oneshot, watch};

/// Name of the file in the data directory.
pub const FILE_NAME: &str = "goldstream.redb";

/// Why a data directory could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A running goldstream holds it.
    #[error("{} is in use by another goldstream", .0.display())]
    InUse(PathBuf),
    /// It was made with other settings.
    #[error(
        "{} was made with {stored}, but {wanted} is wanted: give the stored settings, or fold \
         the rows again into a new --data-dir; another future_days alone is taken by goldstream rebuild", path.display()
    )]
    OtherTopology {
        /// The directory.
        path: PathBuf,
        /// What stands in it.
        stored: Topology,
        /// What was asked for.
        wanted: Topology,
    },
    /// A later version made it.
    #[error(
        "{} was written by goldstream {written_by} (logic version {logic_version}), which is later than this one \
         ({}): use that one, or a later one", path.display(), env!("CARGO_PKG_VERSION")
    )]
    Newer {
        /// The directory.
        path: PathBuf,
        /// Of its rules.
        logic_version: u32,
        /// The version that wrote it last.
        written_by: String,
    },
    /// It cannot be read or written.
    #[error("cannot open {}: {reason}", path.display())]
    Unusable {
        /// The directory.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// The embedded log and store of one data directory, as one of its generations has them.
#[derive(Debug, Clone)]
pub struct Embedded {
    shared: Arc<Shared>,
    writer: Arc<Mutex<Option<JoinHandle<()>>>>,
    sight: Sight,
}

/// Which generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// The one that is served, whichever that is now.
    Served,
    /// This one, as long as it is there.
    Of(u32),
}

impl Embedded {
    /// Opens or makes the file in `dir`. `wanted_partitions` none takes what is stored, else 4.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(dir: &Path, wanted_partitions: Option<u32>) -> Result<Self, OpenError> {
        Self::open_under(dir, wanted_partitions, None)
    }

    /// Opens the file in `dir` as it stands and never writes it: what would be written is kept in memory. For
    /// questions where the disk is full.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_aside(
        dir: &Path,
        wanted_partitions: Option<u32>,
        future_days: Option<u32>,
    ) -> Result<Self, OpenError> {
        Self::open_at((dir, Place::Memory), (wanted_partitions, future_days))
    }

    /// The same where `future_days` is set of the rules; none takes what is stored, else the default.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_under(
        dir: &Path,
        wanted_partitions: Option<u32>,
        future_days: Option<u32>,
    ) -> Result<Self, OpenError> {
        Self::open_at((dir, Place::File), (wanted_partitions, future_days))
    }

    fn open_at(
        (dir, place): (&Path, Place),
        (partitions, future_days): (Option<u32>, Option<u32>),
    ) -> Result<Self, OpenError> {
        let (file, state) = opening::open((dir, place), Wanted { partitions, future_days })?;
        let shared = Arc::new(Shared {
            file,
            dir: dir.to_owned(),
            partitions: state.generations.served.topology.partitions,
            state: Mutex::new(state),
            work: Condvar::new(),
            appended: watch::Sender::new(0),
            requested: watch::Sender::new(0),
            committed: watch::Sender::new(0),
            failed: watch::Sender::new(None),
        });
        let for_writer = Arc::clone(&shared);
        let writer = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || writer::run(&for_writer))
            .map_err(|error| OpenError::Unusable {
                path: dir.to_owned(),
                reason: error.to_string(),
            })?;
        Ok(Self { shared, writer: Arc::new(Mutex::new(Some(writer))), sight: Sight::Served })
    }

    /// The number of the generation that it has in sight now.
    fn generation(&self) -> u32 {
        self.shared.lock().number(self.sight)
    }

    /// What is set of the rules.
    #[must_use]
    pub fn rules(&self) -> Rules {
        let state = self.shared.lock();
        let generation =
            state.generations.find(state.number(self.sight)).unwrap_or(&state.generations.served);
        generation.topology.rules()
    }

    /// Number of partitions of every topic.
    #[must_use]
    pub fn partitions(&self) -> u32 {
        self.shared.partitions
    }

    /// Whether the file could not be written.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.shared.lock().failure.is_some()
    }

    /// Resolves with the reason when the file cannot be written any more.
    pub async fn failure(&self) -> String {
        let mut failed = self.shared.failed.subscribe();
        match failed.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or_default(),
            Err(_) => "the writer is gone".to_owned(),
        }
    }

    /// Writes everything that waits and ends the writer.
    ///
    /// # Errors
    /// The reason where the file could not be written, now or before.
    pub fn close(&self) -> Result<(), String> {
        self.shared.lock().closing = true;
        self.shared.work.notify_all();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if writer.is_some_and(|writer| writer.join().is_err()) {
            return Err("the writer ended by a panic".to_owned());
        }
        self.shared.lock().failure.clone().map_or(Ok(()), Err)
    }
}

/// What log, store and writer share.
#[derive(Debug)]
struct Shared {
    file: File,
    /// Where the file is.
    dir: PathBuf,
    /// Of every topic.
    partitions: u32,
    state: Mutex<State>,
    /// There may be something to write.
    work: Condvar,
    /// Grows with every append that can be read.
    appended: watch::Sender<u64>,
    /// Grows with every request of a reader.
    requested: watch::Sender<u64>,
    /// Grows with every commit.
    committed: watch::Sender<u64>,
    failed: watch::Sender<Option<String>>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An appender that waits until its records are durable.
type Waiter = oneshot::Sender<()>;

#[derive(Debug)]
struct State {
    generations: Generations,
    partitions: Partitions,
    images: Images,
    /// Of each generation.
    feeds: BTreeMap<u32, feed::Window>,
    /// What is to become of the generations.
    asked: Option<Asked>,
    waiters: Vec<Waiter>,
    /// When the oldest change that is not in the file was made.
    unflushed_since: Option<Instant>,
    failure: Option<String>,
    closing: bool,
}

impl State {
    /// The number of the generation that is meant now.
    fn number(&self, sight: Sight) -> u32 {
        match sight {
            Sight::Served => self.generations.served.number,
            Sight::Of(number) => number,
        }
    }
}

#[cfg(test)]
mod tests;

//! The handle of an open file: opening, closing, what is known of it. Log and store are made of it elsewhere.

use super::error::OpenError;
use super::file::Place;
use super::shared::{Shared, Sight};
use super::{opening, writer};
use crate::generations::Wanted;
use goldstream_domain::clean::Rules;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::watch;

/// The embedded log and store of one data directory, as one of its generations has them.
#[derive(Debug, Clone)]
pub struct Embedded {
    pub(super) shared: Arc<Shared>,
    pub(super) writer: Arc<Mutex<Option<JoinHandle<()>>>>,
    pub(super) sight: Sight,
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
    pub(super) fn generation(&self) -> u32 {
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

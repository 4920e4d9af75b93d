//! What log, store and writer have in common, under one lock.

use super::asked::Asked;
use super::feed::Window;
use super::file::File;
use super::images::Images;
use super::partitions::Partitions;
use crate::generations::Generations;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::{oneshot, watch};

/// Which generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// The one that is served, whichever that is now.
    Served,
    /// This one, as long as it is there.
    Of(u32),
}

/// What log, store and writer share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) file: File,
    /// Where the file is.
    pub(super) dir: PathBuf,
    /// Of every topic.
    pub(super) partitions: u32,
    pub(super) state: Mutex<State>,
    /// There may be something to write.
    pub(super) work: Condvar,
    /// Grows with every append that can be read.
    pub(super) appended: watch::Sender<u64>,
    /// Grows with every request of a reader.
    pub(super) requested: watch::Sender<u64>,
    /// Grows with every commit.
    pub(super) committed: watch::Sender<u64>,
    pub(super) failed: watch::Sender<Option<String>>,
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An appender that waits until its records are durable.
pub(super) type Waiter = oneshot::Sender<()>;

#[derive(Debug)]
pub(super) struct State {
    pub(super) generations: Generations,
    pub(super) partitions: Partitions,
    pub(super) images: Images,
    /// Of each generation.
    pub(super) feeds: BTreeMap<u32, Window>,
    /// What is to become of the generations.
    pub(super) asked: Option<Asked>,
    pub(super) waiters: Vec<Waiter>,
    /// When the oldest change that is not in the file was made.
    pub(super) unflushed_since: Option<Instant>,
    pub(super) failure: Option<String>,
    pub(super) closing: bool,
}

impl State {
    /// The number of the generation that is meant now.
    pub(super) fn number(&self, sight: Sight) -> u32 {
        match sight {
            Sight::Served => self.generations.served.number,
            Sight::Of(number) => number,
        }
    }
}

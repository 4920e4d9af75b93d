//! Folding anew beside what is served: asking for the next generation, and putting it in the place of the one
//! before. It folds nothing itself. The writer makes each step in one transaction, with all that was folded
//! until then, so that it is done or not done.

use super::generations::{Generation, Generations};
use super::{Embedded, FILE_NAME, Sight, State};
use crate::topology::Topology;
use std::path::Path;
use tokio::sync::oneshot;

/// What is to become of the generations.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// One more is folded beside the served one, under these rules.
    Begin(Topology),
    /// It takes the place of the served one, which is removed.
    Switch,
    /// It is not wanted any more.
    Abandon,
}

/// A change that somebody waits for.
#[derive(Debug)]
pub(super) struct Asked {
    change: Change,
    pub(super) done: oneshot::Sender<()>,
}

impl Asked {
    /// What the generations are after it.
    pub(super) fn applied_to(&self, before: &Generations) -> Generations {
        let mut after = before.clone();
        match &self.change {
            Change::Begin(topology) => after.begin(topology.clone()),
            Change::Switch => after.switch(),
            Change::Abandon => after.abandon(),
        }
        after
    }
}

const MEGABYTE: u64 = 1024 * 1024;

/// Free bytes of the disk on which a folder is, where the system tells it.
#[cfg(unix)]
fn room_bytes(dir: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(dir).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

#[cfg(not(unix))]
fn room_bytes(_: &Path) -> Option<u64> {
    None
}

impl State {
    /// These are the generations now: those that are new begin empty, those that are gone are forgotten.
    pub(super) fn set_generations(&mut self, generations: Generations) {
        for number in generations.numbers() {
            self.partitions.add(number, generations.served.topology.partitions);
            self.feeds.entry(number).or_default();
        }
        for number in &generations.stale {
            self.partitions.remove(*number);
            self.images.remove(*number);
            self.feeds.remove(number);
        }
        self.generations = generations;
    }
}

impl Embedded {
    /// The generation that is served, and the store as it has it, also once another one is served.
    #[must_use]
    pub fn served(&self) -> (Generation, Self) {
        let served = self.shared.lock().generations.served.clone();
        let sight = Sight::Of(served.number);
        (served, Self { sight, ..self.clone() })
    }

    /// The generation that is folded beside it, if one is.
    #[must_use]
    pub fn next(&self) -> Option<(Generation, Self)> {
        let next = self.shared.lock().generations.next.clone()?;
        let sight = Sight::Of(next.number);
        Some((next, Self { sight, ..self.clone() }))
    }

    /// Begins to fold the next generation beside the served one, by the rules of this version. `future_days`
    /// none takes what is stored. One that was begun before is begun anew.
    ///
    /// # Errors
    /// The reason where the file cannot be written.
    pub async fn begin_rebuild(&self, future_days: Option<u32>) -> Result<(), String> {
        self.must_have_room()?;
        let stored = self.shared.lock().generations.served.topology.clone();
        let topology = Topology::of_this_version(stored.partitions)
            .with_future_days(future_days, Some(&stored));
        self.change(Change::Begin(topology)).await
    }

    /// Serves the next generation from now on, and removes the one before. To be asked once it has counted what
    /// that one has, and nobody folds that one any more.
    ///
    /// # Errors
    /// The reason where the file cannot be written.
    pub async fn switch(&self) -> Result<(), String> {
        self.change(Change::Switch).await
    }

    /// Forgets the next generation.
    ///
    /// # Errors
    /// The reason where the file cannot be written.
    pub async fn abandon_rebuild(&self) -> Result<(), String> {
        self.change(Change::Abandon).await
    }

    /// Fails where the disk has less room than the file takes: what is folded again takes about as much of it as
    /// what was folded before, and a full disk would end all that writes.
    fn must_have_room(&self) -> Result<(), String> {
        let dir = &self.shared.dir;
        let size = std::fs::metadata(dir.join(FILE_NAME)).map_or(0, |it| it.len());
        // Where the system does not say it, it is tried.
        let Some(room) = room_bytes(dir) else { return Ok(()) };
        if room >= size {
            return Ok(());
        }
        let (room, size) = (room / MEGABYTE, size / MEGABYTE);
        Err(format!(
            "nothing is counted again: {} has {room} MB left, and the store has {size} MB, which it may take once \
             more; make room",
            dir.display()
        ))
    }

    async fn change(&self, change: Change) -> Result<(), String> {
        let (done, made) = oneshot::channel();
        {
            let mut state = self.shared.lock();
            if let Some(reason) = &state.failure {
                return Err(reason.clone());
            }
            // Of two at once the later one is made; who asked for the other hears that it is not.
            state.asked = Some(Asked { change, done });
        }
        self.shared.work.notify_all();
        let failure = || self.shared.lock().failure.clone();
        let other = || "another change of the generations came between".to_owned();
        made.await.map_err(|_| failure().unwrap_or_else(other))
    }
}

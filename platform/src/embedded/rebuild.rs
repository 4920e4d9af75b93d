//! Folding anew beside what is served: asking for the next generation, and putting it in the place of the one
//! before. It folds nothing itself. The writer makes each step in one transaction, with all that was folded
//! until then, so that it is done or not done.

use super::asked::{Asked, Change};
use super::file::{FILE_NAME, File, FileError};
use super::handle::Embedded;
use super::shared::{Sight, State};
use crate::clock::now_ms;
use crate::generations::{Begun, Generation, Generations, Kept};
use crate::rebuilding::{Anew, NotBegun};
use crate::served::{Next, NextStore};
use crate::store::{Store, StoreError};
use crate::topology::Topology;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::oneshot;

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
    /// These are the generations now: those that are worked on from now on are as the file has them, those that
    /// nobody works on any more are forgotten.
    pub(super) fn set_generations(
        &mut self,
        generations: Generations,
        file: &File,
    ) -> Result<(), FileError> {
        let numbers = generations.numbers();
        for number in numbers.iter().filter(|number| !self.feeds.contains_key(number)) {
            self.partitions.add(file, *number, generations.served.topology.partitions)?;
            self.images.add(file, *number)?;
        }
        let known: Vec<_> = self.feeds.keys().copied().collect();
        for number in known.into_iter().filter(|number| !numbers.contains(number)) {
            self.partitions.remove(number);
            self.images.remove(number);
            self.feeds.remove(&number);
        }
        for number in numbers {
            self.feeds.entry(number).or_default();
        }
        self.generations = generations;
        Ok(())
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

    /// What was served before, and may be again.
    #[must_use]
    pub fn kept(&self) -> Option<Kept> {
        self.shared.lock().generations.kept.clone()
    }

    /// Begins to fold the next generation beside the served one, by the rules of this version. One that was begun
    /// before is begun anew, but a shadow by the same rules is served; and what was kept is removed, but for a
    /// shadow.
    ///
    /// # Errors
    /// The reason where the file cannot be written, or there is no room.
    pub async fn begin_rebuild(&self, anew: Anew) -> Result<(), String> {
        let Anew { keep_old_ms, future_days, is_shadow } = anew;
        let (served, next) = {
            let state = self.shared.lock();
            (state.generations.served.clone(), state.generations.next.clone())
        };
        let shadow = next.filter(|next| next.is_shadow && !is_shadow);
        let newest = shadow.as_ref().unwrap_or(&served);
        let topology = Topology::of_this_version(served.topology.partitions)
            .with_future_days(future_days, Some(&newest.topology));
        if shadow.is_some_and(|shadow| shadow.topology == topology) {
            return self.change(Change::Unveil(keep_old_ms)).await;
        }
        self.must_have_room()?;
        self.change(Change::Begin(Begun { topology, keep_old_ms, is_shadow })).await
    }

    /// Begins to go back to what is kept: it is folded on, to be served again. What an older version folded is
    /// served at once, as it stands.
    ///
    /// # Errors
    /// The reason where the file cannot be written, or nothing is kept.
    pub async fn begin_back(&self) -> Result<(), String> {
        let now_ms = now_ms();
        if self.kept().is_none_or(|kept| kept.until_ms <= now_ms) {
            return Err(NotBegun::NothingKept.to_string());
        }
        self.must_have_room()?;
        self.change(Change::Back).await
    }

    /// Removes what is kept where its time is over.
    ///
    /// # Errors
    /// The reason where the file cannot be written.
    pub async fn expire(&self) -> Result<(), String> {
        match self.kept() {
            Some(kept) if kept.until_ms <= now_ms() => self.change(Change::Expire).await,
            _ => Ok(()),
        }
    }

    /// Serves the next generation from now on, and keeps the one before for a while. To be asked once it has counted what
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
    /// The reason where the file cannot be written, or nobody could fold the served one on.
    pub async fn abandon_rebuild(&self) -> Result<(), String> {
        if !self.served().0.is_of_this_version() {
            return Err(
                "what is served was folded by an older version, so this one must count anew"
                    .to_owned(),
            );
        }
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

impl Next for Embedded {
    fn next(&self) -> BoxFuture<'static, Result<Option<NextStore>, StoreError>> {
        let next = Self::next(self).map(|(next, store)| (next, Arc::new(store) as Arc<dyn Store>));
        futures::future::ready(Ok(next)).boxed()
    }
}

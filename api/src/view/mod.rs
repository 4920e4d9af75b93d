//! The view: all shards of the store as one, in memory, at numbered versions.
//!
//! One follower writes, whole commits only; readers and subscribers see nothing between versions.
//! A subscriber is a version: what changed since is read from stamps, so nobody has a queue.
//!
//! ```text
//! store ─► follow ─► State::apply ─► version n ─► readers: tables, summary, accounting, cut
//!                                        └──────► subscribers: what changed since their version
//! ```

pub(crate) mod changed;
mod counted;
mod figures;
mod follow;
#[cfg(test)]
mod follow_tests;
mod purchases;
#[cfg(test)]
mod purchases_tests;
pub mod ranked;
#[cfg(test)]
mod ranked_tests;
pub mod read;
pub mod state;
mod strangers;
#[cfg(test)]
mod tests;

use crate::view::ranked::Ranking;
use crate::view::state::{Continuity, Installed, Loaded, Stamp, State, Step};
use goldstream_domain::batch::Cut;
use goldstream_domain::gold::report::Gold;
use goldstream_platform::clock::now_ms;
use goldstream_platform::log::Log;
use goldstream_platform::store::{Commit, Store};
use goldstream_platform::trace::Shown;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

pub use goldstream_platform::log::BronzeEnds;

/// What a view follows.
#[derive(Clone)]
pub struct Followed {
    /// Whose commits it shows.
    pub store: Arc<dyn Store>,
    /// In which it finds the last purchases when it begins.
    pub log: Arc<dyn Log>,
    /// Who hears which rows it has; none where nobody wishes to.
    pub shown: Option<Arc<dyn Shown>>,
}

/// A shared view.
#[derive(Debug, Clone)]
pub struct View {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: RwLock<State>,
    version: watch::Sender<u64>,
    /// Milliseconds since 1970 UTC.
    now_ms: fn() -> i64,
}

impl View {
    /// A view of that many partitions; it holds nothing until it follows a store.
    #[must_use]
    pub fn new(partitions: u32) -> Self {
        Self::with_clock(partitions, now_ms)
    }

    /// The same, under a clock that tells milliseconds since 1970 UTC.
    #[must_use]
    pub fn with_clock(partitions: u32, now_ms: fn() -> i64) -> Self {
        let state = RwLock::new(State::new(partitions, now_ms()));
        Self { shared: Arc::new(Shared { state, version: watch::Sender::new(0), now_ms }) }
    }

    /// Reads at one version. Writers wait meanwhile, so only copying belongs in here.
    pub fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.shared.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads at one version, with its rows in order of rank. The first who asks waits until they are
    /// sorted, and the writer with him.
    pub fn read_ranked<T>(&self, read: impl FnOnce(&State, &Ranking) -> T) -> T {
        loop {
            {
                let state = self.shared.state.read().unwrap_or_else(PoisonError::into_inner);
                if let Some(ranking) = state.ranking() {
                    return read(&state, ranking);
                }
            }
            // It may be dropped again before it is read, by shards that are loaded anew.
            self.shared.state.write().unwrap_or_else(PoisonError::into_inner).rank();
        }
    }

    /// Puts the rows in order of rank, off the threads that answer.
    pub(crate) async fn rank(&self) {
        let view = self.clone();
        let ranked = tokio::task::spawn_blocking(move || view.read_ranked(|_, _| ()));
        if let Err(error) = ranked.await {
            tracing::error!(%error, "the rows could not be put in order");
        }
    }

    /// The version, to wait for the next one.
    #[must_use]
    pub fn versions(&self) -> watch::Receiver<u64> {
        self.shared.version.subscribe()
    }

    /// Resolves once the shards are loaded.
    pub async fn wait_loaded(&self) {
        self.wait_until(State::is_loaded).await;
    }

    /// Resolves once there are numbers that every reader has exactly.
    pub(crate) async fn wait_exact(&self) {
        self.wait_until(|state| state.is_loaded() && !state.is_overflown()).await;
    }

    /// Whether every bronze row before these ends is in the numbers.
    #[must_use]
    pub fn is_counted(&self, ends: &BronzeEnds) -> bool {
        self.read(|state| state.is_counted(ends))
    }

    /// Resolves once every bronze row before these ends is in the numbers.
    pub async fn wait_counted(&self, ends: &BronzeEnds) {
        self.wait_until(|state| state.is_counted(ends)).await;
    }

    /// The whole gold with its version, and the cut of bronze that it has counted.
    #[must_use]
    pub fn gold(&self) -> (Stamp, Gold, Cut) {
        let (stamp, gold, cut, customers) = self.read(|state| {
            let customers: Vec<_> = state.tables().customers().map(Arc::clone).collect();
            (state.stamp(), state.gold_without_customers(), state.cut(), customers)
        });
        // Customers are many and shared: their reports are made while writers go on.
        (stamp, gold.with_customers(customers.iter().map(|row| &**row)), cut)
    }

    async fn wait_until(&self, holds: impl Fn(&State) -> bool) {
        let mut versions = self.versions();
        while !self.read(&holds) {
            if versions.changed().await.is_err() {
                return;
            }
        }
    }

    fn apply(&self, commit: &Commit) -> Step {
        self.write(|state| state.apply(commit, (self.shared.now_ms)()))
    }

    fn install(&self, loaded: Loaded, continuity: Continuity) -> Installed {
        self.write(|state| state.install(loaded, continuity, (self.shared.now_ms)()))
    }

    fn write<T>(&self, write: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.shared.state.write().unwrap_or_else(PoisonError::into_inner);
        let before = (state.is_loaded(), state.stamp().version);
        let result = write(&mut state);
        let version = state.stamp().version;
        let is_same = before == (state.is_loaded(), version);
        drop(state);
        if !is_same {
            self.shared.version.send_replace(version);
        }
        result
    }
}

//! The follower: keeps the view in step with the store. It decides when to load, nothing else.

use super::purchases;
use super::state::{Continuity, Installed, Loaded, Placed, State, Step};
use super::{Followed, View};
use crate::limits::PURCHASES_FIND_MAX;
use goldstream_domain::gold::shard::SumOverflow;
use goldstream_domain::progress::BronzePartition;
use goldstream_platform::health::Health;
use goldstream_platform::limits::{RETRY_FIRST, RETRY_LAST};
use goldstream_platform::log::LogError;
use goldstream_platform::role;
use goldstream_platform::shutdown::Shutdown;
use goldstream_platform::store::{
    AcceptedPurchase, Commit, Content, FeedEvent, Follower, Part, ShardId, Store, StoreError,
};
use std::io;
use std::thread::JoinHandle;
use std::time::Duration;

/// Names under which troubles are reported.
const STORE: &str = "view";
const REVENUE: &str = "revenue";

impl View {
    /// Loads the shards and follows their commits, on a thread of its own, until `shutdown`.
    ///
    /// # Errors
    /// Where the thread cannot be made.
    pub fn follow(
        &self,
        followed: Followed,
        health: Health,
        shutdown: Shutdown,
    ) -> io::Result<JoinHandle<()>> {
        let view = self.clone();
        let hearts = health.hearts().clone();
        role::spawn("view", move || async move {
            hearts.beside("view", view.follow_here(followed, health, shutdown)).await;
        })
    }

    /// The same on the caller's thread: it waits for the ports and for tokio's clock only.
    pub async fn follow_here(self, followed: Followed, health: Health, shutdown: Shutdown) {
        run(self, followed, health, shutdown).await;
    }

    /// Loads the shards as they are now, once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn load_once(&self, store: &dyn Store) -> Result<(), StoreError> {
        let loaded = load(store, self.read(State::partitions)).await?;
        self.install(loaded, Continuity::Another);
        Ok(())
    }
}

/// Follows until `shutdown`.
async fn run(view: View, followed: Followed, health: Health, mut shutdown: Shutdown) {
    let phase = Phase::MustLoad(Continuity::Same);
    let mut follow = Follow { view, followed, health, follower: None, phase, retry: RETRY_FIRST };
    loop {
        tokio::select! {
            biased;
            () = shutdown.wished() => return,
            () = follow.step() => {}
        }
    }
}

struct Follow {
    view: View,
    followed: Followed,
    health: Health,
    /// None before the feed is followed, and after it failed.
    follower: Option<Box<dyn Follower>>,
    phase: Phase,
    retry: Duration,
}

#[derive(Clone, Copy)]
enum Phase {
    MustLoad(Continuity),
    Following,
}

impl Follow {
    async fn step(&mut self) {
        match self.phase {
            Phase::MustLoad(continuity) => self.load(continuity).await,
            Phase::Following => self.next().await,
        }
    }

    async fn load(&mut self, continuity: Continuity) {
        let installed = self.load_followed().await.map(|it| self.view.install(it, continuity));
        match installed {
            Ok(Installed::Shown) => {
                self.phase = Phase::Following;
                self.health.clear(STORE);
                self.check_revenue();
            }
            Ok(Installed::Behind) => {
                self.wait_unless_replaced("the store is behind what is shown").await;
            }
            Err(error) => self.wait_unless_replaced(&error.to_string()).await,
        }
    }

    /// Waits before the next try; what comes of the feed meanwhile is in what is loaded then, but for this: that
    /// there is another store, which is not to be held against this one.
    async fn wait_unless_replaced(&mut self, trouble: &str) {
        let Some(mut follower) = self.follower.take() else { return self.wait(trouble).await };
        let replaced = async {
            loop {
                match follower.next().await {
                    Ok(FeedEvent::Replaced) => return Some(follower),
                    Ok(FeedEvent::Commit(_) | FeedEvent::Lagged) => {}
                    Err(_) => return None,
                }
            }
        };
        tokio::select! {
            replaced = replaced => match replaced {
                Some(follower) => {
                    self.follower = Some(follower);
                    self.phase = Phase::MustLoad(Continuity::Another);
                }
                None => self.wait(trouble).await,
            },
            () = self.wait(trouble) => {}
        }
    }

    /// Followed first and loaded then: commits made meanwhile come again, which is harmless.
    async fn load_followed(&mut self) -> Result<Loaded, StoreError> {
        if self.follower.is_none() {
            self.follower = Some(self.followed.store.follow().await?);
        }
        let mut loaded = load(&*self.followed.store, self.view.read(State::partitions)).await?;
        loaded.last_purchases = self.find_purchases(&loaded).await;
        Ok(loaded)
    }

    /// They are for the eye only: nothing waits long for them, and nothing fails without them.
    async fn find_purchases(&self, loaded: &Loaded) -> Option<Vec<AcceptedPurchase>> {
        let finding = purchases::last(&*self.followed.log, loaded);
        let found = tokio::time::timeout(PURCHASES_FIND_MAX, finding).await;
        let late = |_| LogError::Unavailable("it does not answer".to_owned());
        let found = found.map_err(late).and_then(|found| found);
        found.inspect_err(|error| tracing::warn!(%error, "the last purchases are not shown")).ok()
    }

    async fn next(&mut self) {
        let Some(follower) = &mut self.follower else {
            self.phase = Phase::MustLoad(Continuity::Same);
            return;
        };
        match follower.next().await {
            Ok(FeedEvent::Commit(commit)) => {
                self.retry = RETRY_FIRST;
                match self.view.apply(&commit) {
                    Step::Applied => {
                        self.tell_traces(&commit);
                        self.check_revenue();
                    }
                    Step::Skipped => {}
                    Step::Gap => {
                        tracing::warn!(shard = %commit.shard, "commits are missing, loading again");
                        self.phase = Phase::MustLoad(Continuity::Same);
                    }
                }
            }
            Ok(FeedEvent::Lagged) => {
                tracing::warn!("the view fell behind the feed, loading again");
                self.phase = Phase::MustLoad(Continuity::Same);
            }
            Ok(FeedEvent::Replaced) => {
                tracing::info!(
                    "another store, or another generation of it, is shown: a new epoch begins"
                );
                self.phase = Phase::MustLoad(Continuity::Another);
            }
            Err(error) => {
                self.follower = None;
                self.phase = Phase::MustLoad(Continuity::Same);
                self.wait(&error.to_string()).await;
            }
        }
    }

    async fn wait(&mut self, trouble: &str) {
        tracing::warn!(trouble, "the view waits for its store");
        self.health.report(STORE, trouble);
        tokio::time::sleep(self.retry).await;
        self.retry = (self.retry * 2).min(RETRY_LAST);
    }

    /// Tells which traced rows are in the numbers now.
    fn tell_traces(&self, commit: &Commit) {
        let Some(shown) = &self.followed.shown else { return };
        if !commit.traces.is_empty() {
            shown.is_in(&commit.traces, self.view.read(|state| state.stamp().version));
        }
    }

    fn check_revenue(&self) {
        if self.view.read(State::is_overflown) {
            self.health.report(REVENUE, SumOverflow.to_string());
        }
    }
}

pub(super) async fn load(store: &dyn Store, partitions: u32) -> Result<Loaded, StoreError> {
    let mut loaded = Loaded::default();
    for at in BronzePartition::all(partitions) {
        let image = store.load(ShardId::Silver(at), Part::WithoutClaims).await?;
        let head = match image.content {
            Content::Silver { head, .. } => head,
            Content::Empty => Default::default(),
            Content::Gold { .. } | Content::Source(_) => return Err(wrong_content()),
        };
        loaded.silver.insert(at, Placed { position: image.position, head });
    }
    for partition in 0..partitions {
        let image = store.load(ShardId::Gold(partition), Part::Whole).await?;
        let (head, rows) = match image.content {
            Content::Gold { head, rows } => (head, rows),
            Content::Empty => Default::default(),
            Content::Silver { .. } | Content::Source(_) => return Err(wrong_content()),
        };
        loaded.gold.push((Placed { position: image.position, head }, rows));
    }
    Ok(loaded)
}

fn wrong_content() -> StoreError {
    StoreError::Damaged("another kind of state stands under a shard's name".to_owned())
}

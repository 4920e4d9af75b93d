//! Log and store of the generation that is served, whichever that is: who shows or appends goes over to another
//! one without beginning anew. Which one it is, is told; nothing is decided here.
//!
//! Who follows the feed hears of it as a replaced store, and what is loaded is that of the same generation as
//! what is followed: never a part of each.

use crate::generations::Generation;
use crate::log::{Appended, Fetched, Log, LogError, Member, Topic, TopicPartition};
use crate::store::{
    Commit, CommitError, FeedEvent, Follower, Image, Part, ShardId, Store, StoreError,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use goldstream_domain::chain::SourceId;
use goldstream_domain::planted::{self, Bug};
use goldstream_domain::record::Block;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// One generation, as a process works on it.
#[derive(Clone)]
pub struct Side {
    /// Its number.
    pub generation: u32,
    /// With its topics.
    pub log: Arc<dyn Log>,
    /// The same for those who wait for an answer: it gives up in time.
    pub ingest: Arc<dyn Log>,
    /// With its shards.
    pub store: Arc<dyn Store>,
}

/// A generation that is not served, with its shards.
pub type NextStore = (Generation, Arc<dyn Store>);

/// What is folded beside the served generation: asked by who compares the two.
pub trait Next: Send + Sync {
    /// Which, and its shards; none where there is none.
    fn next(&self) -> BoxFuture<'static, Result<Option<NextStore>, StoreError>>;
}

/// The served one. Cheap to clone.
#[derive(Clone)]
pub struct Served(Arc<Inner>);

struct Inner {
    told: watch::Sender<Side>,
    /// What is loaded from; where somebody follows, it is what he follows.
    used: Mutex<Side>,
    is_followed: AtomicBool,
}

impl Served {
    /// This one, until another is told.
    #[must_use]
    pub fn new(side: Side) -> Self {
        let (told, used) = (watch::Sender::new(side.clone()), Mutex::new(side));
        Self(Arc::new(Inner { told, used, is_followed: AtomicBool::new(false) }))
    }

    /// Another one is served from now on.
    pub fn tell(&self, side: Side) {
        if !self.0.is_followed.load(Ordering::Relaxed) {
            self.0.use_side(side.clone());
        }
        self.0.told.send_replace(side);
    }

    /// Its number.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.0.told.borrow().generation
    }

    /// It, as it is now.
    #[must_use]
    pub fn side(&self) -> Side {
        self.0.told.borrow().clone()
    }

    /// Its store.
    #[must_use]
    pub fn store(&self) -> ServedStore {
        ServedStore(self.clone())
    }

    /// Its log.
    #[must_use]
    pub fn log(&self) -> ServedLog {
        ServedLog { served: self.clone(), of: |side| &side.log }
    }

    /// Its log for those who wait for an answer.
    #[must_use]
    pub fn ingest(&self) -> ServedLog {
        ServedLog { served: self.clone(), of: |side| &side.ingest }
    }
}

impl Inner {
    fn used(&self) -> Side {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn use_side(&self, side: Side) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = side;
    }
}

/// The store of the served generation.
#[derive(Clone)]
pub struct ServedStore(Served);

impl ServedStore {
    fn store(&self) -> Arc<dyn Store> {
        self.0.0.used().store
    }
}

impl Store for ServedStore {
    fn load(&self, shard: ShardId, part: Part) -> BoxFuture<'static, Result<Image, StoreError>> {
        self.store().load(shard, part)
    }

    fn position(&self, shard: ShardId) -> BoxFuture<'static, Result<u64, StoreError>> {
        self.store().position(shard)
    }

    fn commit(&self, commit: Arc<Commit>) -> BoxFuture<'static, Result<(), CommitError>> {
        self.store().commit(commit)
    }

    fn sources(&self) -> BoxFuture<'static, Result<Vec<SourceId>, StoreError>> {
        self.store().sources()
    }

    fn discard(&self, shard: ShardId) -> BoxFuture<'static, Result<(), StoreError>> {
        self.store().discard(shard)
    }

    fn follow(&self) -> BoxFuture<'static, Result<Box<dyn Follower>, StoreError>> {
        let inner = Arc::clone(&self.0.0);
        async move {
            inner.is_followed.store(true, Ordering::Relaxed);
            let told = inner.told.subscribe();
            let (following, generation) = (inner.used(), inner.used().generation);
            let feed = following.store.follow().await?;
            Ok(Box::new(ServedFollower { inner, told, generation, feed }) as Box<dyn Follower>)
        }
        .boxed()
    }
}

struct ServedFollower {
    inner: Arc<Inner>,
    told: watch::Receiver<Side>,
    /// That of the feed.
    generation: u32,
    feed: Box<dyn Follower>,
}

impl ServedFollower {
    /// Goes over to another one, all at once.
    async fn go_over(&mut self, to: Side) -> Result<FeedEvent, StoreError> {
        let feed = to.store.follow().await?;
        self.feed = feed;
        self.generation = to.generation;
        if !planted::is(Bug::LoadedFromBefore) {
            self.inner.use_side(to);
        }
        Ok(FeedEvent::Replaced)
    }
}

impl Follower for ServedFollower {
    fn next(&mut self) -> BoxFuture<'_, Result<FeedEvent, StoreError>> {
        async move {
            loop {
                let told = self.told.borrow_and_update().clone();
                if told.generation != self.generation {
                    return self.go_over(told).await;
                }
                tokio::select! {
                    biased;
                    // Whoever told it may be gone; the feed goes on.
                    Ok(()) = self.told.changed() => {}
                    event = self.feed.next() => return event,
                }
            }
        }
        .boxed()
    }
}

/// The log of the served generation.
#[derive(Clone)]
pub struct ServedLog {
    served: Served,
    of: fn(&Side) -> &Arc<dyn Log>,
}

impl ServedLog {
    fn log(&self) -> Arc<dyn Log> {
        Arc::clone((self.of)(&self.served.0.used()))
    }
}

impl Log for ServedLog {
    fn append(
        &self,
        blocks: Vec<(TopicPartition, Block)>,
    ) -> BoxFuture<'static, Result<Appended, LogError>> {
        self.log().append(blocks)
    }

    fn read(
        &self,
        at: TopicPartition,
        from: u64,
    ) -> BoxFuture<'static, Result<Option<Fetched>, LogError>> {
        self.log().read(at, from)
    }

    fn end(&self, at: TopicPartition) -> BoxFuture<'static, Result<u64, LogError>> {
        self.log().end(at)
    }

    fn settle(&self) -> BoxFuture<'static, Result<(), LogError>> {
        self.log().settle()
    }

    fn surplus(&self) -> Vec<(TopicPartition, u64)> {
        self.log().surplus()
    }

    fn join(&self, topics: &[Topic]) -> Box<dyn Member> {
        self.log().join(topics)
    }
}

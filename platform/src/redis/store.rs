//! The store port over Redis. All work is done on the store's own thread.

use super::follow::{self, Next, Reader};
use super::follow_nodes::NodesReader;
use super::shared::Shared;
use super::thread::Thread;
use super::{commit, documents, load, reports, wipe};
use crate::documents::{Document, Documents, Replaced};
use crate::reports::{Heard, Report, Reports};
use crate::store::{
    Commit, CommitError, FeedEvent, Follower, Image, Part, ShardId, Store, StoreError,
};
use crate::topology::Topology;
use futures::FutureExt;
use futures::future::BoxFuture;
use goldstream_domain::chain::SourceId;
use std::sync::Arc;
use tokio::sync::mpsc;

/// A store of shards in Redis. Cheap to clone; may be used from any runtime.
#[derive(Debug, Clone)]
pub struct RedisStore {
    thread: Arc<Thread>,
    shared: Arc<Shared>,
}

impl RedisStore {
    pub(super) fn new(thread: Arc<Thread>, shared: Arc<Shared>) -> Self {
        Self { thread, shared }
    }

    /// How rows are spread in it.
    #[must_use]
    pub fn topology(&self) -> &Topology {
        &self.shared.topology
    }
}

impl Store for RedisStore {
    fn load(&self, shard: ShardId, part: Part) -> BoxFuture<'static, Result<Image, StoreError>> {
        let shared = Arc::clone(&self.shared);
        self.thread.run(async move { load::load(&shared, &shard, part).await })
    }

    fn position(&self, shard: ShardId) -> BoxFuture<'static, Result<u64, StoreError>> {
        let shared = Arc::clone(&self.shared);
        self.thread.run(async move { load::position(&shared, &shard).await })
    }

    fn commit(&self, commit: Arc<Commit>) -> BoxFuture<'static, Result<(), CommitError>> {
        let shared = Arc::clone(&self.shared);
        self.thread.run(async move { commit::commit(&shared, &commit).await })
    }

    fn sources(&self) -> BoxFuture<'static, Result<Vec<SourceId>, StoreError>> {
        let shared = Arc::clone(&self.shared);
        self.thread.run(async move { wipe::sources(&shared.loads, &shared.keys).await })
    }

    fn discard(&self, shard: ShardId) -> BoxFuture<'static, Result<(), StoreError>> {
        let shared = Arc::clone(&self.shared);
        self.thread.run(async move { commit::discard(&shared, &shard).await })
    }

    fn follow(&self) -> BoxFuture<'static, Result<Box<dyn Follower>, StoreError>> {
        let (shared, thread) = (Arc::clone(&self.shared), Arc::clone(&self.thread));
        async move {
            let (sender, events) = follow::queue();
            if shared.site.is_cluster() {
                let open = thread.run::<_, StoreError, _>(NodesReader::open(shared));
                thread.detach(follow::hand_over(open.await?, sender));
            } else {
                let open = thread.run::<_, StoreError, _>(Reader::open(shared));
                thread.detach(follow::hand_over(open.await?, sender));
            }
            Ok(Box::new(QueueFollower { events, _thread: thread }) as Box<dyn Follower>)
        }
        .boxed()
    }
}

impl Reports for RedisStore {
    fn tell(&self, report: Report) -> BoxFuture<'static, Result<Heard, StoreError>> {
        let shared = Arc::clone(&self.shared);
        self.thread.run(async move { reports::tell(&shared, &report).await })
    }

    fn since(&self, at_ms: i64) -> BoxFuture<'static, Result<Vec<(i64, Report)>, StoreError>> {
        let shared = Arc::clone(&self.shared);
        self.thread.run(async move { reports::since(&shared, at_ms).await })
    }
}

impl Documents for RedisStore {
    fn read(&self, name: &'static str) -> BoxFuture<'static, Result<Option<Document>, StoreError>> {
        let shared = Arc::clone(&self.shared);
        self.thread.run(async move { documents::read(&shared, name).await })
    }

    fn replace(
        &self,
        name: &'static str,
        revision: u64,
        text: String,
    ) -> BoxFuture<'static, Result<Replaced, StoreError>> {
        let shared = Arc::clone(&self.shared);
        self.thread.run(async move { documents::replace(&shared, name, revision, &text).await })
    }
}

/// The end of a reader's queue. The reader ends when this is dropped.
struct QueueFollower {
    events: mpsc::Receiver<Next>,
    _thread: Arc<Thread>,
}

impl Follower for QueueFollower {
    fn next(&mut self) -> BoxFuture<'_, Result<FeedEvent, StoreError>> {
        async move {
            let ended = || Err(StoreError::Unavailable("the feed's reader has ended".to_owned()));
            self.events.recv().await.unwrap_or_else(ended)
        }
        .boxed()
    }
}

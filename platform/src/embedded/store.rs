//! The store port over the shared sequence.

use super::damage::caught;
use super::feed::{Entry, Window};
use super::handle::Embedded;
use super::images::{Made, ShardKey, key};
use super::shared::{Shared, Sight};
use super::stored::load_claims;
use crate::store::{
    Changes, Commit, CommitError, Content, FeedEvent, Follower, Image, Part, ShardId, Store,
    StoreError,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use goldstream_domain::chain::SourceId;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;

impl Store for Embedded {
    fn load(&self, shard: ShardId, part: Part) -> BoxFuture<'static, Result<Image, StoreError>> {
        let (shared, shard) = (Arc::clone(&self.shared), key(self.generation(), &shard));
        async move { load(&shared, &shard, part) }.boxed()
    }

    fn position(&self, shard: ShardId) -> BoxFuture<'static, Result<u64, StoreError>> {
        let state = self.shared.lock();
        let position = state.images.position(&key(state.number(self.sight), &shard));
        async move { Ok(position) }.boxed()
    }

    fn commit(&self, commit: Arc<Commit>) -> BoxFuture<'static, Result<(), CommitError>> {
        let made = self.make(&commit);
        async move { made }.boxed()
    }

    fn sources(&self) -> BoxFuture<'static, Result<Vec<SourceId>, StoreError>> {
        let sources = self.shared.lock().images.sources();
        async move { Ok(sources) }.boxed()
    }

    fn discard(&self, shard: ShardId) -> BoxFuture<'static, Result<(), StoreError>> {
        // Shards of one file are written together: one cannot be damaged by itself.
        let reason =
            format!("{shard} stands in one file with all others and is not discarded alone");
        async move { Err(StoreError::Damaged(reason)) }.boxed()
    }

    fn follow(&self) -> BoxFuture<'static, Result<Box<dyn Follower>, StoreError>> {
        let (shared, generation) = (Arc::clone(&self.shared), self.generation());
        let next = shared.lock().feeds.get(&generation).map_or(0, Window::next);
        let committed = shared.committed.subscribe();
        let sight = self.sight;
        let follower = WindowFollower { shared, sight, generation, committed, next };
        async move { Ok(Box::new(follower) as Box<dyn Follower>) }.boxed()
    }
}

impl Embedded {
    fn make(&self, commit: &Arc<Commit>) -> Result<(), CommitError> {
        let mut state = self.shared.lock();
        let generation = state.number(self.sight);
        if let Some(reason) = &state.failure {
            return Err(StoreError::Unavailable(reason.clone()).into());
        }
        if state.generations.find(generation).is_none() {
            let gone = format!("generation {generation} is not there any more");
            return Err(StoreError::Unavailable(gone).into());
        }
        if state.images.commit(generation, commit)? == Made::Before {
            return Ok(());
        }
        if state.unflushed_since.is_none() {
            state.unflushed_since = Some(Instant::now());
            self.shared.work.notify_all();
        }
        if !matches!(commit.shard, ShardId::Source(_)) {
            state.feeds.entry(generation).or_default().push(for_feed(commit));
            drop(state);
            self.shared.committed.send_modify(|count| *count += 1);
        }
        Ok(())
    }
}

/// Readers of the feed need no claims, and many are kept.
fn for_feed(commit: &Arc<Commit>) -> Arc<Commit> {
    let Changes::Silver { head, .. } = &commit.changes else { return Arc::clone(commit) };
    let changes = Changes::Silver { head: head.clone(), claims: Vec::new() };
    let Commit { shard, from, to, ingested_at_ms, traces, .. } = &**commit;
    let (shard, from, to, ingested_at_ms) = (shard.clone(), *from, *to, *ingested_at_ms);
    Arc::new(Commit { shard, from, to, ingested_at_ms, traces: traces.clone(), changes })
}

fn load(shared: &Shared, shard: &ShardKey, part: Part) -> Result<Image, StoreError> {
    let (mut image, in_file) = shared.lock().images.image(shard, part);
    if let ((generation, ShardId::Silver(bronze)), Content::Silver { claims, .. }) =
        (shard, &mut image.content)
        && in_file > 0
    {
        // Claims in the file only grow, so its first ones are the same whatever is written meanwhile.
        let mut all =
            caught(|| load_claims(&shared.file, (*generation, bronze.partition), in_file))
                .map_err(|error| StoreError::Damaged(error.to_string()))?;
        all.append(claims);
        *claims = all;
    }
    Ok(image)
}

struct WindowFollower {
    shared: Arc<Shared>,
    sight: Sight,
    /// Whose commits it follows.
    generation: u32,
    committed: watch::Receiver<u64>,
    next: u64,
}

impl Follower for WindowFollower {
    fn next(&mut self) -> BoxFuture<'_, Result<FeedEvent, StoreError>> {
        async move {
            loop {
                self.committed.borrow_and_update();
                let (entry, newest) = {
                    let state = self.shared.lock();
                    let served = state.generations.served.number;
                    if self.sight == Sight::Served && self.generation != served {
                        self.generation = served;
                        self.next = state.feeds.get(&served).map_or(0, Window::next);
                        return Ok(FeedEvent::Replaced);
                    }
                    let feed = state.feeds.get(&self.generation);
                    // One that is gone says nothing more.
                    feed.map_or((Entry::NotYet, 0), |feed| (feed.get(self.next), feed.next()))
                };
                match entry {
                    Entry::Commit(commit) => {
                        self.next += 1;
                        return Ok(FeedEvent::Commit(commit));
                    }
                    Entry::Gone => {
                        self.next = newest;
                        return Ok(FeedEvent::Lagged);
                    }
                    Entry::NotYet => {}
                }
                if self.committed.changed().await.is_err() {
                    return Err(StoreError::Unavailable("the store is closed".to_owned()));
                }
            }
        }
        .boxed()
    }
}

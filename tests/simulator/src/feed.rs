//! The model of following the change feed, as the Redis store does it: a cursor a shard, which only goes
//! forward; a store that went back is waited for; one that was emptied is another one by its id.

use crate::scope::Scope;
use crate::shards::Shards;
use goldstream_domain::planted::{self, Bug};
use goldstream_platform::store::{FeedEvent, ShardId, StoreError};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Entries of one shard in one answer.
const ENTRIES_MAX: usize = 4;

/// One follower.
#[derive(Debug)]
pub struct FeedReader {
    /// Whose.
    pub owner: u32,
    scope: Scope,
    cursors: BTreeMap<ShardId, u64>,
    store_id: Option<u64>,
    waiting: VecDeque<Result<FeedEvent, StoreError>>,
    broken: bool,
}

impl FeedReader {
    /// Sees every commit from here on.
    #[must_use]
    pub fn new((owner, scope): (u32, Scope), partitions: u32, shards: &Shards) -> Self {
        let all = ShardId::derived(partitions);
        let cursors = all.map(|shard| (scope.shard(shard), 0)).collect();
        let (store_id, waiting) = (shards.id(), VecDeque::new());
        let mut reader = Self { owner, scope, cursors, store_id, waiting, broken: false };
        reader.go_to_ends(shards);
        reader
    }

    fn go_to_ends(&mut self, shards: &Shards) {
        for (shard, cursor) in &mut self.cursors {
            *cursor = end_of(shards, shard);
        }
    }

    /// Whether a look at the feed would give something.
    #[must_use]
    pub fn has_news(&self, shards: &Shards) -> bool {
        let is_other = self.store_id.is_some() && shards.id() != self.store_id;
        let mut cursors = self.cursors.iter();
        !self.broken
            && (is_other || cursors.any(|(shard, cursor)| next(shards, shard, *cursor).is_some()))
    }

    /// Looks at the feed once.
    pub fn read(&mut self, shards: &Shards) {
        if self.broken {
            return;
        }
        if self.store_id.is_some() && shards.id() != self.store_id {
            self.store_id = shards.id();
            self.go_to_ends(shards);
            self.waiting.push_back(Ok(FeedEvent::Replaced));
            return;
        }
        self.store_id = shards.id();
        let mut lagged = false;
        for (shard, cursor) in &mut self.cursors {
            for _ in 0..ENTRIES_MAX {
                let Some((commit, number)) = next(shards, shard, *cursor) else { break };
                lagged |= !planted::is(Bug::FeedIdNotPosition) && commit.from > *cursor;
                *cursor = number;
                self.waiting.push_back(Ok(FeedEvent::Commit(self.scope.own_commit(&commit))));
            }
        }
        if lagged {
            self.waiting.push_front(Ok(FeedEvent::Lagged));
        }
    }

    /// The connection is gone.
    pub fn break_off(&mut self) {
        let gone = StoreError::Unavailable("the connection is gone".to_owned());
        self.waiting.push_back(Err(gone));
        self.broken = true;
    }

    /// What waits to be handed over.
    pub fn take(&mut self) -> Option<Result<FeedEvent, StoreError>> {
        self.waiting.pop_front()
    }
}

type Commit = Arc<goldstream_platform::store::Commit>;

/// The next entry of a shard, and the cursor behind it.
fn next(shards: &Shards, shard: &ShardId, cursor: u64) -> Option<(Commit, u64)> {
    if planted::is(Bug::FeedIdNotPosition) {
        let commit = shards.numbered(shard, cursor)?;
        return Some((Arc::clone(commit), cursor + 1));
    }
    let commit = shards.feed(shard, cursor).next()?;
    Some((Arc::clone(commit), commit.to))
}

fn end_of(shards: &Shards, shard: &ShardId) -> u64 {
    if planted::is(Bug::FeedIdNotPosition) {
        return shards.count(shard);
    }
    shards.position(shard)
}

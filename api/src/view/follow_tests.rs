//! The follower over a store that loses entries and goes away: what it does, not how.

use super::{Followed, View};
use crate::testing::shop::{PARTITIONS, Shop};
use futures::FutureExt;
use futures::future::BoxFuture;
use goldstream_domain::chain::SourceId;
use goldstream_platform::embedded::Embedded;
use goldstream_platform::health::Health;
use goldstream_platform::shutdown::ShutdownHandle;
use goldstream_platform::store::{
    Changes, Commit, CommitError, Content, FeedEvent, Follower, Image, Part, ShardId, Store,
    StoreError,
};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

/// Loads of all shards once.
const LOADS_OF_ALL: u32 = 3 * PARTITIONS;

/// A store that is empty when it is loaded first, and a feed that tells what the test says.
#[derive(Default)]
struct FakeStore {
    loads: AtomicU32,
    silver: Mutex<BTreeMap<ShardId, Commit>>,
    feed: Mutex<VecDeque<Result<FeedEvent, StoreError>>>,
}

impl Store for FakeStore {
    fn load(&self, shard: ShardId, _: Part) -> BoxFuture<'static, Result<Image, StoreError>> {
        let is_first = self.loads.fetch_add(1, Ordering::Relaxed) < LOADS_OF_ALL;
        let image = match self.silver.lock().unwrap().get(&shard) {
            Some(Commit { to, changes: Changes::Silver { head, .. }, .. }) if !is_first => {
                let content = Content::Silver { head: head.clone(), claims: Vec::new() };
                Image { position: *to, content }
            }
            _ => Image { position: 0, content: Content::Empty },
        };
        async move { Ok(image) }.boxed()
    }

    fn position(&self, _: ShardId) -> BoxFuture<'static, Result<u64, StoreError>> {
        async { Ok(0) }.boxed()
    }

    fn commit(&self, commit: Arc<Commit>) -> BoxFuture<'static, Result<(), CommitError>> {
        self.silver.lock().unwrap().insert(commit.shard.clone(), (*commit).clone());
        async { Ok(()) }.boxed()
    }

    fn sources(&self) -> BoxFuture<'static, Result<Vec<SourceId>, StoreError>> {
        async { Ok(Vec::new()) }.boxed()
    }

    fn discard(&self, _: ShardId) -> BoxFuture<'static, Result<(), StoreError>> {
        async { Ok(()) }.boxed()
    }

    fn follow(&self) -> BoxFuture<'static, Result<Box<dyn Follower>, StoreError>> {
        let events = std::mem::take(&mut *self.feed.lock().unwrap());
        async move { Ok(Box::new(FakeFollower { events }) as Box<dyn Follower>) }.boxed()
    }
}

struct FakeFollower {
    events: VecDeque<Result<FeedEvent, StoreError>>,
}

impl Follower for FakeFollower {
    fn next(&mut self) -> BoxFuture<'_, Result<FeedEvent, StoreError>> {
        match self.events.pop_front() {
            Some(event) => async move { event }.boxed(),
            None => std::future::pending().boxed(),
        }
    }
}

/// Follows this feed until three repeated purchases are shown, which the store holds too.
async fn shows_three_after(feed: Vec<Result<FeedEvent, StoreError>>) -> (u64, Health) {
    let (mut shop, store) = (Shop::default(), Arc::new(FakeStore::default()));
    shop.repeats();
    shop.repeats();
    store.commit(Arc::new(shop.repeats())).await.unwrap();
    *store.feed.lock().unwrap() = feed.into();
    let (end, shutdown) = ShutdownHandle::new();
    let (view, health) = (View::new(PARTITIONS), Health::default());
    let dir = tempfile::tempdir().unwrap();
    let log = Arc::new(Embedded::open(dir.path(), Some(PARTITIONS)).unwrap());
    let thread =
        view.follow(Followed { store, log, shown: None }, health.clone(), shutdown).unwrap();
    view.wait_until(|state| state.accounting().duplicate_purchases == 3).await;
    end.begin();
    thread.join().unwrap();
    (view.read(|state| state.stamp().version), health)
}

fn commit(commit: Commit) -> Result<FeedEvent, StoreError> {
    Ok(FeedEvent::Commit(Arc::new(commit)))
}

#[tokio::test]
async fn commits_are_applied_once_each() {
    let mut shop = Shop::default();
    let first = shop.repeats();
    let feed =
        vec![commit(first.clone()), commit(first), commit(shop.repeats()), commit(shop.repeats())];
    assert_eq!(shows_three_after(feed).await.0, 3);
}

#[tokio::test]
async fn a_feed_that_lost_entries_leads_to_loading_again() {
    assert_eq!(shows_three_after(vec![Ok(FeedEvent::Lagged)]).await.0, 1);
}

#[tokio::test]
async fn a_gap_leads_to_loading_again() {
    let mut shop = Shop::default();
    shop.repeats();
    assert_eq!(shows_three_after(vec![commit(shop.repeats())]).await.0, 1);
}

#[tokio::test]
async fn a_store_that_was_away_is_loaded_again_and_the_trouble_is_over() {
    let away = StoreError::Unavailable("restarting".to_owned());
    let (version, health) = shows_three_after(vec![Err(away)]).await;
    assert_eq!((version, health.troubles()), (1, BTreeMap::new()));
}

//! The Redis store under the suite, and what is its alone. The server is started by who runs the
//! tests; where a test must stop or fill one, it starts its own.

mod commits;
mod damage;
mod documents;
mod feed;
mod loads;
mod opening;
mod own_server;
mod rebuild;
mod restart;

use super::{RedisClient, RedisStore};
use crate::conformance::{OnRedis, PARTITIONS, check, servers};
use crate::store::{
    Changes, Commit, Content, FeedEvent, Follower, Image, Part, ShardId, Store, StoreError,
};
use crate::topology::Topology;
use ::redis::Value;
use goldstream_domain::column::Kind;
use goldstream_domain::dedupe::Claim;
use goldstream_domain::gold::rows::{
    CountryRow, CustomerRow, DayRow, PlacedRow, Row, RowChange, RowFate,
};
use goldstream_domain::moment::Day;
use goldstream_domain::progress::{BronzePartition, GoldHead, SilverHead};
use std::sync::Arc;

const GOLD: ShardId = ShardId::Gold(1);
const SILVER: ShardId = ShardId::Silver(BronzePartition { kind: Kind::Purchases, partition: 1 });

/// A server and a prefix that nobody else uses.
struct Place {
    url: String,
    prefix: String,
}

impl Place {
    fn fresh(name: &str) -> Self {
        Self { url: servers::redis(), prefix: servers::fresh_prefix(name) }
    }

    async fn client(&self) -> RedisClient {
        RedisClient::connect(&self.url.as_str().into(), &self.prefix).await.unwrap()
    }

    /// Another process's store, as far as Redis can tell.
    async fn store(&self) -> RedisStore {
        let topology = Topology::of_this_version(PARTITIONS);
        self.client().await.with_topology(topology).await.unwrap()
    }

    async fn store_with_feed_of(&self, feed_bytes_max: u64) -> RedisStore {
        let topology = Topology::of_this_version(PARTITIONS);
        self.client().await.with_feed_of(topology, feed_bytes_max).await.unwrap()
    }

    /// A command as a person would type it; `KEY` in it stands for a key's beginning.
    async fn type_in(&self, command: &str) -> Value {
        let client = ::redis::Client::open(self.url.as_str()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut words = command.split(' ');
        let mut ask = ::redis::cmd(words.next().unwrap());
        for word in words {
            ask.arg(word.replace("KEY", &format!("{}:0", self.prefix)));
        }
        ask.query_async(&mut connection).await.unwrap()
    }

    async fn text(&self, command: &str) -> String {
        super::reply::text(self.type_in(command).await).unwrap()
    }
}

#[tokio::test]
async fn the_redis_store_passes_the_suite() {
    let url = servers::redis();
    check(|| OnRedis::new(tempfile::tempdir().unwrap(), &url)).await;
}

fn day(slot: u32, orders: u64) -> RowChange {
    let row = Row::Day(DayRow { day: Day(slot), orders, revenue_cents: 5 });
    RowChange { slot, row, fate: RowFate::Stands }
}

fn customer(slot: u32, orders: u64) -> RowChange {
    let row = Row::Customer(Arc::new(CustomerRow {
        customer_id: format!("{slot:05}").into(),
        profile: None,
        country: Some("Étretat\n\"".into()),
        orders,
        revenue_cents: 9_007_199_254_740_993,
        first_purchase: None,
        last_purchase: None,
        months: Default::default(),
    }));
    RowChange { slot, row, fate: RowFate::Stands }
}

fn country(slot: u32, name: Option<&str>, fate: RowFate) -> RowChange {
    let country = name.map(Arc::from);
    let row = Row::Country(CountryRow { country, buyers: 1, orders: 2, revenue_cents: 3 });
    RowChange { slot, row, fate }
}

fn gold(from: u64, to: u64, rows: Vec<RowChange>) -> Arc<Commit> {
    let mut head = GoldHead::default();
    head.counts.accepted_purchases = to;
    let changes = Changes::Gold { head, rows, accepted: Vec::new() };
    Arc::new(Commit {
        shard: GOLD,
        from,
        to,
        ingested_at_ms: Some(-1),
        traces: Vec::new(),
        changes,
    })
}

fn claims(from: u64, to: u64) -> Vec<Claim> {
    (from..to).map(|offset| Claim { id: 1 << 100, content: !offset, offset }).collect()
}

fn silver(from: u64, to: u64) -> Arc<Commit> {
    let head = SilverHead { duplicate_purchases: to, ..SilverHead::default() };
    let changes = Changes::Silver { head, claims: claims(from, to) };
    Arc::new(Commit { shard: SILVER, from, to, ingested_at_ms: None, traces: Vec::new(), changes })
}

async fn load(store: &RedisStore, shard: ShardId) -> Image {
    store.load(shard, Part::Whole).await.unwrap()
}

async fn gold_rows(store: &RedisStore) -> (u64, Vec<PlacedRow>) {
    let Image { position, content } = load(store, GOLD).await;
    match content {
        Content::Gold { head, rows } => {
            assert_eq!(head.counts.accepted_purchases, position, "head and position agree");
            (position, rows)
        }
        content => {
            assert_eq!(content, Content::Empty);
            (position, Vec::new())
        }
    }
}

async fn stored_claims(store: &RedisStore) -> (u64, Vec<Claim>) {
    let Image { position, content } = load(store, SILVER).await;
    let Content::Silver { claims, .. } = content else { panic!("silver") };
    (position, claims)
}

async fn next_commit(follower: &mut Box<dyn Follower>) -> Arc<Commit> {
    match follower.next().await {
        Ok(FeedEvent::Commit(commit)) => commit,
        other => panic!("{other:?} instead of a commit"),
    }
}

fn damage<T: std::fmt::Debug>(result: Result<T, impl Into<crate::store::CommitError>>) -> String {
    match result.map_err(Into::into) {
        Err(crate::store::CommitError::Store(
            StoreError::Damaged(sentence) | StoreError::Torn(sentence),
        )) => sentence,
        other => panic!("{other:?} instead of damage"),
    }
}

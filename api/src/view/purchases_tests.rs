//! The last purchases of a real log.

use super::purchases::last;
use super::state::{Loaded, Placed};
use crate::limits::PURCHASES_TOP_MAX;
use crate::testing::shop::PARTITIONS;
use goldstream_domain::clean::{Customer, Purchase};
use goldstream_domain::gold::rows::{CustomerId, CustomerRow, PlacedRow, Row};
use goldstream_domain::gold::shard::GoldShard;
use goldstream_domain::moment::{Day, Moment};
use goldstream_domain::record::{BlockBuilder, Headers};
use goldstream_domain::silver::SilverEvent;
use goldstream_platform::embedded::Embedded;
use goldstream_platform::log::{Log, Topic, TopicPartition};
use std::sync::Arc;
use tempfile::TempDir;

struct Silver {
    log: Embedded,
    _dir: TempDir,
}

impl Silver {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { log: Embedded::open(dir.path(), Some(PARTITIONS)).unwrap(), _dir: dir }
    }

    async fn append(&self, partition: u32, events: &[(i64, SilverEvent<'_>)]) {
        let mut block = BlockBuilder::default();
        for (ingested_at_ms, event) in events {
            let headers = Headers { origin: None, ingested_at_ms: *ingested_at_ms, line: None };
            block.push(headers, |out| event.encode(out));
        }
        let at = TopicPartition::new(Topic::Silver, partition);
        self.log.append(vec![(at, block.take())]).await.unwrap();
    }

    /// Ids of the last purchases where so much of each partition is counted.
    async fn last(&self, counted_to: [u64; PARTITIONS as usize]) -> Vec<String> {
        let found = last(&self.log, &counted(counted_to)).await.unwrap();
        found.iter().map(|purchase| purchase.purchase_id.to_string()).collect()
    }
}

fn counted(to: [u64; PARTITIONS as usize]) -> Loaded {
    let gold = to.map(|position| (Placed { position, ..Placed::default() }, Vec::new()));
    Loaded { gold: gold.into(), ..Loaded::default() }
}

fn purchase(purchase_id: &str) -> SilverEvent<'_> {
    SilverEvent::Purchase(Purchase {
        purchase_id,
        customer_id: "7",
        purchased_at: Moment(1_700_000_000),
        amount_cents: 100,
        product: "Souris",
    })
}

fn customer() -> Customer<'static> {
    Customer {
        customer_id: "7",
        name: Some("Anne"),
        email: Some("anne@shop.example".into()),
        signup_date: Day::from_civil(2024, 2, 29),
        country: Some("France"),
    }
}

#[tokio::test]
async fn the_newest_of_all_partitions_come_first_and_customers_are_none() {
    let silver = Silver::new();
    let anne = SilverEvent::Customer(customer());
    silver.append(0, &[(1, purchase("a")), (5, purchase("b")), (6, anne)]).await;
    silver.append(1, &[(3, purchase("c")), (9, purchase("d"))]).await;
    assert_eq!(silver.last([3, 2]).await, ["d", "b", "c", "a"]);
}

#[tokio::test]
async fn what_is_not_counted_yet_is_not_shown_and_what_stands_twice_is_shown_once() {
    let silver = Silver::new();
    silver.append(0, &[(1, purchase("a")), (2, purchase("b")), (1, purchase("a"))]).await;
    silver.append(0, &[(7, purchase("c"))]).await;
    assert_eq!(silver.last([3, 0]).await, ["b", "a"]);
    assert_eq!(silver.last([1, 0]).await, ["a"]);
}

#[tokio::test]
async fn of_many_only_the_newest_are_kept() {
    let silver = Silver::new();
    let ids: Vec<_> = (0..3 * PURCHASES_TOP_MAX).map(|n| n.to_string()).collect();
    for ids in ids.chunks(50) {
        let events: Vec<_> = ids.iter().map(|id| (5, purchase(id))).collect();
        silver.append(1, &events).await;
    }
    let newest: Vec<_> = ids.iter().rev().take(PURCHASES_TOP_MAX).cloned().collect();
    assert_eq!(silver.last([0, ids.len() as u64]).await, newest);
}

#[tokio::test]
async fn their_country_is_the_one_that_the_customer_has() {
    let silver = Silver::new();
    silver.append(0, &[(1, purchase("a"))]).await;
    let mut shard = GoldShard::default();
    shard.apply(&SilverEvent::Customer(customer())).unwrap();
    let changes = shard.take_changes();
    let row = changes.iter().find_map(|change| match &change.row {
        Row::Customer(row) => Some(Arc::clone(row)),
        _ => None,
    });
    let row: Arc<CustomerRow> = row.unwrap();
    assert_eq!(row.customer_id, CustomerId::new("7"));
    let mut loaded = counted([1, 0]);
    loaded.gold[0].1.push(PlacedRow { slot: 0, row: Row::Customer(row) });
    let found = last(&silver.log, &loaded).await.unwrap();
    assert_eq!(found[0].country.as_deref(), Some("France"));
}

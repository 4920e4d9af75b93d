//! Refused rows after which a row with the same id was accepted.

use super::silver_at;
use crate::testing::server::TestServer;
use crate::testing::shop::PARTITIONS;
use goldstream_domain::clean::{Customer, Purchase};
use goldstream_domain::column::Kind;
use goldstream_domain::moment::Moment;
use goldstream_domain::progress::BronzePartition;
use goldstream_domain::quarantine::QuarantinedRow;
use goldstream_domain::reason::{Reason, Rejection};
use goldstream_domain::record::{BlockBuilder, Headers, Origin};
use goldstream_domain::silver::SilverEvent;
use goldstream_platform::embedded::Embedded;
use goldstream_platform::log::{Log, Topic, TopicPartition};
use goldstream_platform::store::{Commit, Store};
use std::sync::Arc;

const FIRST: BronzePartition = BronzePartition { kind: Kind::Purchases, partition: 0 };
const SECOND: BronzePartition = BronzePartition { kind: Kind::Purchases, partition: 1 };
const PEOPLE: BronzePartition = BronzePartition { kind: Kind::Customers, partition: 0 };

/// A row of a bronze partition, by its offset and id.
type Place<'a> = (BronzePartition, u64, &'a str);

async fn write(
    store: &Embedded,
    to: TopicPartition,
    (bronze, offset, _): Place<'_>,
    ingested_at_ms: i64,
    write: impl FnOnce(&mut Vec<u8>),
) {
    let source = bronze.source_id();
    let origin = Some(Origin { source_id: &source, origin: offset + 1, prev: 0 });
    let mut block = BlockBuilder::default();
    block.push(Headers { origin, ingested_at_ms, line: None }, write);
    store.append(vec![(to, block.take())]).await.unwrap();
}

async fn refuses(store: &Embedded, place: Place<'_>, at_ms: i64) {
    let (bronze, offset, id) = place;
    let raw = match bronze.kind {
        Kind::Purchases => format!(r#"{{"id_achat":" {id} ","montant":"x"}}"#),
        Kind::Customers => format!(r#"{{"customer_id":"{id}"}}"#),
    };
    let rejection = Rejection::new(Reason::Misrouted, "so");
    let row = QuarantinedRow::new(bronze.kind, ("file:/a.csv@0", offset + 1), &rejection, &raw);
    let to = TopicPartition::new(Topic::Quarantine, bronze.partition);
    write(store, to, place, at_ms, |out| row.encode(out)).await;
}

async fn accepts(store: &Embedded, place: Place<'_>, at_ms: i64) {
    let (bronze, _, id) = place;
    let event = match bronze.kind {
        Kind::Purchases => SilverEvent::Purchase(Purchase {
            purchase_id: id,
            customer_id: "7",
            purchased_at: Moment(1_700_000_000),
            amount_cents: 1,
            product: "Souris",
        }),
        Kind::Customers => SilverEvent::Customer(Customer {
            customer_id: id,
            name: None,
            email: None,
            signup_date: None,
            country: None,
        }),
    };
    let to = TopicPartition::new(Topic::Silver, PARTITIONS - 1);
    write(store, to, place, at_ms, |out| event.encode(out)).await;
}

/// The ids of the rows that are told, and when they were corrected.
async fn told(server: &TestServer, corrected: &str) -> Vec<(String, String)> {
    let list = server.get(&format!("/api/v1/quarantine?corrected={corrected}")).await.json();
    let rows = list["rows"].as_array().unwrap().iter();
    let mut told: Vec<_> = rows
        .map(|row| {
            let raw: serde_json::Value =
                serde_json::from_str(row["raw"].as_str().unwrap()).unwrap();
            let id = raw.get("id_achat").or(raw.get("customer_id")).unwrap().as_str().unwrap();
            let at = row["corrected_at"].as_str().map_or("", |at| &at[20..23]);
            (id.trim().to_owned(), at.to_owned())
        })
        .collect();
    told.sort();
    told
}

fn pairs(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(id, at)| ((*id).to_owned(), (*at).to_owned())).collect()
}

#[tokio::test]
async fn a_row_is_corrected_by_one_with_its_id_that_was_accepted_after_it_and_no_other() {
    let server = TestServer::start().await;
    refuses(&server.store, (FIRST, 0, "after"), 1).await;
    accepts(&server.store, (FIRST, 1, "after"), 2).await;
    accepts(&server.store, (FIRST, 2, "before"), 2).await;
    refuses(&server.store, (FIRST, 3, "before"), 3).await;
    refuses(&server.store, (SECOND, 0, "elsewhere"), 4).await;
    accepts(&server.store, (FIRST, 4, "elsewhere"), 5).await;
    refuses(&server.store, (PEOPLE, 0, "person"), 6).await;
    accepts(&server.store, (PEOPLE, 1, "person"), 7).await;
    refuses(&server.store, (PEOPLE, 2, "after"), 8).await;
    server.commit(silver_at(FIRST, 5)).await;
    server.commit(silver_at(PEOPLE, 3)).await;
    assert_eq!(told(&server, "no").await, pairs(&[("after", ""), ("before", "")]));
    let corrected = [("after", "002"), ("elsewhere", "005"), ("person", "007")];
    assert_eq!(told(&server, "yes").await, pairs(&corrected));
    assert_eq!(told(&server, "all").await.len(), 5);
    let csv = String::from_utf8(server.get("/api/v1/quarantine/purchases").await.bytes).unwrap();
    assert_eq!((csv.lines().count(), csv.contains("before")), (2, true), "{csv}");
}

#[tokio::test]
async fn what_is_not_counted_has_corrected_nothing_yet() {
    let server = TestServer::start().await;
    refuses(&server.store, (FIRST, 0, "a"), 1).await;
    accepts(&server.store, (FIRST, 1, "a"), 2).await;
    server.commit(silver_at(FIRST, 1)).await;
    assert_eq!(told(&server, "no").await, pairs(&[("a", "")]));
    // Its refusal is seen only now, though it stands before what was seen already.
    refuses(&server.store, (SECOND, 0, "b"), 1).await;
    accepts(&server.store, (SECOND, 1, "b"), 2).await;
    server.commit(Commit { from: 1, ..silver_at(FIRST, 2) }).await;
    assert_eq!(told(&server, "no").await, pairs(&[("b", "")]));
    server.commit(silver_at(SECOND, 2)).await;
    assert_eq!(told(&server, "no").await, []);
}

#[tokio::test]
async fn what_another_generation_refused_is_told_where_its_log_is_as_long_as_the_one_before() {
    let server = TestServer::start().await;
    refuses(&server.store, (FIRST, 0, "old"), 1).await;
    accepts(&server.store, (FIRST, 1, "old"), 2).await;
    server.commit(silver_at(FIRST, 2)).await;
    assert_eq!(told(&server, "yes").await, pairs(&[("old", "002")]));
    server.store.begin_rebuild(goldstream_platform::rebuilding::Anew::served(0)).await.unwrap();
    let next = server.store.next().unwrap().1;
    refuses(&next, (FIRST, 0, "new"), 1).await;
    accepts(&next, (FIRST, 1, "new"), 3).await;
    next.commit(Arc::new(silver_at(FIRST, 2))).await.unwrap();
    let before = server.epoch();
    server.store.switch().await.unwrap();
    while server.epoch() == before {
        tokio::task::yield_now().await;
    }
    assert_eq!(told(&server, "yes").await, pairs(&[("new", "003")]));
}

#[tokio::test]
async fn whether_corrected_rows_are_meant_is_one_of_three_words() {
    let server = TestServer::start().await;
    let answer = server.get("/api/v1/quarantine?corrected=maybe").await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("no, yes or all"), "{}", answer.body);
}

#[tokio::test]
async fn the_same_text_refused_again_is_as_corrected_as_the_first() {
    for look_between in [true, false] {
        let server = TestServer::start().await;
        refuses(&server.store, (FIRST, 0, "a"), 1).await;
        accepts(&server.store, (FIRST, 1, "a"), 2).await;
        server.commit(silver_at(FIRST, 2)).await;
        if look_between {
            assert_eq!(told(&server, "no").await, []);
        }
        refuses(&server.store, (FIRST, 2, "a"), 3).await;
        server.commit(Commit { from: 2, ..silver_at(FIRST, 3) }).await;
        assert_eq!(told(&server, "no").await, []);
        assert_eq!(told(&server, "yes").await, pairs(&[("a", "002"), ("a", "002")]));
    }
}

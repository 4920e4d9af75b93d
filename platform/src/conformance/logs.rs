//! The log's part of the suite.

use super::world::{PARTITIONS, World};
use crate::log::{Log, MemberEvent, Topic, TopicPartition};
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::chain::SourceId;
use goldstream_domain::column::{Kind, Names};
use goldstream_domain::partition::partition_of;
use goldstream_domain::record::{Block, BlockBuilder, Headers, Origin};
use std::collections::BTreeSet;

const TOPIC: Topic = Topic::Bronze(Kind::Purchases);

/// An id whose partition is this one, so that any log accepts the record where it is put.
fn id_in(partition: u32, number: u64) -> String {
    let mut ids = (0..).map(|salt| format!("{number}-{salt}"));
    ids.find(|id| partition_of(id.as_bytes(), PARTITIONS) == partition).unwrap_or_default()
}

fn block(partition: u32, numbers: std::ops::Range<u64>) -> Block {
    let source: SourceId = "file:/conformance@0".into();
    let mut builder = BlockBuilder::default();
    for number in numbers {
        let id = id_in(partition, number);
        let fields = [id.as_str(), "7", "2024-03-01", "1.00", "é"];
        let row = BronzeRow::Columns { names: Names::default(), fields };
        let origin = Some(Origin { source_id: &source, origin: number + 1, prev: number });
        let headers =
            Headers { origin, ingested_at_ms: 1_700_000_000_000 + number as i64, line: None };
        builder.push(headers, |out| row.encode(out));
    }
    builder.take()
}

/// The numbers of the records from a position to the end.
async fn numbers(log: &dyn Log, at: TopicPartition, from: u64) -> Vec<u64> {
    let mut found = Vec::new();
    let mut position = from;
    while let Some(fetched) = log.read(at, position).await.expect("the log can be read") {
        assert!(fetched.first <= position, "a block begins at or before the position asked for");
        for (offset, record) in (fetched.first..).zip(fetched.block.records()) {
            let origin = record.expect("records can be read").headers.origin;
            if offset >= position {
                found.push(origin.expect("records keep their origin").origin - 1);
            }
        }
        position = fetched.first + fetched.block.len();
    }
    found
}

pub(super) async fn appended_records_are_read_in_order_from_any_position(world: &mut impl World) {
    let log = world.log();
    let at = TopicPartition::new(TOPIC, 1);
    assert_eq!(log.end(at).await.expect("end"), 0);
    assert!(log.read(at, 0).await.expect("read").is_none());
    let lie = log.append(vec![(at, block(1, 0..3)), (at, block(1, 3..4))]).await.expect("append");
    assert_eq!(lie, [0..3, 3..4]);
    log.append(vec![(at, block(1, 4..9))]).await.expect("append");
    assert_eq!(log.end(at).await.expect("end"), 9);
    for from in 0..=9 {
        assert_eq!(numbers(&*log, at, from).await, (from..9).collect::<Vec<_>>());
    }
}

pub(super) async fn partitions_are_apart(world: &mut impl World) {
    let log = world.log();
    let places = [0, 1].map(|partition| TopicPartition::new(TOPIC, partition));
    let silver = TopicPartition::new(Topic::Silver, 0);
    log.append(vec![(places[0], block(0, 0..2)), (places[1], block(1, 2..7))])
        .await
        .expect("append");
    assert_eq!(numbers(&*log, places[0], 0).await, [0, 1]);
    assert_eq!(numbers(&*log, places[1], 0).await, [2, 3, 4, 5, 6]);
    assert_eq!(log.end(silver).await.expect("end"), 0);
}

/// Headers and rows of a block, in the one form that every log can give back.
fn told(block: &Block) -> Vec<(String, String)> {
    let records = block.records().map(|record| record.expect("records can be read"));
    let told = records.map(|record| {
        let row = BronzeRow::decode(record.payload).expect("rows can be read");
        (format!("{:?}", record.headers), row.to_json(Kind::Purchases))
    });
    told.collect()
}

pub(super) async fn records_keep_their_headers(world: &mut impl World) {
    let log = world.log();
    let at = TopicPartition::new(TOPIC, 0);
    let sent = block(0, 5..8);
    log.append(vec![(at, sent.clone())]).await.expect("append");
    let fetched = log.read(at, 0).await.expect("read").expect("records");
    assert_eq!(told(&fetched.block), told(&sent));
}

pub(super) async fn records_and_positions_survive_a_restart(world: &mut impl World) {
    let at = TopicPartition::new(TOPIC, 0);
    world.log().append(vec![(at, block(0, 0..5))]).await.expect("append");
    world.restart().await;
    let log = world.log();
    assert_eq!(numbers(&*log, at, 2).await, [2, 3, 4]);
    assert_eq!(log.append(vec![(at, block(0, 5..6))]).await.expect("append")[0], 5..6);
    assert_eq!(numbers(&*log, at, 0).await, [0, 1, 2, 3, 4, 5]);
}

pub(super) async fn a_member_gets_all_partitions_and_waits_for_records(world: &mut impl World) {
    let log = world.log();
    let mut member = log.join(&[TOPIC]);
    let mut missing: BTreeSet<u32> = (0..PARTITIONS).collect();
    while !missing.is_empty() {
        let MemberEvent::Assigned(partitions) = member.next().await else { continue };
        for at in partitions {
            missing.remove(&at.partition);
            member.request(at, 0);
        }
    }
    let at = TopicPartition::new(TOPIC, 1);
    let append = log.append(vec![(at, block(1, 0..3))]);
    let (event, appended) = futures::join!(member.next(), append);
    appended.expect("append");
    let MemberEvent::Records(from, fetched) = event else { panic!("records were asked for") };
    assert_eq!((from, fetched.first, fetched.block.len(), fetched.end), (at, 0, 3, 3));
    member.request(at, 3);
    let append = log.append(vec![(at, block(1, 3..4))]);
    let (event, appended) = futures::join!(member.next(), append);
    appended.expect("append");
    assert!(matches!(event, MemberEvent::Records(_, fetched) if fetched.first == 3));
}

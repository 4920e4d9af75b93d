//! One-off reads and questions about ends, many at a time.

use super::{LIMIT, json_block, named_log, payloads};
use crate::conformance::PARTITIONS;
use crate::kafka::asking::Askers;
use crate::kafka::shared::Shared;
use crate::kafka::{KafkaLog, ends};
use crate::limits::READ_IDLE_MAX;
use crate::log::{Log, Topic, TopicPartition};
use futures::future::join_all;
use goldstream_domain::column::Kind;

/// So many rows are in the first partition; each other one has one more.
const ROWS: u64 = 3;

fn bronze() -> Vec<(TopicPartition, u64)> {
    let partitions = Kind::ALL.into_iter().flat_map(|kind| {
        (0..PARTITIONS).map(move |partition| TopicPartition::new(Topic::Bronze(kind), partition))
    });
    partitions.zip(ROWS..).collect()
}

fn row(at: TopicPartition, position: u64) -> String {
    format!("{{\"at\":\"{at} {position}\"}}")
}

async fn filled(name: &str) -> KafkaLog {
    let log = named_log(name).await;
    for (at, rows) in bronze() {
        for position in 0..rows {
            log.append(vec![(at, json_block(&[&row(at, position)]))]).await.unwrap();
        }
    }
    log
}

#[tokio::test]
async fn ends_that_are_asked_for_at_once_are_those_of_each_partition() {
    let log = filled("ends").await;
    let empty = TopicPartition::new(Topic::Silver, 1);
    let asked = bronze().into_iter().chain([(empty, 0)]);
    let ends = join_all(asked.clone().map(|(at, _)| log.end(at))).await;
    let ends: Vec<_> = ends.into_iter().map(Result::unwrap).collect();
    assert_eq!(ends, asked.clone().map(|(_, rows)| rows).collect::<Vec<_>>());
    // By one question, and not each by itself.
    let Shared { settings, names, .. } = &*log.shared;
    let client = Askers::new(settings).unwrap().uncommitted;
    let places = asked.clone().map(|(at, _)| at).collect();
    assert_eq!(ends::of(&client, names, &places), asked.collect());
}

#[tokio::test]
async fn a_partition_that_is_not_there_keeps_no_other_from_being_told() {
    let log = filled("ends-2").await;
    let none = TopicPartition::new(Topic::Silver, 77);
    let asked: Vec<_> = bronze().into_iter().map(|(at, _)| at).chain([none]).collect();
    let ends = tokio::time::timeout(LIMIT, join_all(asked.into_iter().map(|at| log.end(at))));
    let ends = ends.await.expect("all are answered");
    let told: Vec<_> = ends.into_iter().map(Result::ok).collect();
    let wanted: Vec<_> = bronze().into_iter().map(|(_, rows)| Some(rows)).chain([None]).collect();
    assert_eq!(told, wanted);
}

#[tokio::test]
async fn reads_of_many_places_at_once_give_what_stands_at_each() {
    let log = filled("reads").await;
    let places: Vec<_> = bronze()
        .into_iter()
        .flat_map(|(at, rows)| (0..=rows).map(move |from| (at, from, rows)))
        .collect();
    for _ in 0..2 {
        let reads = places.iter().map(|(at, from, _)| log.read(*at, *from));
        let reads = tokio::time::timeout(LIMIT, join_all(reads)).await.expect("all are answered");
        for ((at, from, rows), read) in places.iter().zip(reads) {
            match read.unwrap() {
                None => assert_eq!(from, rows, "{at}"),
                Some(fetched) => {
                    assert_eq!((fetched.first, fetched.end), (*from, *rows), "{at}");
                    let wanted: Vec<_> = (*from..*rows).map(|from| row(*at, from)).collect();
                    assert_eq!(payloads(&fetched), wanted);
                }
            }
        }
        // So that clients rest, and begin again.
        tokio::time::sleep(READ_IDLE_MAX * 2).await;
    }
}

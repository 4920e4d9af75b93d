//! One-off reads and questions about ends, many at a time.

use super::{LIMIT, json_block, named_log, payloads};
use crate::conformance::PARTITIONS;
use crate::kafka::KafkaLog;
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
    assert_eq!(ends, asked.map(|(_, rows)| rows).collect::<Vec<_>>());
}

#[tokio::test]
async fn reads_of_many_places_at_once_give_what_stands_at_each() {
    let log = filled("reads").await;
    let places: Vec<_> = bronze()
        .into_iter()
        .flat_map(|(at, rows)| (0..=rows).map(move |from| (at, from, rows)))
        .collect();
    // Twice, so that clients that rested, or read elsewhere, begin again.
    for _ in 0..2 {
        let reads = places.iter().map(|(at, from, _)| log.read(*at, *from));
        let reads = tokio::time::timeout(LIMIT, join_all(reads)).await.expect("all are answered");
        for ((at, from, rows), read) in places.iter().zip(reads) {
            match read.unwrap() {
                None => assert_eq!(from, rows, "{at}"),
                Some(fetched) => assert_eq!(payloads(&fetched)[0], row(*at, *from)),
            }
        }
    }
}

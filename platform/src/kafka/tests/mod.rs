//! The log on Kafka under the suite, and what is its alone. The broker is real.

mod changes;
mod departed;
mod members;
mod orphans;
mod reads;

use super::{KafkaLog, KafkaSettings, KafkaTopics, TopicsError};
use crate::clock::now_ms;
use crate::conformance::{PARTITIONS, World, check, servers};
use crate::embedded::Embedded;
use crate::health::Health;
use crate::instance::Instances;
use crate::log::{Fetched, Log, LogError, Member, MemberEvent, Topic, TopicPartition};
use crate::store::Store;
use futures::FutureExt;
use futures::future::BoxFuture;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::column::Kind;
use goldstream_domain::record::{Block, BlockBuilder, Headers};
use rdkafka::config::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const BRONZE: Topic = Topic::Bronze(Kind::Purchases);
const AT: TopicPartition = TopicPartition::new(BRONZE, 1);

fn settings(prefix: &str) -> KafkaSettings {
    KafkaSettings::plain(servers::kafka(), prefix)
}

async fn open(prefix: &str, instances: Instances) -> KafkaLog {
    let settings = settings(prefix);
    KafkaTopics::new(&settings).unwrap().make(PARTITIONS).await.unwrap();
    KafkaLog::new(settings, PARTITIONS, instances, Health::default()).unwrap()
}

/// A log under a new prefix, whose consumers have the given name.
async fn named_log(name: &str) -> KafkaLog {
    open(&servers::fresh_prefix(name), Instances::Named(name.to_owned())).await
}

struct KafkaWorld {
    prefix: String,
    log: Option<KafkaLog>,
    store: Embedded,
    _dir: TempDir,
}

impl KafkaWorld {
    async fn new() -> Self {
        let prefix = servers::fresh_prefix("suite");
        let dir = tempfile::tempdir().unwrap();
        let store = Embedded::open(dir.path(), Some(PARTITIONS)).unwrap();
        let log = Some(open(&prefix, Instances::Named("suite".to_owned())).await);
        Self { prefix, log, store, _dir: dir }
    }
}

impl World for KafkaWorld {
    fn log(&self) -> Arc<dyn Log> {
        Arc::new(self.log.clone().unwrap())
    }

    fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.store.clone())
    }

    fn restart(&mut self) -> BoxFuture<'_, ()> {
        async {
            self.log = None;
            self.log = Some(open(&self.prefix, Instances::Named("suite".to_owned())).await);
        }
        .boxed()
    }
}

#[tokio::test]
async fn the_log_on_kafka_passes_the_suite() {
    check(KafkaWorld::new).await;
}

fn json_block(rows: &[&str]) -> Block {
    let mut builder = BlockBuilder::default();
    for row in rows {
        builder.push(Headers { origin: None, ingested_at_ms: 7, line: None }, |out| {
            BronzeRow::Json(row.as_bytes()).encode(out);
        });
    }
    builder.take()
}

fn foreign_producer(transactional: Option<&str>) -> BaseProducer {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", servers::kafka()).set("broker.address.family", "v4");
    if let Some(id) = transactional {
        config.set("transactional.id", id);
    }
    config.create().unwrap()
}

const LIMIT: Duration = Duration::from_secs(20);

fn send(producer: &BaseProducer, topic: &str, value: &str, header: Option<&str>) {
    let mut record = BaseRecord::<str, str>::to(topic).partition(1).payload(value).key("k");
    if let Some(header) = header {
        let header = Header { key: super::header::HEADER, value: Some(header) };
        record = record.headers(OwnedHeaders::new().insert(header));
    }
    producer.send(record).map_err(|(error, _)| error).unwrap();
}

fn payloads(fetched: &Fetched) -> Vec<String> {
    let rows = fetched
        .block
        .records()
        .map(|record| BronzeRow::decode(record.unwrap().payload).unwrap().to_json(Kind::Purchases));
    rows.collect()
}

#[tokio::test]
async fn a_time_that_another_program_named_is_carried_on_whatever_it_is() {
    let log = named_log("ahead").await;
    let at = TopicPartition::new(BRONZE, 0);
    for ingested_at_ms in [now_ms() + 7_200_000, i64::MAX, -5] {
        let mut builder = BlockBuilder::default();
        let headers = Headers { origin: None, ingested_at_ms, line: None };
        builder.push(headers, |out| BronzeRow::Json(b"{}").encode(out));
        let lie = log.append(vec![(at, builder.take())]).await.unwrap();
        let fetched = log.read(at, lie[0].start).await.unwrap().unwrap();
        let record = fetched.block.records().last().unwrap().unwrap();
        assert_eq!(record.headers.ingested_at_ms, ingested_at_ms);
    }
}

#[tokio::test]
async fn records_of_other_programs_are_rows_without_origin_whatever_is_in_them() {
    let log = named_log("foreign").await;
    let topic = log.shared.names.topic(BRONZE).to_owned();
    let producer = foreign_producer(None);
    for (value, header) in [("{\"id_achat\":1}", None), ("", None), ("\u{0}", Some("no json"))] {
        send(&producer, &topic, value, header);
    }
    producer.flush(LIMIT).unwrap();
    let fetched = log.read(AT, 0).await.unwrap().unwrap();
    assert_eq!(payloads(&fetched), ["{\"id_achat\":1}", "", "\u{0}"]);
    for record in fetched.block.records().map(Result::unwrap) {
        assert!(record.headers.origin.is_none());
        assert!(record.headers.ingested_at_ms > 1_700_000_000_000, "the time of the record");
    }
}

/// Appends a committed transaction, an aborted one and a committed one, a row each.
fn three_transactions(topic: &str) {
    let producer = foreign_producer(Some(topic));
    producer.init_transactions(LIMIT).unwrap();
    for value in ["first", "aborted", "last"] {
        producer.begin_transaction().unwrap();
        send(&producer, topic, value, None);
        producer.flush(LIMIT).unwrap();
        if value == "aborted" {
            producer.abort_transaction(LIMIT).unwrap();
        } else {
            producer.commit_transaction(LIMIT).unwrap();
        }
    }
}

#[tokio::test]
async fn transactions_of_other_programs_leave_gaps_that_are_stepped_over() {
    let log = named_log("transactions").await;
    three_transactions(log.shared.names.topic(BRONZE));
    let end = log.end(AT).await.unwrap();
    let (mut rows, mut position) = (Vec::new(), 0);
    while let Some(fetched) = log.read(AT, position).await.unwrap() {
        assert_eq!(fetched.first, position, "positions have no holes");
        rows.extend(payloads(&fetched));
        position = fetched.first + fetched.block.len();
    }
    assert_eq!((rows, position), (vec!["first".to_owned(), "last".to_owned()], end));
    let mut member = log.join(&[BRONZE]);
    assigned(&mut *member, &[0, 1]).await;
    let (mut rows, mut position) = (Vec::new(), 0);
    while position < end {
        member.request(AT, position);
        let fetched = records(&mut *member).await;
        assert_eq!(fetched.first, position, "positions have no holes");
        rows.extend(payloads(&fetched));
        position = fetched.first + fetched.block.len();
    }
    assert_eq!((rows, position), (vec!["first".to_owned(), "last".to_owned()], end));
}

async fn assigned(member: &mut dyn Member, partitions: &[u32]) {
    let mut missing: BTreeSet<u32> = partitions.iter().copied().collect();
    while !missing.is_empty() {
        match member.next().await {
            MemberEvent::Assigned(partitions) => {
                for at in partitions {
                    missing.remove(&at.partition);
                }
            }
            event => panic!("{event:?}"),
        }
    }
}

async fn records(member: &mut dyn Member) -> Fetched {
    match member.next().await {
        MemberEvent::Records(_, fetched) => fetched,
        event => panic!("{event:?}"),
    }
}

#[tokio::test]
async fn a_member_reads_again_from_any_place_that_its_stage_asks_for() {
    let log = named_log("places").await;
    let rows: Vec<String> = (0..10).map(|n| format!("{{\"id_achat\":\"{n}\"}}")).collect();
    let block = json_block(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    log.append(vec![(AT, block)]).await.unwrap();
    let mut member = log.join(&[BRONZE]);
    assigned(&mut *member, &[0, 1]).await;
    for from in [7u64, 3, 9, 0] {
        member.request(AT, from);
        let fetched = records(&mut *member).await;
        assert_eq!((fetched.first, &payloads(&fetched)[0]), (from, &rows[from as usize]));
    }
}

#[tokio::test]
async fn a_partition_that_was_held_back_is_read_again_from_another_place() {
    let log = named_log("held_back").await;
    let row = format!("{{\"id_achat\":\"{}\"}}", "9".repeat(1000));
    for _ in 0..10 {
        log.append(vec![(AT, json_block(&[row.as_str(); 1000]))]).await.unwrap();
    }
    let mut member = log.join(&[BRONZE]);
    assigned(&mut *member, &[0, 1]).await;
    // One that waits for its first record keeps the client at work, so the other is read far ahead.
    member.request(TopicPartition::new(BRONZE, 0), 0);
    for from in [0, 5, 3] {
        member.request(AT, from);
        let again = tokio::time::timeout(LIMIT, records(&mut *member)).await;
        assert_eq!(again.expect("it is read again").first, from);
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

#[tokio::test]
async fn a_place_that_the_log_has_not_is_an_error_and_never_another_place() {
    let log = named_log("beyond").await;
    log.append(vec![(AT, json_block(&["{}"]))]).await.unwrap();
    let mut member = log.join(&[BRONZE]);
    assigned(&mut *member, &[0, 1]).await;
    member.request(AT, 5);
    let event = member.next().await;
    assert!(
        matches!(&event, MemberEvent::Failed(AT, LogError::Damaged(why)) if why.contains("--prefix")),
        "{event:?}"
    );
    assert!(log.read(AT, 5).await.unwrap().is_none());
}

#[tokio::test]
async fn another_number_of_partitions_is_refused_with_a_way_out() {
    let prefix = servers::fresh_prefix("count");
    let topics = KafkaTopics::new(&settings(&prefix)).unwrap();
    topics.make(PARTITIONS).await.unwrap();
    topics.make(PARTITIONS).await.unwrap();
    let refused = topics.make(PARTITIONS + 1).await.unwrap_err();
    assert!(matches!(refused, TopicsError::OtherPartitions { found: PARTITIONS, .. }));
    assert!(refused.to_string().contains("--prefix"), "{refused}");
}

#[tokio::test]
async fn topics_are_made_to_keep_their_records_for_ever_and_removed_whole() {
    let prefix = servers::fresh_prefix("topics");
    let topics = KafkaTopics::new(&settings(&prefix)).unwrap();
    topics.make(3).await.unwrap();
    let found = topics.found().await.unwrap().topics;
    assert_eq!(found.values().collect::<Vec<_>>(), [&3; 4]);
    for settings in topics.look_at_settings().await.unwrap() {
        assert_eq!(settings.findings, []);
    }
    assert_eq!(topics.remove().await.unwrap().len(), 4);
    assert!(topics.found().await.unwrap().topics.is_empty());
}

#[tokio::test]
async fn a_broker_that_is_not_there_is_named() {
    let settings = KafkaSettings { brokers: "127.0.0.1:1".to_owned(), ..settings("nowhere") };
    let error = KafkaTopics::new(&settings).unwrap().found().await.unwrap_err().to_string();
    assert!(error.contains("127.0.0.1:1") && error.contains("--kafka"), "{error}");
}

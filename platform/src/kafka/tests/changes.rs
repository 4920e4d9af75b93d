//! Topics that change while they are read, and transactions of others on them.

use super::super::config;
use super::*;
use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions};

#[tokio::test]
async fn a_transaction_that_stays_open_is_lag_and_told_and_its_rows_are_not_read() {
    let (prefix, health) = (servers::fresh_prefix("held"), Health::default());
    KafkaTopics::new(&settings(&prefix)).unwrap().make(PARTITIONS).await.unwrap();
    let instances = Instances::Named("held".to_owned());
    let log = KafkaLog::new(settings(&prefix), PARTITIONS, instances, health.clone()).unwrap();
    let topic = log.shared.names.topic(BRONZE).to_owned();
    log.append(vec![(AT, json_block(&["{}"]))]).await.unwrap();
    let producer = foreign_producer(Some(&topic));
    producer.init_transactions(LIMIT).unwrap();
    producer.begin_transaction().unwrap();
    send(&producer, &topic, "held", None);
    producer.flush(LIMIT).unwrap();
    // What is ours behind it waits, too, and must not be taken for read.
    let ends = log.append(vec![(AT, json_block(&["{}"]))]).await.unwrap();
    assert_eq!((log.end(AT).await.unwrap(), &ends[..]), (3, &[3][..]));
    assert_eq!(payloads(&log.read(AT, 0).await.unwrap().unwrap()), ["{}"]);
    assert!(log.read(AT, 1).await.unwrap().is_none());
    let told = format!("holds {topic}/1 at offset 1: 2 records");
    troubled(&health, &told).await;
    producer.abort_transaction(LIMIT).unwrap();
    while !health.troubles().is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(log.read(AT, 1).await.unwrap().unwrap().block.len(), 1, "what was aborted");
    assert_eq!(payloads(&log.read(AT, 2).await.unwrap().unwrap()), ["{}"]);
}

/// Waits for a trouble that says so.
async fn troubled(health: &Health, says: &str) {
    let told = async {
        while !health.troubles().values().any(|trouble| trouble.contains(says)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let told = tokio::time::timeout(LIMIT * 3, told).await;
    assert!(told.is_ok(), "no {says:?} in {:?}", health.troubles());
}

#[tokio::test]
async fn a_member_and_appends_are_stopped_where_partitions_were_added() {
    let (prefix, health) = (servers::fresh_prefix("added"), Health::default());
    KafkaTopics::new(&settings(&prefix)).unwrap().make(PARTITIONS).await.unwrap();
    let instances = Instances::Named("added".to_owned());
    let log = KafkaLog::new(settings(&prefix), PARTITIONS, instances, health.clone()).unwrap();
    let mut member = log.join(&[BRONZE]);
    assigned(&mut *member, &[0, 1]).await;
    member.request(AT, 0);
    let topic = log.shared.names.topic(BRONZE).to_owned();
    let admin: AdminClient<_> = config::admin(&settings(&prefix)).create().unwrap();
    let more = [NewPartitions::new(&topic, PARTITIONS as usize + 1)];
    admin.create_partitions(&more, &AdminOptions::new()).await.unwrap()[0].as_ref().unwrap();
    let event = member.next().await;
    assert!(
        matches!(&event, MemberEvent::Failed(AT, LogError::Stopped(why)) if why.contains("--prefix")),
        "{event:?}"
    );
    let refused = log.append(vec![(AT, json_block(&["{}"]))]).await.unwrap_err();
    assert!(matches!(&refused, LogError::Stopped(why) if why.contains(&topic)), "{refused}");
    troubled(&health, &topic).await;
    assert_eq!(health.stops().len(), 1);
    assert_eq!(log.end(AT).await.unwrap(), 0, "what is there can be read");
    let added = TopicPartition::new(BRONZE, PARTITIONS);
    assert_eq!(log.surplus(), [(added, 0)]);
}

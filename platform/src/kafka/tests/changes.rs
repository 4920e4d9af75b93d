//! Topics that change while they are read, and transactions of others on them.

use super::super::config;
use super::*;
use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication};

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
    let lie = log.append(vec![(AT, json_block(&["{}"]))]).await.unwrap();
    assert_eq!((log.end(AT).await.unwrap(), lie[0].clone()), (3, 2..3));
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

#[tokio::test]
async fn what_a_topic_takes_is_learned_from_refusals_where_nobody_says_it() {
    let prefix = servers::fresh_prefix("learned");
    let admin: AdminClient<_> = config::admin(&settings(&prefix)).create().unwrap();
    let names = Topic::ALL.map(|topic| format!("{prefix}.{topic}"));
    let topics = names.each_ref().map(|name| {
        let topic = NewTopic::new(name, PARTITIONS as i32, TopicReplication::Fixed(1));
        topic.set("max.message.bytes", "100000")
    });
    for made in admin.create_topics(&topics, &AdminOptions::new()).await.unwrap() {
        made.unwrap();
    }
    KafkaTopics::new(&settings(&prefix)).unwrap().make(PARTITIONS).await.unwrap();
    let instances = Instances::Named("learned".to_owned());
    let log = KafkaLog::new(settings(&prefix), PARTITIONS, instances, Health::default()).unwrap();
    // One packs well, one does not, and many are too large for one batch only together.
    let (mut even, mut uneven) = ("x".repeat(300_000), String::new());
    for n in 0..100_000u64 {
        uneven += &(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32).to_string();
    }
    even.insert_str(0, "{\"produit\":\"");
    let many: Vec<_> = (0..300).map(|n| format!("{n:>1000}")).collect();
    let mut rows = vec!["first", &even, &uneven, "last"];
    rows.extend(many.iter().map(String::as_str));
    let mut refusals = 0;
    while let Err(error) = log.append(vec![(AT, json_block(&rows))]).await {
        assert!(matches!(&error, LogError::Unavailable(_)), "{error}");
        assert!(refusals < 30, "{error}");
        refusals += 1;
    }
    assert!(refusals > 0, "nobody had said it");
    let (mut position, mut last) = (0, Vec::new());
    while let Some(fetched) = log.read(AT, position).await.unwrap() {
        last.extend(payloads(&fetched));
        position = fetched.first + fetched.block.len();
    }
    // What came through of the tries before stands before it.
    let last = last.split_off(last.len() - rows.len());
    assert_eq!((&last[0], &last[1], &last[3]), (&"first".to_owned(), &even, &"last".to_owned()));
    assert!(last[2].contains("too_large") && last[2].len() < 10_000, "{}", last[2].len());
    assert_eq!(&last[4..], &many[..]);
}

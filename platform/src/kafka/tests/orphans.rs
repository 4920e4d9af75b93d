//! A member that dies while a partition is on its way from it to another. The broker is real.

use super::*;
use crate::kafka::config;
use rdkafka::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::RDKafkaRespErr;
use std::sync::atomic::{AtomicBool, Ordering};

/// Takes what it is given, and never hands anything back: as one that dies once it has heard that it should.
#[derive(Default)]
pub(super) struct Dying(pub(super) AtomicBool);

impl ClientContext for Dying {}

impl ConsumerContext for Dying {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        code: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        match code {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => {
                consumer.incremental_assign(partitions).unwrap();
            }
            _ => self.0.store(true, Ordering::Relaxed),
        }
    }
}

pub(super) fn dying_with(
    log: &KafkaLog,
    prefix: &str,
    name: &str,
    properties: &[(&str, &str)],
) -> BaseConsumer<Dying> {
    let group = log.shared.names.group("silver", PARTITIONS);
    let mut config = config::member(&settings(prefix), &group, Some(name));
    for (property, value) in properties {
        config.set(*property, *value);
    }
    let consumer: BaseConsumer<Dying> = config.create_with_context(Dying::default()).unwrap();
    consumer.subscribe(&[log.shared.names.topic(BRONZE)]).unwrap();
    consumer
}

/// Serves it until that is so.
pub(super) fn serve_until(consumer: &BaseConsumer<Dying>, is_so: impl Fn() -> bool) {
    let until = std::time::Instant::now() + LIMIT;
    while !is_so() {
        assert!(std::time::Instant::now() < until, "the broker has not answered");
        consumer.poll(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn a_partition_that_was_between_two_members_when_one_died_is_somebodys_again() {
    let prefix = servers::fresh_prefix("orphan");
    let first = open(&prefix, Instances::Named("first".to_owned())).await;
    let second = open(&prefix, Instances::Named("second".to_owned())).await;
    let died = dying_with(&first, &prefix, "first", &[]);
    serve_until(&died, || died.assignment().unwrap().count() == 2);
    let mut other = second.join(&[BRONZE]);
    serve_until(&died, || died.context().0.load(Ordering::Relaxed));
    // Its successor is given the one partition that it kept. The other one was taken from it, and given to nobody.
    let mut successor = first.join(&[BRONZE]);
    let mut held = [BTreeSet::new(), BTreeSet::new()];
    let all = async {
        while held.iter().map(BTreeSet::len).sum::<usize>() < 2 {
            tokio::select! {
                event = other.next() => hear(&mut *other, &mut held[0], event),
                event = successor.next() => hear(&mut *successor, &mut held[1], event),
            }
        }
    };
    let came = tokio::time::timeout(LIMIT, all).await;
    assert!(came.is_ok(), "a partition is nobody's: {held:?}");
    assert!(held[0].is_disjoint(&held[1]), "{held:?}");
    // Who hands nothing back cannot be closed.
    std::mem::forget(died);
}

pub(super) fn hear(
    member: &mut dyn Member,
    held: &mut BTreeSet<TopicPartition>,
    event: MemberEvent,
) {
    match event {
        MemberEvent::Assigned(partitions) => held.extend(partitions),
        MemberEvent::Revoked(partitions) => {
            for at in partitions {
                held.remove(&at);
                member.release(at);
            }
        }
        event => panic!("{event:?}"),
    }
}

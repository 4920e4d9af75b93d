//! Where partitions end: what is asked at the same time is asked of the brokers at once. It reads nothing.

use super::asking::{End, Known, range};
use super::client::unavailable;
use super::names::Names;
use crate::limits::{ASK_MAX, ENDS_MAX};
use crate::log::{LogError, TopicPartition};
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::topic_partition_list::Offset;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc;

/// Answers until nobody can ask any more.
pub(super) fn answer(known: &Known, asked: &mpsc::Receiver<End>) {
    let client = &known.askers.uncommitted;
    while let Ok(first) = asked.recv() {
        let all: Vec<_> = std::iter::once(first).chain(asked.try_iter()).collect();
        let wanted = all.iter().filter(|end| !end.answer.is_closed());
        let found = of(client, &known.names, &wanted.map(|end| end.at).collect());
        let (known_ends, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|end| found.contains_key(&end.at));
        for End { at, answer } in known_ends {
            answer.send(Ok(found[&at])).unwrap_or_default();
        }
        // Each by itself: it may have no leader yet, or not be there, or its broker alone is away.
        for End { at, answer } in others {
            // Who asked may have gone, and while a broker is away each question takes its time.
            if !answer.is_closed() {
                let end = range(client, &known.names, at, ASK_MAX).map(|(_, end)| end);
                answer.send(end).unwrap_or_default();
            }
        }
    }
}

/// As far as they are told by one question, which has little time: where one broker does not answer, the client tells
/// nothing of the others either.
pub(super) fn of(
    client: &BaseConsumer,
    names: &Names,
    wanted: &BTreeSet<TopicPartition>,
) -> BTreeMap<TopicPartition, u64> {
    let asked = || -> Result<_, LogError> {
        let mut list = TopicPartitionList::new();
        for at in wanted {
            let topic = names.topic(at.topic);
            // In the place of a time: the end.
            list.add_partition_offset(topic, at.partition as i32, Offset::End)
                .map_err(unavailable)?;
        }
        client.offsets_for_times(list, ENDS_MAX).map_err(unavailable)
    };
    // One alone is asked for by itself as well.
    if wanted.len() < 2 {
        return BTreeMap::new();
    }
    let Ok(told) = asked() else { return BTreeMap::new() };
    let told = told.elements();
    let told = told.iter().filter_map(|of| {
        let at = names.find(of.topic(), of.partition())?;
        match (of.error(), of.offset()) {
            (Ok(()), Offset::Offset(end)) => Some((at, end.unsigned_abs())),
            _ => None,
        }
    });
    told.collect()
}

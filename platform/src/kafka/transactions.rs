//! Open transactions of other programs: up to where a partition can be read, and where it ends. Pure: it is
//! told both, and the time.

use super::names::Names;
use crate::limits::TRANSACTION_OPEN_MAX;
use crate::log::TopicPartition;
use std::collections::BTreeMap;
use std::time::Instant;

/// How far a partition goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reach {
    /// Where its first open transaction begins, or its end.
    pub(super) readable_to: u64,
    /// The position after its last record.
    pub(super) end: u64,
}

/// The partitions that something holds.
#[derive(Debug, Default)]
pub(super) struct Held {
    since: BTreeMap<TopicPartition, (u64, Instant)>,
}

impl Held {
    /// Whether a partition has been held for so long that people should know: the sentence.
    pub(super) fn look(
        &mut self,
        names: &Names,
        at: TopicPartition,
        reach: Reach,
        now: Instant,
    ) -> Option<String> {
        let Reach { readable_to, end } = reach;
        if end <= readable_to {
            self.since.remove(&at);
            return None;
        }
        let held = self.since.entry(at).or_insert((readable_to, now));
        if held.0 != readable_to {
            *held = (readable_to, now);
        }
        (now.duration_since(held.1) >= TRANSACTION_OPEN_MAX).then(|| {
            let (behind, topic, partition) =
                (end - readable_to, names.topic(at.topic), at.partition);
            format!(
                "an open transaction of another program holds {topic}/{partition} at offset \
                 {readable_to}: {behind} records from there on wait until it is committed or \
                 aborted, which the broker does by itself after its transaction.timeout.ms; of a \
                 hanging one: kafka-transactions --bootstrap-server HOST:PORT abort --topic {topic} \
                 --partition {partition} --start-offset {readable_to}"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Topic;
    use std::time::Duration;

    const AT: TopicPartition = TopicPartition { topic: Topic::Silver, partition: 3 };

    fn look(held: &mut Held, reach: (u64, u64), now: Instant) -> Option<String> {
        let (readable_to, end) = reach;
        held.look(&Names::new("shop", 0), AT, Reach { readable_to, end }, now)
    }

    #[test]
    fn a_transaction_that_stays_open_is_told_with_its_place() {
        let (mut held, begun) = (Held::default(), Instant::now());
        assert_eq!(look(&mut held, (7, 9), begun), None);
        let said = look(&mut held, (7, 12), begun + TRANSACTION_OPEN_MAX).unwrap();
        assert!(said.contains("shop.silver/3 at offset 7: 5 records"), "{said}");
        assert_eq!(look(&mut held, (13, 13), begun + TRANSACTION_OPEN_MAX), None);
    }

    #[test]
    fn short_transactions_one_after_another_are_no_trouble() {
        let (mut held, begun) = (Held::default(), Instant::now());
        for second in 0..100 {
            let now = begun + Duration::from_secs(second);
            assert_eq!(look(&mut held, (second, second + 3), now), None);
        }
        assert_eq!(look(&mut held, (100, 100), begun + TRANSACTION_OPEN_MAX * 11), None);
        let later = begun + TRANSACTION_OPEN_MAX * 12;
        assert_eq!(look(&mut held, (100, 101), later), None, "it has just begun");
    }
}

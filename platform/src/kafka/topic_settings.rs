//! What the settings of a topic must be, and what to say where an administrator made it otherwise. Pure: it
//! is told the settings.

use super::settings::KafkaSettings;
use super::sizes::{RECORD_BYTES_MAX, Takes};
use std::collections::{BTreeMap, BTreeSet};

/// With what the names of these troubles begin.
pub(super) const NAME: &str = "settings of ";

/// How bad a setting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Nothing can be written, or rows vanish while they are read: no start.
    Refused,
    /// It goes on, and a person should mend it.
    Warned,
}

/// A setting of a topic that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The topic.
    pub topic: String,
    /// Which setting.
    pub key: &'static str,
    /// How bad it is.
    pub weight: Weight,
    /// What is wrong, and what mends it.
    pub sentence: String,
}

impl Finding {
    /// Under which it is told.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{NAME}{}: {}", self.topic, self.key)
    }
}

/// What the settings of a topic say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSettings {
    /// The topic.
    pub topic: String,
    /// How large a record it takes; none where that is not to be seen.
    pub takes: Option<Takes>,
    /// The same in bytes, where the topic says so itself: every broker refuses what is larger.
    pub own_limit_bytes: Option<usize>,
    /// What is not as it must be.
    pub findings: Vec<Finding>,
}

/// What is known of a topic.
#[derive(Debug)]
pub(super) struct Known<'a> {
    pub(super) topic: &'a str,
    /// What `describe` gives, the broker's defaults included.
    pub(super) settings: &'a BTreeMap<&'a str, &'a str>,
    /// Which of them are the topic's own.
    pub(super) own: &'a BTreeSet<&'a str>,
    /// Copies of each partition.
    pub(super) copies: u32,
    /// What was asked for, and where.
    pub(super) wanted: &'a KafkaSettings,
}

/// The settings with which topics are made: without them a replay would not be what was written.
pub(super) const KEPT: [(&str, &str); 3] =
    [("retention.ms", "-1"), ("retention.bytes", "-1"), ("cleanup.policy", "delete")];

/// How large a record may be.
const LIMIT: &str = "max.message.bytes";

/// The furthest that a broker lets the time of a record lie back: anywhere.
const ANY_AGE_MS: i64 = i64::MAX;
/// How far a clock may be ahead of the broker's at least.
const AHEAD_MS_MIN: i64 = 3_600_000;

/// All that follows from them.
pub(super) fn judged(known: &Known<'_>) -> TopicSettings {
    let takes = known.value(LIMIT).and_then(|bytes| bytes.parse().ok());
    // A broker that packs otherwise, or not at all, looks at the size that comes of that, too.
    let packed = matches!(known.value("compression.type"), None | Some("producer" | "zstd"));
    TopicSettings {
        topic: known.topic.to_owned(),
        takes: takes.map(|bytes| Takes { bytes, packed }),
        own_limit_bytes: takes.filter(|_| known.own.contains(LIMIT)),
        findings: findings(known),
    }
}

fn findings(known: &Known<'_>) -> Vec<Finding> {
    if known.settings.is_empty() {
        return vec![not_told(known.topic)];
    }
    let kept = KEPT.iter().filter_map(|(key, value)| kept(known, key, value));
    let others = [sizes(known), copies(known), too_few(known), asked_for(known), time_type(known)];
    let others = others.into_iter().flatten();
    let ages = AGES.iter().filter_map(|(key, least_ms)| age(known, key, *least_ms));
    kept.chain(others).chain(ages).collect()
}

/// A broker that does not let its user look gives no setting at all.
fn not_told(topic: &str) -> Finding {
    let sentence = format!(
        "{topic} does not tell its settings, so nobody knows whether it keeps every row: give the user DescribeConfigs \
         on it (docs/servers.md)"
    );
    Finding { topic: topic.to_owned(), key: "settings", weight: Weight::Warned, sentence }
}

impl Known<'_> {
    fn value(&self, key: &str) -> Option<&str> {
        self.settings.get(key).copied()
    }

    fn number(&self, key: &str) -> Option<i64> {
        self.value(key)?.parse().ok()
    }

    fn finding(&self, key: &'static str, weight: Weight, why: &str, value: &str) -> Finding {
        let (topic, brokers) = (self.topic, &self.wanted.brokers);
        let found = self.value(key).unwrap_or_default();
        Finding {
            topic: topic.to_owned(),
            key,
            weight,
            sentence: format!(
                "{topic} has {key}={found}, but {why}: kafka-configs --bootstrap-server {brokers} --alter \
                 --entity-type topics --entity-name {topic} --add-config {key}={value}"
            ),
        }
    }
}

fn kept(known: &Known<'_>, key: &'static str, lawful: &str) -> Option<Finding> {
    let value = known.value(key).filter(|value| *value != lawful)?;
    // A compacted topic takes no row without a key, and drops rows that readers have before them.
    let weight = if value.contains("compact") { Weight::Refused } else { Weight::Warned };
    let why = "its records must be kept as they are, for ever";
    Some(known.finding(key, weight, why, lawful))
}

fn sizes(known: &Known<'_>) -> Option<Finding> {
    let key = LIMIT;
    known.number(key).filter(|bytes| *bytes < RECORD_BYTES_MAX as i64)?;
    let why = format!("a row may need {RECORD_BYTES_MAX}, and one that is too large is cut");
    Some(known.finding(key, Weight::Warned, &why, &RECORD_BYTES_MAX.to_string()))
}

fn copies(known: &Known<'_>) -> Option<Finding> {
    let (key, copies) = ("min.insync.replicas", known.copies);
    // Who knows no copies knows nothing of this either.
    known.number(key).filter(|least| copies > 0 && *least > i64::from(copies))?;
    let why = format!("there are {copies} copies of its records: no write will ever be taken");
    Some(known.finding(key, Weight::Refused, &why, &copies.to_string()))
}

/// Copies are made with a topic, and nobody makes more of them by himself.
fn too_few(known: &Known<'_>) -> Option<Finding> {
    let (topic, copies) = (known.topic, known.copies);
    let wanted = known.wanted.replication.filter(|wanted| copies > 0 && copies < *wanted)?;
    let sentence = format!(
        "{topic} has fewer copies of its records than are asked for ({copies}, not --replication {wanted}), for that \
         holds for topics that are made anew: where there are {wanted} brokers or more, kafka-reassign-partitions \
         --bootstrap-server {} --reassignment-json-file FILE gives it more; or give --replication {copies}",
        known.wanted.brokers
    );
    let (topic, weight) = (topic.to_owned(), Weight::Warned);
    Some(Finding { topic, key: "replication", weight, sentence })
}

fn asked_for(known: &Known<'_>) -> Option<Finding> {
    let (key, wanted) = ("min.insync.replicas", known.wanted.min_insync?);
    known.number(key).filter(|least| *least < i64::from(wanted))?;
    let why = format!("--min-insync {wanted} is wanted: a record that is acknowledged may be lost");
    Some(known.finding(key, Weight::Warned, &why, &wanted.to_string()))
}

fn time_type(known: &Known<'_>) -> Option<Finding> {
    let (key, lawful) = ("message.timestamp.type", "CreateTime");
    known.value(key).filter(|value| *value != lawful)?;
    let why = "the time at which a row was taken in must stay its own";
    Some(known.finding(key, Weight::Warned, why, lawful))
}

/// Limits to the time of a record, with the least that each must let through. Records bear the time at which
/// their row was taken in, however long ago, and perhaps by a clock that is ahead. The last is that of Kafka 3.
const AGES: [(&str, i64); 3] = [
    ("message.timestamp.before.max.ms", ANY_AGE_MS),
    ("message.timestamp.after.max.ms", AHEAD_MS_MIN),
    ("message.timestamp.difference.max.ms", ANY_AGE_MS),
];

fn age(known: &Known<'_>, key: &'static str, least_ms: i64) -> Option<Finding> {
    known.number(key).filter(|ms| *ms < least_ms)?;
    let why = "records bear the time at which their row was taken in, and others are refused";
    Some(known.finding(key, Weight::Warned, why, &least_ms.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(replication: Option<u32>, min_insync: Option<u32>) -> KafkaSettings {
        KafkaSettings { replication, min_insync, ..KafkaSettings::plain("kafka:9092", "shop") }
    }

    fn found(copies: u32, wanted: &KafkaSettings, settings: &[(&str, &str)]) -> Vec<Found> {
        let (settings, own) = (settings.iter().copied().collect(), BTreeSet::new());
        let known = Known { topic: "t", settings: &settings, own: &own, copies, wanted };
        let all = findings(&known);
        for Finding { key, sentence, .. } in &all {
            let has_way_out = sentence.contains("kafka-") && sentence.contains("kafka:9092");
            assert!(has_way_out && sentence.contains(key), "{sentence}");
        }
        all.into_iter().map(|finding| (finding.key.to_owned(), finding.weight)).collect()
    }

    type Found = (String, Weight);

    #[test]
    fn a_topic_of_ours_has_nothing_to_mend() {
        let ours = [
            ("retention.ms", "-1"),
            ("retention.bytes", "-1"),
            ("cleanup.policy", "delete"),
            ("max.message.bytes", "4194304"),
            ("min.insync.replicas", "1"),
            ("message.timestamp.type", "CreateTime"),
            ("message.timestamp.before.max.ms", "9223372036854775807"),
            ("message.timestamp.after.max.ms", "3600000"),
        ];
        assert_eq!(found(1, &wanted(Some(1), Some(1)), &ours), []);
        assert_eq!(
            found(1, &wanted(None, None), &ours[..1]),
            [],
            "what cannot be seen is not guessed"
        );
    }

    #[test]
    fn that_a_topic_tells_no_setting_at_all_is_told() {
        let (settings, own, wanted) = (BTreeMap::new(), BTreeSet::new(), wanted(None, None));
        let known =
            Known { topic: "t", settings: &settings, own: &own, copies: 1, wanted: &wanted };
        let untold = findings(&known);
        let [Finding { weight: Weight::Warned, sentence, .. }] = &*untold else {
            panic!("{untold:?}")
        };
        assert!(sentence.contains("DescribeConfigs"), "{sentence}");
    }

    #[test]
    fn what_keeps_rows_from_being_read_or_written_is_refused_and_the_rest_is_told() {
        use Weight::{Refused, Warned};
        for (key, value, weight) in [
            ("retention.ms", "604800000", Warned),
            ("retention.bytes", "1", Warned),
            ("cleanup.policy", "compact", Refused),
            ("cleanup.policy", "compact,delete", Refused),
            ("max.message.bytes", "1048588", Warned),
            ("min.insync.replicas", "2", Refused),
            ("message.timestamp.type", "LogAppendTime", Warned),
            ("message.timestamp.before.max.ms", "86400000", Warned),
            ("message.timestamp.after.max.ms", "1000", Warned),
            ("message.timestamp.difference.max.ms", "86400000", Warned),
        ] {
            assert_eq!(found(1, &wanted(None, None), &[(key, value)]), [(key.to_owned(), weight)]);
        }
    }

    #[test]
    fn fewer_copies_than_were_asked_for_are_told() {
        let one = [("min.insync.replicas", "1")];
        assert_eq!(found(3, &wanted(None, Some(2)), &one)[0].1, Weight::Warned);
        assert_eq!(found(3, &wanted(Some(3), Some(1)), &one), []);
        let few = ("replication".to_owned(), Weight::Warned);
        assert_eq!(found(2, &wanted(Some(3), None), &one), [few]);
        assert_eq!(
            found(0, &wanted(Some(3), None), &one),
            [],
            "copies that are not known are not judged"
        );
    }
}

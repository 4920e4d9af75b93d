//! Looks again and again whether the topics are as they were made, and tells what is not. A thread
//! of its own, which ends with its log. It judges nothing: that do `standing`, `transactions` and
//! `topic_settings`.

use super::admin::KafkaTopics;
use super::asking::{Askers, range};
use super::client::{is_connection, unavailable};
use super::names::Names;
use super::shared::Shared;
use super::standing::{Fault, Seen};
use super::transactions::{Held, Reach};
use crate::health::Health;
use crate::limits::{ASK_MAX, TOPIC_SETTINGS_PACE, TOPICS_PACE};
use crate::log::{LogError, Topic, TopicPartition};
use crate::role;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaRespErr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};
use std::time::Instant;

/// Under which a fault of the topics is told.
const NAME: &str = "topics";

struct Watch {
    shared: Weak<Shared>,
    names: Names,
    partitions: u32,
    health: Health,
    topics: KafkaTopics,
    askers: Arc<Askers>,
    held: Held,
    fault: Option<Fault>,
    /// Troubles that were told and not taken back.
    told: BTreeSet<String>,
    settings_at: Instant,
    is_first_look: bool,
}

/// Begins to look after the topics of a log.
pub(super) fn begin(
    shared: &Arc<Shared>,
    askers: Arc<Askers>,
    health: Health,
) -> Result<(), LogError> {
    let watch = Watch {
        shared: Arc::downgrade(shared),
        names: shared.names.clone(),
        partitions: shared.partitions,
        health,
        topics: KafkaTopics::new(&shared.settings).map_err(unavailable)?,
        askers,
        held: Held::default(),
        fault: None,
        told: BTreeSet::new(),
        settings_at: Instant::now(),
        is_first_look: true,
    };
    // Its end is the log's; nobody waits for it.
    role::spawn("kafka-topics", move || watch.run()).map(drop).map_err(unavailable)
}

/// Whether nobody answered.
fn is_silence(error: &KafkaError) -> bool {
    let is_late = error.rdkafka_error_code() == Some(RDKafkaErrorCode::OperationTimedOut);
    is_late || is_connection(error)
}

impl Watch {
    async fn run(mut self) {
        loop {
            tokio::time::sleep(TOPICS_PACE).await;
            let Some(shared) = self.shared.upgrade() else { return };
            match self.seen() {
                Ok(seen) => {
                    shared.reachable.back();
                    self.judge(&shared, &seen);
                }
                // Who only produces has nobody else who tells it.
                Err(error) if is_silence(&error) => shared.reachable.away(&error.to_string()),
                Err(error) => tracing::debug!(%error, "topics cannot be looked at"),
            }
            if self.fault.is_none() {
                self.look_for_transactions();
            }
            if self.settings_at <= Instant::now() {
                self.settings_at = Instant::now() + TOPIC_SETTINGS_PACE;
                self.look_at_settings(&shared).await;
            }
        }
    }

    /// What the topics are. Blocks; this thread has nothing else to do.
    fn seen(&self) -> Result<Seen, KafkaError> {
        let mut seen = Seen::new();
        for topic in Topic::ALL {
            let name = self.names.topic(topic);
            let metadata = self.askers.uncommitted.fetch_metadata(Some(name), ASK_MAX)?;
            let Some(found) = metadata.topics().iter().find(|found| found.name() == name) else {
                continue;
            };
            match found.error() {
                None => {
                    seen.insert(topic, Some(found.partitions().len() as u32));
                }
                Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) => {
                    seen.insert(topic, None);
                }
                // It is being made, or must not be looked at: nothing is known then.
                Some(_) => {}
            }
        }
        Ok(seen)
    }

    fn judge(&mut self, shared: &Shared, seen: &Seen) {
        shared.standing.look(&self.names, self.partitions, seen);
        shared.standing.note_surplus(self.surplus(seen));
        let fault = shared.standing.fault();
        if fault == self.fault {
            return;
        }
        match &fault {
            Some(Fault::OtherPartitions(why) | Fault::Missing(why)) => {
                tracing::error!("{why}");
                self.health.stop(NAME, why);
            }
            None => {
                tracing::info!("all topics are there again");
                self.health.clear(NAME);
            }
        }
        self.fault = fault;
    }

    /// The partitions beyond those that are read, with their ends.
    fn surplus(&self, seen: &Seen) -> Vec<(TopicPartition, u64)> {
        let counted = seen.iter().filter_map(|(topic, count)| Some((*topic, (*count)?)));
        let more = counted.flat_map(|(topic, count)| {
            (self.partitions..count).map(move |at| TopicPartition::new(topic, at))
        });
        let end = |at| {
            // One that was just made may have no leader yet: it is asked again.
            let range = range(&self.askers.uncommitted, &self.names, at, ASK_MAX);
            (at, range.map_or(0, |(_, end)| end))
        };
        more.map(end).collect()
    }

    fn look_for_transactions(&mut self) {
        let (readable_to, ends) = match self.reaches() {
            Ok(reaches) => reaches,
            Err(error) => return tracing::debug!(%error, "transactions cannot be looked for"),
        };
        let now = Instant::now();
        for (at, end) in ends {
            let Some(readable_to) = readable_to.get(&at).copied() else { continue };
            let name = format!("transaction on {at}");
            let sentence = self.held.look(&self.names, at, Reach { readable_to, end }, now);
            self.tell(name, sentence);
        }
    }

    /// Of all partitions that a stage reads: up to where they can be read, and their ends.
    fn reaches(&self) -> Result<(Ends, Ends), KafkaError> {
        // In this order: what comes in between must not look as if it were held.
        let ends = self.latest(&self.askers.uncommitted)?;
        Ok((self.latest(&self.askers.committed)?, ends))
    }

    fn latest(&self, client: &BaseConsumer) -> Result<Ends, KafkaError> {
        let mut asked = TopicPartitionList::new();
        for topic in Topic::ALL.into_iter().filter(|topic| *topic != Topic::Quarantine) {
            for partition in 0..self.partitions {
                let name = self.names.topic(topic);
                asked.add_partition_offset(name, partition as i32, Offset::End)?;
            }
        }
        let answered = client.offsets_for_times(asked, ASK_MAX)?;
        let elements = answered.elements();
        let told = elements.iter().filter_map(|element| {
            let at = self.names.find(element.topic(), element.partition())?;
            match (element.error(), element.offset()) {
                (Ok(()), Offset::Offset(end)) => Some((at, end.unsigned_abs())),
                _ => None,
            }
        });
        Ok(told.collect())
    }

    async fn look_at_settings(&mut self, shared: &Shared) {
        let settings = match self.topics.look_at_settings().await {
            Ok(settings) => settings,
            // Perhaps it may not look: nothing is known then.
            Err(error) => return tracing::debug!(%error, "settings cannot be looked at"),
        };
        shared.note_sizes(&settings);
        let findings = settings.into_iter().flat_map(|topic| topic.findings);
        let found: BTreeMap<_, _> =
            findings.map(|finding| (finding.name(), finding.sentence)).collect();
        // The start has said it; it is among the troubles from now on.
        if std::mem::take(&mut self.is_first_look) {
            self.told.extend(found.keys().cloned());
        }
        let is_of_settings = |name: &&String| name.starts_with(super::topic_settings::NAME);
        let over: Vec<_> = self.told.iter().filter(is_of_settings).cloned().collect();
        for name in over.into_iter().filter(|name| !found.contains_key(name)) {
            self.tell(name, None);
        }
        for (name, sentence) in found {
            self.tell(name, Some(sentence));
        }
    }

    /// Tells a trouble, or that it is over.
    fn tell(&mut self, name: String, sentence: Option<String>) {
        match sentence {
            Some(sentence) => {
                self.health.report(&name, &sentence);
                if self.told.insert(name) {
                    tracing::warn!("{sentence}");
                }
            }
            None if self.told.remove(&name) => {
                tracing::info!(name, "it is over");
                self.health.clear(&name);
            }
            None => {}
        }
    }
}

type Ends = BTreeMap<TopicPartition, u64>;

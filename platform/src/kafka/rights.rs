//! Which rights Kafka's user lacks on topics and groups that are there. A broker tells no client that can be had here
//! what it may do, so it is asked for something that it refuses in any case, or that changes nothing; what it then says
//! of rights it says first. Whether topics may be made is asked by [`super::admin`].

use super::admin::{KafkaTopics, TopicsError};
use super::config;
use super::topic_settings::TopicSettings;
use crate::limits::{RIGHTS_ASK_MAX, RIGHTS_REFUSED_BYTES_MAX};
use crate::log::Topic;
use futures::future::{join, join_all};
use goldstream_domain::column::Kind;
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::topic_partition_list::Offset;
use std::fmt;
use std::time::Instant;

/// A right on what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Right {
    /// To read a topic: every command needs it.
    Read(String),
    /// To write a topic.
    Write(String),
    /// To be in a group.
    Join(String),
}

/// What was found of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The user has it.
    Has,
    /// It is missing.
    Lacks,
    /// Nothing was there to be asked, or nobody answered.
    Unknown,
    /// What had to be refused was taken: it stands there.
    Stored {
        /// In which partition.
        partition: i32,
        /// At which offset.
        offset: i64,
    },
}

/// A right, and what was found of it.
pub type Asked = (Right, Answer);

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(topic) => write!(f, "Read on topic {topic}"),
            Self::Write(topic) => write!(f, "Write on topic {topic}"),
            Self::Join(group) => write!(f, "Read on group {group}"),
        }
    }
}

impl KafkaTopics {
    /// The rights to read and write the topics that are there, whose settings are these, and to be in the groups of
    /// the stages. Nothing is changed.
    ///
    /// # Errors
    /// [`TopicsError`] where the topics cannot be looked at.
    pub async fn rights(
        &self,
        partitions: u32,
        settings: &[TopicSettings],
    ) -> Result<Vec<Asked>, TopicsError> {
        let topics = self.found().await?.topics.into_keys();
        let of_topics = topics.map(|topic| async {
            let (name, of) = (topic.clone(), settings.iter().find(|of| of.topic == topic));
            let reads = self.ask(move |this| this.may_read(&name)).await;
            let writes = self.may_write(&topic, of.and_then(|of| of.own_limit_bytes)).await;
            [(Right::Read(topic.clone()), reads), (Right::Write(topic), writes)]
        });
        let stages = [("silver", Topic::Bronze(Kind::Purchases)), ("gold", Topic::Silver)];
        let of_groups = stages.map(|(stage, topic)| async move {
            let group = self.names.group(stage, partitions);
            let name = group.clone();
            (Right::Join(group), self.ask(move |this| this.may_join(&name, topic)).await)
        });
        let (of_topics, of_groups) = join(join_all(of_topics), join_all(of_groups)).await;
        Ok(of_topics.into_iter().flatten().chain(of_groups).collect())
    }

    /// Asks by a client that blocks.
    async fn ask(&self, ask: impl FnOnce(&Self) -> Option<Answer> + Send + 'static) -> Answer {
        let this = self.clone();
        let asked = tokio::task::spawn_blocking(move || ask(&this)).await;
        asked.ok().flatten().unwrap_or(Answer::Unknown)
    }

    /// By reading behind the end of a partition.
    fn may_read(&self, topic: &str) -> Option<Answer> {
        let group = self.names.scope();
        let consumer: BaseConsumer = config::reader(&self.settings, &group).create().ok()?;
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, 0, Offset::End).ok()?;
        consumer.assign(&list).ok()?;
        let until = Instant::now() + RIGHTS_ASK_MAX;
        while Instant::now() < until {
            match consumer.poll(RIGHTS_ASK_MAX / 10) {
                Some(Ok(_) | Err(KafkaError::PartitionEOF(_))) => return Some(Answer::Has),
                Some(Err(error)) if says(&error, TOPIC) => return Some(Answer::Lacks),
                // Of the group, which it never joins, nothing is wanted.
                _ => {}
            }
        }
        None
    }

    /// By sending a record that is larger than the topic takes.
    async fn may_write(&self, topic: &str, takes: Option<usize>) -> Answer {
        let takes = takes.filter(|bytes| *bytes < RIGHTS_REFUSED_BYTES_MAX);
        let Some(bytes) = takes.map(|bytes| bytes + 1) else { return Answer::Unknown };
        let mut config = config::admin(&self.settings);
        config
            .set("message.max.bytes", (bytes + 64 * 1024).to_string())
            .set("message.timeout.ms", RIGHTS_ASK_MAX.as_millis().to_string())
            // Packed, it might be taken.
            .remove("compression.type");
        config.set("compression.codec", "none").set("linger.ms", "0");
        let Ok(producer) = config.create::<FutureProducer>() else { return Answer::Unknown };
        let payload = vec![b' '; bytes];
        let record = FutureRecord::<(), _>::to(topic).partition(0).payload(&payload);
        match producer.send(record, RIGHTS_ASK_MAX).await {
            Ok(stored) => Answer::Stored { partition: stored.partition, offset: stored.offset },
            Err((error, _)) if says(&error, RDKafkaErrorCode::MessageSizeTooLarge) => Answer::Has,
            Err((error, _)) if says(&error, TOPIC) => Answer::Lacks,
            Err(_) => Answer::Unknown,
        }
    }

    /// By noting a position of the group once more that stands there, while it has members: they have it refused, and
    /// what is said of rights is said before.
    fn may_join(&self, group: &str, topic: Topic) -> Option<Answer> {
        let consumer: BaseConsumer = config::fetcher(&self.settings, group).create().ok()?;
        let mut list = TopicPartitionList::new();
        list.add_partition(self.names.topic(topic), 0);
        let noted = match consumer.committed_offsets(list, RIGHTS_ASK_MAX) {
            Ok(noted) => noted,
            Err(error) if says(&error, GROUP) => return Some(Answer::Lacks),
            // Who may not even see the group is told so aside.
            Err(_) => return is_told(&consumer, GROUP).then_some(Answer::Lacks),
        };
        let is_noted = noted.elements().iter().any(|at| matches!(at.offset(), Offset::Offset(_)));
        let groups = consumer.fetch_group_list(Some(group), RIGHTS_ASK_MAX).ok()?;
        if !is_noted || !groups.groups().iter().any(|of| !of.members().is_empty()) {
            return None;
        }
        let code = consumer.commit(&noted, CommitMode::Sync).err()?.rdkafka_error_code()?;
        match code {
            GROUP => Some(Answer::Lacks),
            RDKafkaErrorCode::UnknownMemberId
            | RDKafkaErrorCode::IllegalGeneration
            | RDKafkaErrorCode::RebalanceInProgress => Some(Answer::Has),
            _ => None,
        }
    }
}

const TOPIC: RDKafkaErrorCode = RDKafkaErrorCode::TopicAuthorizationFailed;
const GROUP: RDKafkaErrorCode = RDKafkaErrorCode::GroupAuthorizationFailed;

fn says(error: &KafkaError, code: RDKafkaErrorCode) -> bool {
    error.rdkafka_error_code() == Some(code)
}

/// Whether a client hears this within a moment.
fn is_told(consumer: &BaseConsumer, code: RDKafkaErrorCode) -> bool {
    (0..10).any(|_| match consumer.poll(RIGHTS_ASK_MAX / 30) {
        Some(Err(error)) => says(&error, code),
        _ => false,
    })
}

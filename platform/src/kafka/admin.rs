//! The topics of one prefix: made with the settings that exact replay needs, held against them,
//! removed. It reads and writes no record.

use super::client::unauthorized;
use super::config;
use super::names::Names;
use super::settings::KafkaSettings;
use super::sizes::RECORD_BYTES_MAX;
use super::topic_settings::{self, Known, TopicSettings};
use super::why_away::{self, Why};
use crate::limits::{ASK_MAX, TOPICS_VISIBLE_MAX};
use crate::log::Topic;
use rdkafka::admin::{
    AdminClient, AdminOptions, ConfigSource, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::Metadata;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// Why topics cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TopicsError {
    /// They may be on their way.
    #[error(
        "Kafka at {brokers} has fewer brokers now than copies of each topic are wanted ({wanted}): start more, \
         or give a smaller number"
    )]
    FewBrokers {
        /// Where they are.
        brokers: String,
        /// What says how many copies.
        wanted: String,
    },
    /// No broker answers.
    #[error("Kafka at {brokers} does not answer ({reason}): {hint}")]
    Away {
        /// Where it was looked for.
        brokers: String,
        /// What the client says.
        reason: String,
        /// What is most likely wrong.
        hint: &'static str,
    },
    /// They are there and do not let us in.
    #[error("Kafka at {brokers} does not let goldstream in: {reason}")]
    Denied {
        /// Where it was looked for.
        brokers: String,
        /// What is to be mended.
        reason: String,
    },
    /// What is set of the clients does not go together.
    #[error("Kafka's properties do not go together: {reason}")]
    Properties {
        /// What the client library says.
        reason: String,
    },
    /// A topic stands there with another number of partitions.
    #[error(
        "topic {topic} has {found} partitions, but {wanted} are wanted: give --partitions {found}, \
         or fold the rows again under a new --prefix"
    )]
    OtherPartitions {
        /// Its name.
        topic: String,
        /// What it has.
        found: u32,
        /// What was asked for.
        wanted: u32,
    },
    /// A topic of rows that was there is not there any more.
    #[error(
        "topic {topic} is not there any more, and its rows are not either: restore it as it was, or \
         fold the rows again under a new --prefix"
    )]
    Missing {
        /// Its name.
        topic: String,
    },
    /// The same of a topic that follows from bronze.
    #[error(
        "topic {topic} is not there any more: restore it as it was, or end the consumers and give \
         goldstream rebuild, which makes it anew and has bronze folded again"
    )]
    MissingDerived {
        /// Its name.
        topic: String,
    },
    /// A topic that is to be gone is still there.
    #[error("topic {topic} was deleted, but is still there: give the command again")]
    Stays {
        /// Its name.
        topic: String,
    },
    /// Who is in a group cannot be seen.
    #[error("who is a member of the group {group} cannot be seen: {reason}")]
    Groups {
        /// Its name.
        group: String,
        /// What the client says.
        reason: String,
    },
    /// The broker refuses.
    #[error("topic {topic}: {reason}")]
    Refused {
        /// Which.
        topic: String,
        /// What the broker says.
        reason: String,
    },
}

/// What stands on the brokers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Number of brokers.
    pub brokers: usize,
    /// Of the prefix's topics that exist: the number of partitions, by name.
    pub topics: BTreeMap<String, u32>,
    /// Of the same: the copies of each partition.
    pub copies: BTreeMap<String, u32>,
}

/// The topics of one prefix.
#[derive(Clone)]
pub struct KafkaTopics {
    pub(super) settings: KafkaSettings,
    pub(super) names: Names,
    pub(super) client: Arc<AdminClient<DefaultClientContext>>,
}

impl KafkaTopics {
    /// The topics of these settings. Nothing is asked yet.
    ///
    /// # Errors
    /// [`TopicsError::Properties`] where the client cannot be made.
    pub fn new(settings: &KafkaSettings) -> Result<Self, TopicsError> {
        let client = config::admin(settings).create().map_err(|error| match error {
            KafkaError::ClientCreation(reason) => TopicsError::Properties { reason },
            error => TopicsError::Properties { reason: error.to_string() },
        })?;
        let names = Names::new(&settings.prefix, settings.generation);
        Ok(Self { settings: settings.clone(), names, client: Arc::new(client) })
    }

    /// Looks at what is there.
    ///
    /// # Errors
    /// [`TopicsError::Away`].
    pub async fn found(&self) -> Result<Found, TopicsError> {
        let metadata = self.metadata().await?;
        let mut found = Found { brokers: metadata.brokers().len(), ..Found::default() };
        for topic in metadata.topics() {
            let is_ours = Topic::ALL.iter().any(|ours| self.names.topic(*ours) == topic.name());
            if is_ours && topic.error().is_none() {
                let (name, partitions) = (topic.name().to_owned(), topic.partitions());
                let copies = partitions.iter().map(|at| at.replicas().len() as u32).min();
                found.copies.insert(name.clone(), copies.unwrap_or(0));
                found.topics.insert(name, partitions.len() as u32);
            }
        }
        Ok(found)
    }

    /// What the brokers say of all topics.
    pub(super) async fn metadata(&self) -> Result<Metadata, TopicsError> {
        let client = Arc::clone(&self.client);
        let settings = self.settings.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let metadata = client.inner().fetch_metadata(None, ASK_MAX);
            metadata.map_err(|error| match why_away::ask(&settings) {
                Some(Why::Denied(reason)) => {
                    TopicsError::Denied { brokers: settings.brokers.clone(), reason }
                }
                Some(Why::Hint(hint)) => away(&settings, &error, hint),
                None => away(&settings, &error, HINT_USUAL),
            })
        });
        match asked.await {
            Ok(metadata) => metadata,
            Err(error) => Err(self.refused("", &error)),
        }
    }

    /// Makes the topics that are missing, and waits until all can be used.
    ///
    /// # Errors
    /// [`TopicsError`].
    pub async fn make(&self, partitions: u32) -> Result<(), TopicsError> {
        let found = self.found().await?;
        found.check(partitions)?;
        let missing = Topic::ALL.iter().map(|topic| self.names.topic(*topic));
        let missing: Vec<_> = missing.filter(|name| !found.topics.contains_key(*name)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        self.create(&missing, partitions).await?;
        let until = Instant::now() + TOPICS_VISIBLE_MAX;
        loop {
            let found = self.found().await?;
            found.check(partitions)?;
            if found.topics.len() == Topic::ALL.len() {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(self.refused(missing[0], &"it was made, but does not show up"));
            }
            tokio::time::sleep(crate::limits::RETRY_FIRST).await;
        }
    }

    /// Whether the user may make the topics: asked, and not done.
    ///
    /// # Errors
    /// [`TopicsError`], also where it may not.
    pub async fn may_make(&self, partitions: u32) -> Result<(), TopicsError> {
        let names = Topic::ALL.iter().map(|topic| self.names.topic(*topic));
        let names: Vec<_> = names.collect();
        self.create_with(&names, partitions, options().validate_only(true)).await
    }

    async fn create(&self, names: &[&str], partitions: u32) -> Result<(), TopicsError> {
        self.create_with(names, partitions, options()).await
    }

    async fn create_with(
        &self,
        names: &[&str],
        partitions: u32,
        options: AdminOptions,
    ) -> Result<(), TopicsError> {
        self.must_have_brokers_to_write().await?;
        let bytes_max = RECORD_BYTES_MAX.to_string();
        let min_insync = self.settings.min_insync.map(|copies| copies.to_string());
        let replication = self.settings.replication.map_or(-1, |copies| copies as i32);
        let mut topics = Vec::with_capacity(names.len());
        for name in names {
            let replication = TopicReplication::Fixed(replication);
            let mut topic = NewTopic::new(name, partitions as i32, replication)
                .set("max.message.bytes", &bytes_max)
                .set("message.timestamp.type", "CreateTime");
            for (key, value) in topic_settings::KEPT {
                topic = topic.set(key, value);
            }
            if let Some(copies) = &min_insync {
                topic = topic.set("min.insync.replicas", copies);
            }
            topics.push(topic);
        }
        let made = self.client.create_topics(&topics, &options).await;
        for made in made.map_err(|error| away(&self.settings, &error, HINT_USUAL))? {
            match made {
                // Another process was quicker.
                Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                // Brokers come one after another, too.
                Err((topic, code @ RDKafkaErrorCode::InvalidReplicationFactor)) => {
                    self.must_have_brokers_for_copies().await?;
                    return Err(self.refused_by_code(&topic, code));
                }
                Err((_, code)) if passes(code) => {
                    let error = KafkaError::AdminOp(code);
                    return Err(away(&self.settings, &error, HINT_USUAL));
                }
                Err((topic, code)) => return Err(self.refused_by_code(&topic, code)),
            }
        }
        Ok(())
    }

    /// Deletes topics, and waits until none of them shows any more.
    pub(super) async fn delete(&self, topics: &[String]) -> Result<(), TopicsError> {
        if topics.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = topics.iter().map(String::as_str).collect();
        let removed = self.client.delete_topics(&names, &options()).await;
        for removed in removed.map_err(|error| away(&self.settings, &error, HINT_USUAL))? {
            match removed {
                Ok(_) | Err((_, RDKafkaErrorCode::UnknownTopicOrPartition)) => {}
                Err((topic, code)) => return Err(self.refused_by_code(&topic, code)),
            }
        }
        let until = Instant::now() + TOPICS_VISIBLE_MAX;
        loop {
            let found = self.found().await?;
            let Some(topic) = topics.iter().find(|name| found.topics.contains_key(*name)) else {
                return Ok(());
            };
            if Instant::now() > until {
                return Err(TopicsError::Stays { topic: topic.clone() });
            }
            tokio::time::sleep(crate::limits::RETRY_FIRST).await;
        }
    }

    /// What the settings of existing topics say, and what is not as it must be.
    ///
    /// # Errors
    /// [`TopicsError`], also where they must not be looked at.
    pub async fn look_at_settings(&self) -> Result<Vec<TopicSettings>, TopicsError> {
        let found = self.found().await?;
        let resources: Vec<_> =
            found.topics.keys().map(|name| ResourceSpecifier::Topic(name)).collect();
        if resources.is_empty() {
            return Ok(Vec::new());
        }
        let described = self.client.describe_configs(&resources, &options()).await;
        let described = described.map_err(|error| away(&self.settings, &error, HINT_USUAL))?;
        let mut judged = Vec::new();
        for (topic, resource) in found.topics.keys().zip(described) {
            let config = resource.map_err(|code| self.refused_by_code(topic, code))?;
            let entries = config.entries.iter();
            let entries = entries.filter_map(|entry| Some((&*entry.name, entry.value.as_deref()?)));
            let own = config.entries.iter();
            let own = own.filter(|entry| matches!(entry.source, ConfigSource::DynamicTopic));
            judged.push(topic_settings::judged(&Known {
                topic,
                settings: &entries.collect(),
                own: &own.map(|entry| &*entry.name).collect(),
                copies: found.copies.get(topic).copied().unwrap_or(0),
                wanted: &self.settings,
            }));
        }
        Ok(judged)
    }

    pub(super) fn refused_by_code(&self, topic: &str, code: RDKafkaErrorCode) -> TopicsError {
        match unauthorized(code) {
            Some(sentence) => self.refused(topic, &sentence),
            None => self.refused(topic, &code),
        }
    }

    pub(super) fn refused(&self, topic: &str, reason: &dyn std::fmt::Display) -> TopicsError {
        TopicsError::Refused { topic: topic.to_owned(), reason: reason.to_string() }
    }
}

impl TopicsError {
    /// That this topic is gone, and the way out: what follows from bronze can be made again.
    pub(super) fn gone(names: &Names, topic: Topic) -> Self {
        let name = names.topic(topic).to_owned();
        match topic {
            Topic::Bronze(_) => Self::Missing { topic: name },
            Topic::Silver | Topic::Quarantine => Self::MissingDerived { topic: name },
        }
    }
}

impl Found {
    /// Whether the topics that exist have this number of partitions.
    ///
    /// # Errors
    /// [`TopicsError::OtherPartitions`].
    pub fn check(&self, wanted: u32) -> Result<(), TopicsError> {
        match self.topics.iter().find(|(_, count)| **count != wanted) {
            None => Ok(()),
            Some((topic, count)) => {
                Err(TopicsError::OtherPartitions { topic: topic.clone(), found: *count, wanted })
            }
        }
    }
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(ASK_MAX)).operation_timeout(Some(ASK_MAX))
}

/// What is to be asked first.
const HINT_USUAL: &str = "is it running, and is --kafka right?";

fn away(settings: &KafkaSettings, error: &KafkaError, hint: &'static str) -> TopicsError {
    let (brokers, reason) = (settings.brokers.clone(), error.to_string());
    TopicsError::Away { brokers, reason, hint }
}
/// Whether brokers that have just begun answer so.
const fn passes(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode::{LeaderNotAvailable, NotController, RequestTimedOut};
    matches!(code, LeaderNotAvailable | NotController | RequestTimedOut)
}

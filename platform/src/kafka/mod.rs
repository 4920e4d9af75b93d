//! The log on Kafka.
//!
//! Records stand on topics as JSON; the group decides who reads which partition and nothing else:
//! where to read on is told by the store. Every hop may write a record twice (law 3 drops the
//! repeat); nothing that was acknowledged is lost, and nothing is skipped.
//!
//! ```text
//! append ─► lanes ─► transcode ─► producer (idempotent) ─► topics ─► fetcher ─► transcode ─► flows ─► member
//!                                                            └────► reader ─► reading: one-off reads; ends
//! ```
//!
//! `watch` looks whether the topics are still those that were made. Where they are not, `standing` lets nothing
//! be appended and no member read on.

mod admin;
mod client;
mod config;
mod copies;
mod departed;
mod derived;
mod ends;
mod fences;
mod fetcher;
mod fit;
mod flow;
mod group;
mod header;
mod idle;
mod lanes;
mod member;
mod names;
mod numbered;
mod orphans;
mod producer;
mod properties;
mod reachable;
mod reader;
mod reading;
mod rights;
mod sizes;
mod skips;
mod standing;
#[cfg(test)]
mod tests;
mod topic_settings;
mod transactions;
mod transcode;
mod watch;
mod why_away;

pub use admin::{Found, KafkaTopics, TopicsError};
pub use client::GroupMember;
pub use config::Patience;
pub use properties::{
    KafkaProperties, PropertyError, VARIABLE_PREFIX, canonical, is_secret, variable,
};
pub use rights::{Answer, Asked, Right};
pub use sizes::Takes;
pub use topic_settings::{Finding, TopicSettings, Weight};

use self::client::unavailable;
use crate::generations::ROWS;
use crate::health::Health;
use crate::instance::Instances;
use crate::log::{Appended, Fetched, Log, LogError, Member, Topic, TopicPartition};
use futures::FutureExt;
use futures::future::BoxFuture;
use goldstream_domain::record::Block;
use names::Names;
use producer::Producers;
use reachable::Reachable;
use reader::{Askers, Known, Reader};
use sizes::Sizes;
use skips::Skips;
use standing::{Fault, Standing};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Where Kafka is and what is ours there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaSettings {
    /// `HOST:PORT,…`
    pub brokers: String,
    /// What else the clients are told: TLS, logins, tuning.
    pub properties: KafkaProperties,
    /// What topics and groups begin with.
    pub prefix: String,
    /// Whose silver and quarantine are meant.
    pub generation: u32,
    /// Copies of each topic when it is made; none takes the broker's default.
    pub replication: Option<u32>,
    /// Copies that must have a record before it is acknowledged; none takes the broker's default.
    pub min_insync: Option<u32>,
}

impl KafkaSettings {
    /// Where nothing is set but this.
    #[must_use]
    pub fn plain(brokers: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self {
            brokers: brokers.into(),
            properties: KafkaProperties::default(),
            prefix: prefix.into(),
            generation: ROWS,
            replication: None,
            min_insync: None,
        }
    }
}

/// The log on the topics of one prefix.
#[derive(Debug, Clone)]
pub struct KafkaLog {
    shared: Arc<Shared>,
    producers: Arc<Producers>,
}

#[derive(Debug)]
struct Shared {
    settings: KafkaSettings,
    names: Names,
    partitions: u32,
    instances: Instances,
    reachable: Reachable,
    reader: Reader,
    standing: Standing,
    sizes: Arc<Sizes>,
    skips: Skips,
    /// What its consumers were called so far.
    consumers: Mutex<BTreeSet<String>>,
}

impl KafkaLog {
    /// The log on topics that were made before, by [`KafkaTopics`]. Troubles are told to `health`.
    ///
    /// # Errors
    /// Where the clients cannot be made.
    pub fn new(
        settings: KafkaSettings,
        partitions: u32,
        instances: Instances,
        health: Health,
    ) -> Result<Self, LogError> {
        let names = Names::new(&settings.prefix, settings.generation);
        let reachable = Reachable::new(health.clone());
        let askers = Arc::new(Askers::new(&settings)?);
        let skips = Skips::default();
        let reader = Reader::start(Known {
            settings: settings.clone(),
            askers: Arc::clone(&askers),
            names: names.clone(),
            reachable: reachable.clone(),
            skips: skips.clone(),
        })?;
        let sizes = Arc::<Sizes>::default();
        let patience = Patience::Endless;
        let producers = Producers::new(&settings, names.clone(), Arc::clone(&sizes), patience);
        producers.warm_up();
        let shared = Arc::new(Shared {
            settings,
            names,
            partitions,
            instances,
            reachable,
            reader,
            standing: Standing::default(),
            sizes,
            skips,
            consumers: Mutex::default(),
        });
        watch::begin(&shared, askers, health)?;
        Ok(Self { shared, producers: Arc::new(producers) })
    }

    /// The same log with a producer of its own that gives up in time: for those who wait for an answer.
    #[must_use]
    pub fn with_patience(&self, patience: Patience) -> Self {
        let Shared { settings, names, sizes, .. } = &*self.shared;
        let producers = Producers::new(settings, names.clone(), Arc::clone(sizes), patience);
        Self { shared: Arc::clone(&self.shared), producers: Arc::new(producers) }
    }

    /// What the settings of the topics say of sizes. It is looked up again while the log is used.
    pub fn note_sizes(&self, settings: &[TopicSettings]) {
        self.shared.note_sizes(settings);
    }

    /// Passes over these records of silver, as if nothing stood there. To be told before anything is read.
    pub fn skip(&self, records: impl IntoIterator<Item = (u32, u64)>) {
        let place =
            |(partition, position)| (TopicPartition::new(Topic::Silver, partition), position);
        self.shared.skips.tell(records.into_iter().map(place).collect());
    }

    /// What the consumers of this process are called in their groups, those that have left included.
    #[must_use]
    pub fn consumers(&self) -> Vec<String> {
        let consumers = self.shared.consumers.lock().unwrap_or_else(PoisonError::into_inner);
        consumers.iter().cloned().collect()
    }

    /// Whether a member of this name is one that died on this host, or whose place this process takes.
    #[must_use]
    pub fn is_left_behind(&self, name: &str) -> bool {
        self.shared.instances.is_left_behind(&self.shared.names.scope(), name)
    }

    /// Where a topic is not there: the client would look for it at length, and in vain.
    fn away(&self) -> Option<LogError> {
        match self.shared.standing.fault()? {
            Fault::Missing(why) => Some(LogError::Unavailable(why)),
            Fault::OtherPartitions(_) => None,
        }
    }
}

impl Shared {
    fn note_consumer(&self, name: &str) {
        let mut consumers = self.consumers.lock().unwrap_or_else(PoisonError::into_inner);
        consumers.insert(name.to_owned());
    }

    fn note_sizes(&self, settings: &[TopicSettings]) {
        for TopicSettings { topic, takes, .. } in settings {
            if let (Some(at), Some(takes)) = (self.names.find(topic, 0), takes) {
                self.sizes.configured(at.topic, *takes);
            }
        }
    }
}

impl Log for KafkaLog {
    fn append(
        &self,
        blocks: Vec<(TopicPartition, Block)>,
    ) -> BoxFuture<'static, Result<Appended, LogError>> {
        // Handed over at once, so that calls keep their order; only the answer is waited for.
        let standing = self.shared.standing.check();
        let delivered = standing.and_then(|()| self.producers.send(blocks));
        let reachable = self.shared.reachable.clone();
        async move {
            let ends = delivered?.await.map_err(|_| unavailable("the producer ended"))?;
            if ends.is_ok() {
                reachable.back();
            }
            ends
        }
        .boxed()
    }

    fn read(
        &self,
        at: TopicPartition,
        from: u64,
    ) -> BoxFuture<'static, Result<Option<Fetched>, LogError>> {
        match self.away() {
            Some(error) => futures::future::ready(Err(error)).boxed(),
            None => self.shared.reader.read(at, from),
        }
    }

    fn end(&self, at: TopicPartition) -> BoxFuture<'static, Result<u64, LogError>> {
        match self.away() {
            Some(error) => futures::future::ready(Err(error)).boxed(),
            None => self.shared.reader.end(at),
        }
    }

    fn surplus(&self) -> Vec<(TopicPartition, u64)> {
        self.shared.standing.surplus()
    }

    fn join(&self, topics: &[Topic]) -> Box<dyn Member> {
        member::join(Arc::clone(&self.shared), topics)
    }
}

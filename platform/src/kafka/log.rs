//! The log on the topics of one prefix: what is appended, read and followed goes to who does it.

use super::asking::{Askers, Known};
use super::client::unavailable;
use super::config::Patience;
use super::names::Names;
use super::producer::Producers;
use super::reachable::Reachable;
use super::reader::Reader;
use super::settings::KafkaSettings;
use super::shared::Shared;
use super::sizes::Sizes;
use super::skips::Skips;
use super::standing::{Fault, Standing};
use super::topic_settings::TopicSettings;
use super::{member, watch};
use crate::health::Health;
use crate::instance::Instances;
use crate::log::{Appended, Fetched, Log, LogError, Member, Topic, TopicPartition};
use futures::FutureExt;
use futures::future::BoxFuture;
use goldstream_domain::record::Block;
use std::sync::{Arc, Mutex, PoisonError};

/// The log on the topics of one prefix.
#[derive(Debug, Clone)]
pub struct KafkaLog {
    pub(super) shared: Arc<Shared>,
    producers: Arc<Producers>,
}

impl KafkaLog {
    /// The log on topics that were made before, by [`super::KafkaTopics`]. Troubles are told to `health`.
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

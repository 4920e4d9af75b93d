//! The log and the store that a process works on: one file, or Kafka and Redis.

use crate::team::Team;
use anyhow::{Context, bail};
use goldstream_domain::clean::Rules;
use goldstream_platform::documents::Documents;
use goldstream_platform::embedded::Embedded;
use goldstream_platform::health::Health;
use goldstream_platform::instance::Instances;
use goldstream_platform::kafka::{
    Finding, KafkaLog, KafkaSettings, KafkaTopics, Patience, TopicSettings, Weight,
};
use goldstream_platform::limits::DELIVERY_MAX;
use goldstream_platform::log::Log;
use goldstream_platform::redis::{RedisClient, Severity, Skip, Standing};
use goldstream_platform::settings::{Servers, Settings};
use goldstream_platform::store::Store;
use goldstream_platform::topology::{PARTITIONS_DEFAULT, Topology};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a process works on.
pub(crate) struct Backend {
    pub(crate) log: Arc<dyn Log>,
    /// The same log for those who wait for an answer: it gives up in time.
    pub(crate) ingest: Arc<dyn Log>,
    pub(crate) store: Arc<dyn Store>,
    /// What is of no generation.
    pub(crate) documents: Arc<dyn Documents>,
    /// The other processes of the pipeline; none where one process is all of it.
    pub(crate) team: Option<Team>,
    pub(crate) partitions: u32,
    /// What is set of the rules.
    pub(crate) rules: Rules,
    pub(crate) health: Health,
    /// What a person should know of the log, as long as it is so.
    pub(crate) warnings: Vec<String>,
    file: Option<(Embedded, PathBuf)>,
}

/// What becomes of a prefix under which there are no topics.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NoTopics {
    Make,
    Refuse,
}

impl Backend {
    /// Over the file in a directory.
    pub(crate) fn embedded(embedded: Embedded, dir: &Path) -> Self {
        Self {
            log: Arc::new(embedded.clone()),
            ingest: Arc::new(embedded.clone()),
            store: Arc::new(embedded.clone()),
            documents: Arc::new(embedded.clone()),
            team: None,
            partitions: embedded.partitions(),
            rules: embedded.rules(),
            health: Health::default(),
            warnings: Vec::new(),
            file: Some((embedded, dir.to_owned())),
        }
    }

    /// Where the settings say. Topics and keys are made if there are none.
    pub(crate) async fn open(settings: &Settings) -> anyhow::Result<Self> {
        match &settings.servers {
            Some(servers) => Self::servers(settings, servers, NoTopics::Make).await,
            None => {
                let Settings { data_dir, partitions, future_days, .. } = settings;
                let embedded = Embedded::open_under(data_dir, *partitions, *future_days)?;
                Ok(Self::embedded(embedded, &settings.data_dir))
            }
        }
    }

    async fn servers(
        settings: &Settings,
        servers: &Servers,
        no_topics: NoTopics,
    ) -> anyhow::Result<Self> {
        let kafka = kafka_settings(settings, servers);
        let topics = KafkaTopics::new(&kafka)?;
        let found = topics.found().await?;
        if found.topics.is_empty() && no_topics == NoTopics::Refuse {
            bail!(
                "there is no store under the prefix {}: no topic of it at {}; goldstream produce \
                 makes one",
                settings.prefix,
                servers.kafka
            );
        }
        let redis = RedisClient::connect(&servers.redis, &settings.prefix).await?;
        tell_findings(&redis).await?;
        let topology = match redis.standing().await? {
            Standing::HalfRebuilt(sentence) => bail!("{sentence}"),
            Standing::Stored(topology) => Some(topology),
            Standing::Empty if no_topics == NoTopics::Refuse => bail!(
                "redis at {} has nothing under the prefix {}: it was emptied, or is another one; goldstream \
                 consume counts all rows of the topics again",
                redis.address(),
                settings.prefix
            ),
            Standing::Empty => None,
        };
        let stored = topology.as_ref().map(|topology| topology.partitions);
        let of_topics = found.topics.values().next().copied();
        let wanted = settings.partitions.or(stored).or(of_topics).unwrap_or(PARTITIONS_DEFAULT);
        // Looked at before either is made: a refusal leaves nothing behind.
        found.check(wanted)?;
        match no_topics {
            NoTopics::Refuse => topics.must_be_whole(&found)?,
            // Where all are gone the shards say that the log is another one.
            NoTopics::Make if found.topics.is_empty() || !redis.has_folded(wanted).await? => {}
            // Made anew, one would be empty where the store says that it is not.
            NoTopics::Make => topics.must_be_whole(&found)?,
        }
        let topology = Topology::of_this_version(wanted)
            .with_future_days(settings.future_days, topology.as_ref());
        let rules = topology.rules();
        let store = redis.with_topology(topology).await?;
        let fit = match no_topics {
            NoTopics::Make => {
                topics.make(wanted).await?;
                must_be_fit(&topics).await?
            }
            NoTopics::Refuse => Vec::new(),
        };
        let health = Health::default();
        let instances = Instances::new(settings.instance.as_deref());
        let log = KafkaLog::new(kafka, wanted, instances, health.clone())?;
        log.note_sizes(&fit);
        let skips = redis.skips(wanted).await?;
        log.skip(skips.iter().map(|skip| (skip.partition, skip.position)));
        Ok(Self {
            ingest: Arc::new(log.with_patience(Patience::Until(DELIVERY_MAX))),
            team: Some(Team {
                reports: Arc::new(store.clone()),
                log: log.clone(),
                topics,
                partitions: wanted,
                redis: redis.address().to_owned(),
            }),
            log: Arc::new(log),
            documents: Arc::new(store.clone()),
            store: Arc::new(store),
            partitions: wanted,
            rules,
            health,
            warnings: skips.iter().map(Skip::to_string).collect(),
            file: None,
        })
    }

    /// As [`Self::open`] over servers, but only where something is stored: a question makes nothing.
    pub(crate) async fn existing(settings: &Settings, servers: &Servers) -> anyhow::Result<Self> {
        Self::servers(settings, servers, NoTopics::Refuse).await
    }

    /// The directory of the file, if that is what it works on.
    pub(crate) fn dir(&self) -> Option<&Path> {
        self.file.as_ref().map(|(_, dir)| &**dir)
    }

    /// The file, if that is what it works on.
    pub(crate) fn file(&self) -> Option<&Embedded> {
        self.file.as_ref().map(|(file, _)| file)
    }

    /// Resolves with the reason when nothing more can be written. Servers are waited for instead.
    pub(crate) async fn failure(&self) -> String {
        match &self.file {
            Some((embedded, _)) => embedded.failure().await,
            None => std::future::pending().await,
        }
    }

    /// Writes everything that waits. Blocks.
    pub(crate) fn close(&self) -> anyhow::Result<()> {
        match &self.file {
            Some((embedded, _)) => embedded.close().map_err(anyhow::Error::msg),
            None => Ok(()),
        }
    }
}

/// Says what of Redis' settings is other than it should be.
async fn tell_findings(redis: &RedisClient) -> anyhow::Result<()> {
    for finding in redis.findings().await? {
        match finding.severity {
            Severity::Warning => tracing::warn!("{}", finding.sentence),
            Severity::Note => tracing::info!("{}", finding.sentence),
        }
    }
    Ok(())
}

/// Says what an administrator should mend, and ends where nothing could be written or rows would vanish.
async fn must_be_fit(topics: &KafkaTopics) -> anyhow::Result<Vec<TopicSettings>> {
    let settings = match topics.look_at_settings().await {
        Ok(settings) => settings,
        // That it must not look is no reason not to work.
        Err(error) => {
            tracing::warn!(%error, "the settings of the topics cannot be looked at");
            return Ok(Vec::new());
        }
    };
    for Finding { weight, sentence, .. } in settings.iter().flat_map(|topic| &topic.findings) {
        match weight {
            Weight::Refused => bail!("{sentence}"),
            Weight::Warned => tracing::warn!("{sentence}"),
        }
    }
    Ok(settings)
}

/// The part of the settings that Kafka's clients need.
pub(crate) fn kafka_settings(settings: &Settings, servers: &Servers) -> KafkaSettings {
    KafkaSettings {
        brokers: servers.kafka.clone(),
        prefix: settings.prefix.clone(),
        replication: settings.replication,
        min_insync: settings.min_insync,
    }
}

/// Runs `work` on a runtime for what only waits; those who work have threads of their own. A thread
/// that still waits for a server when `work` is over does not hold the process up.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.context("no runtime can be started")?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    Ok(done)
}

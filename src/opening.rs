//! Opening a store on servers: what there is under the prefix, whether this version may work on it, and making what
//! is missing where that is meant. A refusal leaves nothing behind.

use crate::site::{OpenSide, Site};
use anyhow::bail;
use goldstream_platform::generations::{Generation, ROWS, Wanted};
use goldstream_platform::health::Health;
use goldstream_platform::instance::Instances;
use goldstream_platform::kafka::{
    Finding, Found, KafkaSettings, KafkaTopics, TopicSettings, Weight,
};
use goldstream_platform::ledger::Ledgers;
use goldstream_platform::redis::{RedisClient, Severity, Standing};
use goldstream_platform::settings::{Servers, Settings};
use goldstream_platform::topology::{PARTITIONS_DEFAULT, Topology};

/// What becomes of a prefix under which there are no topics.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoTopics {
    Make,
    Refuse,
}

/// A store on servers.
pub(crate) struct Opened {
    pub(crate) site: Site,
    /// The generation that is served.
    pub(crate) side: OpenSide,
    pub(crate) health: Health,
}

/// What is asked for by who opens a store.
pub(crate) fn wanted(settings: &Settings) -> Wanted {
    Wanted { partitions: settings.partitions, future_days: settings.future_days }
}

/// The part of the settings that Kafka's clients need.
pub(crate) fn kafka_settings(settings: &Settings, servers: &Servers) -> KafkaSettings {
    KafkaSettings {
        brokers: servers.kafka.brokers.clone(),
        properties: servers.kafka.properties.clone(),
        prefix: settings.prefix.clone(),
        generation: ROWS,
        replication: settings.replication,
        min_insync: settings.min_insync,
    }
}

/// The store under the prefix of these settings.
pub(crate) async fn open(
    settings: &Settings,
    servers: &Servers,
    no_topics: NoTopics,
) -> anyhow::Result<Opened> {
    let kafka = kafka_settings(settings, servers);
    let topics = KafkaTopics::new(&kafka)?;
    if topics.found().await?.topics.is_empty() && no_topics == NoTopics::Refuse {
        bail!(
            "there is no store under the prefix {}: no topic of it at {}; goldstream produce \
             makes one",
            settings.prefix,
            servers.kafka.brokers
        );
    }
    let redis = RedisClient::connect(&servers.redis, &settings.prefix).await?;
    tell_findings(&redis).await?;
    let health = Health::default();
    let instances = Instances::new(settings.instance.as_deref());
    let beside = (topics.clone(), kafka);
    let site = Site::new(redis.clone(), beside, instances, health.clone());
    let served = served(&site, settings, no_topics).await?;
    let (number, redis) = match &served {
        Some(served) => (served.number, redis.of_generation(served.number)),
        None => (ROWS, redis),
    };
    let topics = topics.of_generation(number);
    let found = topics.found().await?;
    let topology = topology(settings, served, &found);
    // Looked at before either is made: a refusal leaves nothing behind.
    found.check(topology.partitions)?;
    must_be_whole((&topics, &found), &redis, (no_topics, topology.partitions)).await?;
    let fit = match no_topics {
        NoTopics::Make => {
            topics.make(topology.partitions).await?;
            must_be_fit(&topics).await?
        }
        NoTopics::Refuse => Vec::new(),
    };
    let side = site.side(&Generation::new(number, topology)).await?;
    side.log.note_sizes(&fit);
    Ok(Opened { site, side, health })
}

/// The generation that is served; none where nothing is stored. Fails where this version cannot show it, or a
/// rebuild in place was left half done.
async fn served(
    site: &Site,
    settings: &Settings,
    no_topics: NoTopics,
) -> anyhow::Result<Option<Generation>> {
    let redis = site.redis();
    let Some(found) = redis.found().await? else {
        if no_topics == NoTopics::Refuse {
            bail!(
                "redis at {} has nothing under the prefix {}: it was emptied, or is another one; goldstream \
                 consume counts all rows of the topics again",
                redis.address(),
                settings.prefix
            );
        }
        return Ok(None);
    };
    let shown = found.ledger.shown(wanted(settings));
    shown.map_err(|refusal| site.refused(refusal, &found))?;
    let served = found.ledger.generations.served;
    match redis.of_generation(served.number).standing().await? {
        Standing::HalfRebuilt(sentence) => bail!("{sentence}"),
        Standing::Stored(_) | Standing::Empty => Ok(Some(served)),
    }
}

/// What is stored, or what is made where nothing is.
fn topology(settings: &Settings, served: Option<Generation>, found: &Found) -> Topology {
    if let Some(served) = served {
        return served.topology;
    }
    let of_topics = found.topics.values().next().copied();
    let partitions = settings.partitions.or(of_topics).unwrap_or(PARTITIONS_DEFAULT);
    Topology::of_this_version(partitions).with_future_days(settings.future_days, None)
}

/// Fails where a topic is missing that would be empty if it were made anew, and the store says that it is not.
async fn must_be_whole(
    (topics, found): (&KafkaTopics, &Found),
    redis: &RedisClient,
    (no_topics, partitions): (NoTopics, u32),
) -> anyhow::Result<()> {
    let is_for_making = match no_topics {
        NoTopics::Refuse => false,
        // Where all are gone the shards say that the log is another one.
        NoTopics::Make => found.topics.is_empty() || !redis.has_folded(partitions).await?,
    };
    if !is_for_making {
        topics.must_be_whole(found)?;
    }
    Ok(())
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

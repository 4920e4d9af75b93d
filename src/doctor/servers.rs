//! What `doctor` looks at on servers: Redis first, for it says how many partitions there must be.

use super::check::Check;
use crate::backend::block_on;
use crate::opening::kafka_settings;
use goldstream_platform::generations::ROWS;
use goldstream_platform::kafka::{Answer, Asked, KafkaTopics, Right, TopicSettings, TopicsError};
use goldstream_platform::ledger::Ledgers;
use goldstream_platform::log::Topic;
use goldstream_platform::redis::{RedisClient, Severity, Standing, Written};
use goldstream_platform::settings::{Servers, Settings};
use goldstream_platform::topology::{PARTITIONS_DEFAULT, Topology};

/// What Redis says of what is to be on Kafka.
struct Stored {
    partitions: Option<u32>,
    has_counted: bool,
    generation: u32,
    /// Where there is nothing under the prefix: the address.
    nothing_at: Option<String>,
}

/// Hands each part over as soon as it is known: some take seconds.
pub(super) fn look(
    settings: &Settings,
    servers: &Servers,
    mut tell: impl FnMut(Vec<Check>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let (stored, checks) = block_on(look_at_redis(settings, servers))?;
    tell(checks)?;
    let topics = match KafkaTopics::new(&kafka_settings(settings, servers)) {
        Ok(topics) => topics.of_generation(stored.generation),
        Err(error) => return tell(vec![Check::Bad(error.to_string())]),
    };
    let partitions = stored.partitions;
    let mut checks = Vec::new();
    let is_there = block_on(check_kafka(&topics, settings, partitions, &mut checks))?;
    tell(checks)?;
    if !is_there {
        return Ok(());
    }
    let partitions = partitions.unwrap_or(PARTITIONS_DEFAULT);
    tell(block_on(check_topics(&topics, partitions))?)?;
    if let Some(address) = &stored.nothing_at
        && block_on(topics.has_had_records(Topic::Silver, partitions))? == Some(true)
    {
        tell(vec![Check::Bad(format!(
            "redis at {address} has nothing under the prefix {}, though rows of these topics were counted before: it \
             was emptied, or is another one; goldstream consume counts all rows again",
            settings.prefix
        ))])?;
    }
    let gone = block_on(missing(&topics))?.map(|gone| match stored.has_counted {
        true => Check::Bad(gone.to_string()),
        false => Check::Note("topics that are not there are made at the next start".to_owned()),
    });
    tell(gone.into_iter().collect())
}

async fn look_at_redis(settings: &Settings, servers: &Servers) -> (Stored, Vec<Check>) {
    let mut checks = Vec::new();
    let mut stored = Stored {
        partitions: settings.partitions,
        has_counted: false,
        generation: ROWS,
        nothing_at: None,
    };
    let redis = match RedisClient::connect(&servers.redis, &settings.prefix).await {
        Ok(redis) => redis,
        Err(error) => return (stored, vec![Check::Bad(error.to_string())]),
    };
    match redis.found().await {
        Ok(Some(found)) => stored.generation = found.ledger.generations.served.number,
        Ok(None) => stored.nothing_at = Some(redis.address()),
        Err(_) => {}
    }
    let redis = redis.of_generation(stored.generation);
    stored.partitions = check_redis(&redis, settings, &mut checks).await;
    if let Ok(Standing::HalfRebuilt(sentence)) = redis.standing().await {
        checks.push(Check::Bad(sentence));
    }
    let folded = redis.has_folded(stored.partitions.unwrap_or(PARTITIONS_DEFAULT)).await;
    stored.has_counted = folded.unwrap_or(false);
    (stored, checks)
}

/// A topic that is not there while others are: where rows were counted, it was deleted.
async fn missing(topics: &KafkaTopics) -> Option<TopicsError> {
    let found = topics.found().await.ok().filter(|found| !found.topics.is_empty())?;
    topics.must_be_whole(&found).err()
}

/// Gives the number of partitions that the store was made with, or else the one wanted.
async fn check_redis(
    redis: &RedisClient,
    settings: &Settings,
    checks: &mut Vec<Check>,
) -> Option<u32> {
    let version = redis.version().unwrap_or("of unknown version");
    let cluster = match redis.cluster_nodes() {
        Some(nodes) => format!(", a cluster whose keys are on {nodes} nodes,"),
        None => String::new(),
    };
    match redis.ping().await {
        Ok(took) => checks.push(Check::Good(format!(
            "redis {version} at {}{cluster} answers in {:.1} ms",
            redis.address(),
            took.as_secs_f64() * 1000.0
        ))),
        Err(error) => checks.push(Check::Bad(error.to_string())),
    }
    checks.push(match redis.try_write().await {
        Ok(Written::Taken) => Check::Good("redis takes what is written".to_owned()),
        Ok(Written::NotPermitted(sentence)) => Check::Note(format!(
            "this user of redis may only look, which is enough for serve, export, verify and status: {sentence}"
        )),
        Err(error) => Check::Bad(format!("redis takes nothing that is written: {error}")),
    });
    match redis.findings().await {
        Ok(findings) => checks.extend(findings.into_iter().map(|finding| match finding.severity {
            Severity::Warning => Check::Bad(finding.sentence),
            Severity::Note => Check::Note(finding.sentence),
        })),
        Err(error) => checks.push(Check::Bad(error.to_string())),
    }
    match redis.stored_topology().await {
        Ok(None) => {
            checks.push(Check::Note("redis holds nothing under this prefix yet".to_owned()));
            settings.partitions
        }
        Ok(Some(stored)) => {
            let expected =
                Topology::of_this_version(settings.partitions.unwrap_or(stored.partitions))
                    .with_future_days(settings.future_days, Some(&stored));
            let sentence = format!("the store in redis has {stored}");
            checks.push(if stored == expected {
                Check::Good(sentence)
            } else if stored.clone().by_this_version() == expected {
                Check::Note(format!(
                    "{sentence}; consumers of this version count all rows again, beside it"
                ))
            } else {
                Check::Bad(format!(
                    "{sentence}, but {expected} is wanted: give the stored settings, or fold the \
                     rows again under a new --prefix"
                ))
            });
            Some(stored.partitions)
        }
        Err(error) => {
            checks.push(Check::Bad(error.to_string()));
            settings.partitions
        }
    }
}

/// Gives whether somebody answered.
async fn check_kafka(
    topics: &KafkaTopics,
    settings: &Settings,
    partitions: Option<u32>,
    checks: &mut Vec<Check>,
) -> bool {
    let found = match topics.found().await {
        Ok(found) => found,
        Err(error) => {
            checks.push(Check::Bad(error.to_string()));
            return false;
        }
    };
    checks.push(Check::Good(format!("Kafka answers, {} broker(s)", found.brokers)));
    let prefix = &settings.prefix;
    match (found.topics.len(), partitions) {
        (0, _) => checks.push(Check::Note(format!(
            "there are no topics under {prefix} yet; goldstream produce makes them"
        ))),
        (count, _) if count < 4 => {
            checks
                .push(Check::Note(format!("of the four topics under {prefix} {count} are there")));
        }
        (_, Some(wanted)) => match found.check(wanted) {
            Ok(()) => checks.push(Check::Good(format!(
                "the four topics under {prefix} have {wanted} partitions"
            ))),
            Err(error) => checks.push(Check::Bad(error.to_string())),
        },
        (_, None) => checks.push(Check::Good(format!("the four topics under {prefix} are there"))),
    }
    let are_there = found.topics.len() == Topic::ALL.len();
    match topics.may_make(partitions.unwrap_or(PARTITIONS_DEFAULT)).await {
        Ok(()) => checks.push(Check::Good("Kafka's user may make topics".to_owned())),
        Err(error) if are_there => checks.push(Check::Note(format!(
            "{error}; the topics are there, so only a rebuild needs it"
        ))),
        Err(error) => checks.push(Check::Bad(error.to_string())),
    }
    true
}

/// Rights on the topics, and their settings.
async fn check_topics(topics: &KafkaTopics, partitions: u32) -> Vec<Check> {
    let (settings, untold) = match topics.look_at_settings().await {
        Ok(settings) => (settings, None),
        Err(error) => (Vec::new(), Some(Check::Bad(error.to_string()))),
    };
    let mut checks = check_rights(topics, partitions, &settings).await;
    let findings = settings.into_iter().flat_map(|topic| topic.findings);
    checks.extend(findings.map(|finding| Check::Bad(finding.sentence)));
    checks.extend(untold);
    checks
}

/// Rights on what is there.
async fn check_rights(
    topics: &KafkaTopics,
    partitions: u32,
    settings: &[TopicSettings],
) -> Vec<Check> {
    // What keeps it from being looked at is told by others.
    let asked = topics.rights(partitions, settings).await.unwrap_or_default();
    if asked.is_empty() {
        return Vec::new();
    }
    let listed = |wanted: fn(&Asked) -> bool| {
        let rights = asked.iter().filter(|asked| wanted(asked)).map(|(right, _)| right.to_string());
        Some(rights.collect::<Vec<_>>().join(", ")).filter(|listed| !listed.is_empty())
    };
    let reads =
        listed(|(right, answer)| matches!((right, answer), (Right::Read(_), Answer::Lacks)));
    let others =
        listed(|(right, answer)| !matches!(right, Right::Read(_)) && *answer == Answer::Lacks);
    // A group that nobody is in says nothing, and wants nothing yet.
    let unknown =
        listed(|(right, answer)| !matches!(right, Right::Join(_)) && *answer == Answer::Unknown);
    let stored = listed(|(_, answer)| matches!(answer, Answer::Stored { .. }));
    let checks = [
        reads.map(|of| Check::Bad(format!(
            "Kafka's user lacks what every command needs: {of} (docs/servers.md)"
        ))),
        others.map(|of| Check::Note(format!(
            "Kafka's user lacks what counting needs, though serve, export, verify and status do not: {of} \
             (docs/servers.md)"
        ))),
        stored.map(|of| Check::Bad(format!(
            "a record that is larger than its topic takes was taken all the same, where it was asked for {of}: it is \
             counted as a malformed row"
        ))),
        unknown.map(|of| Check::Note(format!(
            "whether Kafka's user has these rights is not known, for it could not be asked: {of}"
        ))),
    ];
    let checks: Vec<_> = checks.into_iter().flatten().collect();
    if checks.is_empty() {
        let groups = asked.iter().filter(|(right, _)| matches!(right, Right::Join(_)));
        let are_known = groups.clone().all(|(_, answer)| *answer == Answer::Has);
        let more = if are_known { ", and be in the groups" } else { "" };
        return vec![Check::Good(format!("Kafka's user may read and write the topics{more}"))];
    }
    checks
}

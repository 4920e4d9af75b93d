//! `goldstream doctor`: what is missing or misconfigured, and how to mend it. It leaves nothing changed:
//! what it writes to see whether it can goes again.

use crate::Outcome;
use crate::backend::{block_on, kafka_settings};
use crate::finding::of_question;
use crate::lake::LakeArgs;
use crate::output::print;
use clap::Args;
use goldstream_lake::{Manifest, address};
use goldstream_platform::embedded::{Embedded, FILE_NAME, OpenError};
use goldstream_platform::generations::ROWS;
use goldstream_platform::kafka::{Answer, Asked, KafkaTopics, Right, TopicsError};
use goldstream_platform::ledger::Ledgers;
use goldstream_platform::log::Topic;
use goldstream_platform::redis::{RedisClient, Severity, Standing, Written};
use goldstream_platform::settings::{LakeSettings, Servers, Settings, listen_address};
use goldstream_platform::topology::{PARTITIONS_DEFAULT, Topology};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

#[derive(Args)]
pub(crate) struct DoctorArgs {
    /// Where the API is to listen [default: 127.0.0.1:8080]
    #[arg(long, env = "GOLDSTREAM_LISTEN", value_name = "ADDRESS", value_parser = listen_address)]
    pub(crate) listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) lake: LakeArgs,
}

/// One thing that was looked at.
enum Check {
    /// It is as it should be.
    Good(String),
    /// It works, but a person should know.
    Note(String),
    /// It must be mended.
    Bad(String),
}

pub(crate) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let mut checks = match &settings.servers {
        None => {
            let settings = of_question(settings);
            let room = check_room(&settings.data_dir);
            [Some(check_file(&settings)), room].into_iter().flatten().collect()
        }
        Some(servers) => block_on(check_servers(settings, servers))?,
    };
    checks.push(check_listen(settings));
    if let Some(lake) = &settings.lake {
        checks.push(block_on(check_lake(lake))?);
    }
    let token = settings.token.as_ref();
    checks.extend(token.map(|_| Check::Good("the API wants a token".to_owned())));
    let mut text = String::new();
    for check in &checks {
        let (mark, sentence) = match check {
            Check::Good(sentence) => ("ok", sentence),
            Check::Note(sentence) => ("note", sentence),
            Check::Bad(sentence) => ("mend", sentence),
        };
        text.push_str(&format!("{mark:<6}{sentence}\n"));
    }
    print(&text)?;
    let is_well = !checks.iter().any(|check| matches!(check, Check::Bad(_)));
    Ok(if is_well { Outcome::Done } else { Outcome::No })
}

fn check_file(settings: &Settings) -> Check {
    let dir = &settings.data_dir;
    if !dir.join(FILE_NAME).is_file() {
        return Check::Note(format!(
            "there is no store in {} yet; goldstream run makes one",
            dir.display()
        ));
    }
    match Embedded::open_under(dir, settings.partitions, settings.future_days) {
        Ok(embedded) => {
            let partitions = embedded.partitions();
            match embedded.close() {
                Ok(()) => Check::Good(format!(
                    "the store in {} has {partitions} partitions",
                    dir.display()
                )),
                Err(reason) => Check::Bad(reason),
            }
        }
        Err(OpenError::InUse(_)) => {
            Check::Good(format!("a running goldstream holds the store in {}", dir.display()))
        }
        Err(error) => Check::Bad(error.to_string()),
    }
}

/// So much must be free for the next rows.
const ROOM_BYTES: usize = 1024 * 1024;

/// Whether more can be written beside the store; it is taken away at once. Nothing where there is no store.
fn check_room(dir: &Path) -> Option<Check> {
    let probe = dir.join(format!("doctor.{}", std::process::id()));
    let written = dir.is_dir().then(|| std::fs::write(&probe, vec![0; ROOM_BYTES]))?;
    let removed = std::fs::remove_file(&probe);
    Some(match written.and(removed) {
        Ok(()) => Check::Good(format!("{} can be written", dir.display())),
        Err(error) => Check::Bad(format!(
            "{} cannot be written ({error}): give it room, or rights; questions are answered all the same",
            dir.display()
        )),
    })
}

/// Whether the lake can be read and written; what is put there for that is removed.
async fn check_lake(settings: &LakeSettings) -> Check {
    let address = &settings.address;
    let lake = match address::open_existing(settings) {
        Ok(lake) => lake,
        // A folder is made when there is something to be written.
        Err(error) => return Check::Note(format!("{error}; goldstream run --lake makes one")),
    };
    let found = match lake.probe().await {
        Ok(()) => Manifest::found(&lake).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(Some(lake)) => Check::Good(format!(
            "the lake {address} can be written; it is of a store with {} partitions",
            lake.partitions
        )),
        Ok(None) => Check::Good(format!("{address} can be written, and has no lake yet")),
        Err(error) => Check::Bad(format!("the lake {address}: {error}")),
    }
}

fn check_listen(settings: &Settings) -> Check {
    let address = match settings.listen() {
        Ok(address) => address,
        Err(error) => return Check::Bad(error.to_string()),
    };
    match TcpListener::bind(address) {
        Ok(_) => Check::Good(format!("{address} is free to listen on")),
        Err(error) => Check::Note(format!(
            "{address} cannot be listened on ({error}): a goldstream may be there already; \
             another address: --listen"
        )),
    }
}

async fn check_servers(settings: &Settings, servers: &Servers) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut partitions = settings.partitions;
    let (mut has_counted, mut generation) = (false, ROWS);
    match RedisClient::connect(&servers.redis, &settings.prefix).await {
        Ok(redis) => {
            if let Ok(Some(found)) = redis.found().await {
                generation = found.ledger.generations.served.number;
            }
            let redis = redis.of_generation(generation);
            partitions = check_redis(&redis, settings, &mut checks).await;
            if let Ok(Standing::HalfRebuilt(sentence)) = redis.standing().await {
                checks.push(Check::Bad(sentence));
            }
            let folded = redis.has_folded(partitions.unwrap_or(PARTITIONS_DEFAULT)).await;
            has_counted = folded.unwrap_or(false);
        }
        Err(error) => checks.push(Check::Bad(error.to_string())),
    }
    match KafkaTopics::new(&kafka_settings(settings, servers)) {
        Ok(topics) => {
            let topics = topics.of_generation(generation);
            check_kafka(&topics, settings, partitions, &mut checks).await;
            if let Some(gone) = missing(&topics).await {
                checks.push(if has_counted {
                    Check::Bad(gone.to_string())
                } else {
                    Check::Note("topics that are not there are made at the next start".to_owned())
                });
            }
        }
        Err(error) => checks.push(Check::Bad(error.to_string())),
    }
    checks
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

async fn check_kafka(
    topics: &KafkaTopics,
    settings: &Settings,
    partitions: Option<u32>,
    checks: &mut Vec<Check>,
) {
    let found = match topics.found().await {
        Ok(found) => found,
        Err(error) => return checks.push(Check::Bad(error.to_string())),
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
    checks.extend(check_rights(topics, partitions.unwrap_or(PARTITIONS_DEFAULT)).await);
    match topics.look_at_settings().await {
        Ok(settings) => {
            let findings = settings.into_iter().flat_map(|topic| topic.findings);
            checks.extend(findings.map(|finding| Check::Bad(finding.sentence)));
        }
        Err(error) => checks.push(Check::Bad(error.to_string())),
    }
}

/// Rights on what is there.
async fn check_rights(topics: &KafkaTopics, partitions: u32) -> Vec<Check> {
    // What keeps it from being looked at is told by others.
    let asked = topics.rights(partitions).await.unwrap_or_default();
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
            "whether Kafka's user has these rights is not known, for the broker gave no answer: {of}"
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

//! On servers, where silver is lost or damaged beyond use, or nothing has room for two: what follows from bronze is
//! removed, so that the consumers fold it again. What is left half done is found by every start, and finished by
//! another call.

use super::args::RebuildArgs;
use crate::outcome::Outcome;
use crate::reset::is_confirmed;
use anyhow::bail;
use goldstream_platform::kafka::KafkaTopics;
use goldstream_platform::limits::{MEMBERS_PACE, SESSION_MAX};
use goldstream_platform::redis::{Rebuild, RedisClient, Standing};
use goldstream_platform::settings::{Servers, Settings};
use goldstream_platform::telemetry::say;
use goldstream_platform::topology::Topology;
use std::time::{Duration, Instant};

/// What a broker needs beyond the session of a consumer until it has noticed that this is over.
const LEAVING_EXTRA: Duration = Duration::from_secs(3);

/// Of the generation that these have.
pub(super) async fn rebuild(
    (settings, servers): (&Settings, &Servers),
    (topics, redis): (KafkaTopics, RedisClient),
    args: &RebuildArgs,
) -> anyhow::Result<Outcome> {
    let found = topics.found().await?;
    let wanted = wanted(settings, &topics, &redis).await?;
    topics.must_have_bronze(&found, wanted.partitions)?;
    must_be_left(&topics, wanted.partitions).await?;
    say(&format!(
        "this removes what was counted under {} from redis, and the topics [{}] from {}, to be counted again \
         from bronze; the rows stay. Until it is counted again, the numbers are not there",
        settings.prefix,
        topics.derived().join(", "),
        servers.kafka.brokers
    ));
    if !args.yes && !is_confirmed()? {
        say("nothing was removed");
        return Ok(Outcome::No);
    }
    let rebuild = redis.begin_rebuild(&wanted).await?;
    // From the mark on nobody begins; who began before it is a member, and is seen now.
    if let Err(error) = must_be_left(&topics, wanted.partitions).await {
        rebuild.abandon().await?;
        return Err(error);
    }
    remove(&topics, &rebuild, wanted.partitions).await?;
    rebuild.end().await?;
    say(
        "done: start the consumers, which count all rows again; goldstream status shows how far they are",
    );
    Ok(Outcome::Done)
}

/// The settings of the store: those that it has, or that its topics say.
async fn wanted(
    settings: &Settings,
    topics: &KafkaTopics,
    redis: &RedisClient,
) -> anyhow::Result<Topology> {
    let stored = match redis.standing().await? {
        Standing::Stored(topology) => Some(topology),
        Standing::HalfRebuilt(_) => redis.stored_topology().await?,
        Standing::Empty => None,
    };
    let of_store = settings.partitions.or(stored.as_ref().map(|stored| stored.partitions));
    let partitions = match of_store {
        Some(partitions) => partitions,
        None => topics.bronze_partitions().await?,
    };
    Ok(Topology::of_this_version(partitions)
        .with_future_days(settings.future_days, stored.as_ref()))
}

/// Each step may be the last, and all of them be made again.
async fn remove(topics: &KafkaTopics, rebuild: &Rebuild, partitions: u32) -> anyhow::Result<()> {
    if rebuild.was_begun_before() {
        say("a rebuild that did not end goes on");
    }
    // The state first: without it what silver has is only a repeat, without silver the state is of no log.
    rebuild.forget().await?;
    say("what was counted is removed");
    rebuild.must_be_the_only_one().await?;
    topics.remove_derived().await?;
    say("silver and quarantine are removed");
    rebuild.must_be_the_only_one().await?;
    topics.make_derived(partitions).await?;
    say("silver and quarantine are made anew");
    Ok(())
}

/// Waits for consumers that were ended or killed to be forgotten by their groups.
async fn must_be_left(topics: &KafkaTopics, partitions: u32) -> anyhow::Result<()> {
    let until = Instant::now() + SESSION_MAX + LEAVING_EXTRA;
    let mut was_said = false;
    loop {
        let members = topics.members(partitions).await?;
        if members.is_empty() {
            return Ok(());
        }
        let named: Vec<_> =
            members.iter().map(|member| format!("{} at {}", member.name, member.host)).collect();
        if Instant::now() > until {
            bail!(
                "consumers are still at work, and would write on: end them first ({}); nothing was removed",
                named.join(", ")
            );
        }
        if !std::mem::replace(&mut was_said, true) {
            say(&format!("waiting for consumers to be gone: {}", named.join(", ")));
        }
        tokio::time::sleep(MEMBERS_PACE).await;
    }
}

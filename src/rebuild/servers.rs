//! On servers the wish for a rebuild is written into the ledger, and the consumers that run, or are started, do it
//! beside what is served. Only where silver of what is served is not whole there is nothing to stand beside: it
//! is made anew in place.

use super::args::RebuildArgs;
use super::ending::{SHADOW_IS_THERE, ended};
use super::in_place;
use crate::folding::StageKind;
use crate::opening::kafka_settings;
use crate::outcome::Outcome;
use crate::signals;
use crate::site::Site;
use anyhow::bail;
use goldstream_consumers::switching::silver;
use goldstream_platform::generations::{Generation, Generations, ROWS, Wanted};
use goldstream_platform::health::Health;
use goldstream_platform::instance::Instances;
use goldstream_platform::kafka::KafkaTopics;
use goldstream_platform::ledger::{Ledger, Ledgers};
use goldstream_platform::limits::MEMBERS_PACE;
use goldstream_platform::log::bronze_ends;
use goldstream_platform::rebuilding::{Anew, Wish};
use goldstream_platform::redis::{RedisClient, Standing};
use goldstream_platform::reports::{Reports, living};
use goldstream_platform::settings::{Servers, Settings};
use goldstream_platform::telemetry::say;
use goldstream_producers::progress::Progress;

/// Reports of this age are of processes that live.
const OF_LATE_MS: i64 = 10_000;

pub(super) fn rebuild(
    settings: &Settings,
    servers: &Servers,
    args: &RebuildArgs,
) -> anyhow::Result<Outcome> {
    signals::run(|mut signals| async move {
        let rebuilt = by_servers(settings, servers, args);
        tokio::select! {
            rebuilt = rebuilt => rebuilt,
            outcome = signals.next() => ended(outcome, "what was begun goes on with the consumers"),
        }
    })
}

async fn by_servers(
    settings: &Settings,
    servers: &Servers,
    args: &RebuildArgs,
) -> anyhow::Result<Outcome> {
    let kafka = kafka_settings(settings, servers);
    let topics = KafkaTopics::new(&kafka)?;
    if topics.all().await?.is_empty() {
        bail!(
            "there is no store under the prefix {}: no topic of it at {}",
            settings.prefix,
            servers.kafka.brokers
        );
    }
    let redis = RedisClient::connect(&servers.redis, &settings.prefix).await?;
    let found = redis.found().await?;
    let served = found.as_ref().map(|found| &found.ledger.generations.served);
    let number = served.map_or(ROWS, |served| served.number);
    let of_served = (topics.of_generation(number), redis.of_generation(number));
    let wish = args.wish(settings.future_days);
    let is_anew = matches!(wish, Wish::Anew(Anew { is_shadow: false, .. }));
    let is_half_done = matches!(of_served.1.standing().await?, Standing::HalfRebuilt(_));
    let is_whole = match served {
        Some(served) => is_whole(&of_served.0, served).await? && !is_half_done,
        None => false,
    };
    if is_anew && (args.in_place || !is_whole) {
        return in_place::rebuild((settings, servers), of_served, args).await;
    }
    let instances = Instances::new(settings.instance.as_deref());
    let site = Site::new(redis, (topics, kafka), instances, Health::default());
    if let Some(found) = &found {
        let shown = found.ledger.shown(Wanted::default());
        shown.map_err(|refusal| site.refused(refusal, found))?;
    }
    let wished = site.wish(wish).await?;
    match (wish, wished) {
        (Wish::Abandon, None) => bail!("no rebuild is under way"),
        (Wish::Abandon, Some(_)) => {
            say("the rebuild is given up; what is served goes on");
            return Ok(Outcome::Done);
        }
        (_, None) => say(UNDER_WAY),
        (_, Some(begun)) => say_begun(&begun),
    }
    until_over(&site).await
}

/// Said where nothing is begun: what is under way may be another's wish, or stand still.
const UNDER_WAY: &str = "a rebuild or a way back is under way already, and is waited for; goldstream rebuild \
     --abandon gives it up";

/// Whether silver and quarantine of what is served are there as they were made.
async fn is_whole(topics: &KafkaTopics, served: &Generation) -> anyhow::Result<bool> {
    let found = topics.found().await?;
    let partitions = served.topology.partitions;
    topics.must_have_bronze(&found, partitions)?;
    Ok(topics.must_be_whole(&found).is_ok() && found.check(partitions).is_ok())
}

fn say_begun(ledger: &Ledger) {
    let Generations { served, next, .. } = &ledger.generations;
    let Some(next) = next else { return };
    say(&format!(
        "generation {} (logic version {}) is counted beside generation {}, which is served meanwhile",
        next.number, next.topology.logic_version, served.number
    ));
}

/// Waits for the consumers to have done it; where there are none, somebody will start them.
async fn until_over(site: &Site) -> anyhow::Result<Outcome> {
    let bar = Progress::new(100);
    let mut waited_for = None;
    loop {
        let Some(found) = site.redis().found().await? else { bail!("the store was emptied") };
        let Generations { served, next, .. } = &found.ledger.generations;
        let Some(next) = next else {
            bar.finish_quietly();
            if waited_for.is_some_and(|number| number != served.number) {
                bail!("nothing was replaced: it was given up (goldstream version --store)");
            }
            say(&format!("all rows are counted again: generation {} is served", served.number));
            return Ok(Outcome::Done);
        };
        waited_for = Some(next.number);
        if let Some(missing) = missing_stage(site, served).await? {
            bar.finish_quietly();
            say(&format!(
                "no process runs the {missing} stage now: start the consumers (goldstream consume), which \
                 count all rows; goldstream status shows how far they are"
            ));
            return Ok(Outcome::Done);
        }
        let rows = silver(&site.redis().seals(next).await?).values().sum::<u64>();
        let log = site.side(served).await?.log;
        let of_rows = bronze_ends(&log, served.topology.partitions).await?.values().sum::<u64>();
        if next.is_shadow && rows >= of_rows {
            bar.finish_quietly();
            say(SHADOW_IS_THERE);
            return Ok(Outcome::Done);
        }
        bar.set(rows, (rows * 100).checked_div(of_rows).unwrap_or_default());
        tokio::time::sleep(MEMBERS_PACE).await;
    }
}

/// A stage that no process has said of late that it runs.
async fn missing_stage(site: &Site, served: &Generation) -> anyhow::Result<Option<&'static str>> {
    let reports = site.side(served).await?.store.since(0).await?;
    let now_ms = reports.iter().map(|(at_ms, _)| *at_ms).max().unwrap_or_default();
    let of_late = reports.into_iter().filter(|(at_ms, _)| *at_ms >= now_ms - OF_LATE_MS);
    let living = living(of_late.collect());
    let runs = |stage: &StageKind| {
        living.iter().any(|report| report.roles.iter().any(|role| role == stage.name()))
    };
    Ok(StageKind::ALL.iter().find(|stage| !runs(stage)).map(|stage| stage.name()))
}

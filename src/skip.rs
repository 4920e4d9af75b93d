//! `goldstream skip`: one record of silver that nobody can read is passed over, by name and with a reason. It never
//! passes over a record that can be read.

use crate::backend::{Backend, block_on};
use crate::outcome::{Outcome, Usage};
use anyhow::bail;
use clap::Args;
use goldstream_platform::clock::{now_ms, rfc3339};
use goldstream_platform::instance::host;
use goldstream_platform::log::{LogError, Topic, TopicPartition};
use goldstream_platform::redis::{Skip, Told};
use goldstream_platform::settings::{Servers, Settings};
use goldstream_platform::telemetry::say;

#[derive(Args)]
pub(crate) struct SkipArgs {
    /// The partition, as status names it: silver/0
    #[arg(value_name = "silver/N", value_parser = partition)]
    partition: u32,
    /// Where the record stands in it
    position: u64,
    /// Why, for whoever reads it in the status later
    #[arg(long, value_name = "TEXT")]
    why: String,
}

fn partition(text: &str) -> Result<u32, String> {
    let number = text.strip_prefix("silver/").and_then(|number| number.parse().ok());
    number.ok_or_else(|| "it is silver/N: of no other topic a record stops its reader".to_owned())
}

pub(crate) fn run(settings: &Settings, args: &SkipArgs) -> anyhow::Result<Outcome> {
    match &settings.servers {
        Some(servers) => block_on(skip(settings, servers, args))?,
        None => {
            let reason = "skip works on Kafka and Redis: nobody else writes into a data directory";
            Err(Usage(reason.to_owned()).into())
        }
    }
}

async fn skip(settings: &Settings, servers: &Servers, args: &SkipArgs) -> anyhow::Result<Outcome> {
    let SkipArgs { partition, position, why } = args;
    let backend = Backend::existing(settings, servers).await?;
    if *partition >= backend.partitions {
        bail!(
            "silver has {} partitions, the last is silver/{}",
            backend.partitions,
            backend.partitions - 1
        );
    }
    let at = TopicPartition::new(Topic::Silver, *partition);
    match backend.log.read(at, *position).await {
        // A later one of the same block may be meant.
        Err(LogError::Damaged(reason)) if reason.contains(&format!(" at {position}: ")) => {
            say(&format!("cannot be read, as you say: {reason}"));
        }
        Err(LogError::Damaged(_)) | Ok(Some(_)) => {
            bail!(
                "the record at {position} of silver/{partition} can be read, or is skipped already: it stands"
            )
        }
        Ok(None) => bail!("silver/{partition} ends before {position}: there is no record"),
        Err(error) => return Err(error.into()),
    }
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    let by = format!("{}@{}", user.unwrap_or_else(|_| "somebody".to_owned()), host());
    let told = Told { why: why.clone(), by, at: rfc3339(now_ms()) };
    let Some(team) = &backend.team else { bail!("there are no servers") };
    let redis = team.site.redis().of_generation(team.served.generation());
    redis.skip(Skip { partition: *partition, position: *position, told }).await?;
    say("skipped, and shown in the status from now on: restart what consumes gold");
    Ok(Outcome::Done)
}

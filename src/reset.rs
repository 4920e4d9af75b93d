//! `goldstream reset`: removes one store, after saying what goes.

use crate::backend::block_on;
use crate::finding::DEMO_DIR;
use crate::opening::kafka_settings;
use crate::outcome::Outcome;
use anyhow::{Context, bail};
use clap::Args;
use goldstream_platform::embedded::{Embedded, FILE_NAME, OpenError};
use goldstream_platform::kafka::KafkaTopics;
use goldstream_platform::redis::RedisClient;
use goldstream_platform::server_file;
use goldstream_platform::settings::{Servers, Settings};
use goldstream_producers::handed::HandedOver;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

#[derive(Args)]
pub(crate) struct ResetArgs {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(crate) fn run(settings: &Settings, args: &ResetArgs) -> anyhow::Result<Outcome> {
    if let Some(servers) = &settings.servers {
        return block_on(reset_servers(settings, servers, args))?;
    }
    let dir = &settings.data_dir;
    let file = dir.join(FILE_NAME);
    if !file.is_file() {
        eprintln!("there is no store in {}: nothing to remove", dir.display());
        say_of_demo(dir);
        return Ok(Outcome::Done);
    }
    // A file that cannot be read may go; one that is in use must not.
    if let Err(OpenError::InUse(dir)) =
        Embedded::open(dir, None).map(|embedded| drop(embedded.close()))
    {
        bail!("{} is in use by a running goldstream: stop it first", dir.display());
    }
    let size_bytes = std::fs::metadata(&file).map(|metadata| metadata.len()).unwrap_or(0);
    eprintln!(
        "this removes {} ({} MB): the rows, and all that was counted from them",
        file.display(),
        size_bytes / 1_000_000
    );
    say_of_demo(dir);
    if !args.yes && !is_confirmed()? {
        eprintln!("nothing was removed");
        return Ok(Outcome::No);
    }
    remove(dir)?;
    Ok(Outcome::Done)
}

/// The demo's store is one of its own.
fn say_of_demo(dir: &Path) {
    let demo = dir.join(DEMO_DIR);
    if demo.join(FILE_NAME).is_file() {
        let demo = demo.display();
        eprintln!("the demo's own store stays; to remove it: goldstream reset --data-dir {demo}");
    }
}

async fn reset_servers(
    settings: &Settings,
    servers: &Servers,
    args: &ResetArgs,
) -> anyhow::Result<Outcome> {
    let prefix = &settings.prefix;
    let topics = KafkaTopics::new(&kafka_settings(settings, servers))?;
    let redis = RedisClient::connect(&servers.redis, prefix).await?;
    let (names, keys) = (topics.all().await?, redis.count_keys().await?);
    if names.is_empty() && keys == 0 {
        eprintln!("there is no store under the prefix {prefix}: nothing to remove");
        return Ok(Outcome::Done);
    }
    eprintln!(
        "this removes the topics [{}] from {} and {keys} keys of {prefix} from redis: the rows, and \
         all that was counted from them; stop what works on them first",
        names.join(", "),
        servers.kafka.brokers
    );
    if !args.yes && !is_confirmed()? {
        eprintln!("nothing was removed");
        return Ok(Outcome::No);
    }
    // The log first: keys without it are refused, rows without keys are only counted again.
    topics.remove().await?;
    redis.wipe().await?;
    Ok(Outcome::Done)
}

pub(crate) fn is_confirmed() -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("nobody can be asked here: give --yes");
    }
    eprint!("go on? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "o" | "oui"))
}

fn remove(dir: &Path) -> anyhow::Result<()> {
    server_file::remove(dir)?;
    // The first was left by the demo of an earlier version.
    for name in ["history-ends", FILE_NAME] {
        let path = dir.join(name);
        if path.exists() {
            std::fs::remove_file(&path)
                .with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    HandedOver::in_data_dir(dir).remove_all().context("cannot remove what was handed over")?;
    // The directory goes too, unless something else is in it.
    match std::fs::remove_dir(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::DirectoryNotEmpty => {
            Err(error).with_context(|| format!("cannot remove {}", dir.display()))
        }
        _ => Ok(()),
    }
}

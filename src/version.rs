//! `goldstream version`: which version this is, and with `--store` which one folded what the store has. It opens
//! the store for looking alone, so that one of a later version can be asked, too.

use crate::ask::{self, Method};
use crate::backend::block_on;
use crate::finding::{must_have_store, of_question};
use crate::outcome::Outcome;
use crate::output::print;
use anyhow::{Context, bail};
use clap::Args;
use goldstream_platform::clock::rfc3339;
use goldstream_platform::embedded::{self, OpenError, Stored};
use goldstream_platform::generations::{Generation, Generations, Kept};
use goldstream_platform::ledger::{Found, Ledgers};
use goldstream_platform::redis::RedisClient;
use goldstream_platform::settings::{Servers, Settings};
use goldstream_platform::topology::logic_version;
use serde::Deserialize;

#[derive(Args)]
pub(crate) struct VersionArgs {
    /// Of the store, too
    #[arg(long)]
    store: bool,
}

pub(crate) fn run(settings: &Settings, args: &VersionArgs) -> anyhow::Result<Outcome> {
    let mut lines =
        format!("goldstream {} (logic version {})\n", env!("CARGO_PKG_VERSION"), logic_version());
    if args.store {
        let store = match &settings.servers {
            Some(servers) => block_on(of_servers(settings, servers))??,
            None => of_file(&of_question(settings))?,
        };
        lines.push_str(&format!("store: {store}\n"));
    }
    print(&lines)
}

async fn of_servers(settings: &Settings, servers: &Servers) -> anyhow::Result<String> {
    let redis = RedisClient::connect(&servers.redis, &settings.prefix).await?;
    let Some(Found { ledger, .. }) = redis.found().await? else {
        bail!("redis at {} has no store under the prefix {}", redis.address(), settings.prefix);
    };
    let Generations { served, next, kept, .. } = ledger.generations;
    Ok(told(&Stored { served, next, kept, written_by: ledger.written_by }))
}

fn of_file(settings: &Settings) -> anyhow::Result<String> {
    let dir = &settings.data_dir;
    must_have_store(dir)?;
    match embedded::look(dir) {
        Ok(stored) => Ok(told(&stored)),
        Err(OpenError::InUse(_)) => of_running(settings),
        Err(error) => Err(error.into()),
    }
}

/// Number of the generation that a data directory serves.
pub(crate) fn generation(settings: &Settings) -> anyhow::Result<u32> {
    match embedded::look(&settings.data_dir) {
        Ok(stored) => Ok(stored.served.number),
        Err(OpenError::InUse(_)) => Ok(running(settings)?.1.generation),
        Err(error) => Err(error.into()),
    }
}

fn told(Stored { served, next, kept, written_by }: &Stored) -> String {
    let beside = match next {
        Some(next) => format!("; {} is being counted beside it", named(next)),
        None => String::new(),
    };
    let before = match kept {
        Some(Kept { generation, until_ms }) => {
            format!("; {} is kept until {}", named(generation), rfc3339(*until_ms))
        }
        None => String::new(),
    };
    format!("{}, written by goldstream {written_by}{beside}{before}", named(served))
}

fn named(Generation { number, topology, is_shadow }: &Generation) -> String {
    let shadow = if *is_shadow { " (a shadow)" } else { "" };
    format!("generation {number}{shadow}, folded by logic version {}", topology.logic_version)
}

/// What a running goldstream says of it.
#[derive(Deserialize)]
struct Running {
    version: String,
    store: Option<OfRunning>,
}

#[derive(Deserialize)]
struct OfRunning {
    generation: u32,
    logic_version: u32,
}

fn running(settings: &Settings) -> anyhow::Result<(String, OfRunning)> {
    let body = ask::ask(settings, Method::Get, "/version")?;
    let Running { version, store } =
        serde_json::from_str(&body).context("the answer is no version")?;
    Ok((version, store.context("the goldstream that runs does not say it")?))
}

fn of_running(settings: &Settings) -> anyhow::Result<String> {
    let (version, OfRunning { generation, logic_version }) = running(settings)?;
    Ok(format!(
        "generation {generation}, folded by logic version {logic_version}, in use by goldstream {version}"
    ))
}

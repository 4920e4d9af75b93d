//! `goldstream lake`: every row of the log as Parquet, over Kafka and Redis; the same as a role of `run`.

pub(crate) mod gold;
pub(crate) mod restore;

use crate::backend::Backend;
use crate::health;
use crate::outcome::{Outcome, Usage};
use crate::process::Process;
use crate::process::watched::{self, WatchedArgs};
use crate::signals;
use anyhow::Context;
use clap::Args;
use goldstream_api::view::View;
use goldstream_lake::{Flush, RollWhen, World, address};
use goldstream_platform::instance;
use goldstream_platform::secret::Secret;
use goldstream_platform::settings::{Given, LakeSettings, Settings};
use goldstream_platform::telemetry;
use goldstream_producers::replay::AtEnd;
use std::ops::ControlFlow;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Where the lake is.
#[derive(Args)]
pub(crate) struct LakeArgs {
    /// Keep every row as Parquet there, too: a folder, or s3://BUCKET/PREFIX
    #[arg(long, env = "GOLDSTREAM_LAKE", value_name = "DIR|s3://…")]
    lake: Option<String>,
}

impl LakeArgs {
    /// What is said here is said for the settings.
    pub(crate) fn give(&self, given: &mut Given) {
        given.lake.clone_from(&self.lake);
    }
}

#[derive(Args)]
pub(crate) struct LakeRoleArgs {
    #[command(flatten)]
    pub(crate) lake: LakeArgs,
    /// Name of this consumer on Kafka [default: HOST-ROLE-N, N the lowest that is free]
    #[arg(long, env = "GOLDSTREAM_INSTANCE", value_name = "NAME")]
    pub(crate) instance: Option<String>,
    #[command(flatten)]
    pub(crate) watched: WatchedArgs,
}

/// The lake that is meant.
pub(crate) fn must_be_named(settings: &Settings) -> Result<&LakeSettings, Usage> {
    settings.lake.as_ref().ok_or_else(|| {
        Usage(
            "which lake? give --lake DIR or --lake s3://BUCKET/PREFIX, or [lake] address"
                .to_owned(),
        )
    })
}

pub(crate) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let lake = must_be_named(settings)?;
    if settings.servers.is_none() {
        let reason = "lake works on Kafka and Redis: give --kafka HOST:PORT and --redis URL; on a data directory, \
                      goldstream run --lake writes it";
        return Err(Usage(reason.to_owned()).into());
    }
    signals::run(|mut signals| async move {
        let mut process = match watched::begin(AtEnd::Follow, settings, &mut signals).await? {
            ControlFlow::Continue(process) => process,
            ControlFlow::Break(outcome) => return Ok(outcome),
        };
        if let Err(error) = start(&mut process, lake) {
            return process.end(signals, Err(error)).await;
        }
        health::begin(&mut process, settings);
        process.run_until_told(signals).await
    })
}

fn start(process: &mut Process, lake: &LakeSettings) -> anyhow::Result<()> {
    process.add_on_servers(&[])?;
    let view = process.follow_view()?;
    process.add_lake(lake, view)?;
    telemetry::say(&format!(
        "writing the lake {}; Ctrl-C ends it after what it has begun",
        lake.address
    ));
    Ok(())
}

/// What the writer of a process works on, and how it is asked to write all that waits.
pub(crate) fn world(
    backend: &Backend,
    settings: &LakeSettings,
    view: View,
) -> anyhow::Result<(World, mpsc::Sender<Flush>)> {
    let (flush, flushes) = mpsc::channel(1);
    let random = Secret::random().context("there is no random number to be had")?;
    let world = World {
        lake: address::open(settings)?,
        partitions: backend.partitions,
        when: RollWhen { rows: settings.rows, age_max: settings.age_max },
        served: backend.served_now(),
        gold: Arc::new(gold::ShownGold::new(view)),
        flushes,
        health: backend.health.clone(),
        board: backend.health.lake().clone(),
        writer: format!("{}:{}:{}", instance::host(), std::process::id(), random.expose()),
    };
    Ok((world, flush))
}

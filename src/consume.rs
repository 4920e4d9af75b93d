//! `goldstream consume`: the stages between the topics, over Kafka and Redis.

use crate::folding::StageKind;
use crate::health;
use crate::outcome::{Outcome, Usage};
use crate::process::Process;
use crate::process::watched::{self, WatchedArgs};
use crate::signals;
use crate::traces::TracesArgs;
use clap::{Args, ValueEnum};
use goldstream_platform::settings::Settings;
use goldstream_platform::telemetry;
use goldstream_producers::replay::AtEnd;
use std::ops::ControlFlow;

#[derive(Args)]
pub(crate) struct ConsumeArgs {
    /// Which stage
    #[arg(default_value = "all")]
    stage: StageName,
    /// Name of this consumer on Kafka [default: HOST-ROLE-N, N the lowest that is free]
    #[arg(long, env = "GOLDSTREAM_INSTANCE", value_name = "NAME")]
    pub(crate) instance: Option<String>,
    #[command(flatten)]
    pub(crate) watched: WatchedArgs,
    #[command(flatten)]
    pub(crate) traces: TracesArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StageName {
    /// Clean and dedupe bronze rows
    Silver,
    /// Keep the gold tables
    Gold,
    /// Both
    All,
}

pub(crate) fn run(settings: &Settings, args: &ConsumeArgs) -> anyhow::Result<Outcome> {
    if settings.servers.is_none() {
        let reason = "consume works on Kafka and Redis: give --kafka HOST:PORT and --redis URL; \
                      on a data directory, run and serve consume by themselves";
        return Err(Usage(reason.to_owned()).into());
    }
    signals::run(|mut signals| async move {
        let mut process = match watched::begin(AtEnd::Follow, settings, &mut signals).await? {
            ControlFlow::Continue(process) => process,
            ControlFlow::Break(outcome) => return Ok(outcome),
        };
        if let Some(ending) = process.may_consume(&mut signals).await.transpose() {
            return process.end(signals, ending).await;
        }
        let started = start(&mut process, args.stage);
        match started {
            Ok(()) => {
                health::begin(&mut process, settings);
                process.run_until_told(signals).await
            }
            Err(error) => process.end(signals, Err(error)).await,
        }
    })
}

fn start(process: &mut Process, stage: StageName) -> anyhow::Result<()> {
    process.add_on_servers(match stage {
        StageName::Silver => &[StageKind::Silver],
        StageName::Gold => &[StageKind::Gold],
        StageName::All => &StageKind::ALL,
    })?;
    telemetry::say("consuming; Ctrl-C ends it after what it has begun");
    Ok(())
}

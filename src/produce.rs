//! `goldstream produce`: replays files onto the bronze topics.

use crate::health;
use crate::inputs::{self, InputArgs, Onto, Rows, Work};
use crate::outcome::{Outcome, Usage};
use crate::process::Process;
use crate::process::watched::{self, WatchedArgs};
use crate::signals::{self, Signals};
use crate::traces::TracesArgs;
use clap::Args;
use goldstream_platform::settings::Settings;
use goldstream_producers::replay::AtEnd;
use std::ops::ControlFlow;
use tokio::sync::oneshot;

#[derive(Args)]
pub(crate) struct ProduceArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    /// Follow the files for appended rows, until it is told to end
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    pub(crate) watched: WatchedArgs,
    #[command(flatten)]
    pub(crate) traces: TracesArgs,
}

pub(crate) fn run(settings: &Settings, args: &ProduceArgs) -> anyhow::Result<Outcome> {
    let rate = inputs::rate(settings)?;
    let demo = args.inputs.demo;
    let settings = if demo { inputs::of_demo(settings) } else { settings.clone() };
    let at_end = if args.follow || demo { AtEnd::Follow } else { AtEnd::Stop };
    let inputs = args.inputs.named(at_end)?;
    if inputs.is_empty() && !demo {
        let reason = "nothing to read: give a folder, --customers, --purchases or --demo";
        return Err(Usage(reason.to_owned()).into());
    }
    let rows = args.inputs.shop_clock().map_or(Rows::Files(inputs), Rows::Demo);
    let work = Work { rows, folder: args.inputs.dir.clone(), rate, at_end };
    signals::run(|mut signals| async move {
        match watched::begin(work.at_end, &settings, &mut signals).await? {
            ControlFlow::Continue(process) => produce(process, &settings, work, signals).await,
            ControlFlow::Break(outcome) => Ok(outcome),
        }
    })
}

async fn produce(
    mut process: Process,
    settings: &Settings,
    work: Work,
    mut signals: Signals,
) -> anyhow::Result<Outcome> {
    process.add_on_servers(&[])?;
    let (onto, health) = (Onto::new(&process.backend), process.backend.health.clone());
    let (done, read) = oneshot::channel();
    process.add("produce", move |shutdown| async move {
        work.play(onto, shutdown).await?;
        // Whoever waited may have been told to end.
        done.send(()).unwrap_or_default();
        Ok(())
    })?;
    health::begin(&mut process, settings);
    let ending = tokio::select! {
        biased;
        outcome = signals.next() => Ok(outcome),
        Ok(()) = read => Ok(Outcome::Done),
        error = process.failed() => Err(error),
        // Nothing more can be sent, and it does nothing else.
        halted = health.halted() => Err(anyhow::anyhow!(halted)),
    };
    process.end(signals, ending).await
}

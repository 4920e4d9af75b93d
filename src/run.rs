//! `goldstream run`: every role in one process.

use crate::api_settings::ApiSettings;
use crate::backend::Backend;
use crate::finding;
use crate::handing_over;
use crate::health;
use crate::inputs::{self, InputArgs, Onto, Rows, Work};
use crate::lake::LakeArgs;
use crate::outcome::{Outcome, Usage};
use crate::process::Process;
use crate::serve::{ApiArgs, announce, listen, must_be_free};
use crate::signals::{self, Signals};
use crate::traces::TracesArgs;
use crate::waiting;
use anyhow::{Context, bail};
use clap::Args;
use goldstream_api::view::BronzeEnds;
use goldstream_api::view::state::State;
use goldstream_platform::log::LogError;
use goldstream_platform::settings::Settings;
use goldstream_platform::telemetry;
use goldstream_producers::files_audit::FilesAudit;
use goldstream_producers::input::NamedInput;
use goldstream_producers::replay::{AtEnd, ReplayError};

use std::net::{Ipv4Addr, TcpListener};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::oneshot;

#[derive(Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    #[command(flatten)]
    pub(crate) api: ApiArgs,
    #[command(flatten)]
    pub(crate) lake: LakeArgs,
    #[command(flatten)]
    pub(crate) traces: TracesArgs,
    /// Name of this consumer on Kafka [default: HOST-ROLE-N]
    #[arg(long, env = "GOLDSTREAM_INSTANCE", value_name = "NAME")]
    pub(crate) instance: Option<String>,
    /// Follow the files for appended rows (the default)
    #[arg(long, conflicts_with = "once")]
    follow: bool,
    /// Stop when every row is in gold
    #[arg(long)]
    once: bool,
}

/// Of one core, for proofs in idle time.
const AUDIT_CPU_PERCENT: u32 = 10;

/// Why the process ends.
enum Ending {
    Counted,
    Signal(Outcome),
}

pub(crate) fn run(settings: &Settings, args: &RunArgs) -> anyhow::Result<Outcome> {
    let demo = args.inputs.demo;
    let settings = if demo { inputs::of_demo(settings) } else { settings.clone() };
    let rate = inputs::rate(&settings)?;
    let at_end = if args.once { AtEnd::Stop } else { AtEnd::Follow };
    // Before a store is opened: what cannot be read leaves nothing behind.
    let shop_clock = args.inputs.shop_clock();
    let rows = match shop_clock.clone() {
        Some(clock) => Rows::Demo(clock),
        None => Rows::Files(args.inputs.named(at_end)?),
    };
    if at_end == AtEnd::Stop && matches!(&rows, Rows::Files(inputs) if inputs.is_empty()) {
        let reason =
            "run --once has nothing to read: give a shop's folder, --customers or --purchases";
        return Err(Usage(reason.to_owned()).into());
    }
    let is_handed_over = !args.inputs.customers.is_empty() || !args.inputs.purchases.is_empty();
    if settings.servers.is_none() && finding::runs(&settings.data_dir) {
        let dir = settings.data_dir.display();
        match &rows {
            Rows::Files(inputs) if is_handed_over => {
                eprintln!("(a goldstream runs on {dir}: it reads the files, once)");
                return handing_over::hand_over(&settings, inputs.clone());
            }
            Rows::Files(_) => bail!(
                "{dir} is in use by another goldstream; to hand it files: goldstream load FILE…"
            ),
            Rows::Demo(_) => bail!("{dir} is in use by another goldstream"),
        }
    }
    let told = ApiSettings::new(&settings);
    let told = if args.once { told } else { told.and_tells(&settings)? };
    if at_end == AtEnd::Follow {
        must_be_free(&settings)?;
    }
    let work = Work { rows, folder: args.inputs.dir.clone(), rate, at_end };
    signals::run(|mut signals| async move {
        let opened = waiting::open_to(work.at_end, &settings, &mut signals).await?;
        let backend = match opened {
            ControlFlow::Continue(backend) => backend,
            ControlFlow::Break(outcome) => return Ok(outcome),
        };
        let api = ApiSettings {
            demo,
            shop_clock,
            audit_cpu_percent: settings.audit_cpu_percent.unwrap_or(AUDIT_CPU_PERCENT),
            ..told
        };
        let process = Process::new(backend)?.with_traces(&settings)?.with_api(api);
        let listener = match at_end {
            AtEnd::Follow => listen(&settings),
            AtEnd::Stop => unserved(),
        };
        match listener {
            Ok(listener) => every_role(process, &settings, listener, work, signals).await,
            Err(error) => process.end(signals, Err(error)).await,
        }
    })
}

/// Reads these files until all is counted, and ends.
pub(crate) fn once(settings: &Settings, inputs: Vec<NamedInput>) -> anyhow::Result<Outcome> {
    let (listener, rate) = (unserved()?, inputs::rate(settings)?);
    let work = Work { rows: Rows::Files(inputs), folder: None, rate, at_end: AtEnd::Stop };
    signals::run(|signals| async {
        let backend = Backend::open(settings).await?;
        let process = Process::new(backend)?.with_api(ApiSettings::new(settings));
        every_role(process, settings, listener, work, signals).await
    })
}

/// Where nobody is served; a second terminal finds it all the same.
pub(crate) fn unserved() -> anyhow::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")
}

async fn every_role(
    mut process: Process,
    settings: &Settings,
    listener: TcpListener,
    work: Work,
    mut signals: Signals,
) -> anyhow::Result<Outcome> {
    let began = Instant::now();
    let once = work.at_end == AtEnd::Stop;
    let before = match process.bronze_ends().await {
        Ok(ends) => ends,
        Err(error) => return process.end(signals, Err(error)).await,
    };
    if let Some(ending) = process.may_consume(&mut signals).await.transpose() {
        return process.end(signals, ending).await;
    }
    let started = start(&mut process, settings, listener, work).await;
    let read = match started {
        Ok(read) => read,
        Err(error) => return process.end(signals, Err(error)).await,
    };
    if let Some(address) = process.address().filter(|_| !once) {
        announce(address);
    }
    health::begin(&mut process, settings);
    let ending = if once {
        tokio::select! {
            outcome = signals.next() => Ok(Ending::Signal(outcome)),
            counted = counted(&mut process, read) => counted.map(|()| Ending::Counted),
        }
    } else {
        tokio::select! {
            outcome = signals.next() => Ok(Ending::Signal(outcome)),
            error = process.failed() => Err(error),
        }
    };
    let counted = match ending {
        Ok(Ending::Counted) => Some(sentence(&process, &before, began).await),
        _ => None,
    };
    // Said once it is true: what could not be written is heard of at the end.
    Ok(match process.end(signals, ending).await? {
        Ending::Counted => {
            telemetry::say(&counted.transpose()?.unwrap_or_default());
            Outcome::Done
        }
        Ending::Signal(outcome) => outcome,
    })
}

/// Starts the roles; the receiver hears when the files are read to their ends.
async fn start(
    process: &mut Process,
    settings: &Settings,
    listener: TcpListener,
    work: Work,
) -> anyhow::Result<oneshot::Receiver<()>> {
    process.add_stages()?;
    if work.at_end == AtEnd::Stop {
        // Before it serves: what is counted is then counted in the last generation.
        process.rebuilt().await?;
    }
    let mut roles = vec!["produce", "consume", "serve"];
    roles.extend(settings.lake.as_ref().map(|_| "lake"));
    process.serve(listener, &roles).await?;
    if let Some(lake) = &settings.lake {
        let view = process.view()?.clone();
        process.add_lake(lake, view)?;
    }
    let Backend { log, partitions, health, .. } = &process.backend;
    let cpu_percent = process.audit_cpu_percent();
    if let (Rows::Files(inputs), AtEnd::Follow, 1..) = (&work.rows, work.at_end, cpu_percent) {
        let (log, inputs) = (Arc::clone(log), inputs.clone());
        let (partitions, health) = (*partitions, health.clone());
        let audit = FilesAudit { log, partitions, inputs, health, cpu_percent };
        process.add("files audit", |shutdown| async move {
            audit.run(shutdown).await;
            Ok(())
        })?;
    }
    add_producer(process, work)
}

/// Adds the role that reads; the receiver hears when the files are read to their ends.
pub(crate) fn add_producer(
    process: &mut Process,
    work: Work,
) -> anyhow::Result<oneshot::Receiver<()>> {
    let (done, read) = oneshot::channel();
    let onto = Onto::new(&process.backend);
    process.add("produce", move |mut shutdown| async move {
        match work.play(onto, shutdown.clone()).await {
            // The numbers are shown on as they stand; why, is among the troubles.
            Err(error) if is_stopped(&error) => {
                shutdown.wished().await;
                return Ok(());
            }
            played => played?,
        }
        // Nobody waits where files are followed.
        done.send(()).unwrap_or_default();
        Ok(())
    })?;
    Ok(read)
}

/// Whether nothing may be written any more, though nothing has failed.
fn is_stopped(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<ReplayError>();
    matches!(error, Some(ReplayError::Log(LogError::Stopped(_))))
}

/// Resolves when every row of the files is counted.
pub(crate) async fn counted(
    process: &mut Process,
    read: oneshot::Receiver<()>,
) -> anyhow::Result<()> {
    if process.unless_it_stands_still(read).await?.is_err() {
        // The producer has failed, and says why.
        return Err(process.failed().await);
    }
    let ends = process.bronze_ends().await?;
    process.counted(&ends).await?;
    process.in_lake().await?;
    process.must_have_its_rows().await?;
    process.must_have_exact_sums()
}

/// What was counted, and how much of it is new.
async fn sentence(
    process: &Process,
    before: &BronzeEnds,
    began: Instant,
) -> anyhow::Result<String> {
    let (_, gold, _) = process.view()?.gold();
    let accounting = &gold.accounting;
    let quarantined: u64 = accounting.quarantined.values().sum();
    let sum = |ends: &BronzeEnds| ends.values().sum::<u64>();
    let new = sum(&process.bronze_ends().await?).saturating_sub(sum(before));
    let told = format!(
        "{new} new rows counted in {:.1} s, {} in all: {} purchases accepted, {} duplicates dropped, \
         {} customer versions, {quarantined} rows in quarantine",
        began.elapsed().as_secs_f64(),
        accounting.rows(),
        accounting.accepted_purchases,
        accounting.duplicate_purchases,
        accounting.customer_versions,
    );
    let warnings = process.view()?.read(State::warnings);
    let warnings: Vec<_> = warnings.iter().map(|warning| format!("\nwarning: {warning}")).collect();
    Ok(told + &warnings.concat())
}

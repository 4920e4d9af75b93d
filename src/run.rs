//! `goldstream run`: every role in one process.

use crate::Outcome;
use crate::backend::Backend;
use crate::inputs::{self, InputArgs, Work};
use crate::process::{ApiSettings, Process};
use crate::serve::{ApiArgs, announce, listen};
use crate::signals::{self, Signals};
use anyhow::Context;
use clap::Args;
use goldstream_domain::moment::Day;
use goldstream_platform::clock::local_now;
use goldstream_platform::settings::Settings;
use goldstream_platform::telemetry;
use goldstream_producers::demo;
use goldstream_producers::files::InputFile;
use goldstream_producers::replay::AtEnd;
use goldstream_producers::sample::Shop;
use goldstream_producers::source::NamedInput;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::oneshot;

#[derive(Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    /// The sample shop in a store of its own: its history, then live purchases for ever
    #[arg(long, conflicts_with_all = ["dir", "customers", "purchases"])]
    demo: bool,
    #[command(flatten)]
    pub(crate) api: ApiArgs,
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
    let settings = if args.demo { of_demo(settings) } else { settings.clone() };
    let rate = inputs::rate(&settings)?;
    let at_end = if args.once { AtEnd::Stop } else { AtEnd::Follow };
    let files = args.inputs.files()?;
    let listener = listen(&settings)?;
    signals::run(|signals| async {
        let backend = Backend::open(&settings).await?;
        let (inputs, live) = inputs_and_live(&settings, args, files)?;
        let work = Work { inputs, rate, at_end };
        let api = ApiSettings {
            demo: args.demo,
            audit_cpu_percent: settings.audit_cpu_percent.unwrap_or(AUDIT_CPU_PERCENT),
            ..ApiSettings::new(&settings)
        };
        let process = Process::new(backend)?.with_api(api);
        every_role(process, listener, work, live, signals).await
    })
}

/// The demo has a store of its own.
fn of_demo(settings: &Settings) -> Settings {
    Settings {
        data_dir: settings.data_dir.join("demo"),
        prefix: format!("{}-demo", settings.prefix),
        ..settings.clone()
    }
}

fn inputs_and_live(
    settings: &Settings,
    args: &RunArgs,
    files: Vec<InputFile>,
) -> anyhow::Result<(Vec<NamedInput>, Option<Shop>)> {
    if !args.demo {
        return Ok((inputs::named(files)?, None));
    }
    let (shop, inputs) = demo::history(last_day(&settings.data_dir)?)?;
    Ok((inputs, (!args.once).then_some(shop)))
}

async fn every_role(
    mut process: Process,
    listener: TcpListener,
    work: Work,
    live: Option<Shop>,
    mut signals: Signals,
) -> anyhow::Result<Outcome> {
    let began = Instant::now();
    let once = work.at_end == AtEnd::Stop;
    let started = start(&mut process, listener, work, live).await;
    let read = match started {
        Ok(read) => read,
        Err(error) => return process.end(signals, Err(error)).await,
    };
    if let Some(address) = process.address().filter(|_| !once) {
        announce(address);
    }
    let ending = if once {
        tokio::select! {
            outcome = signals.next() => Ok(Ending::Signal(outcome)),
            counted = counted(&mut process, read) => counted,
        }
    } else {
        tokio::select! {
            outcome = signals.next() => Ok(Ending::Signal(outcome)),
            error = process.failed() => Err(error),
        }
    };
    if let Ok(Ending::Counted) = ending {
        say_counted(&process, began)?;
    }
    Ok(match process.end(signals, ending).await? {
        Ending::Counted => Outcome::Done,
        Ending::Signal(outcome) => outcome,
    })
}

/// Starts the roles; the receiver hears when the files are read to their ends.
async fn start(
    process: &mut Process,
    listener: TcpListener,
    work: Work,
    live: Option<Shop>,
) -> anyhow::Result<oneshot::Receiver<()>> {
    process.add_stages()?;
    process.serve(listener, &["produce", "consume", "serve"]).await?;
    let (done, read) = oneshot::channel();
    let Backend { log, store, partitions, .. } = &process.backend;
    let (log, store, partitions) = (Arc::clone(log), Arc::clone(store), *partitions);
    process.add("produce", move |shutdown| async move {
        // The demo's history is no file: it is read once, then purchases are made.
        let at_end = if live.is_some() { AtEnd::Stop } else { work.at_end };
        let work = Work { at_end, ..work };
        work.play(Arc::clone(&log), store, partitions, shutdown.clone()).await?;
        if let Some(shop) = &live {
            demo::live(shop, &*log, partitions, shutdown).await?;
        }
        // Nobody waits where files are followed.
        done.send(()).unwrap_or_default();
        Ok(())
    })?;
    Ok(read)
}

/// Resolves when every row of the files is counted.
async fn counted(process: &mut Process, read: oneshot::Receiver<()>) -> anyhow::Result<Ending> {
    if process.unless_it_stands_still(read).await?.is_err() {
        // The producer has failed, and says why.
        return Err(process.failed().await);
    }
    let ends = process.bronze_ends().await?;
    process.counted(&ends).await?;
    process.must_have_its_rows().await?;
    Ok(Ending::Counted)
}

/// The last day of the demo's history: yesterday when its store was made, the same ever after.
fn last_day(data_dir: &Path) -> anyhow::Result<Day> {
    let path = data_dir.join("history-ends");
    if let Ok(text) = std::fs::read_to_string(&path) {
        return Day::parse(text.trim())
            .with_context(|| format!("{} holds no date", path.display()));
    }
    let yesterday = Day(local_now().day().0.saturating_sub(1));
    std::fs::create_dir_all(data_dir)
        .and_then(|()| std::fs::write(&path, format!("{yesterday}\n")))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(yesterday)
}

fn say_counted(process: &Process, began: Instant) -> anyhow::Result<()> {
    let (_, gold, _) = process.view()?.gold();
    let accounting = &gold.accounting;
    let quarantined: u64 = accounting.quarantined.values().sum();
    telemetry::say(&format!(
        "{} rows counted in {:.1} s: {} purchases accepted, {} duplicates dropped, \
         {} customer versions, {quarantined} rows in quarantine",
        accounting.rows(),
        began.elapsed().as_secs_f64(),
        accounting.accepted_purchases,
        accounting.duplicate_purchases,
        accounting.customer_versions,
    ));
    Ok(())
}

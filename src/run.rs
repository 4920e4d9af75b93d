//! `goldstream run`: every role in one process.

use crate::pipeline::Pipeline;
use crate::{Outcome, Usage};
use anyhow::Context;
use clap::Args;
use goldstream_domain::moment::Day;
use goldstream_platform::clock::local_now;
use goldstream_platform::embedded::Embedded;
use goldstream_platform::role;
use goldstream_platform::settings::Settings;
use goldstream_producers::demo;
use goldstream_producers::files::{self, InputFile};
use goldstream_producers::input::Input;
use goldstream_producers::pace::Rate;
use goldstream_producers::replay::{AtEnd, Replay};
use goldstream_producers::sample::Shop;
use goldstream_producers::source::NamedInput;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Instant;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

#[derive(Args)]
pub(crate) struct RunArgs {
    /// A shop's folder: its clients.csv or customers.csv and achats.csv or purchases.csv (also .zst)
    dir: Option<PathBuf>,
    /// A file of customers; may be given several times
    #[arg(long, value_name = "FILE")]
    customers: Vec<PathBuf>,
    /// A file of purchases; may be given several times
    #[arg(long, value_name = "FILE")]
    purchases: Vec<PathBuf>,
    /// The sample shop in a store of its own: its history, then live purchases for ever
    #[arg(long, conflicts_with_all = ["dir", "customers", "purchases"])]
    demo: bool,
    /// Where API and page listen [default: 127.0.0.1:8080]
    #[arg(long, env = "GOLDSTREAM_LISTEN", value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Rows a second over all files: 450, 450/s or 0.5 [default: as fast as they can be counted]
    #[arg(long, env = "GOLDSTREAM_RATE", value_name = "N")]
    pub(crate) rate: Option<String>,
    /// Follow the files for appended rows (the default)
    #[arg(long, conflicts_with = "once")]
    follow: bool,
    /// Stop when every row is in gold
    #[arg(long)]
    once: bool,
}

/// What is read, and the shop whose live purchases follow.
struct Work {
    inputs: Vec<NamedInput>,
    live: Option<Shop>,
    at_end: AtEnd,
    rate: Option<Rate>,
}

/// Why the process ends.
enum Ending {
    Counted,
    Signal(Outcome),
}

pub(crate) fn run(settings: &Settings, args: &RunArgs) -> anyhow::Result<Outcome> {
    let data_dir =
        if args.demo { settings.data_dir.join("demo") } else { settings.data_dir.clone() };
    let rate = settings.rate.as_deref().map(str::parse).transpose();
    let rate =
        rate.map_err(|error: goldstream_producers::pace::RateError| Usage(error.to_string()))?;
    let at_end = if args.once { AtEnd::Stop } else { AtEnd::Follow };
    let files = input_files(args)?;
    let listener = listen(settings.listen)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    // From here on a signal is kept until it is looked at, so that it never cuts a start short.
    let signals = runtime.block_on(async { Signals::begin() })?;
    let embedded = Embedded::open(&data_dir, settings.partitions)?;
    let (inputs, live) = if args.demo {
        let (shop, inputs) = demo::history(last_day(&data_dir)?)?;
        (inputs, (!args.once).then_some(shop))
    } else {
        (named_inputs(files)?, None)
    };
    let work = Work { inputs, live, at_end, rate };
    runtime.block_on(serve(embedded, &data_dir, listener, work, signals))
}

async fn serve(
    embedded: Embedded,
    data_dir: &Path,
    listener: TcpListener,
    work: Work,
    mut signals: Signals,
) -> anyhow::Result<Outcome> {
    let began = Instant::now();
    let once = work.at_end == AtEnd::Stop;
    let roles = ["produce", "consume", "serve"];
    let mut pipeline = Pipeline::start(embedded, data_dir, listener, &roles).await?;
    if !once {
        announce(pipeline.address);
    }
    let read = produce(&mut pipeline, work)?;
    let ending = tokio::select! {
        outcome = signals.next() => Ok(Ending::Signal(outcome)),
        counted = counted(&pipeline, read), if once => counted,
        reason = pipeline.embedded.failure() => Err(anyhow::anyhow!(reason)),
        failed = failed(&pipeline), if !once => failed,
    };
    let ending = match ending {
        Ok(ending) => ending,
        Err(error) => {
            let stopped = stop(pipeline, &mut signals).await;
            stopped.unwrap_or_else(|also| tracing::warn!(%also, "ending"));
            return Err(error);
        }
    };
    if matches!(ending, Ending::Counted) {
        say_counted(&pipeline, began);
    }
    stop(pipeline, &mut signals).await?;
    Ok(match ending {
        Ending::Counted => Outcome::Done,
        Ending::Signal(outcome) => outcome,
    })
}

/// Ends gracefully; a second signal ends at once.
async fn stop(pipeline: Pipeline, signals: &mut Signals) -> anyhow::Result<()> {
    tokio::select! {
        stopped = pipeline.stop() => stopped,
        _ = signals.next() => std::process::exit(130),
    }
}

/// Starts the producer; the receiver hears when the files are read to their ends.
fn produce(
    pipeline: &mut Pipeline,
    work: Work,
) -> anyhow::Result<oneshot::Receiver<anyhow::Result<()>>> {
    let (done, read) = oneshot::channel();
    let (log, store) = pipeline.ports();
    let partitions = pipeline.embedded.partitions();
    let shutdown = pipeline.shutdown();
    let Work { inputs, live, at_end, rate } = work;
    let health = pipeline.health.clone();
    let thread = role::spawn("produce", move || async move {
        // The demo's history is no file: it is read once, then purchases are made.
        let at_end = if live.is_some() { AtEnd::Stop } else { at_end };
        let replay = Replay { log: log.clone(), store, partitions, inputs, rate, at_end };
        let mut played = replay.run(shutdown.clone()).await.map_err(anyhow::Error::from);
        if let (Ok(()), Some(shop)) = (&played, &live) {
            let lived = demo::live(shop, &*log, partitions, shutdown).await;
            played = lived.map_err(anyhow::Error::from);
        }
        if let Err(error) = &played {
            health.halt("produce", format!("{error:#}"));
        }
        if done.send(played).is_err() {
            tracing::debug!("nobody waits for the files any more");
        }
    })?;
    pipeline.add(thread);
    Ok(read)
}

/// Resolves when every row of the files is counted.
async fn counted(
    pipeline: &Pipeline,
    read: oneshot::Receiver<anyhow::Result<()>>,
) -> anyhow::Result<Ending> {
    read.await.context("the producer ended early")??;
    let ends = pipeline.bronze_ends().await?;
    pipeline.counted(&ends).await?;
    Ok(Ending::Counted)
}

/// Files that cannot be read end the process; a shard that stands still does not: the rest goes on.
async fn failed(pipeline: &Pipeline) -> anyhow::Result<Ending> {
    loop {
        let reason = pipeline.health.halted().await;
        if let Some(reason) = reason.strip_prefix("produce: ") {
            anyhow::bail!("{reason}");
        }
        // The halt is in the log and in status already; only the producer's is waited for here.
        std::future::pending::<()>().await;
    }
}

/// Ctrl-C and SIGTERM.
struct Signals {
    interrupts: Signal,
    terminations: Signal,
}

impl Signals {
    fn begin() -> std::io::Result<Self> {
        Ok(Self {
            interrupts: signal(SignalKind::interrupt())?,
            terminations: signal(SignalKind::terminate())?,
        })
    }

    /// The next one, and what the process then ends with.
    async fn next(&mut self) -> Outcome {
        tokio::select! {
            _ = self.interrupts.recv() => Outcome::Interrupted,
            _ = self.terminations.recv() => Outcome::Done,
        }
    }
}

fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| {
        let other = SocketAddr::new(address.ip(), address.port().wrapping_add(1).max(1024));
        format!("cannot listen on {address}; another address: --listen {other} (make run LISTEN={other})")
    })
}

fn input_files(args: &RunArgs) -> anyhow::Result<Vec<InputFile>> {
    let mut files = match &args.dir {
        Some(dir) => files::find_in(dir)?,
        None => Vec::new(),
    };
    files.extend(files::named(&args.customers, &args.purchases)?);
    // Customers first; within a kind, the order given.
    files.sort_by_key(|file| file.kind);
    Ok(files)
}

fn named_inputs(files: Vec<InputFile>) -> anyhow::Result<Vec<NamedInput>> {
    let named = |InputFile { kind, path }: InputFile| {
        let absolute =
            path.canonicalize().with_context(|| format!("cannot open {}", path.display()))?;
        let key = format!("file:{}", absolute.display()).into();
        Ok(NamedInput { kind, key, input: Input::at(&absolute) })
    };
    files.into_iter().map(named).collect()
}

/// The last day of the demo's history: yesterday when its store was made, the same ever after.
fn last_day(data_dir: &Path) -> anyhow::Result<Day> {
    let path = data_dir.join("history-ends");
    if let Ok(text) = std::fs::read_to_string(&path) {
        return Day::parse(text.trim())
            .with_context(|| format!("{} holds no date", path.display()));
    }
    let yesterday = Day(local_now().day().0.saturating_sub(1));
    std::fs::write(&path, format!("{yesterday}\n"))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(yesterday)
}

fn announce(address: SocketAddr) {
    let text = format!("goldstream is live: http://{address}");
    let line = "─".repeat(text.len() + 4);
    eprintln!("╭{line}╮\n│  {text}  │\n╰{line}╯");
}

fn say_counted(pipeline: &Pipeline, began: Instant) {
    let (_, gold, _) = pipeline.view.gold();
    let accounting = &gold.accounting;
    let quarantined: u64 = accounting.quarantined.values().sum();
    eprintln!(
        "{} rows counted in {:.1} s: {} purchases accepted, {} duplicates dropped, \
         {} customer versions, {quarantined} rows in quarantine",
        accounting.rows(),
        began.elapsed().as_secs_f64(),
        accounting.accepted_purchases,
        accounting.duplicate_purchases,
        accounting.customer_versions,
    );
}

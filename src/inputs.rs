//! What `run` and `produce` read, and the role that reads it.

use crate::backend::Backend;
use crate::finding::DEMO_DIR;
use crate::outcome::Usage;
use anyhow::Context;
use clap::Args;
use goldstream_domain::moment::Moment;
use goldstream_platform::clock::now_ms;
use goldstream_platform::inputs::Inputs;
use goldstream_platform::log::Log;
use goldstream_platform::settings::Settings;
use goldstream_platform::shop_clock::ShopClock;
use goldstream_platform::shutdown::Shutdown;
use goldstream_platform::store::Store;
use goldstream_producers::demo::Demo;
use goldstream_producers::files::{self, FilesError, InputFile, STANDARD_INPUT};
use goldstream_producers::handed::HandedOver;
use goldstream_producers::headers;
use goldstream_producers::input::{Input, NamedInput};
use goldstream_producers::pace::{Rate, RateError};
use goldstream_producers::piped::Piped;
use goldstream_producers::replay::{AtEnd, Replay};

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Args)]
pub(crate) struct InputArgs {
    /// A shop's folder: its clients.csv or customers.csv and achats.csv or purchases.csv (also .gz, .zst)
    pub(crate) dir: Option<PathBuf>,
    /// A file of customers; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) customers: Vec<PathBuf>,
    /// A file of purchases; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) purchases: Vec<PathBuf>,
    /// The sample shop in a store of its own: its history, then live purchases for ever
    #[arg(long, env = "GOLDSTREAM_DEMO", conflicts_with_all = ["dir", "customers", "purchases"])]
    pub(crate) demo: bool,
    /// The demo's clock begins at this moment, as if it were now: for tests and pictures
    #[arg(long, env = "GOLDSTREAM_DEMO_NOW", value_name = "MOMENT", hide = true, requires = "demo", value_parser = moment)]
    demo_now: Option<Moment>,
    /// Rows a second over all files: 450, 450/s or 0.5 [default: as fast as they can be counted]
    #[arg(long, env = "GOLDSTREAM_RATE", value_name = "N")]
    pub(crate) rate: Option<String>,
}

impl InputArgs {
    /// The files, looked up by name only.
    fn files(&self) -> anyhow::Result<Vec<InputFile>> {
        must_be_files(("customers", "customer"), &self.customers)?;
        must_be_files(("purchases", "purchase"), &self.purchases)?;
        let mut files = match &self.dir {
            Some(dir) => files::find_in(dir).map_err(|error| unfit(&error))?,
            None => Vec::new(),
        };
        files
            .extend(files::named(&self.customers, &self.purchases).map_err(|error| unfit(&error))?);
        // Customers first; within a kind, the order given.
        files.sort_by_key(|file| file.kind);
        Ok(files)
    }

    /// The files, with headers that fit. A folder whose files are all empty is most likely another one than was
    /// meant, where nobody waits for rows.
    pub(crate) fn named(&self, at_end: AtEnd) -> anyhow::Result<Vec<NamedInput>> {
        let inputs = keyed(self.files()?)?;
        let empty = headers::check(&inputs)?;
        if let (AtEnd::Stop, Some(_), Some(first)) = (at_end, &self.dir, empty.first())
            && empty.len() == inputs.len()
        {
            let columns = first.kind.columns().iter().map(|column| column.french);
            let (key, columns) = (&first.key, columns.collect::<Vec<_>>().join(","));
            return Err(Usage(format!("{key} is empty: its header is to be {columns}")).into());
        }
        Ok(inputs)
    }

    /// The clock of the demo's shop, if that is what is run.
    pub(crate) fn shop_clock(&self) -> Option<ShopClock> {
        let clock = || self.demo_now.map_or_else(ShopClock::of_wall, ShopClock::beginning_at);
        self.demo.then(clock)
    }
}

/// A number that names no file was most likely meant as a count, which is another command's.
fn must_be_files((flag, one): (&str, &str), files: &[PathBuf]) -> Result<(), Usage> {
    let is_count = |file: &&PathBuf| {
        file.to_str().is_some_and(|name| name.parse::<u64>().is_ok()) && !file.exists()
    };
    match files.iter().find(is_count) {
        None => Ok(()),
        Some(count) => Err(Usage(format!(
            "--{flag} {0} names a file, and there is none; so many made-up ones: goldstream generate \
             --{one}-count {0}",
            count.display()
        ))),
    }
}

/// What was given is none of what can be read.
pub(crate) fn unfit(error: &FilesError) -> Usage {
    Usage(error.to_string())
}

fn moment(text: &str) -> Result<Moment, String> {
    Moment::parse(text).ok_or_else(|| "give a moment, as 2026-11-29T10:00:00".to_owned())
}

/// The files under the names that they keep over restarts, with headers that fit.
pub(crate) fn named(files: Vec<InputFile>) -> anyhow::Result<Vec<NamedInput>> {
    let inputs = keyed(files)?;
    headers::check(&inputs)?;
    Ok(inputs)
}

/// The same, not looked into.
fn keyed(files: Vec<InputFile>) -> anyhow::Result<Vec<NamedInput>> {
    let named = |InputFile { kind, path }: InputFile| {
        let cannot = || format!("cannot open {}", path.display());
        if path.as_os_str() == STANDARD_INPUT {
            let stdin = || Ok(std::io::stdin());
            let input = Input::Piped(Piped::begin(stdin).with_context(cannot)?);
            return Ok(NamedInput { kind, key: "standard input".into(), input });
        }
        let named = files::named_input(kind, &path).with_context(cannot)?;
        // A pipe of the shell, `<(…)`. What is not there is told with all that cannot be read.
        if path.is_file() || path.is_dir() || !path.exists() {
            return Ok(named);
        }
        let input = Input::Piped(
            Piped::begin({
                let path = path.clone();
                move || File::open(path)
            })
            .with_context(cannot)?,
        );
        Ok(NamedInput { input, ..named })
    };
    let mut named = files.into_iter().map(named).collect::<anyhow::Result<Vec<_>>>()?;
    // One that is given twice is one.
    let mut seen = BTreeSet::new();
    named.retain(|input| seen.insert((input.kind, input.key.clone())));
    Ok(named)
}

/// The rate that the settings name.
pub(crate) fn rate(settings: &Settings) -> anyhow::Result<Option<Rate>> {
    let rate = settings.rate.as_deref().map(str::parse).transpose();
    rate.map_err(|error: RateError| Usage(error.to_string()).into())
}

/// What the name of a demo's store ends with.
const DEMO: &str = "-demo";

/// The demo has a store of its own. A prefix that is a demo's already stays.
pub(crate) fn of_demo(settings: &Settings) -> Settings {
    let prefix = settings.prefix.strip_suffix(DEMO).unwrap_or(&settings.prefix);
    Settings {
        data_dir: settings.data_dir.join(DEMO_DIR),
        prefix: format!("{prefix}{DEMO}"),
        ..settings.clone()
    }
}

/// Whether the rows on these servers are made up.
pub(crate) fn is_of_demo(settings: &Settings) -> bool {
    settings.servers.is_some() && settings.prefix.ends_with(DEMO)
}

/// Whose rows are read.
pub(crate) enum Rows {
    Files(Vec<NamedInput>),
    Demo(ShopClock),
}

/// What rows are read onto.
pub(crate) struct Onto {
    log: Arc<dyn Log>,
    store: Arc<dyn Store>,
    partitions: u32,
    board: Inputs,
    /// What others hand over, where there is a directory for it.
    handed: Option<HandedOver>,
}

impl Onto {
    pub(crate) fn new(backend: &Backend) -> Self {
        Self {
            log: Arc::clone(&backend.log),
            store: Arc::clone(&backend.store),
            partitions: backend.partitions,
            board: backend.health.inputs().clone(),
            handed: backend.dir().map(HandedOver::in_data_dir),
        }
    }
}

/// What is read, how fast, and what happens at its end.
pub(crate) struct Work {
    pub(crate) rows: Rows,
    /// The shop's folder, in which further files may appear.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) rate: Option<Rate>,
    pub(crate) at_end: AtEnd,
}

impl Work {
    /// Reads onto the log.
    pub(crate) async fn play(self, onto: Onto, mut shutdown: Shutdown) -> anyhow::Result<()> {
        let Self { rows, folder, rate, at_end } = self;
        let Onto { log, store, partitions, board, handed } = onto;
        let (inputs, demo) = match rows {
            Rows::Files(inputs) => (inputs, None),
            Rows::Demo(clock) => {
                let (log, store) = (Arc::clone(&log), Arc::clone(&store));
                let demo = Demo { log, store, partitions, clock };
                let Some(inputs) = demo.inputs(&mut shutdown).await? else { return Ok(()) };
                (inputs, Some(demo))
            }
        };
        let replay =
            Replay { log, store, partitions, inputs, folder, handed, rate, at_end, now_ms, board };
        match demo {
            Some(demo) => demo.play(replay, shutdown).await?,
            None => replay.run(shutdown).await?,
        }
        Ok(())
    }
}

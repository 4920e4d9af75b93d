//! What `run` and `produce` read, and the role that reads it.

use crate::Usage;
use anyhow::Context;
use clap::Args;
use goldstream_platform::log::Log;
use goldstream_platform::settings::Settings;
use goldstream_platform::shutdown::Shutdown;
use goldstream_platform::store::Store;
use goldstream_producers::files::{self, InputFile};
use goldstream_producers::input::Input;
use goldstream_producers::pace::{Rate, RateError};
use goldstream_producers::replay::{AtEnd, Replay};
use goldstream_producers::source::NamedInput;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Args)]
pub(crate) struct InputArgs {
    /// A shop's folder: its clients.csv or customers.csv and achats.csv or purchases.csv (also .zst)
    pub(crate) dir: Option<PathBuf>,
    /// A file of customers; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) customers: Vec<PathBuf>,
    /// A file of purchases; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) purchases: Vec<PathBuf>,
    /// Rows a second over all files: 450, 450/s or 0.5 [default: as fast as they can be counted]
    #[arg(long, env = "GOLDSTREAM_RATE", value_name = "N")]
    pub(crate) rate: Option<String>,
}

impl InputArgs {
    /// The files, looked up by name only.
    pub(crate) fn files(&self) -> anyhow::Result<Vec<InputFile>> {
        let mut files = match &self.dir {
            Some(dir) => files::find_in(dir)?,
            None => Vec::new(),
        };
        files.extend(files::named(&self.customers, &self.purchases)?);
        // Customers first; within a kind, the order given.
        files.sort_by_key(|file| file.kind);
        Ok(files)
    }
}

/// The files under the names that they keep over restarts.
pub(crate) fn named(files: Vec<InputFile>) -> anyhow::Result<Vec<NamedInput>> {
    let named = |InputFile { kind, path }: InputFile| {
        let absolute =
            path.canonicalize().with_context(|| format!("cannot open {}", path.display()))?;
        let key = format!("file:{}", absolute.display()).into();
        Ok(NamedInput { kind, key, input: Input::at(&absolute) })
    };
    files.into_iter().map(named).collect()
}

/// The rate that the settings name.
pub(crate) fn rate(settings: &Settings) -> anyhow::Result<Option<Rate>> {
    let rate = settings.rate.as_deref().map(str::parse).transpose();
    rate.map_err(|error: RateError| Usage(error.to_string()).into())
}

/// What is read, how fast, and what happens at its end.
pub(crate) struct Work {
    pub(crate) inputs: Vec<NamedInput>,
    pub(crate) rate: Option<Rate>,
    pub(crate) at_end: AtEnd,
}

impl Work {
    /// Reads onto the log.
    pub(crate) async fn play(
        self,
        log: Arc<dyn Log>,
        store: Arc<dyn Store>,
        partitions: u32,
        shutdown: Shutdown,
    ) -> anyhow::Result<()> {
        let Self { inputs, rate, at_end } = self;
        let replay = Replay { log, store, partitions, inputs, rate, at_end };
        Ok(replay.run(shutdown).await?)
    }
}

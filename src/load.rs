//! `goldstream load`: files for the goldstream that runs on this directory, read as `run` would read them; on
//! servers, and where none runs, they are read here. It ends when their rows are counted.

use crate::backend::Backend;
use crate::finding;
use crate::handing_over;
use crate::health;
use crate::inputs::{self, Rows, Work};
use crate::outcome::{Outcome, Usage};
use crate::process::Process;
use crate::run;
use crate::signals::{self, Signals};
use anyhow::Context;
use clap::Args;
use goldstream_domain::column::Kind;
use goldstream_platform::settings::{Servers, Settings};
use goldstream_producers::files::{InputFile, STANDARD_INPUT};
use goldstream_producers::headers;
use goldstream_producers::input::NamedInput;
use goldstream_producers::replay::AtEnd;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct LoadArgs {
    /// Files of customers or of purchases; their headers say which
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A file of customers, whatever else its header names; may be given several times
    #[arg(long, value_name = "FILE")]
    customers: Vec<PathBuf>,
    /// A file of purchases, whatever else its header names; may be given several times
    #[arg(long, value_name = "FILE")]
    purchases: Vec<PathBuf>,
}

impl LoadArgs {
    /// The files, customers first, with headers that fit.
    fn named(&self) -> anyhow::Result<Vec<NamedInput>> {
        let of = |kind, paths: &[PathBuf]| {
            paths.iter().map(move |path| InputFile { kind, path: path.clone() }).collect::<Vec<_>>()
        };
        let all = [&self.customers, &self.purchases, &self.files].into_iter().flatten();
        if all.into_iter().any(|path| path.as_os_str() == STANDARD_INPUT) {
            let reason = "load reads files, which can be read again; write standard input to one";
            return Err(Usage(reason.to_owned()).into());
        }
        let mut files = of(Kind::Customers, &self.customers);
        files.extend(of(Kind::Purchases, &self.purchases));
        for path in &self.files {
            let kind = headers::kind_of(path).map_err(Usage)?;
            files.push(InputFile { kind, path: path.clone() });
        }
        if files.is_empty() {
            return Err(Usage("load is to be given files".to_owned()).into());
        }
        files.sort_by_key(|file| file.kind);
        inputs::named(files)
    }
}

pub(crate) fn run(settings: &Settings, args: &LoadArgs) -> anyhow::Result<Outcome> {
    let inputs = args.named()?;
    match &settings.servers {
        Some(servers) => {
            signals::run(|signals| on_servers(settings.clone(), servers.clone(), inputs, signals))
        }
        None if finding::runs(&settings.data_dir) => handing_over::hand_over(settings, inputs),
        None => {
            let dir = settings.data_dir.display();
            eprintln!("(no goldstream runs on {dir}: the files are read here)");
            run::once(settings, inputs)
        }
    }
}

/// Reads the files onto the topics, and waits until the consumers have counted them.
async fn on_servers(
    settings: Settings,
    servers: Servers,
    inputs: Vec<NamedInput>,
    mut signals: Signals,
) -> anyhow::Result<Outcome> {
    let mut process = Process::new(Backend::existing(&settings, &servers).await?)?;
    process.add_on_servers(&[])?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    process.serve(listener, &["produce"]).await?;
    let rate = inputs::rate(&settings)?;
    let work = Work { rows: Rows::Files(inputs), folder: None, rate, at_end: AtEnd::Stop };
    let read = run::add_producer(&mut process, work)?;
    health::begin(&mut process, &settings);
    let ending = tokio::select! {
        outcome = signals.next() => Ok(outcome),
        counted = run::counted(&mut process, read) => counted.map(|()| Outcome::Done),
    };
    process.end(signals, ending).await
}

//! `goldstream doctor`: what is missing or misconfigured, and how to mend it. It leaves nothing changed:
//! what it writes to see whether it can goes again.

use crate::backend::block_on;
use crate::finding::of_question;
use crate::lake::LakeArgs;
use crate::outcome::Outcome;
use crate::output::print;
use crate::traces::TracesArgs;
use clap::Args;
use goldstream_lake::{Manifest, address};
use goldstream_platform::embedded::{Embedded, FILE_NAME, OpenError};
use goldstream_platform::settings::{LakeSettings, OtlpSettings, Settings, listen_address};
use goldstream_traces::{Probed, probe};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

mod check;
mod servers;

use check::Check;

#[derive(Args)]
pub(crate) struct DoctorArgs {
    /// Where the API is to listen [default: 127.0.0.1:8080]
    #[arg(long, env = "GOLDSTREAM_LISTEN", value_name = "ADDRESS", value_parser = listen_address)]
    pub(crate) listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) lake: LakeArgs,
    #[command(flatten)]
    pub(crate) traces: TracesArgs,
}

pub(crate) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let mut is_well = true;
    let mut tell = |checks: Vec<Check>| {
        is_well &= !checks.iter().any(|check| matches!(check, Check::Bad(_)));
        print(&checks.iter().map(Check::line).collect::<String>()).map(drop)
    };
    if let Some(file) = &settings.file {
        let told = format!(
            "settings are read from {}, where no flag or variable says otherwise",
            file.display()
        );
        tell(vec![Check::Good(told)])?;
    }
    match &settings.servers {
        None => {
            let settings = of_question(settings);
            tell(vec![check_file(&settings)])?;
            tell(check_room(&settings.data_dir).into_iter().collect())?;
        }
        Some(servers) => servers::look(settings, servers, &mut tell)?,
    }
    tell(vec![check_listen(settings)])?;
    if let Some(lake) = &settings.lake {
        tell(vec![block_on(check_lake(lake))?])?;
    }
    if let Some(otlp) = &settings.otlp {
        tell(vec![check_collector(otlp)])?;
    }
    if settings.token.is_some() {
        tell(vec![Check::Good("the API wants a token".to_owned())])?;
    }
    Ok(if is_well { Outcome::Done } else { Outcome::No })
}

fn check_file(settings: &Settings) -> Check {
    let dir = &settings.data_dir;
    if let Some(file) = dir.ancestors().find(|path| path.is_file()) {
        let file = file.display();
        return Check::Bad(format!("{file} is a file, and no store can be in it: give a folder"));
    }
    let file = dir.join(FILE_NAME);
    if std::fs::metadata(&file).is_ok_and(|file| file.len() == 0) {
        let file = file.display();
        return Check::Bad(format!(
            "{file} is empty, as a copy that failed is: put the store in its place, or remove it"
        ));
    }
    if !file.is_file() {
        return Check::Note(format!(
            "there is no store in {} yet; goldstream run makes one",
            dir.display()
        ));
    }
    match Embedded::open_under(dir, settings.partitions, settings.future_days) {
        Ok(embedded) => {
            let partitions = embedded.partitions();
            match embedded.close() {
                Ok(()) => Check::Good(format!(
                    "the store in {} has {partitions} partitions",
                    dir.display()
                )),
                Err(reason) => Check::Bad(reason),
            }
        }
        Err(OpenError::InUse(_)) => {
            Check::Good(format!("a running goldstream holds the store in {}", dir.display()))
        }
        Err(error) => Check::Bad(error.to_string()),
    }
}

/// So much must be free for the next rows.
const ROOM_BYTES: usize = 1024 * 1024;

/// Whether more can be written beside the store; it is taken away at once. Nothing where there is no store.
fn check_room(dir: &Path) -> Option<Check> {
    let probe = dir.join(format!("doctor.{}", std::process::id()));
    let written = dir.is_dir().then(|| std::fs::write(&probe, vec![0; ROOM_BYTES]))?;
    let removed = std::fs::remove_file(&probe);
    Some(match written.and(removed) {
        Ok(()) => Check::Good(format!("{} can be written", dir.display())),
        Err(error) => Check::Bad(format!(
            "{} cannot be written ({error}): give it room, or rights; questions are answered all the same",
            dir.display()
        )),
    })
}

/// Whether the lake can be read and written; what is put there for that is removed.
async fn check_lake(settings: &LakeSettings) -> Check {
    let address = &settings.address;
    let lake = match address::open_existing(settings) {
        Ok(lake) => lake,
        // A folder is made when there is something to be written.
        Err(error) => return Check::Note(format!("{error}; goldstream run --lake makes one")),
    };
    let found = match lake.probe().await {
        Ok(()) => Manifest::found(&lake).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(Some(lake)) => Check::Good(format!(
            "the lake {address} can be written; it is of a store with {} partitions",
            lake.partitions
        )),
        Ok(None) => Check::Good(format!("{address} can be written, and has no lake yet")),
        Err(error) => Check::Bad(format!("the lake {address}: {error}")),
    }
}

/// Whether who is to be told traces takes them; it is posted none.
fn check_collector(OtlpSettings { url, one_in }: &OtlpSettings) -> Check {
    match probe(url) {
        Probed::Taken => Check::Good(format!("{url} takes traces, of one row of {one_in}")),
        Probed::Lost(reason) => Check::Bad(format!("{reason}; traces are lost, and nothing else")),
        Probed::NoStart(reason) => {
            Check::Bad(format!("{reason}; nothing starts that is to be traced"))
        }
    }
}

fn check_listen(settings: &Settings) -> Check {
    let address = match settings.listen() {
        Ok(address) => address,
        Err(error) => return Check::Bad(error.to_string()),
    };
    match TcpListener::bind(address) {
        Ok(_) => Check::Good(format!("{address} is free to listen on")),
        Err(error) => Check::Note(format!(
            "{address} cannot be listened on ({error}): a goldstream may be there already; \
             another address: --listen"
        )),
    }
}

//! `goldstream backup`: the store as it stands, into a file that takes its place once it is whole.

use crate::ask;
use crate::finding::{must_have_store, of_question};
use crate::outcome::{Outcome, Usage};
use crate::output::Output;
use anyhow::Context;
use clap::Args;
use goldstream_platform::embedded::{Embedded, OpenError};
use goldstream_platform::settings::Settings;
use goldstream_platform::telemetry::say;
use std::io;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(crate) struct BackupArgs {
    /// Where the copy goes
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// What runs on the store is asked; else it is copied as it stands, with nothing counted before.
fn write(settings: &Settings, file: &Path, out: &mut Output) -> anyhow::Result<()> {
    let Settings { data_dir: dir, partitions, future_days, .. } = settings;
    must_have_store(dir)?;
    let store = match Embedded::open_aside(dir, *partitions, *future_days) {
        Err(OpenError::InUse(_)) => return ask::ask_into(settings, "/api/v1/backup", out),
        opened => opened?,
    };
    let beside = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let cannot = || format!("cannot write {}", file.display());
    let copy = store.copy_in(beside.unwrap_or(Path::new(".")));
    let mut copy = copy.with_context(cannot)?;
    io::copy(&mut copy, out)?;
    Ok(())
}

pub(crate) fn run(settings: &Settings, args: &BackupArgs) -> anyhow::Result<Outcome> {
    if settings.servers.is_some() {
        let reason = "backup is for a data directory: on servers back up the topics of bronze, all else follows \
                      from them";
        return Err(Usage(reason.to_owned()).into());
    }
    let mut out = Output::private(args.file.clone());
    let written = write(&of_question(settings), &args.file, &mut out);
    let outcome = out.end(written)?;
    let size_bytes = std::fs::metadata(&args.file)?.len();
    say(&format!(
        "{size_bytes} bytes in {}; to restore, put it in the place of goldstream.redb",
        args.file.display()
    ));
    Ok(outcome)
}

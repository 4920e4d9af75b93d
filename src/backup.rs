//! `goldstream backup`: the store as it stands, into a file that takes its place once it is whole.

use crate::ask;
use crate::output::Output;
use crate::{Outcome, Usage};
use clap::Args;
use goldstream_platform::settings::Settings;
use goldstream_platform::telemetry::say;
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct BackupArgs {
    /// Where the copy goes
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(crate) fn run(settings: &Settings, args: &BackupArgs) -> anyhow::Result<Outcome> {
    if settings.servers.is_some() {
        let reason = "backup is for a data directory: on servers back up the topics of bronze, all else follows \
                      from them";
        return Err(Usage(reason.to_owned()).into());
    }
    let mut out = Output::private(args.file.clone());
    let written = ask::ask_into(settings, "/api/v1/backup", &mut out);
    let outcome = out.end(written)?;
    let size_bytes = std::fs::metadata(&args.file)?.len();
    say(&format!(
        "{size_bytes} bytes in {}; to restore, put it in the place of goldstream.redb",
        args.file.display()
    ));
    Ok(outcome)
}

//! `goldstream rebuild`: all rows are folded again from bronze, which it never touches, and neither how far its
//! files were read.

mod file;
mod servers;

use crate::Outcome;
use crate::backend::block_on;
use clap::Args;
use goldstream_platform::settings::Settings;

#[derive(Args)]
pub(crate) struct RebuildArgs {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(crate) fn run(settings: &Settings, args: &RebuildArgs) -> anyhow::Result<Outcome> {
    match &settings.servers {
        Some(servers) => block_on(servers::rebuild(settings, servers, args))?,
        None => file::rebuild(settings),
    }
}

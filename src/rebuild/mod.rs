//! `goldstream rebuild`: all rows are folded again from bronze, which it never touches, and neither how far its
//! files were read.

mod args;
mod ending;
mod file;
mod in_place;
mod servers;

pub(crate) use args::RebuildArgs;

use crate::outcome::{Outcome, Usage};
use goldstream_platform::settings::Settings;

pub(crate) fn run(settings: &Settings, args: &RebuildArgs) -> anyhow::Result<Outcome> {
    match &settings.servers {
        Some(servers) => servers::rebuild(settings, servers, args),
        None if args.in_place => {
            let reason =
                "rebuild --in-place is for servers: a data directory keeps both in one file";
            Err(Usage(reason.to_owned()).into())
        }
        None => file::rebuild(settings, args.wish(settings.future_days)),
    }
}

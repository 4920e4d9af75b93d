//! `goldstream rebuild`: all rows are folded again from bronze, which it never touches, and neither how far its
//! files were read.

mod file;
mod servers;

use crate::backend::block_on;
use crate::{Outcome, Usage};
use clap::Args;
use goldstream_platform::embedded::KEEP_OLD_MAX_MS;
use goldstream_platform::rebuilding::Wish;
use goldstream_platform::settings::Settings;
use jiff::{Span, SpanRelativeTo, Unit};

#[derive(Args)]
pub(crate) struct RebuildArgs {
    /// Do not ask (on servers; on a data directory nobody is asked)
    #[arg(long)]
    yes: bool,
    /// How long what is served now is kept afterwards for --back: 1d, 12h, 0s
    #[arg(long, default_value = "1d", value_name = "TIME", value_parser = milliseconds)]
    keep_old: i64,
    /// Serve again what was served before, and is kept
    #[arg(long, conflicts_with = "keep_old")]
    back: bool,
    /// Give up a rebuild that is under way: what is served goes on
    #[arg(long, conflicts_with_all = ["keep_old", "back"])]
    abandon: bool,
}

/// A time such as 1d or 2h 30m, in milliseconds.
fn milliseconds(text: &str) -> Result<i64, String> {
    let span: Span = text.parse().map_err(|error| format!("{error}"))?;
    let ms = span.total((Unit::Millisecond, SpanRelativeTo::days_are_24_hours()));
    let ms = ms.map_err(|error| error.to_string())?;
    match ms as i64 {
        ms @ 0..=KEEP_OLD_MAX_MS => Ok(ms),
        _ => Err("it is nothing, or at most ten years".to_owned()),
    }
}

impl RebuildArgs {
    fn wish(&self) -> Wish {
        match (self.abandon, self.back) {
            (true, _) => Wish::Abandon,
            (false, true) => Wish::Back,
            (false, false) => Wish::Anew { keep_old_ms: self.keep_old },
        }
    }
}

pub(crate) fn run(settings: &Settings, args: &RebuildArgs) -> anyhow::Result<Outcome> {
    match &settings.servers {
        Some(_) if args.back || args.abandon => {
            let reason = "rebuild --back and --abandon are for a data directory: on servers nothing stands beside";
            Err(Usage(reason.to_owned()).into())
        }
        Some(servers) => block_on(servers::rebuild(settings, servers, args))?,
        None => file::rebuild(settings, args.wish()),
    }
}

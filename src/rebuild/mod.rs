//! `goldstream rebuild`: all rows are folded again from bronze, which it never touches, and neither how far its
//! files were read.

mod file;
mod in_place;
mod servers;

use crate::{Outcome, Usage};
use anyhow::bail;
use clap::Args;
use goldstream_platform::generations::KEEP_OLD_MAX_MS;
use goldstream_platform::rebuilding::{Anew, Wish};
use goldstream_platform::settings::Settings;
use goldstream_platform::telemetry::say;
use jiff::{Span, SpanRelativeTo, Unit};

#[derive(Args)]
pub(crate) struct RebuildArgs {
    /// Do not ask, where something is removed (--in-place)
    #[arg(long)]
    yes: bool,
    /// On servers: remove what was counted first, and count it again in its place; the consumers are to be ended
    #[arg(long, conflicts_with_all = ["back", "abandon", "keep_old"])]
    in_place: bool,
    /// How long what is served now is kept afterwards for --back: 1d, 12h, 0s
    #[arg(long, default_value = "1d", value_name = "TIME", value_parser = milliseconds)]
    keep_old: i64,
    /// Count all rows beside what is served, to be compared with goldstream diff, by other --future-days perhaps;
    /// goldstream rebuild then serves it, --abandon drops it
    #[arg(long, conflicts_with_all = ["back", "abandon", "in_place"])]
    shadow: bool,
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

/// Said once a shadow has counted all rows.
const SHADOW_IS_THERE: &str = "the shadow has counted all rows: goldstream diff compares it with what is served, goldstream \
     rebuild serves it, goldstream rebuild --abandon drops it";

impl RebuildArgs {
    fn wish(&self, future_days: Option<u32>) -> Wish {
        match (self.abandon, self.back) {
            (true, _) => Wish::Abandon,
            (false, true) => Wish::Back,
            (false, false) => {
                Wish::Anew(Anew { keep_old_ms: self.keep_old, future_days, is_shadow: self.shadow })
            }
        }
    }
}

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

/// A signal came before it was over: no success, whichever that was.
fn ended(outcome: Outcome, goes_on: &str) -> anyhow::Result<Outcome> {
    match outcome {
        Outcome::Interrupted => {
            say(goes_on);
            Ok(outcome)
        }
        _ => bail!("ended before all rows were counted again; {goes_on}"),
    }
}

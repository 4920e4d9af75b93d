//! What `rebuild` is asked for.

use clap::Args;
use goldstream_platform::generations::KEEP_OLD_MAX_MS;
use goldstream_platform::rebuilding::{Anew, Wish};
use jiff::{Span, SpanRelativeTo, Unit};

#[derive(Args)]
pub(crate) struct RebuildArgs {
    /// Do not ask, where something is removed (--in-place)
    #[arg(long)]
    pub(super) yes: bool,
    /// On servers: remove what was counted first, and count it again in its place; the consumers are to be ended
    #[arg(long, conflicts_with_all = ["back", "abandon", "keep_old"])]
    pub(super) in_place: bool,
    /// How long what is served now is kept afterwards for --back: 1d, 12h, 0s
    #[arg(long, default_value = "1d", value_name = "TIME", value_parser = milliseconds)]
    pub(super) keep_old: i64,
    /// Count all rows beside what is served, to be compared with goldstream diff, by other --future-days perhaps;
    /// goldstream rebuild then serves it, --abandon drops it
    #[arg(long, conflicts_with_all = ["back", "abandon", "in_place"])]
    pub(super) shadow: bool,
    /// Serve again what was served before, and is kept
    #[arg(long, conflicts_with = "keep_old")]
    pub(super) back: bool,
    /// Give up a rebuild that is under way: what is served goes on
    #[arg(long, conflicts_with_all = ["keep_old", "back"])]
    pub(super) abandon: bool,
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
    pub(super) fn wish(&self, future_days: Option<u32>) -> Wish {
        match (self.abandon, self.back) {
            (true, _) => Wish::Abandon,
            (false, true) => Wish::Back,
            (false, false) => {
                Wish::Anew(Anew { keep_old_ms: self.keep_old, future_days, is_shadow: self.shadow })
            }
        }
    }
}

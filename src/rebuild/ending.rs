//! How a rebuild ends, in words.

use crate::outcome::Outcome;
use anyhow::bail;
use goldstream_platform::telemetry::say;

/// Said once a shadow has counted all rows.
pub(super) const SHADOW_IS_THERE: &str = "the shadow has counted all rows: goldstream diff compares it with what is served, goldstream \
     rebuild serves it, goldstream rebuild --abandon drops it";

/// A signal came before it was over: no success, whichever that was.
pub(super) fn ended(outcome: Outcome, goes_on: &str) -> anyhow::Result<Outcome> {
    match outcome {
        Outcome::Interrupted => {
            say(goes_on);
            Ok(outcome)
        }
        _ => bail!("ended before all rows were counted again; {goes_on}"),
    }
}

//! Looks whether a report is due, and puts it where it is sent from. It makes and sends none.

use super::book::Reporting;
use crate::api_state::ApiState;
use crate::limits::REPORT_WAITS_MAX;
use crate::shop_time::shop_time;
use goldstream_alerts::facts::{Now, Waiting};
use goldstream_alerts::judge::SETTLED_MAX_MS;
use goldstream_alerts::schedule::{Reports, Step};
use goldstream_platform::clock::now_ms;
use goldstream_platform::settings::ReportSettings;
use goldstream_platform::store::StoreError;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Under which a trouble is told.
const NAME: &str = "report";

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// Since when one is due that waits for rows to be counted.
    held_since: Option<Instant>,
}

impl Watched {
    /// Looks once; `waiting` is what waits to be counted, where what is shown is loaded.
    pub(crate) async fn look(&mut self, state: &ApiState, waiting: Option<Waiting>) {
        let reporting = &state.reporting;
        let Some(settings) = reporting.settings() else { return };
        let is_whole = matches!(waiting, Some(Waiting::For(ms)) if ms <= SETTLED_MAX_MS);
        reporting.shared.is_whole.store(is_whole, Ordering::Release);
        let now = Now { local: shop_time(state), utc_ms: now_ms() };
        match step(reporting, settings, now, is_whole).await {
            Err(error) => state.health.report(NAME, error.to_string()),
            Ok(()) if self.is_held_long(reporting, settings, now) => {
                let reason = "a report is due and not sent: it waits until all rows are counted";
                state.health.report(NAME, reason.to_owned());
            }
            Ok(()) => state.health.clear(NAME),
        }
    }

    fn is_held_long(&mut self, reporting: &Reporting, settings: &ReportSettings, now: Now) -> bool {
        let reports = reporting.reports();
        let is_due = reports.due(settings.rhythm, now.local).is_some();
        let is_held = !reporting.is_whole() && (is_due || !reports.outbox.messages().is_empty());
        if !is_held {
            self.held_since = None;
            return false;
        }
        self.held_since.get_or_insert_with(Instant::now).elapsed() >= REPORT_WAITS_MAX
    }
}

/// The store is asked only where something follows from this moment, which is once a week.
async fn step(
    reporting: &Reporting,
    settings: &ReportSettings,
    now: Now,
    is_whole: bool,
) -> Result<(), StoreError> {
    let receivers = settings.receivers();
    let step = Step { rhythm: settings.rhythm, now, is_whole, receivers: &receivers };
    let stepped = |mut reports: Reports| {
        reports.step(step);
        reports
    };
    let known = reporting.shared.reports.value();
    if known.is_some_and(|known| stepped(known.clone()) == known) {
        return Ok(());
    }
    reporting.change(|reports| reports.step(step)).await
}

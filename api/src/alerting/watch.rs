//! Looks again and again at what changed and what time it is, and steps the book and the reports; and tells the feed
//! of every other book, whoever changed it.

use super::Alerting;
use super::settled::Settled;
use super::shop::Seen;
use crate::limits::ALERTS_PACE;
use crate::reporting::Watched;
use crate::server::Server;
use crate::shop_time::shop_time;
use goldstream_alerts::book::Step;
use goldstream_alerts::facts::{Audit, Event, Facts, Now, Waiting};
use goldstream_alerts::judge::hours_wanted;
use goldstream_domain::moment::Hour;
use goldstream_platform::clock::{comes_once, now_ms};
use goldstream_platform::store::StoreError;
use std::sync::Arc;
use tokio::time::MissedTickBehavior;

/// Under which a trouble is told.
const NAME: &str = "alerts";

/// Until it is dropped.
pub(crate) async fn watch(server: Arc<Server>) {
    let alerting = server.state.alerting.clone();
    let mut ticks = tokio::time::interval(ALERTS_PACE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut watching = Watching::default();
    let mut changes = alerting.changes();
    loop {
        tokio::select! {
            _ = ticks.tick() => watching.look(&server, &alerting).await,
            Ok(()) = changes.changed() => server.hub.tell_alerts(alerting.alerts()),
        }
    }
}

#[derive(Default)]
struct Watching {
    facts: Facts,
    seen: Seen,
    settled: Settled,
    reports: Watched,
}

impl Watching {
    /// Looks at what is to be told, and at what is to be reported.
    async fn look(&mut self, server: &Server, alerting: &Alerting) {
        let reporting = &server.state.reporting;
        let is_wanted = alerting.watched().is_some() || reporting.settings().is_some();
        let waiting = match is_wanted && server.must_be_loaded().is_ok() {
            true => Some(self.settled.waiting(server).await),
            false => None,
        };
        let looked = match waiting {
            Some(waiting) if alerting.watched().is_some() => {
                self.step(server, alerting, waiting).await
            }
            // What others write is shown here, too.
            _ => alerting.refresh().await,
        };
        match looked {
            Ok(()) => server.state.health.clear(NAME),
            Err(error) => server.state.health.report(NAME, error.to_string()),
        }
        self.reports.look(&server.state, waiting).await;
    }

    async fn step(
        &mut self,
        server: &Server,
        alerting: &Alerting,
        waiting: Waiting,
    ) -> Result<(), StoreError> {
        let now = Now { local: shop_time(&server.state), utc_ms: now_ms() };
        let Some(settings) = alerting.watched() else { return Ok(()) };
        let mut hours = hours_wanted(&settings.rules, now.local);
        hours.retain(|hour| is_once(server, *hour));
        for event in self.seen.look(&server.state.view, now.local, &hours) {
            self.facts.take(event);
        }
        self.facts.take(Event::Waiting(waiting));
        if let Some(audited) = server.audits.last() {
            let verdict = audited.verdict;
            let first = verdict.differing.first().map(ToString::to_string).unwrap_or_default();
            let audit = Audit { differences: verdict.differences, first };
            self.facts.take(Event::Audited(audit));
        }
        self.facts.take(Event::Clock(now));
        let (receivers, version) = (alerting.receivers(), self.seen.stamp());
        alerting.refresh().await?;
        let step = Step {
            rules: &settings.rules,
            facts: &self.facts,
            version: &version,
            receivers: &receivers,
        };
        alerting.change(|book| book.step(step)).await
    }
}

/// Whether an hour comes once there: a made-up clock is never moved.
fn is_once(server: &Server, hour: Hour) -> bool {
    server.state.shop_clock.is_some() || comes_once(hour)
}

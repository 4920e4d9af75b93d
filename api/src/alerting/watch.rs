//! Looks again and again at what changed and what time it is, and steps the book; and tells the feed of every
//! other book, whoever changed it.

use super::Alerting;
use super::shop::Seen;
use crate::lag::Lag;
use crate::limits::{ALERTS_PACE, ALERTS_SETTLED_MAX};
use crate::server::Server;
use goldstream_alerts::book::Step;
use goldstream_alerts::facts::{Audit, Event, Facts, Now, Waiting};
use goldstream_alerts::judge::hours_wanted;
use goldstream_domain::moment::{Hour, Moment};
use goldstream_platform::clock::{comes_once, local_now, now_ms};
use goldstream_platform::inputs::{InputState, InputStatus};
use goldstream_platform::store::StoreError;
use std::sync::Arc;
use std::time::Instant;
use tokio::time::MissedTickBehavior;

/// Under which a trouble is told.
const NAME: &str = "alerts";

/// Until it is dropped.
pub(crate) async fn watch(server: Arc<Server>) {
    let alerting = server.state.alerting.clone();
    let mut ticks = tokio::time::interval(ALERTS_PACE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut watching = Watching { facts: Facts::default(), seen: Seen::default(), settled: None };
    let mut changes = alerting.changes();
    loop {
        tokio::select! {
            _ = ticks.tick() => watching.look(&server, &alerting).await,
            Ok(()) = changes.changed() => server.hub.tell_alerts(alerting.alerts()),
        }
    }
}

struct Watching {
    facts: Facts,
    seen: Seen,
    /// Since when nothing is read for the first time.
    settled: Option<Instant>,
}

impl Watching {
    async fn look(&mut self, server: &Server, alerting: &Alerting) {
        let looked = match alerting.settings() {
            Some(_) if server.must_be_loaded().is_ok() => self.step(server, alerting).await,
            // What others write is shown here, too.
            _ => alerting.refresh().await,
        };
        match looked {
            Ok(()) => server.state.health.clear(NAME),
            Err(error) => server.state.health.report(NAME, error.to_string()),
        }
    }

    async fn step(&mut self, server: &Server, alerting: &Alerting) -> Result<(), StoreError> {
        let waiting = self.waiting(server).await;
        let now = Now { local: shop_time(server), utc_ms: now_ms() };
        let Some(settings) = alerting.settings() else { return Ok(()) };
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

    /// What waits. While inputs are read to their ends for the first time, or all is counted anew, and a moment
    /// after a start, numbers are a part of what they will be.
    async fn waiting(&mut self, server: &Server) -> Waiting {
        let inputs = server.state.health.inputs().all();
        let is_reading = |input: &InputStatus| input.state == InputState::Reading;
        let is_rebuilding = server.state.rebuilding.progress().is_some();
        if inputs.iter().any(is_reading) || is_rebuilding {
            self.settled = None;
            return Waiting::CatchingUp;
        }
        if self.settled.get_or_insert_with(Instant::now).elapsed() < ALERTS_SETTLED_MAX {
            return Waiting::CatchingUp;
        }
        match Lag::of(&server.state).await.ms {
            Some(ms) => Waiting::For(ms),
            None => Waiting::Unknown,
        }
    }
}

/// The wall clock where the shop is: a made-up one has its own.
fn shop_time(server: &Server) -> Moment {
    server.state.shop_clock.as_ref().map_or_else(local_now, |clock| clock.read().now)
}

/// Whether an hour comes once there: a made-up clock is never moved.
fn is_once(server: &Server, hour: Hour) -> bool {
    server.state.shop_clock.is_some() || comes_once(hour)
}

//! What this process says of itself to the others of its pipeline, again and again while it runs. That the
//! store takes nothing is itself a trouble, seen here first.

use crate::team::Team;
use anyhow::Context;
use goldstream_api::pipeline::Told;
use goldstream_platform::clock::now_ms;
use goldstream_platform::health::{self, Health};
use goldstream_platform::instance;
use goldstream_platform::limits::REPORTS_PACE;
use goldstream_platform::reports::{Heard, Report};
use goldstream_platform::secret::Secret;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// Under which the trouble is told.
const NAME: &str = health::STORE;

/// How long the last word may take: others notice the silence anyway.
const LAST_WORD_MAX: Duration = Duration::from_millis(500);

/// Who tells it.
pub(crate) struct Reporter {
    team: Team,
    report: Report,
}

impl Reporter {
    pub(crate) fn new(team: Team) -> anyhow::Result<Self> {
        let id = Secret::random().context("there is no random number to be had")?;
        let report = Report {
            id: id.expose().to_owned(),
            process: format!("{}:{}", instance::host(), std::process::id()),
            roles: Vec::new(),
            started_at_ms: now_ms(),
            consumers: Some(Vec::new()),
            troubles: BTreeMap::new(),
            lake: None,
            ends: false,
        };
        Ok(Self { team, report })
    }

    /// For the server of this process.
    pub(crate) fn told(&self) -> Told {
        Told { reports: Arc::clone(&self.team.reports), id: self.report.id.clone() }
    }

    /// Fails where consumers of another store have this pipeline's partitions.
    pub(crate) async fn must_be_among_its_own(&self) -> anyhow::Result<()> {
        // Before its first word nobody knows the time of the store.
        match self.team.reports.tell(self.report.clone()).await {
            Ok(Heard::NotPermitted) => Ok(()),
            Ok(Heard::Told) => self.team.must_be_among_its_own().await,
            // A store that takes nothing is waited for by who works on it.
            Err(error) => {
                tracing::warn!(%error, "the others are not told yet");
                self.team.must_be_among_its_own().await
            }
        }
    }

    /// Says from now on how a process with these roles is, as long as it goes on.
    pub(crate) fn begin(&self, roles: &[&str], health: &Health) {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        let report = Report { roles, ..self.report.clone() };
        tokio::spawn(tell(self.team.clone(), report, health.clone()));
        tokio::spawn(self.team.clone().watch(health.clone()));
    }

    /// The last word of a process that ends in an orderly way.
    pub(crate) async fn end(self) {
        let consumers = Some(self.team.site.consumers());
        let last = Report { ends: true, consumers, ..self.report };
        // Nobody needs it.
        let _unheard = tokio::time::timeout(LAST_WORD_MAX, self.team.reports.tell(last)).await;
    }
}

async fn tell(team: Team, report: Report, health: Health) {
    let mut pace = tokio::time::interval(REPORTS_PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        let mut troubles = health.told();
        // Where others hear it, it is over.
        troubles.remove(NAME);
        let consumers = Some(team.site.consumers());
        let lake = health.lake().status();
        match team.reports.tell(Report { troubles, consumers, lake, ..report.clone() }).await {
            Ok(Heard::Told) => health.clear(NAME),
            // Who may only look needs not be known.
            Ok(Heard::NotPermitted) => return,
            Err(error) => health.report(NAME, error.to_string()),
        }
    }
}

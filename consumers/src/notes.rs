//! What is noted of a stage's work beside doing it: numbers for Prometheus, and who waits for an answer too long.
//! It decides nothing but that.

use crate::driver::{Action, Driver, Event};
use crate::stage::Stage;
use crate::watchdog::Watchdog;
use goldstream_domain::gold::shard::GoldCounts;
use goldstream_domain::progress::{GoldHead, SilverHead};
use goldstream_platform::health::Health;
use goldstream_platform::log::TopicPartition;
use goldstream_platform::metrics::{Fate, StageMetrics, Standing};
use goldstream_platform::store::{Changes, Commit, Content};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// The notes of one stage.
pub(crate) struct Notes {
    metrics: StageMetrics,
    standing: Standing,
    /// What is being committed, for what it says of rows once it is.
    sealed: BTreeMap<TopicPartition, Arc<Commit>>,
    watchdog: Watchdog,
}

/// What an event may have changed.
#[derive(Default)]
pub(crate) struct Happened {
    /// The partition whose position may be another one.
    moved: Option<TopicPartition>,
    /// What became of its rows, where that is known anew.
    fates: Vec<Fate>,
}

impl Notes {
    pub(crate) fn new(metrics: StageMetrics, standing: Standing) -> Self {
        let (sealed, watchdog) = (BTreeMap::new(), Watchdog::default());
        Self { metrics, standing, sealed, watchdog }
    }

    /// The shards that are to begin anew, looked for at each tick.
    pub(crate) fn stuck(&mut self, event: &Event, health: &Health) -> Vec<Event> {
        if !matches!(event, Event::Tick) {
            return Vec::new();
        }
        let now = Instant::now();
        if health.is_a_server_away() || !health.stops().is_empty() {
            self.watchdog.excuse(now);
        }
        let stuck = self.watchdog.stuck(now);
        stuck.iter().for_each(|_| self.metrics.restarted());
        stuck.into_iter().map(|(at, waited)| Event::Stuck(at, waited)).collect()
    }

    /// An event is about to be handled.
    pub(crate) fn heard(&mut self, event: &Event) -> Happened {
        match event {
            Event::Assigned(_) | Event::Revoked(_) => self.metrics.rebalanced(),
            Event::Appended { at, .. } | Event::Committed { at, .. } => {
                self.watchdog.answered(*at, Instant::now());
            }
            _ => {}
        }
        let (at, fates) = match event {
            Event::Loaded { at, result, .. } => {
                (at, result.as_ref().map_or_else(|_| Vec::new(), |image| stored(&image.content)))
            }
            Event::Verified { at, .. } => (at, Vec::new()),
            Event::Committed { at, result, .. } => {
                let sealed = self.sealed.remove(at).filter(|_| result.is_ok());
                (at, sealed.map_or_else(Vec::new, |commit| made(&commit.changes)))
            }
            _ => return Happened::default(),
        };
        Happened { moved: Some(*at), fates }
    }

    /// It was handled.
    pub(crate) fn stands<S: Stage>(&mut self, happened: &Happened, driver: &Driver<S>) {
        self.standing.works_on(driver.partitions());
        let Some(at) = happened.moved else { return };
        if let Some(position) = driver.position(at) {
            self.standing.is_at(at, position);
        }
        self.standing.has_counted(at, &happened.fates);
    }

    /// Something is about to be done.
    pub(crate) fn asked(&mut self, action: &Action) {
        match action {
            Action::Append { at, .. } => self.watchdog.asked(*at, Instant::now()),
            Action::Commit { at, commit, .. } => {
                self.watchdog.asked(*at, Instant::now());
                self.sealed.insert(*at, Arc::clone(commit));
            }
            Action::Release(at) => {
                self.watchdog.forget(*at);
                self.sealed.remove(at);
                self.standing.has_left(*at);
            }
            _ => {}
        }
    }
}

/// What became of the rows of a shard since its first one, as it is stored.
fn stored(content: &Content) -> Vec<Fate> {
    match content {
        Content::Silver { head, .. } => of_silver(head),
        Content::Gold { head, .. } => of_gold(head),
        Content::Empty | Content::Source(_) => Vec::new(),
    }
}

/// The same after a commit.
fn made(changes: &Changes) -> Vec<Fate> {
    match changes {
        Changes::Silver { head, .. } => of_silver(head),
        Changes::Gold { head, .. } => of_gold(head),
        Changes::Source(_) => Vec::new(),
    }
}

fn of_silver(head: &SilverHead) -> Vec<Fate> {
    let refused = head.quarantined.iter();
    let refused = refused.map(|(reason, rows)| ("quarantined", reason.code(), *rows));
    refused.chain([("duplicate_purchases", "", head.duplicate_purchases)]).collect()
}

fn of_gold(head: &GoldHead) -> Vec<Fate> {
    let GoldCounts { accepted_purchases, customer_versions, .. } = &head.counts;
    vec![
        ("accepted_purchases", "", *accepted_purchases),
        ("customer_versions", "", *customer_versions),
    ]
}

//! What is known of the other processes, as they say and as their work shows.

use super::standing::Standing;
use super::told::Told;
use goldstream_platform::clock::rfc3339;
use goldstream_platform::lakes::LakeStatus;
use goldstream_platform::limits::REPORTS_SILENCE_MAX;
use goldstream_platform::reports::{self, Report, living};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How much a machine's clock may be off before old reports are taken for new ones by who has just started.
const CLOCKS_MAX: Duration = Duration::from_secs(60);

/// So long, in the store's time.
pub(super) const SILENCE_MS: i64 = REPORTS_SILENCE_MAX.as_millis() as i64;

/// What is known of the pipeline.
#[derive(Debug, Default)]
pub(crate) struct Pipeline {
    /// This process in its own reports: what it says of itself is told by itself.
    own: Option<String>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
pub(super) struct Seen {
    /// All processes that live, this one included; none where they tell nobody.
    pub(super) processes: Vec<Report>,
    /// The store's time of the newest report, and when that was seen.
    pub(super) newest: Option<(i64, Instant)>,
    pub(super) standing: Standing,
    /// Which stages do not go on, each with a sentence.
    pub(super) stages: BTreeMap<&'static str, String>,
    pub(super) is_heard: bool,
}

/// A process of the pipeline, as status tells it.
#[derive(Debug, Serialize)]
pub(crate) struct ProcessStatus {
    process: String,
    pub(crate) roles: Vec<String>,
    started_at: String,
    troubles: BTreeMap<String, String>,
}

impl Seen {
    pub(super) fn hear(&mut self, reports: Vec<(i64, Report)>, now: Instant, clock_ms: i64) {
        let newest_ms = reports.last().map_or(0, |(at_ms, _)| *at_ms);
        let is_new = self.newest.is_none_or(|(seen_ms, _)| newest_ms != seen_ms);
        if is_new {
            self.newest = Some((newest_ms, now));
        }
        let heard_at = self.newest.map_or(now, |(_, heard_at)| heard_at);
        let is_silent = now.saturating_duration_since(heard_at) > REPORTS_SILENCE_MAX
            || clock_ms.saturating_sub(newest_ms) > CLOCKS_MAX.as_millis() as i64;
        let young = |(at_ms, _): &(i64, Report)| !is_silent && *at_ms >= newest_ms - SILENCE_MS;
        self.processes = living(reports.into_iter().filter(young).collect());
    }

    /// The processes but one.
    fn but<'a>(&'a self, own: &'a Option<String>) -> impl Iterator<Item = &'a Report> {
        self.processes.iter().filter(move |report| Some(&report.id) != own.as_ref())
    }
}

impl Pipeline {
    /// As a process with these reports sees it.
    pub(crate) fn of(told: Option<&Told>) -> Self {
        Self { own: told.map(|told| told.id.clone()), seen: Mutex::default() }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All processes that say how they are.
    pub(crate) fn processes(&self) -> Vec<ProcessStatus> {
        let status = |report: &Report| ProcessStatus {
            process: report.process.clone(),
            roles: report.roles.clone(),
            started_at: rfc3339(report.started_at_ms),
            troubles: report.troubles.iter().map(|(name, it)| (name.clone(), it.words())).collect(),
        };
        self.lock().processes.iter().map(status).collect()
    }

    /// What is wrong with other processes, and with stages that do not go on.
    pub(crate) fn troubles(&self) -> BTreeMap<String, String> {
        let seen = self.lock();
        let of_processes = seen.but(&self.own).flat_map(|report| {
            let whose = format!("{} ({})", report.process, report.roles.join(", "));
            let named = move |(name, told): (&String, &reports::Told)| {
                (format!("{whose}: {name}"), told.words())
            };
            report.troubles.iter().map(named)
        });
        let of_stages = seen.stages.iter().map(|(stage, sentence)| {
            let works = |report: &Report| report.roles.iter().any(|role| role == stage);
            let nobody = !seen.processes.is_empty() && !seen.processes.iter().any(works);
            let hint = if nobody { "; no process says that it does this work" } else { "" };
            (format!("progress of {stage}"), format!("{sentence}{hint}"))
        });
        of_processes.chain(of_stages).collect()
    }

    /// How the lakes are that other processes write.
    pub(crate) fn lakes(&self) -> Vec<LakeStatus> {
        self.lock().but(&self.own).filter_map(|report| report.lake.clone()).collect()
    }

    /// What stands still in other processes until a person acts. It does not say whose it is: who asks
    /// whether a server is ready need not know their names.
    pub(crate) fn halts(&self) -> Vec<String> {
        let seen = self.lock();
        let halted = seen.but(&self.own).flat_map(|report| {
            let halted = report.troubles.iter().filter(|(_, told)| told.halted);
            halted.map(|(name, told)| format!("{name}: {}", told.reason))
        });
        halted.collect()
    }

    /// The names of what is wrong there, without whose it is.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let seen = self.lock();
        let of_processes = seen.but(&self.own).flat_map(|report| report.troubles.keys().cloned());
        let of_stages = seen.stages.keys().map(|stage| format!("progress of {stage}"));
        of_processes.chain(of_stages).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(id: &str, trouble: Option<&str>) -> Report {
        let told = |reason: &str| reports::Told { reason: reason.to_owned(), halted: true };
        let troubles = trouble.map(|reason| ("gold of silver/0".to_owned(), told(reason)));
        Report {
            id: id.to_owned(),
            process: format!("host:{id}"),
            roles: vec!["gold".to_owned()],
            started_at_ms: 0,
            consumers: None,
            troubles: troubles.into_iter().collect(),
            lake: None,
            ends: false,
        }
    }

    fn heard(own: &str, reports: Vec<(i64, Report)>, clock_ms: i64) -> Pipeline {
        let pipeline = Pipeline { own: Some(own.to_owned()), seen: Mutex::default() };
        pipeline.lock().hear(reports, Instant::now(), clock_ms);
        pipeline
    }

    #[test]
    fn what_others_say_is_told_with_their_names_and_ones_own_is_not_told_twice() {
        let reports = vec![(1000, report("1", Some("why"))), (2000, report("2", Some("too")))];
        let pipeline = heard("2", reports, 2000);
        assert_eq!(pipeline.halts(), ["gold of silver/0: why"]);
        let troubles = pipeline.troubles();
        assert_eq!(troubles["host:1 (gold): gold of silver/0"], "halted: why");
        assert_eq!(troubles.len(), 1);
        assert_eq!(pipeline.processes().len(), 2);
    }

    #[test]
    fn who_has_been_silent_for_long_is_gone() {
        let (old, young) = (report("1", None), report("2", None));
        let pipeline =
            heard("none", vec![(1000, old), (1001 + SILENCE_MS, young)], 1001 + SILENCE_MS);
        assert_eq!(pipeline.processes().len(), 1);
        let of_yesterday = heard("none", vec![(1000, report("1", Some("why")))], 86_400_000);
        assert!(of_yesterday.processes().is_empty() && of_yesterday.halts().is_empty());
    }

    #[test]
    fn where_nothing_more_is_heard_nobody_lives() {
        let (pipeline, began) = (Pipeline::default(), Instant::now());
        let reports = || vec![(1000, report("1", None))];
        pipeline.lock().hear(reports(), began, 1000);
        assert_eq!(pipeline.processes().len(), 1);
        pipeline.lock().hear(reports(), began + 2 * REPORTS_SILENCE_MAX, 1000);
        assert!(pipeline.processes().is_empty());
    }
}

//! What each process of a pipeline says of itself to all others, through the store: who it is, what it
//! does, what is wrong with it. Told and read by people's means; no number follows from it.

use crate::lakes::LakeStatus;
use crate::store::StoreError;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a process says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Differs between any two processes.
    pub id: String,
    /// Its machine and number, for people: `HOST:PID`.
    pub process: String,
    /// What it does: `produce`, `silver`, `gold`, `serve`.
    pub roles: Vec<String>,
    /// When it started: milliseconds since 1970 UTC, by its own clock.
    pub started_at_ms: i64,
    /// What its consumers are called in Kafka's groups; none told by a version that did not say it.
    #[serde(default)]
    pub consumers: Option<Vec<String>>,
    /// What is wrong with it, by name.
    pub troubles: BTreeMap<String, Told>,
    /// How the lake is that it writes; none where it writes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lake: Option<LakeStatus>,
    /// It ends in an orderly way: the last that is heard of it.
    pub ends: bool,
}

/// A trouble as it is told to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Why, as a sentence.
    pub reason: String,
    /// Whether something stands still until a person acts.
    pub halted: bool,
}

impl Told {
    /// In one line.
    #[must_use]
    pub fn words(&self) -> String {
        if self.halted { format!("halted: {}", self.reason) } else { self.reason.clone() }
    }
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The others can read it.
    Told,
    /// This process may only look.
    NotPermitted,
}

/// Where reports are left and found. They carry the time of the store's clock, so that no process's own
/// says whether another lives.
pub trait Reports: Send + Sync {
    /// Leaves a report.
    fn tell(&self, report: Report) -> BoxFuture<'static, Result<Heard, StoreError>>;

    /// The reports since that time of the store's (milliseconds since 1970 UTC), oldest first, each with its own.
    fn since(&self, at_ms: i64) -> BoxFuture<'static, Result<Vec<(i64, Report)>, StoreError>>;
}

/// How long after its last report a consumer may still stand in a group, a cut to the broker included.
const REMEMBERED_MS: i64 = 60_000;

/// Which of these consumers no report of late knows: they write to another store. None where a process
/// of a version that does not name its consumers is among those that reported.
pub fn strangers<'a>(
    consumers: impl IntoIterator<Item = &'a str>,
    reports: &[(i64, Report)],
) -> Vec<&'a str> {
    let now_ms = reports.iter().map(|(at_ms, _)| *at_ms).max().unwrap_or_default();
    let of_late = reports.iter().filter(|(at_ms, _)| *at_ms >= now_ms - REMEMBERED_MS);
    let named: Option<Vec<_>> = of_late.map(|(_, report)| report.consumers.as_ref()).collect();
    let Some(named) = named else { return Vec::new() };
    let known: BTreeSet<_> = named.into_iter().flatten().map(String::as_str).collect();
    consumers.into_iter().filter(|name| !known.contains(name)).collect()
}

/// The last report of each process that lives, in the order of their names.
#[must_use]
pub fn living(reports: Vec<(i64, Report)>) -> Vec<Report> {
    let mut last = BTreeMap::new();
    for (_, report) in reports {
        last.insert((report.process.clone(), report.id.clone()), report);
    }
    last.into_values().filter(|report| !report.ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(id: &str, ends: bool) -> Report {
        let (process, roles) = (format!("host:{id}"), vec!["gold".to_owned()]);
        let (id, troubles) = (id.to_owned(), BTreeMap::new());
        let consumers = Some(vec![format!("{id}-gold")]);
        Report { id, process, roles, started_at_ms: 7, consumers, troubles, lake: None, ends }
    }

    #[test]
    fn a_consumer_that_no_report_of_late_names_is_a_stranger() {
        let reports = [(1_000, report("old", false)), (70_000, report("a", true))];
        assert_eq!(strangers(["a-gold", "b-gold"], &reports), ["b-gold"]);
        assert_eq!(strangers(["old-gold"], &reports), ["old-gold"], "it is too long ago");
        assert_eq!(strangers(["a-gold"], &[]), ["a-gold"]);
    }

    #[test]
    fn beside_a_version_that_names_no_consumers_nobody_is_called_a_stranger() {
        let json = r#"{"id":"x","process":"h:1","roles":["gold"],"started_at_ms":7,"troubles":{},"ends":false}"#;
        let of_before: Report = serde_json::from_str(json).unwrap();
        assert!(
            strangers(["b-gold"], &[(70_000, report("a", false)), (70_001, of_before)]).is_empty()
        );
    }

    #[test]
    fn of_each_process_the_last_report_counts_and_who_has_ended_is_gone() {
        let told = [("b", false), ("a", false), ("c", false), ("b", true), ("a", false)];
        let told = told.into_iter().zip(0..).map(|((id, ends), at_ms)| (at_ms, report(id, ends)));
        assert_eq!(living(told.collect()), [report("a", false), report("c", false)]);
    }
}

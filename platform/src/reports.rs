//! What each process of a pipeline says of itself to all others, through the store: who it is, what it
//! does, what is wrong with it. Told and read by people's means; no number follows from it.

use crate::store::StoreError;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// What is wrong with it, by name.
    pub troubles: BTreeMap<String, Told>,
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
        Report { id, process, roles, started_at_ms: 7, troubles, ends }
    }

    #[test]
    fn of_each_process_the_last_report_counts_and_who_has_ended_is_gone() {
        let told = [("b", false), ("a", false), ("c", false), ("b", true), ("a", false)];
        let told = told.into_iter().zip(0..).map(|((id, ends), at_ms)| (at_ms, report(id, ends)));
        assert_eq!(living(told.collect()), [report("a", false), report("c", false)]);
    }
}

//! When what changed: version stamps, so that a subscriber needs to remember one number only.
//!
//! A table joins by one more [`Stamps`]; a single object by one more number.

use crate::limits::{INGESTIONS_MAX, TOMBSTONES_MAX};
use goldstream_domain::moment::{Day, Month};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Stamps of everything that a subscriber can see.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) summary_at: u64,
    pub(super) accounting_at: u64,
    pub(super) products: Stamps<Arc<str>>,
    pub(super) months: Stamps<Month>,
    pub(super) days: Stamps<Day>,
    pub(super) countries: Stamps<Option<Arc<str>>>,
    /// Of commits that moved gold.
    pub(super) gold: Ingested,
    /// Of silver commits that moved the accounting.
    pub(super) silver: Ingested,
    /// What changed up to this version is not known any more.
    forgotten_to: u64,
}

impl Changed {
    /// Forgets everything: from `version` on all is new.
    pub(super) fn forget(&mut self, version: u64) {
        *self = Self { forgotten_to: version, ..Self::default() };
    }

    /// The earliest version from which all changes are known.
    pub(super) fn known_from(&self) -> u64 {
        // Of products, months and days, which are never deleted, nothing is forgotten.
        let ingested = self.gold.forgotten_to.max(self.silver.forgotten_to);
        self.forgotten_to.max(self.countries.forgotten_to).max(ingested)
    }
}

/// The version at which each key of a table changed last, deleted ones included.
#[derive(Debug, Clone)]
pub(crate) struct Stamps<K> {
    at: BTreeMap<K, u64>,
    deleted: VecDeque<(u64, K)>,
    forgotten_to: u64,
}

impl<K> Default for Stamps<K> {
    fn default() -> Self {
        Self { at: BTreeMap::new(), deleted: VecDeque::new(), forgotten_to: 0 }
    }
}

impl<K: Ord + Clone> Stamps<K> {
    /// The key has a new row.
    pub(crate) fn changed(&mut self, key: K, version: u64) {
        self.at.insert(key, version);
    }

    /// The key has no row any more.
    pub(crate) fn deleted(&mut self, key: K, version: u64) {
        self.at.insert(key.clone(), version);
        self.deleted.push_back((version, key));
        if self.deleted.len() <= TOMBSTONES_MAX {
            return;
        }
        let Some((version, key)) = self.deleted.pop_front() else { return };
        // A key that came back since has a later stamp and stays.
        if self.at.get(&key) == Some(&version) {
            self.at.remove(&key);
            self.forgotten_to = version;
        }
    }

    /// Deletions up to this version are not all known.
    pub(crate) const fn forgotten_to(&self) -> u64 {
        self.forgotten_to
    }

    /// Keys that changed after `version`.
    pub(crate) fn since(&self, version: u64) -> impl Iterator<Item = &K> {
        self.at.iter().filter(move |(_, at)| **at > version).map(|(key, _)| key)
    }
}

/// The ingestion time of the oldest row of each commit, kept so that the minimum over all commits
/// after a version is found at once: an entry that a later one undercuts can never be an answer.
#[derive(Debug, Default)]
pub(super) struct Ingested {
    commits: VecDeque<(u64, i64)>,
    forgotten_to: u64,
}

impl Ingested {
    pub(super) fn note(&mut self, version: u64, at_ms: i64) {
        while self.commits.back().is_some_and(|(_, last_ms)| *last_ms >= at_ms) {
            self.commits.pop_back();
        }
        self.commits.push_back((version, at_ms));
        if self.commits.len() > INGESTIONS_MAX
            && let Some((version, _)) = self.commits.pop_front()
        {
            self.forgotten_to = version;
        }
    }

    /// The oldest ingestion time of the commits after `version`.
    pub(super) fn oldest_since(&self, version: u64) -> Option<i64> {
        let place = self.commits.partition_point(|(at, _)| *at <= version);
        self.commits.get(place).map(|(_, at_ms)| *at_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_ingestion_after_a_version_is_found_whatever_the_order() {
        let mut ingested = Ingested::default();
        let all = [(1, 50), (2, 20), (4, 70), (5, 60), (7, 90)];
        for (version, at_ms) in all {
            ingested.note(version, at_ms);
        }
        for since in 0..9 {
            let after = all.iter().filter(|(version, _)| *version > since);
            assert_eq!(ingested.oldest_since(since), after.map(|(_, at)| *at).min(), "{since}");
        }
    }

    #[test]
    fn keys_that_changed_after_a_version_are_listed_with_deleted_ones() {
        let mut stamps = Stamps::default();
        stamps.changed("a", 1);
        stamps.changed("b", 2);
        stamps.deleted("a", 3);
        assert_eq!(stamps.since(1).collect::<Vec<_>>(), [&"a", &"b"]);
        assert_eq!(stamps.since(2).collect::<Vec<_>>(), [&"a"]);
        assert_eq!(stamps.since(3).count(), 0);
    }

    #[test]
    fn forgotten_deletions_move_the_version_from_which_changes_are_known() {
        let mut changed = Changed::default();
        for n in 0..=TOMBSTONES_MAX as u64 {
            changed.countries.deleted(Some(format!("{n}").into()), n + 1);
        }
        assert_eq!(changed.known_from(), 1);
        assert_eq!(changed.countries.since(1).count(), TOMBSTONES_MAX);
    }

    #[test]
    fn forgotten_ingestions_move_it_too() {
        let mut changed = Changed::default();
        for n in 0..=INGESTIONS_MAX as u64 {
            changed.gold.note(n + 1, n as i64);
        }
        assert_eq!(changed.known_from(), 1);
        changed.forget(99_999);
        assert_eq!(changed.known_from(), 99_999);
    }
}

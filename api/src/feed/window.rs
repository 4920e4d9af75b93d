//! The first rows of an order, and what changed in them since a version. All subscriptions to the same
//! rows share one: what they miss is noted once, however many they are.

use crate::view::changed::Stamps;
use std::collections::BTreeMap;

/// The rows of one window as they were last looked at.
#[derive(Debug, Clone)]
pub(super) struct Window<K, R> {
    /// The keys in their order.
    order: Vec<K>,
    rows: BTreeMap<K, R>,
    stamps: Stamps<K>,
    /// What changed in it before is not known.
    known_from: u64,
    looked_at: u64,
}

impl<K: Ord + Clone, R: Clone + PartialEq> Window<K, R> {
    /// The rows at this version.
    pub(super) fn new(version: u64, rows: impl Iterator<Item = (K, R)>) -> Self {
        let rows: Vec<_> = rows.collect();
        Self {
            order: rows.iter().map(|(key, _)| key.clone()).collect(),
            rows: rows.into_iter().collect(),
            stamps: Stamps::default(),
            known_from: version,
            looked_at: version,
        }
    }

    /// Looks again. A change counts as of the version at which it is seen: nobody has been shown the
    /// window in between.
    pub(super) fn look(&mut self, version: u64, rows: impl Iterator<Item = (K, R)>) {
        if self.looked_at == version {
            return;
        }
        self.looked_at = version;
        let mut gone = std::mem::take(&mut self.rows);
        self.order.clear();
        for (key, row) in rows {
            let same = gone.remove(&key).is_some_and(|old| old == row);
            if !same {
                self.stamps.changed(key.clone(), version);
            }
            self.order.push(key.clone());
            self.rows.insert(key, row);
        }
        for key in gone.into_keys() {
            self.stamps.deleted(key, version);
        }
    }

    /// Whether all changes since `version` are known.
    pub(super) fn knows_since(&self, version: u64) -> bool {
        self.known_from.max(self.stamps.forgotten_to()) <= version
    }

    /// All rows in their order.
    pub(super) fn rows(&self) -> impl Iterator<Item = &R> {
        self.keyed().map(|(_, row)| row)
    }

    /// The same, each with its key.
    pub(super) fn keyed(&self) -> impl Iterator<Item = (&K, &R)> {
        self.order.iter().filter_map(|key| Some((key, self.rows.get(key)?)))
    }

    /// Keys that changed after `version`, with the row where it is still in the window.
    pub(super) fn since(&self, version: u64) -> impl Iterator<Item = (&K, Option<&R>)> {
        self.stamps.since(version).map(|key| (key, self.rows.get(key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Top = Window<&'static str, u32>;

    fn since(window: &Top, version: u64) -> Vec<(&'static str, Option<u32>)> {
        window.since(version).map(|(key, row)| (*key, row.copied())).collect()
    }

    #[test]
    fn rows_that_are_pushed_out_are_deleted_and_those_that_come_are_new() {
        let mut window = Top::new(3, [("a", 9), ("b", 8)].into_iter());
        window.look(5, [("c", 10), ("a", 9)].into_iter());
        assert_eq!(since(&window, 3), [("b", None), ("c", Some(10))]);
        assert_eq!(window.rows().copied().collect::<Vec<_>>(), [10, 9]);
        window.look(6, [("b", 11), ("c", 10)].into_iter());
        assert_eq!(since(&window, 5), [("a", None), ("b", Some(11))]);
        assert_eq!(since(&window, 3), [("a", None), ("b", Some(11)), ("c", Some(10))]);
        assert_eq!(since(&window, 6), []);
    }

    #[test]
    fn what_happened_before_it_was_first_looked_at_is_not_known() {
        let window = Top::new(3, [("a", 9)].into_iter());
        assert!(!window.knows_since(2) && window.knows_since(3));
    }
}

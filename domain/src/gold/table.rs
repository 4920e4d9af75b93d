//! One table of one shard in memory: rows by slot, found by key, with a note of what changed.
//! It knows nothing of what the rows count.

use super::rows::{Row, RowChange, RowFate};
use crate::planted::{self, Bug};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hash};

/// A row that a [`Rows`] can hold.
pub(super) trait Keyed: Clone {
    /// What it is found by.
    type Key<'a>: Hash + Eq + Copy
    where
        Self: 'a;
    /// Its key.
    fn key(&self) -> Self::Key<'_>;
    /// Whether `key` is its key.
    fn has_key(&self, key: Self::Key<'_>) -> bool;
    /// Whether it counts nothing and must not stand in the table.
    fn is_empty(&self) -> bool;
    /// The row as stores and readers get it.
    fn to_row(&self) -> Row;
}

#[derive(Debug)]
struct Slot<R> {
    row: R,
    changed: bool,
}

/// The rows of one table.
#[derive(Debug)]
pub(super) struct Rows<R> {
    slots: Vec<Option<Slot<R>>>,
    index: HashTable<u32>,
    changed: Vec<u32>,
    /// Rows that count nothing any more since the last call for changes, with their places.
    gone: Vec<(u32, R)>,
}

fn hash_of<K: Hash>(key: K) -> u64 {
    FixedState::with_seed(0).hash_one(key)
}

impl<R: Keyed> Rows<R> {
    pub(super) fn new() -> Self {
        Self { slots: Vec::new(), index: HashTable::new(), changed: Vec::new(), gone: Vec::new() }
    }

    /// The slot of `key`, made by `make` if there is none yet.
    pub(super) fn find_or_insert(&mut self, key: R::Key<'_>, make: impl FnOnce() -> R) -> u32 {
        let hash = hash_of(key);
        let slots = &self.slots;
        let same = |slot: &u32| row_at(slots, *slot).is_some_and(|row| row.has_key(key));
        if let Some(slot) = self.index.find(hash, same) {
            return *slot;
        }
        let slot = self.slots.len() as u32;
        self.slots.push(Some(Slot { row: make(), changed: false }));
        self.add_to_index(hash, slot);
        slot
    }

    /// The row at `slot`, noted as changed. The slot must have come from this table.
    pub(super) fn change(&mut self, slot: u32) -> Option<&mut R> {
        let entry = self.slots.get_mut(slot as usize)?.as_mut()?;
        if !entry.changed {
            entry.changed = true;
            self.changed.push(slot);
        }
        Some(&mut entry.row)
    }

    /// Takes the row at `slot` out if it counts nothing any more. It must be looked at after every event
    /// that may have emptied it: were it only with the next call for changes, the place of a later row
    /// would depend on when that is.
    pub(super) fn settle(&mut self, slot: u32) {
        if !planted::is(Bug::ZeroRowKept) && !planted::is(Bug::SlotsOfHistory) {
            self.take_out_if_empty(slot);
        }
    }

    fn take_out_if_empty(&mut self, slot: u32) {
        if !self.get(slot).is_some_and(Keyed::is_empty) {
            return;
        }
        let Some(entry) = self.slots.get_mut(slot as usize).and_then(Option::take) else { return };
        let hash = hash_of(entry.row.key());
        if let Ok(found) = self.index.find_entry(hash, |other| *other == slot) {
            found.remove();
        }
        self.gone.push((slot, entry.row));
    }

    /// How many places were given, those of rows that are gone included.
    pub(super) fn places(&self) -> u64 {
        self.slots.len() as u64
    }

    /// So many places were given: those of rows that are gone are not given again.
    pub(super) fn restore_places(&mut self, places: u64) {
        let places = usize::try_from(places).unwrap_or(usize::MAX).max(self.slots.len());
        self.slots.resize_with(places, || None);
    }

    /// The row at `slot`.
    pub(super) fn get(&self, slot: u32) -> Option<&R> {
        row_at(&self.slots, slot)
    }

    /// The row with `key`.
    pub(super) fn find(&self, key: R::Key<'_>) -> Option<&R> {
        let same = |slot: &u32| row_at(&self.slots, *slot).is_some_and(|row| row.has_key(key));
        let slot = self.index.find(hash_of(key), same)?;
        row_at(&self.slots, *slot)
    }

    /// All rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = &R> {
        self.slots.iter().flatten().map(|slot| &slot.row)
    }

    /// Puts a loaded row where it was.
    pub(super) fn restore(&mut self, slot: u32, row: R) {
        let at = slot as usize;
        if self.slots.len() <= at {
            self.slots.resize_with(at + 1, || None);
        }
        let hash = hash_of(row.key());
        self.slots[at] = Some(Slot { row, changed: false });
        self.add_to_index(hash, slot);
    }

    fn add_to_index(&mut self, hash: u64, slot: u32) {
        let slots = &self.slots;
        let rehash = |slot: &u32| row_at(slots, *slot).map_or(0, |row| hash_of(row.key()));
        self.index.insert_unique(hash, slot, rehash);
    }

    /// Appends what changed since the last call: what is gone, then what stands.
    pub(super) fn take_changes(&mut self, out: &mut Vec<RowChange>) {
        if planted::is(Bug::SlotsOfHistory) {
            self.changed.clone().into_iter().for_each(|slot| self.take_out_if_empty(slot));
        }
        for (slot, row) in self.gone.drain(..) {
            out.push(RowChange { slot, row: row.to_row(), fate: RowFate::Deleted });
        }
        for slot in self.changed.drain(..) {
            // A row that is gone was told above.
            let entry = self.slots.get_mut(slot as usize).and_then(Option::as_mut);
            let Some(entry) = entry else { continue };
            entry.changed = false;
            out.push(RowChange { slot, row: entry.row.to_row(), fate: RowFate::Stands });
        }
    }
}

fn row_at<R>(slots: &[Option<Slot<R>>], slot: u32) -> Option<&R> {
    slots.get(slot as usize)?.as_ref().map(|entry| &entry.row)
}

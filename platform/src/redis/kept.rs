//! How many entries of a feed are kept, so that they stay below a size in bytes.
//!
//! Sizes are noted as entries are written; the feed is never read for it. What stood there before
//! the first commit of this process is one group of entries.

use std::collections::VecDeque;

/// What a stream spends on an entry beside its values.
const ENTRY_BYTES: u64 = 128;

/// Entries are noted in about so many groups, whose own size is noted and not that of each: a feed
/// of small entries has hundreds of thousands.
const GROUPS: u64 = 64;

/// Entries that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    entries: u64,
    size_bytes: u64,
}

/// The sizes of the entries of one feed, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kept {
    groups: VecDeque<Group>,
    entries: u64,
    size_bytes: u64,
}

impl Kept {
    /// A feed as it was found.
    pub(super) fn found(entries: u64, size_bytes: u64) -> Self {
        if entries == 0 {
            return Self::default();
        }
        Self { groups: [Group { entries, size_bytes }].into(), entries, size_bytes }
    }

    /// Notes an entry that is about to be written with values of that size. Gives how many entries
    /// are to be kept, it included.
    pub(super) fn push(&mut self, values_bytes: u64, size_bytes_max: u64) -> u64 {
        let entry_bytes = values_bytes + ENTRY_BYTES;
        self.entries += 1;
        self.size_bytes += entry_bytes;
        match self.groups.back_mut() {
            Some(newest) if newest.size_bytes + entry_bytes <= size_bytes_max / GROUPS => {
                newest.entries += 1;
                newest.size_bytes += entry_bytes;
            }
            _ => self.groups.push_back(Group { entries: 1, size_bytes: entry_bytes }),
        }
        while self.size_bytes > size_bytes_max && self.entries > 1 {
            self.drop_oldest(self.size_bytes - size_bytes_max);
        }
        self.entries
    }

    /// Drops as many of the oldest group as the excess asks for, at least one and never the newest.
    fn drop_oldest(&mut self, excess_bytes: u64) {
        let Some(oldest) = self.groups.front_mut() else { return };
        let each_bytes = (oldest.size_bytes / oldest.entries).max(1);
        let dropped = excess_bytes.div_ceil(each_bytes).min(oldest.entries).min(self.entries - 1);
        let dropped_bytes =
            if dropped == oldest.entries { oldest.size_bytes } else { dropped * each_bytes };
        oldest.entries -= dropped;
        oldest.size_bytes = oldest.size_bytes.saturating_sub(dropped_bytes);
        self.entries -= dropped;
        self.size_bytes = self.size_bytes.saturating_sub(dropped_bytes);
        if oldest.entries == 0 {
            self.groups.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entries_go_when_the_feed_grows_too_large() {
        let mut kept = Kept::default();
        let each = 1000 - ENTRY_BYTES;
        assert_eq!([1, 2, 3].map(|_| kept.push(each, 3000)), [1, 2, 3]);
        assert_eq!(kept.push(each, 3000), 3);
        assert_eq!(kept.push(1000 + each, 3000), 2);
    }

    #[test]
    fn the_newest_entry_stays_however_large_it_is() {
        let mut kept = Kept::found(10, 1000);
        assert_eq!(kept.push(1_000_000, 3000), 1);
        assert_eq!(kept.push(1_000_000, 3000), 1);
        assert_eq!(Kept::default().push(5, 1), 1);
    }

    #[test]
    fn of_entries_found_only_as_many_go_as_must() {
        assert_eq!(Kept::found(100, 10_000).push(250 - ENTRY_BYTES, 10_000), 98);
        // Sizes that an entry's share does not divide, and none at all.
        assert_eq!(Kept::found(9, 10).push(0, 130), 2);
        assert_eq!(Kept::found(9, 0).push(0, 128), 10);
    }

    #[test]
    fn many_small_entries_are_noted_in_few_groups() {
        let mut kept = Kept::default();
        let max = 1_000_000;
        let entries = (0..100_000).map(|_| kept.push(300, max)).last();
        assert_eq!(entries, Some(max / (300 + ENTRY_BYTES)));
        assert!(kept.groups.len() as u64 <= GROUPS + 2, "{} groups", kept.groups.len());
    }
}

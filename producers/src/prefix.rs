//! What was read of a file, as hashes: whether it is still the same is seen by reading it again.
//! Must not open files.

use crate::reading::read_some;
use goldstream_domain::bronze::ROW_BYTES_MAX;
use std::io::{self, Read};
use xxhash_rust::xxh3::Xxh3;

const PIECE_BYTES: usize = 256 * 1024;
/// How much of the beginning is hashed apart, for a look that costs next to nothing.
const SAMPLE_BYTES: u64 = 16 * 1024;

/// What lies between the last row's end and the last byte is kept up to here: undecided rows are shorter.
/// (A line that is too long is not kept, but no row ends within it either.)
const TAIL_BYTES_MAX: usize = 2 * ROW_BYTES_MAX;

/// Hashes of the bytes that were pushed.
#[derive(Clone)]
pub(crate) struct Prefix {
    hasher: Xxh3,
    pushed_bytes: u64,
    /// Of the bytes up to the last row's end.
    rows: Xxh3,
    rows_end_bytes: u64,
    /// The bytes behind it.
    tail: Vec<u8>,
    /// Of the first bytes, at most so many.
    sample: Xxh3,
    sample_bytes: u64,
}

impl Default for Prefix {
    fn default() -> Self {
        Self {
            hasher: Xxh3::new(),
            pushed_bytes: 0,
            rows: Xxh3::new(),
            rows_end_bytes: 0,
            tail: Vec::new(),
            sample: Xxh3::new(),
            sample_bytes: 0,
        }
    }
}

impl Prefix {
    /// Takes pushed bytes; all up to `rows_end_bytes` of the file are whole rows now.
    pub(crate) fn take(&mut self, piece: &[u8], rows_end_bytes: u64) {
        let room = (SAMPLE_BYTES - self.sample_bytes).min(piece.len() as u64);
        self.sample.update(&piece[..room as usize]);
        self.sample_bytes += room;
        let rest = match rows_end_bytes.checked_sub(self.pushed_bytes) {
            Some(whole) => {
                let (whole, rest) = piece.split_at((whole as usize).min(piece.len()));
                self.hasher.update(whole);
                self.rows = self.hasher.clone();
                self.tail.clear();
                rest
            }
            None => {
                // A row ended within what was pushed before and only now was decided.
                let decided = rows_end_bytes.saturating_sub(self.rows_end_bytes) as usize;
                let decided = decided.min(self.tail.len());
                self.rows.update(&self.tail[..decided]);
                self.tail.drain(..decided);
                piece
            }
        };
        self.rows_end_bytes = self.rows_end_bytes.max(rows_end_bytes);
        self.hasher.update(rest);
        let room = TAIL_BYTES_MAX.saturating_sub(self.tail.len());
        self.tail.extend_from_slice(&rest[..rest.len().min(room)]);
        self.pushed_bytes += piece.len() as u64;
    }

    /// How many bytes were pushed.
    pub(crate) fn pushed_bytes(&self) -> u64 {
        self.pushed_bytes
    }

    /// The hash of the bytes up to the last row's end, as checkpoints keep it.
    pub(crate) fn rows_hash(&self) -> String {
        format!("{:032x}", self.rows.digest128())
    }

    /// Whether the bytes begin with all that was pushed.
    pub(crate) fn is_prefix_of(&self, bytes: impl Read) -> io::Result<bool> {
        Ok(hashed(bytes, self.pushed_bytes)? == Some(self.hasher.digest128()))
    }

    /// Whether the bytes begin as what was pushed did. Nothing is said about the rest.
    pub(crate) fn begins(&self, bytes: impl Read) -> io::Result<bool> {
        Ok(hashed(bytes, self.sample_bytes)? == Some(self.sample.digest128()))
    }
}

/// The hash of the first bytes; none where there are fewer.
fn hashed(mut bytes: impl Read, count: u64) -> io::Result<Option<u128>> {
    let mut hasher = Xxh3::new();
    let mut piece = vec![0; PIECE_BYTES.min(count as usize)];
    let mut left = count;
    while left > 0 {
        let wanted = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        match read_some(&mut bytes, &mut piece[..wanted])? {
            0 => return Ok(None),
            read => {
                hasher.update(&piece[..read]);
                left -= read as u64;
            }
        }
    }
    Ok(Some(hasher.digest128()))
}

/// The hashes of the bytes up to these ends, which ascend, as checkpoints keep them; none behind the last byte.
pub(crate) fn matching(mut bytes: impl Read, ends: &[u64]) -> io::Result<Vec<Option<String>>> {
    let (mut hasher, mut at_bytes) = (Xxh3::new(), 0);
    let mut hashes = Vec::new();
    let mut piece = vec![0; PIECE_BYTES];
    for end in ends {
        while at_bytes < *end {
            let wanted = piece.len().min(usize::try_from(end - at_bytes).unwrap_or(usize::MAX));
            match read_some(&mut bytes, &mut piece[..wanted])? {
                0 => break,
                read => {
                    hasher.update(&piece[..read]);
                    at_bytes += read as u64;
                }
            }
        }
        hashes.push((at_bytes == *end).then(|| format!("{:032x}", hasher.digest128())));
    }
    Ok(hashes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_anywhere_is_seen_and_one_behind_what_was_read_is_not() {
        let text = b"0123456789".repeat(10_000);
        let mut prefix = Prefix::default();
        for piece in text[..90_000].chunks(7_777) {
            prefix.take(piece, 80_000);
        }
        assert!(prefix.is_prefix_of(&text[..]).unwrap() && prefix.begins(&text[..]).unwrap());
        for (at, is_prefix, begins) in
            [(0, false, false), (50_000, false, true), (89_999, false, true), (90_000, true, true)]
        {
            let mut changed = text.clone();
            changed[at] = b'x';
            assert_eq!(prefix.is_prefix_of(&changed[..]).unwrap(), is_prefix, "{at}");
            assert_eq!(prefix.begins(&changed[..]).unwrap(), begins, "{at}");
        }
        assert!(!prefix.is_prefix_of(&text[..89_999]).unwrap());
        let mut rows = Prefix::default();
        rows.take(&text[..80_000], 80_000);
        assert_eq!(prefix.rows_hash(), rows.rows_hash());
    }

    #[test]
    fn hashes_at_several_ends_are_those_that_checkpoints_keep() {
        let text = b"0123456789".repeat(100_000);
        let hash = |end: usize| {
            let mut rows = Prefix::default();
            rows.take(&text[..end], end as u64);
            Some(rows.rows_hash())
        };
        let ends = [10, 10, 600_000, 1_000_000, 1_000_001, 2_000_000];
        let found = matching(&text[..], &ends).unwrap();
        assert_eq!(found[..4], [hash(10), hash(10), hash(600_000), hash(1_000_000)]);
        assert_eq!(found[4..], [None, None]);
    }

    #[test]
    fn a_row_that_is_decided_late_ends_where_it_ends() {
        let text = b"0123456789".repeat(100);
        let mut late = Prefix::default();
        late.take(&text[..400], 100);
        late.take(&text[400..500], 100);
        late.take(&text[500..600], 350);
        late.take(&[], 420);
        let mut rows = Prefix::default();
        rows.take(&text[..420], 420);
        assert_eq!(late.rows_hash(), rows.rows_hash());
        late.take(&text[600..700], 700);
        rows.take(&text[420..700], 700);
        assert_eq!(late.rows_hash(), rows.rows_hash());
    }
}

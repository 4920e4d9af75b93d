//! Records and the blocks that carry them: what stands in a log, with where it came from (law 3).
//!
//! A block is a batch of records of one partition in its compact form. It is encoded once, by who
//! appends, stored as it is, and handed to readers as it is; payloads are decoded by who knows them.

use crate::chain::{Admission, Chain, SourceId};
use crate::codec::{CodecError, Reader, put_bytes, put_signed, put_text, put_varint};
use std::borrow::Cow;
use xxhash_rust::xxh3::xxh3_64;

/// Where a record came from and when it entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headers<'a> {
    /// Its source and place there; none for rows by POST and from foreign producers.
    pub origin: Option<Origin<'a>>,
    /// When bronze took it in: milliseconds since 1970 UTC. Travels beside the event, never into the fold.
    pub ingested_at_ms: i64,
    /// The line of its file on which it begins, where that is known: for the person who mends it.
    pub line: Option<u64>,
}

impl Headers<'_> {
    /// Whether the record is one more of its source: neither a repeat, nor one behind a hole whose re-send follows. For
    /// who copies records rather than counting them. One without a source always is; so are those of a source that
    /// has diverged, where whoever counts stands still.
    pub fn is_next_in(&self, chain: &mut Chain) -> bool {
        self.origin.is_none_or(|origin| {
            let admitted = chain.admit(origin.source_id, origin.origin, origin.prev);
            !matches!(admitted, Ok(Admission::Repeat | Admission::Hole))
        })
    }
}

/// A place in a source, and the one before it that went to the same partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The source.
    pub source_id: &'a SourceId,
    /// The place, counted from 1.
    pub origin: u64,
    /// The previous place that the source sent to the same partition, 0 if none.
    pub prev: u64,
}

/// One record of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Where it came from.
    pub headers: Headers<'a>,
    /// The compact form of a row or event.
    pub payload: &'a [u8],
}

/// What tells a record from any other at the same position.
#[must_use]
pub fn checksum(payload: &[u8]) -> u64 {
    xxh3_64(payload)
}

/// What marks a stored source whose records have a line; no name of a source has it.
const HAS_LINES: char = '\0';

/// A source of the records of a block. Blocks of before lines were kept have none with lines.
#[derive(Debug, Clone, PartialEq, Eq)]
struct BlockSource {
    id: SourceId,
    has_lines: bool,
}

impl BlockSource {
    fn stored(&self) -> Cow<'_, str> {
        if self.has_lines { format!("{}{HAS_LINES}", self.id).into() } else { (&*self.id).into() }
    }

    fn from_stored(stored: &str) -> Self {
        let id = stored.strip_suffix(HAS_LINES);
        Self { id: id.unwrap_or(stored).into(), has_lines: id.is_some() }
    }
}

/// Records of one partition, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Block {
    sources: Vec<BlockSource>,
    base_ms: i64,
    records: u32,
    /// Positions without a record behind the records.
    skipped: u64,
    bytes: Vec<u8>,
}

impl Block {
    /// Positions that hold no record: what a log keeps for itself, as the marks of transactions.
    #[must_use]
    pub fn gap(positions: u64) -> Self {
        Self { skipped: positions, ..Self::default() }
    }

    /// Number of positions that it covers: one a record, except in a gap.
    #[must_use]
    pub fn len(&self) -> u64 {
        u64::from(self.records) + self.skipped
    }

    /// Whether it covers none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it covers positions that hold no record.
    #[must_use]
    pub fn is_gap(&self) -> bool {
        self.skipped > 0
    }

    /// Size of its compact form without its sources.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The records in order. Ends after an error, which means a damaged log.
    #[must_use]
    pub fn records(&self) -> Records<'_> {
        Records { block: self, reader: Reader::new(&self.bytes), left: self.records }
    }

    /// The form that a log stores, in two parts that belong behind each other: the second is the
    /// records themselves, which need not be copied to be stored.
    #[must_use]
    pub fn stored_parts(&self) -> (Vec<u8>, &[u8]) {
        let mut head = Vec::with_capacity(64);
        put_varint(&mut head, self.sources.len() as u64);
        for source in &self.sources {
            put_text(&mut head, &source.stored());
        }
        put_signed(&mut head, self.base_ms);
        put_varint(&mut head, u64::from(self.records));
        (head, &self.bytes)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`CodecError`] where the bytes are no block.
    pub fn from_stored(stored: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(stored);
        let mut sources = Vec::new();
        for _ in 0..reader.varint()? {
            sources.push(BlockSource::from_stored(reader.text()?));
        }
        let base_ms = reader.signed()?;
        let records = u32::try_from(reader.varint()?).map_err(|_| CodecError::Truncated)?;
        Ok(Self { sources, base_ms, records, skipped: 0, bytes: reader.rest().to_vec() })
    }
}

/// Iterator over the records of a block.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    block: &'a Block,
    reader: Reader<'a>,
    left: u32,
}

impl<'a> Records<'a> {
    fn decode(&mut self) -> Result<Record<'a>, CodecError> {
        let (mut origin, mut line) = (None, None);
        if let Some(index) = self.reader.varint()?.checked_sub(1) {
            let source = self.block.sources.get(index as usize).ok_or(CodecError::Truncated)?;
            let place = self.reader.varint()?;
            let prev = place.saturating_sub(self.reader.varint()?);
            origin = Some(Origin { source_id: &source.id, origin: place, prev });
            if source.has_lines {
                line = Some(place.wrapping_add_signed(self.reader.signed()?));
            }
        }
        let ingested_at_ms = self.block.base_ms.wrapping_add(self.reader.signed()?);
        let headers = Headers { origin, ingested_at_ms, line };
        Ok(Record { headers, payload: self.reader.bytes()? })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, CodecError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let record = self.decode();
        if record.is_err() {
            self.left = 0;
        }
        Some(record)
    }
}

/// Collects records into a block.
#[derive(Debug, Default)]
pub struct BlockBuilder {
    block: Block,
    payload: Vec<u8>,
}

impl BlockBuilder {
    /// Number of records so far.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.block.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.block.is_empty()
    }

    /// Bytes so far.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.block.size_bytes()
    }

    /// Appends one record, whose payload `encode` writes.
    pub fn push(&mut self, headers: Headers<'_>, encode: impl FnOnce(&mut Vec<u8>)) {
        if self.block.records == 0 {
            self.block.base_ms = headers.ingested_at_ms;
        }
        let has_line = headers.line.is_some();
        let source =
            headers.origin.map_or(0, |origin| self.source_number(origin.source_id, has_line));
        let out = &mut self.block.bytes;
        put_varint(out, source);
        if let Some(Origin { origin, prev, .. }) = headers.origin {
            put_varint(out, origin);
            put_varint(out, origin - prev);
            if let Some(line) = headers.line {
                put_signed(out, line.wrapping_sub(origin).cast_signed());
            }
        }
        // A foreign producer may say any time: what wraps here wraps back when it is read.
        put_signed(out, headers.ingested_at_ms.wrapping_sub(self.block.base_ms));
        self.payload.clear();
        encode(&mut self.payload);
        put_bytes(out, &self.payload);
        self.block.records += 1;
    }

    /// 1-based place of the source in the block's table.
    fn source_number(&mut self, source_id: &SourceId, has_lines: bool) -> u64 {
        let sources = &mut self.block.sources;
        // Nearly always the same pointer as the record before; compared by text where it is not.
        let found = sources.iter().rposition(|known| {
            known.has_lines == has_lines
                && (SourceId::ptr_eq(&known.id, source_id) || known.id == *source_id)
        });
        let index = found.unwrap_or_else(|| {
            sources.push(BlockSource { id: SourceId::clone(source_id), has_lines });
            sources.len() - 1
        });
        index as u64 + 1
    }

    /// The block, leaving an empty builder.
    #[must_use]
    pub fn take(&mut self) -> Block {
        let mut block = std::mem::take(&mut self.block);
        let len = block.bytes.len();
        if block.bytes.capacity() - len > len / 4 {
            block.bytes.shrink_to_fit();
        }
        // The next block is likely to be as long.
        self.block.bytes.reserve(len + len / 8);
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(block: &Block) -> Vec<u8> {
        let (mut head, records) = block.stored_parts();
        head.extend_from_slice(records);
        head
    }

    #[test]
    fn records_come_back_from_the_stored_form() {
        let (a, b): (SourceId, SourceId) = ("a".into(), "b".into());
        let origin = |source_id, origin, prev| Some(Origin { source_id, origin, prev });
        let all = [
            Headers { origin: origin(&a, 1, 0), ingested_at_ms: 1_700_000_000_000, line: None },
            Headers { origin: None, ingested_at_ms: 1_700_000_000_005, line: None },
            Headers { origin: origin(&b, 90, 3), ingested_at_ms: 1_699_999_999_000, line: None },
            Headers { origin: origin(&a, 7, 1), ingested_at_ms: 1_700_000_000_000, line: None },
            Headers { origin: origin(&a, 8, 7), ingested_at_ms: 0, line: Some(9) },
            Headers { origin: origin(&a, 9, 8), ingested_at_ms: 0, line: None },
            Headers { origin: origin(&a, 90, 9), ingested_at_ms: 0, line: Some(2) },
        ];
        let mut builder = BlockBuilder::default();
        for (n, headers) in all.iter().enumerate() {
            builder.push(*headers, |out| out.extend(std::iter::repeat_n(7, n)));
        }
        let block = builder.take();
        assert!(builder.is_empty());
        let block = Block::from_stored(&stored(&block)).unwrap();
        let records: Vec<_> = block.records().map(Result::unwrap).collect();
        assert_eq!(records.iter().map(|r| r.headers).collect::<Vec<_>>(), all);
        assert!(records.iter().enumerate().all(|(n, r)| r.payload.len() == n));
    }

    #[test]
    fn blocks_of_before_lines_were_kept_can_be_read() {
        let old = [1, 1, b'a', 0, 1, 1, 7, 6, 0, 1, b'x'];
        let block = Block::from_stored(&old).unwrap();
        let a: SourceId = "a".into();
        let headers = Headers {
            origin: Some(Origin { source_id: &a, origin: 7, prev: 1 }),
            ingested_at_ms: 0,
            line: None,
        };
        let records: Vec<_> = block.records().map(Result::unwrap).collect();
        assert_eq!(records, [Record { headers, payload: b"x" }]);
        assert_eq!(stored(&block), old);
    }

    #[test]
    fn a_gap_covers_positions_and_holds_nothing() {
        let gap = Block::gap(3);
        assert_eq!((gap.len(), gap.is_empty(), gap.records().count()), (3, false, 0));
    }

    #[test]
    fn a_damaged_block_is_an_error_and_no_panic() {
        let mut builder = BlockBuilder::default();
        for _ in 0..3 {
            builder
                .push(Headers { origin: None, ingested_at_ms: 5, line: None }, |out| out.push(1));
        }
        let stored = stored(&builder.take());
        for len in 0..stored.len() {
            let records = Block::from_stored(&stored[..len])
                .map(|block| block.records().collect::<Result<Vec<_>, _>>().map(|r| r.len()));
            assert!(!matches!(records, Ok(Ok(3))), "cut at {len}");
        }
    }
}

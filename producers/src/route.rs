//! Rows to bronze records: each finds its partition and learns what its source sent there before.
//!
//! Rows that bronze holds already, after a restart, are not made again; that they are still the
//! same is checked on the way.

use crate::csv::Row;
use goldstream_domain::bronze::cut::row_checksum;
use goldstream_domain::chain::SourceId;
use goldstream_domain::column::Kind;
use goldstream_domain::partition::partition_of;
use goldstream_domain::planted::{self, Bug};
use goldstream_domain::record::{Block, BlockBuilder, Headers, Origin};
use xxhash_rust::xxh3::xxh3_64;

/// What bronze holds of a source in one partition beyond a checkpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// The last row there, 0 if none.
    pub tail: u64,
    /// All of them, rolled into one number by [`Held::add`].
    pub digest: u64,
}

impl Held {
    /// Takes one record in, by the JSON object that any log can give back.
    pub fn add(&mut self, row_number: u64, json: &[u8]) {
        let mut both = [0; 16];
        both[..8].copy_from_slice(&self.digest.to_le_bytes());
        both[8..].copy_from_slice(&row_checksum(json).to_le_bytes());
        self.digest = xxh3_64(&both);
        self.tail = row_number;
    }
}

/// The file holds another row where bronze holds one: its earlier content has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed;

#[derive(Debug, Default)]
struct Lane {
    builder: BlockBuilder,
    tail: u64,
    held: Held,
    seen: Held,
}

/// The way of one source into the partitions of its topic.
#[derive(Debug)]
pub struct Router {
    kind: Kind,
    source_id: SourceId,
    lanes: Vec<Lane>,
    changed: Option<Changed>,
    json: Vec<u8>,
}

impl Router {
    /// A way whose last rows are `tails`, of which bronze holds `held` beyond.
    #[must_use]
    pub fn new(kind: Kind, source_id: SourceId, tails: &[u64], held: &[Held]) -> Self {
        let lane =
            |(tail, held): (&u64, &Held)| Lane { tail: *tail, held: *held, ..Lane::default() };
        let lanes = tails.iter().zip(held).map(lane).collect();
        Self { kind, source_id, lanes, changed: None, json: Vec::new() }
    }

    /// Takes a row in; `ingested_at_ms` is the wall clock's.
    pub fn take(&mut self, row: &Row<'_>, ingested_at_ms: i64) {
        let partition = self.partition(row);
        let Some(lane) = self.lanes.get_mut(partition) else { return };
        let one_more = u64::from(planted::is(Bug::ResumeOffByOne) && lane.held.tail > 0);
        if row.number <= lane.held.tail + one_more {
            self.json.clear();
            row.content.write_json(self.kind, &mut self.json);
            lane.seen.add(row.number, &self.json);
            if row.number == lane.held.tail && lane.seen.digest != lane.held.digest {
                self.changed = Some(Changed);
            }
            lane.tail = row.number;
            return;
        }
        if lane.seen.tail != lane.held.tail {
            // The row that bronze holds last did not come to this partition again.
            self.changed = Some(Changed);
        }
        let origin = Origin { source_id: &self.source_id, origin: row.number, prev: lane.tail };
        let headers = Headers { origin: Some(origin), ingested_at_ms, line: Some(row.line) };
        lane.builder.push(headers, |out| row.content.encode(out));
        lane.tail = row.number;
    }

    /// What its rows are.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whose rows they are.
    #[must_use]
    pub fn source_id(&self) -> &SourceId {
        &self.source_id
    }

    /// The key's partition; rows without one are spread by their number.
    fn partition(&self, row: &Row<'_>) -> usize {
        let partitions = self.lanes.len() as u32;
        match row.content.id(self.kind) {
            Some(id) => partition_of(id.as_bytes(), partitions) as usize,
            None => (row.number % u64::from(partitions.max(1))) as usize,
        }
    }

    /// Whether a row was another one than bronze holds.
    #[must_use]
    pub fn changed(&self) -> Option<Changed> {
        self.changed
    }

    /// Whether bronze holds rows that did not come again yet.
    #[must_use]
    pub fn holds_more(&self) -> bool {
        self.lanes.iter().any(|lane| lane.seen.tail < lane.held.tail)
    }

    /// Bytes of the largest block so far.
    #[must_use]
    pub fn largest_bytes(&self) -> usize {
        self.lanes.iter().map(|lane| lane.builder.size_bytes()).max().unwrap_or(0)
    }

    /// The last row sent to each partition.
    #[must_use]
    pub fn tails(&self) -> Vec<u64> {
        self.lanes.iter().map(|lane| lane.tail).collect()
    }

    /// The blocks so far with their partitions.
    pub fn take_blocks(&mut self) -> Vec<(u32, Block)> {
        let filled = (0..).zip(&mut self.lanes).filter(|(_, lane)| !lane.builder.is_empty());
        filled.map(|(partition, lane)| (partition, lane.builder.take())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_domain::bronze::BronzeRow;
    use goldstream_domain::bronze::cut::cut_json;

    fn router(held: Held) -> Router {
        Router::new(Kind::Purchases, "f@0".into(), &[0], &[held])
    }

    fn line(number: u64, text: &str) -> Row<'_> {
        Row { number, line: number + 1, end_bytes: 0, content: BronzeRow::Line(text) }
    }

    fn held(rows: &[&str]) -> Held {
        let mut held = Held::default();
        for (number, text) in (1..).zip(rows) {
            held.add(number, BronzeRow::Line(text).to_json(Kind::Purchases).as_bytes());
        }
        held
    }

    #[test]
    fn rows_that_bronze_holds_are_not_made_again_and_the_chain_goes_on() {
        let mut router = router(held(&["a", "b"]));
        assert!(router.holds_more());
        for (number, text) in (1..).zip(["a", "b", "c"]) {
            router.take(&line(number, text), 0);
        }
        assert!(!router.holds_more() && router.changed().is_none());
        let blocks = router.take_blocks();
        let record = blocks[0].1.records().next().unwrap().unwrap();
        let origin = record.headers.origin.unwrap();
        assert_eq!((blocks[0].1.len(), origin.origin, origin.prev), (1, 3, 2));
    }

    #[test]
    fn what_stands_in_the_place_of_a_row_that_is_too_large_is_known_for_it() {
        let large = "\u{1}".repeat(200_000);
        let mut bronze = Held::default();
        let json = BronzeRow::Line(&large).to_json(Kind::Purchases);
        bronze.add(1, cut_json(json.as_bytes(), Kind::Purchases).as_bytes());
        let mut router = router(bronze);
        router.take(&line(1, &large), 0);
        assert!(router.changed().is_none() && !router.holds_more());
        assert!(router.take_blocks().is_empty(), "it is not sent again");
        let mut router = self::router(bronze);
        router.take(&line(1, &large.replacen('\u{1}', "x", 1)), 0);
        assert_eq!(router.changed(), Some(Changed));
    }

    #[test]
    fn another_row_where_bronze_holds_one_is_noticed() {
        let mut router = router(held(&["a", "b"]));
        router.take(&line(1, "a"), 0);
        router.take(&line(2, "x"), 0);
        assert_eq!(router.changed(), Some(Changed));
    }
}

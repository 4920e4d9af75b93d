//! Which records of blocks are traced, and what is said of each: pure. Names follow the conventions of messaging.

use crate::arrived::Place;
use crate::span::{Partition, Sampling};
use goldstream_domain::chain::SourceId;
use goldstream_domain::progress::BronzePartition;
use goldstream_domain::record::{Block, Headers};
use goldstream_platform::log::{Topic, TopicPartition};
use opentelemetry::KeyValue;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A traced record: the row of bronze which it is, or which it follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Traced {
    pub(crate) trace_id: u128,
    /// Where the row lies.
    pub(crate) row: Place,
    /// How many records of its block lie before it.
    pub(crate) index: u64,
}

/// Those of the records of a block that begins there.
pub(crate) fn traced(
    sampling: Sampling,
    at: TopicPartition,
    first: u64,
    block: &Block,
) -> Vec<Traced> {
    let mut finder = Finder { sampling, at, known: None };
    let records = block.records().filter_map(Result::ok);
    let found = (0..).zip(records).filter_map(|(index, record)| {
        let (trace_id, row) = finder.trace_of(first + index, record.headers)?;
        Some(Traced { trace_id, row, index })
    });
    found.collect()
}

/// Finds the rows that records of one partition follow from.
struct Finder {
    sampling: Sampling,
    at: TopicPartition,
    /// The partition of bronze that was named last: records that lie together name the same.
    known: Option<(SourceId, TopicPartition, Partition)>,
}

impl Finder {
    fn trace_of(&mut self, position: u64, headers: Headers<'_>) -> Option<(u128, Place)> {
        let (source_id, offset) = match self.at.topic {
            Topic::Bronze(_) => (None, position),
            // Places of a source count from 1.
            Topic::Silver | Topic::Quarantine => {
                let origin = headers.origin?;
                (Some(origin.source_id), origin.origin.checked_sub(1)?)
            }
        };
        let is_known = |(known, ..): &(SourceId, _, _)| {
            source_id.is_none_or(|id| Arc::ptr_eq(known, id) || known == id)
        };
        if !self.known.as_ref().is_some_and(is_known) {
            let bronze = match (self.at.topic, source_id) {
                (Topic::Bronze(kind), _) => BronzePartition { kind, partition: self.at.partition },
                (_, id) => BronzePartition::of_source(id?)?,
            };
            let id = source_id.cloned().unwrap_or_else(|| bronze.source_id());
            let partition = Partition::of(&id);
            self.known = Some((id, bronze.into(), partition));
        }
        let (_, bronze, partition) = self.known.as_ref()?;
        let trace_id = self.sampling.trace_of(*partition, offset, headers.ingested_at_ms)?;
        Some((trace_id, (*bronze, offset)))
    }
}

/// Where a record of an appended block lies; none where others' records lie between those of the block, and so it is
/// not known.
pub(crate) fn offset(lies: &Range<u64>, block_len: u64, index: u64) -> Option<u64> {
    (lies.end - lies.start == block_len).then_some(lies.start + index)
}

/// A time of a record.
pub(crate) fn time(at_ms: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at_ms).unwrap_or_default())
}

/// Where a record lies, as far as that is known.
pub(crate) fn place_attributes(at: TopicPartition, offset: Option<u64>) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("messaging.destination.name", at.topic.to_string()),
        KeyValue::new("messaging.destination.partition.id", at.partition.to_string()),
    ];
    let offset = offset.map(|offset| KeyValue::new("messaging.kafka.offset", offset.cast_signed()));
    attributes.extend(offset);
    attributes
}

/// Where a row lies, and where it came from.
pub(crate) fn row_attributes((at, offset): Place, headers: Headers<'_>) -> Vec<KeyValue> {
    let mut attributes = place_attributes(at, Some(offset));
    if let Some(origin) = headers.origin {
        attributes.push(KeyValue::new("goldstream.source", origin.source_id.to_string()));
        attributes.push(KeyValue::new("goldstream.row", origin.origin.cast_signed()));
    }
    if let Some(line) = headers.line {
        attributes.push(KeyValue::new("goldstream.line", line.cast_signed()));
    }
    attributes
}

/// Where a row lies, and what became of it.
pub(crate) fn fate_attributes((at, offset): Place, fate: &'static str) -> Vec<KeyValue> {
    let mut attributes = place_attributes(at, Some(offset));
    attributes.push(KeyValue::new("goldstream.fate", fate));
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_domain::column::Kind;
    use goldstream_domain::record::{BlockBuilder, Origin};

    /// Rows of bronze, and what follows from each in silver.
    fn blocks(at: BronzePartition, rows: u64) -> (Block, Block) {
        let (mut bronze, mut silver) = (BlockBuilder::default(), BlockBuilder::default());
        let source_id = at.source_id();
        for row in 0..rows {
            let headers = Headers { origin: None, ingested_at_ms: 7 + row as i64, line: None };
            bronze.push(headers, |out| out.push(1));
            let origin = Some(Origin { source_id: &source_id, origin: row + 1, prev: row });
            silver.push(Headers { origin, ..headers }, |out| out.push(2));
        }
        (bronze.take(), silver.take())
    }

    #[test]
    fn a_row_and_what_follows_from_it_have_one_trace_in_every_role() {
        let at = BronzePartition { kind: Kind::Purchases, partition: 3 };
        let (bronze, silver) = blocks(at, 500);
        let sampling = Sampling::one_in(10);
        let rows = traced(sampling, at.into(), 0, &bronze);
        let events = traced(sampling, TopicPartition::new(Topic::Silver, 1), 900, &silver);
        assert_eq!(rows, events);
        assert!((20..100).contains(&rows.len()), "{}", rows.len());
        assert!(rows.iter().all(|row| row.row == (at.into(), row.index)));
        // Elsewhere in bronze they are other rows.
        assert_ne!(traced(sampling, at.into(), 1, &bronze), rows);
    }

    #[test]
    fn where_others_wrote_between_no_offset_is_told() {
        assert_eq!(offset(&(10..13), 3, 2), Some(12));
        assert_eq!(offset(&(10..14), 3, 2), None);
    }
}

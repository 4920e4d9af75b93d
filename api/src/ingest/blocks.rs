//! Posted rows as blocks of their partitions, as any other program would append them. Pure.

use crate::limits::RECEIPT_ROWS_MAX;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::column::Kind;
use goldstream_domain::partition::partition_of;
use goldstream_domain::record::{Block, BlockBuilder, Headers};
use goldstream_platform::limits::BLOCK_BYTES_MAX;
use goldstream_platform::log::{Topic, TopicPartition};
use std::collections::BTreeMap;

/// Blocks with their places.
pub(crate) type Blocks = Vec<(TopicPartition, Block)>;

/// Rows that are being cut into blocks; those of one partition keep their order.
#[derive(Debug)]
pub(crate) struct Cutter {
    kind: Kind,
    ingested_at_ms: i64,
    builders: Vec<BlockBuilder>,
    full: Blocks,
    spread: Spread,
}

/// Which partition each row went to.
#[derive(Debug, Default)]
pub(crate) struct Spread {
    /// Of the first rows.
    pub(crate) first: Vec<u32>,
    /// How many rows each partition got.
    pub(crate) counts: BTreeMap<u32, u64>,
}

impl Cutter {
    /// For topics of so many partitions.
    pub(crate) fn new(kind: Kind, partitions: u32, ingested_at_ms: i64) -> Self {
        let mut builders: Vec<BlockBuilder> = Vec::new();
        builders.resize_with(partitions as usize, BlockBuilder::default);
        Self { kind, ingested_at_ms, builders, full: Blocks::new(), spread: Spread::default() }
    }

    /// Puts a row behind the others.
    pub(crate) fn push(&mut self, row: &BronzeRow<'_>) {
        let partitions = self.builders.len() as u32;
        // A row without id may stand anywhere; the same one always stands in the same place.
        let partition = match row.id(self.kind) {
            Some(id) => partition_of(id.as_bytes(), partitions),
            None => partition_of(row.to_json(self.kind).as_bytes(), partitions),
        };
        let Some(builder) = self.builders.get_mut(partition as usize) else { return };
        let headers = Headers { origin: None, ingested_at_ms: self.ingested_at_ms, line: None };
        builder.push(headers, |out| row.encode(out));
        if builder.size_bytes() >= BLOCK_BYTES_MAX {
            self.full.push((at(self.kind, partition), builder.take()));
        }
        if self.spread.first.len() < RECEIPT_ROWS_MAX {
            self.spread.first.push(partition);
        }
        *self.spread.counts.entry(partition).or_default() += 1;
    }

    /// The blocks, and where the rows went.
    pub(crate) fn finish(mut self) -> (Blocks, Spread) {
        let kind = self.kind;
        let rest = (0..).zip(&mut self.builders).filter(|(_, builder)| !builder.is_empty());
        self.full.extend(rest.map(|(partition, builder)| (at(kind, partition), builder.take())));
        (self.full, self.spread)
    }
}

const fn at(kind: Kind, partition: u32) -> TopicPartition {
    TopicPartition::new(Topic::Bronze(kind), partition)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::body::{Form, each};
    use goldstream_domain::bronze::JSON_BYTES_MAX;

    fn cut(lines: &[&str], partitions: u32) -> (Blocks, Spread) {
        let mut cutter = Cutter::new(Kind::Purchases, partitions, 9);
        let body = lines.join("\n");
        let form = (Form::Ndjson, Kind::Purchases);
        assert_eq!(each(body.as_bytes(), form, |row| cutter.push(row)), Ok(lines.len()));
        cutter.finish()
    }

    fn texts(blocks: &[(TopicPartition, Block)], kind: Kind) -> Vec<(u32, String)> {
        let records = blocks.iter().flat_map(|(at, block)| {
            block.records().map(move |record| (at.partition, record.unwrap().payload))
        });
        let row = |payload| BronzeRow::decode(payload).unwrap().to_json(kind);
        records.map(|(partition, payload)| (partition, row(payload))).collect()
    }

    #[test]
    fn a_row_stands_in_the_partition_of_its_trimmed_id_and_rows_of_one_id_keep_their_order() {
        let rows = [
            r#"{"id_achat":"21","montant":"1"}"#,
            r#"{"id_achat":" 21 ","montant":"2"}"#,
            r#"{"purchase_id":21,"montant":3}"#,
        ];
        let (blocks, spread) = cut(&rows, 4);
        assert_eq!(blocks.len(), 1);
        let partition = partition_of(b"21", 4);
        let expected: Vec<_> = rows.iter().map(|row| (partition, (*row).to_owned())).collect();
        assert_eq!(texts(&blocks, Kind::Purchases), expected);
        assert_eq!((spread.first, spread.counts), (vec![partition; 3], [(partition, 3)].into()));
    }

    #[test]
    fn no_row_is_lost_however_many_and_however_long_they_are() {
        let long = format!(r#"{{"id_achat":"x","produit":"{}"}}"#, "é".repeat(JSON_BYTES_MAX / 2));
        let numbered: Vec<_> = (0..20_000).map(|n| format!(r#"{{"id_achat":{n}}}"#)).collect();
        let mut rows: Vec<&str> = numbered.iter().map(String::as_str).collect();
        rows.extend([long.as_str(), "{}", r#"{"other":"no"}"#]);
        let (blocks, spread) = cut(&rows, 3);
        assert_eq!(spread.first.len(), RECEIPT_ROWS_MAX);
        assert_eq!(spread.counts.values().sum::<u64>(), rows.len() as u64);
        let count: u64 = blocks.iter().map(|(_, block)| block.len()).sum();
        assert_eq!(count, rows.len() as u64);
        assert!(blocks.iter().all(|(_, block)| block.size_bytes() < BLOCK_BYTES_MAX * 3));
    }
}

//! Posted rows as blocks of their partitions, as any other program would append them. Pure.

use goldstream_domain::bronze::{BronzeRow, JSON_BYTES_MAX, ROW_BYTES_MAX};
use goldstream_domain::column::Kind;
use goldstream_domain::partition::partition_of;
use goldstream_domain::record::{Block, BlockBuilder, Headers};
use goldstream_platform::limits::BLOCK_BYTES_MAX;
use goldstream_platform::log::{Topic, TopicPartition};

/// Blocks with their places.
pub(crate) type Blocks = Vec<(TopicPartition, Block)>;

/// The blocks of these rows; those of one partition in the order of the rows.
pub(crate) fn blocks(kind: Kind, rows: &[&str], partitions: u32, ingested_at_ms: i64) -> Blocks {
    let mut builders: Vec<BlockBuilder> = Vec::new();
    builders.resize_with(partitions as usize, BlockBuilder::default);
    let mut blocks = Vec::new();
    for text in rows {
        let row = row(text);
        // A row without id may stand anywhere; the same one always stands in the same place.
        let partition = match row.id(kind) {
            Some(id) => partition_of(id.as_bytes(), partitions),
            None => partition_of(text.as_bytes(), partitions),
        };
        let Some(builder) = builders.get_mut(partition as usize) else { continue };
        builder.push(Headers { origin: None, ingested_at_ms }, |out| row.encode(out));
        if builder.size_bytes() >= BLOCK_BYTES_MAX {
            blocks.push((at(kind, partition), builder.take()));
        }
    }
    let rest = (0..).zip(&mut builders).filter(|(_, builder)| !builder.is_empty());
    blocks.extend(rest.map(|(partition, builder)| (at(kind, partition), builder.take())));
    blocks
}

const fn at(kind: Kind, partition: u32) -> TopicPartition {
    TopicPartition::new(Topic::Bronze(kind), partition)
}

/// The row as bronze keeps it. Of one that is too long for any record its beginning is kept, as of
/// such a line of a file.
fn row(text: &str) -> BronzeRow<'_> {
    if text.len() <= JSON_BYTES_MAX {
        return BronzeRow::Json(text.as_bytes());
    }
    let end = (0..=ROW_BYTES_MAX).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    BronzeRow::Line(&text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let blocks = blocks(Kind::Purchases, &rows, 4, 9);
        assert_eq!(blocks.len(), 1);
        let partition = partition_of(b"21", 4);
        let expected: Vec<_> = rows.iter().map(|row| (partition, (*row).to_owned())).collect();
        assert_eq!(texts(&blocks, Kind::Purchases), expected);
    }

    #[test]
    fn no_row_is_lost_however_many_and_however_long_they_are() {
        let long = format!(r#"{{"id_achat":"x","produit":"{}"}}"#, "é".repeat(JSON_BYTES_MAX / 2));
        let numbered: Vec<_> = (0..20_000).map(|n| format!(r#"{{"id_achat":{n}}}"#)).collect();
        let mut rows: Vec<&str> = numbered.iter().map(String::as_str).collect();
        rows.extend([long.as_str(), "{}", r#"{"nested":"no"}"#]);
        let blocks = blocks(Kind::Purchases, &rows, 3, 9);
        let count: u64 = blocks.iter().map(|(_, block)| block.len()).sum();
        assert_eq!(count, rows.len() as u64);
        assert!(blocks.iter().all(|(_, block)| block.size_bytes() < BLOCK_BYTES_MAX * 3));
    }
}

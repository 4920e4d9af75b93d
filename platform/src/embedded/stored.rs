//! The stored forms of shards: what one flush writes, and how it is read again. It holds no state.
//!
//! Rows are stored in chunks, so that many changed rows cost few writes.

use super::file::{ChunkKey, File, FileError, Write};
use crate::store::SourceCheckpoint;
use goldstream_domain::chain::SourceId;
use goldstream_domain::dedupe::{CLAIM_BYTES, Claim};
use goldstream_domain::gold::rows::{Row, Table};
use goldstream_domain::progress::{BronzePartition, GoldHead, SilverHead};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Rows of one chunk.
pub(super) const CHUNK_ROWS: u32 = 64;
/// Claims of one block.
const BLOCK_CLAIMS: u64 = 1024;

/// A head as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StoredHead {
    pub(super) position: u64,
    pub(super) shard: StoredShard,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredShard {
    Silver { bronze: BronzePartition, claims: u64, head: SilverHead },
    Gold { partition: u32, head: GoldHead },
    Source { source: SourceId, checkpoint: SourceCheckpoint },
}

/// What one flush writes: taken in one instant, so it is one consistent state.
#[derive(Debug, Default)]
pub(super) struct Flush {
    pub(super) heads: Vec<((u32, String), StoredHead)>,
    pub(super) chunks: Vec<(ChunkKey, Vec<Option<Row>>)>,
    pub(super) claims: Vec<WaitingClaims>,
}

/// Claims that go into the file behind those of their shard that are there.
#[derive(Debug)]
pub(super) struct WaitingClaims {
    pub(super) generation: u32,
    pub(super) bronze: BronzePartition,
    pub(super) written: u64,
    pub(super) claims: Arc<Vec<Claim>>,
}

impl Flush {
    pub(super) fn write(&self, write: &Write) -> Result<(), FileError> {
        for claims in &self.claims {
            write_claims(write, claims)?;
        }
        for (chunk, rows) in &self.chunks {
            write.put_chunk(*chunk, &postcard::to_allocvec(rows)?)?;
        }
        for ((generation, shard), head) in &self.heads {
            write.put_head((*generation, shard), &serde_json::to_string(head)?)?;
        }
        Ok(())
    }
}

/// Appends claims behind the `written` ones; the last block is rewritten until it is full.
fn write_claims(write: &Write, waiting: &WaitingClaims) -> Result<(), FileError> {
    let WaitingClaims { generation, bronze, written, claims } = waiting;
    let block = |number: u64| (*generation, bronze.partition, number);
    let mut number = written / BLOCK_CLAIMS;
    let mut bytes = write.claims_block(block(number))?;
    bytes.truncate((written % BLOCK_CLAIMS) as usize * CLAIM_BYTES);
    for claim in claims.iter() {
        bytes.extend_from_slice(&claim.to_bytes());
        if bytes.len() == BLOCK_CLAIMS as usize * CLAIM_BYTES {
            write.put_claims_block(block(number), &bytes)?;
            bytes.clear();
            number += 1;
        }
    }
    if !bytes.is_empty() {
        write.put_claims_block(block(number), &bytes)?;
    }
    Ok(())
}

/// The tables of a gold shard of a generation.
pub(super) fn load_tables(
    file: &File,
    shard: (u32, u32),
) -> Result<[Vec<Option<Row>>; Table::ALL.len()], FileError> {
    let mut tables: [Vec<Option<Row>>; Table::ALL.len()] = Default::default();
    file.each_chunk(shard, |code, chunk, stored| {
        let Some(table) = Table::of_number(code) else { return Ok(()) };
        let rows = &mut tables[table as usize];
        rows.resize_with((chunk * CHUNK_ROWS) as usize, || None);
        match table {
            Table::Customers => add(rows, stored, |row| Row::Customer(Arc::new(row))),
            Table::Products => add(rows, stored, Row::Product),
            Table::Months => add(rows, stored, Row::Month),
            Table::Days => add(rows, stored, Row::Day),
            Table::Countries => add(rows, stored, Row::Country),
            Table::Hours => add(rows, stored, Row::Hour),
        }
    })?;
    Ok(tables)
}

/// Appends the rows of a stored chunk.
fn add<R: DeserializeOwned>(
    rows: &mut Vec<Option<Row>>,
    stored: &[u8],
    row: impl Fn(R) -> Row,
) -> Result<(), FileError> {
    let chunk: Vec<Option<R>> = postcard::from_bytes(stored)?;
    rows.extend(chunk.into_iter().map(|place| place.map(&row)));
    Ok(())
}

/// The first `count` claims of a partition in a generation.
pub(super) fn load_claims(
    file: &File,
    partition: (u32, u32),
    count: u64,
) -> Result<Vec<Claim>, FileError> {
    let mut claims = Vec::with_capacity(count as usize);
    file.each_claims_block(partition, |bytes| {
        let (entries, _) = bytes.as_chunks::<CLAIM_BYTES>();
        let left = count as usize - claims.len();
        claims.extend(entries.iter().take(left).map(Claim::from_bytes));
    })?;
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use super::super::file::{Place, open};
    use super::*;
    use goldstream_domain::gold::rows::{
        CountryRow, CustomerRow, DayRow, HourRow, MonthRow, ProductRow, Profile,
    };
    use goldstream_domain::moment::{Day, Hour, Moment, Month};

    fn rows() -> [Row; Table::ALL.len()] {
        let (orders, revenue_cents) = (300, -5);
        [
            Row::Customer(Arc::new(CustomerRow {
                customer_id: "C1".into(),
                profile: Some(Arc::new(Profile {
                    name: Some("A".into()),
                    email: None,
                    signup_date: Some(Day(2)),
                })),
                country: Some("FR".into()),
                orders,
                revenue_cents,
                first_purchase: Some(Moment(1)),
                last_purchase: None,
                months: [Month(3), Month(4)].into_iter().collect(),
            })),
            Row::Product(ProductRow {
                product: "P".into(),
                orders,
                revenue_cents,
                min_cents: 1,
                max_cents: 2,
            }),
            Row::Month(MonthRow { month: Month(3), orders, revenue_cents, customers: 1 }),
            Row::Day(DayRow { day: Day(2), orders, revenue_cents }),
            Row::Country(CountryRow { country: None, buyers: 1, orders, revenue_cents }),
            Row::Hour(HourRow { hour: Hour(7), orders, revenue_cents }),
        ]
    }

    /// Rows of each table as files of today have them: the fields in their order, nothing else.
    const STORED: [&str; Table::ALL.len()] = [
        "0200010243310101014100010201024652ac0209010200020304",
        "0200010150ac02090204",
        "02000103ac020901",
        "02000102ac0209",
        "0200010001ac0209",
        "02000107ac0209",
    ];

    fn bytes(hex: &str) -> Vec<u8> {
        let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    #[test]
    fn rows_of_todays_files_are_read_under_the_number_of_their_table() {
        let dir = tempfile::tempdir().unwrap();
        let file = open(&dir.path().join("file"), Place::File).unwrap();
        let write = file.begin_write().unwrap();
        for (number, stored) in (0..).zip(STORED) {
            write.put_chunk((0, 7, number, 0), &bytes(stored)).unwrap();
        }
        write.commit().unwrap();
        let tables = load_tables(&file, (0, 7)).unwrap();
        for (row, stored) in rows().into_iter().zip(STORED) {
            let chunk = vec![None, Some(row.clone())];
            assert_eq!(tables[row.table() as usize], chunk);
            assert_eq!(postcard::to_allocvec(&chunk).unwrap(), bytes(stored), "{row:?}");
        }
    }
}

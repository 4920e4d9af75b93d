//! The stored shards in memory: heads, gold rows, claims that wait for the file.
//!
//! Rows are stored in chunks, so that many changed rows cost few writes. Customers are shared with
//! the fold and the readers, not copied.

use super::file::{File, FileError, Write};
use crate::store::{Changes, Commit, CommitError, Content, Image, Part, ShardId, SourceCheckpoint};
use goldstream_domain::chain::SourceId;
use goldstream_domain::dedupe::{CLAIM_BYTES, Claim};
use goldstream_domain::gold::rows::{PlacedRow, Row, RowChange, Table};
use goldstream_domain::progress::{BronzePartition, GoldHead, SilverHead};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rows of one chunk.
const CHUNK_ROWS: u32 = 64;
/// Claims of one block.
const BLOCK_CLAIMS: u64 = 1024;

/// A head as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct StoredHead {
    position: u64,
    shard: StoredShard,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredShard {
    Silver { bronze: BronzePartition, claims: u64, head: SilverHead },
    Gold { partition: u32, head: GoldHead },
    Source { source: SourceId, checkpoint: SourceCheckpoint },
}

#[derive(Debug, Default)]
struct SilverImage {
    head: SilverHead,
    /// Claims in the file.
    written: u64,
    /// Claims that are being written, then those that wait.
    writing: Arc<Vec<Claim>>,
    waiting: Vec<Claim>,
}

#[derive(Debug, Default)]
struct GoldImage {
    head: GoldHead,
    tables: [Vec<Option<Row>>; Table::ALL.len()],
    changed: BTreeSet<(u8, u32)>,
}

#[derive(Debug)]
enum Shard {
    Silver(SilverImage),
    Gold(GoldImage),
    Source(SourceCheckpoint),
}

#[derive(Debug)]
struct Stored {
    position: u64,
    shard: Shard,
    changed: bool,
}

/// All shards.
#[derive(Debug, Default)]
pub(super) struct Images {
    shards: BTreeMap<ShardId, Stored>,
    unflushed_rows: u64,
}

/// What one flush writes: taken in one instant, so it is one consistent state.
#[derive(Debug, Default)]
pub(super) struct Flush {
    heads: Vec<(String, StoredHead)>,
    chunks: Vec<(u32, u8, u32, Vec<Option<Row>>)>,
    claims: Vec<(BronzePartition, u64, Arc<Vec<Claim>>)>,
}

/// Which shards a flush takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All that changed.
    Everything,
    /// Producers' checkpoints only: they are small and go with the rows that they count.
    Checkpoints,
}

impl Images {
    pub(super) fn load(file: &File) -> Result<Self, FileError> {
        let mut images = Self::default();
        for (_, json) in file.heads()? {
            let StoredHead { position, shard } = serde_json::from_str(&json)?;
            let (id, shard) = match shard {
                StoredShard::Silver { bronze, claims, head } => {
                    let image = SilverImage { head, written: claims, ..SilverImage::default() };
                    (ShardId::Silver(bronze), Shard::Silver(image))
                }
                StoredShard::Gold { partition, head } => {
                    let tables = load_tables(file, partition)?;
                    let image = GoldImage { head, tables, ..GoldImage::default() };
                    (ShardId::Gold(partition), Shard::Gold(image))
                }
                StoredShard::Source { source, checkpoint } => {
                    (ShardId::Source(source), Shard::Source(checkpoint))
                }
            };
            images.shards.insert(id, Stored { position, shard, changed: false });
        }
        Ok(images)
    }

    /// Bronze rows taken in since the last flush of everything.
    pub(super) fn unflushed_rows(&self) -> u64 {
        self.unflushed_rows
    }

    /// Makes the commit if its turn has come (law 2).
    pub(super) fn commit(&mut self, commit: &Commit) -> Result<Made, CommitError> {
        let stored = self.shards.get(&commit.shard).map_or(0, |stored| stored.position);
        if stored != commit.from {
            let made_before = stored == commit.to;
            return if made_before {
                Ok(Made::Before)
            } else {
                Err(CommitError::Refused { stored })
            };
        }
        let stored = self.shards.entry(commit.shard.clone()).or_insert_with(|| Stored {
            position: 0,
            shard: empty(&commit.changes),
            changed: false,
        });
        stored.shard.apply(&commit.changes);
        stored.position = commit.to;
        stored.changed = true;
        if matches!(commit.changes, Changes::Silver { .. }) {
            self.unflushed_rows += commit.to - commit.from;
        }
        Ok(Made::Now)
    }

    /// The shard as it is; the claims in the file are added by who asked.
    pub(super) fn image(&self, id: &ShardId, part: Part) -> (Image, u64) {
        let Some(stored) = self.shards.get(id) else {
            return (Image { position: 0, content: Content::Empty }, 0);
        };
        let (content, in_file) = match &stored.shard {
            Shard::Silver(image) => {
                let (claims, in_file) = match part {
                    Part::WithoutClaims => (Vec::new(), 0),
                    Part::Whole => {
                        let recent = image.writing.iter().chain(&image.waiting);
                        (recent.copied().collect(), image.written)
                    }
                };
                (Content::Silver { head: image.head.clone(), claims }, in_file)
            }
            Shard::Gold(image) => {
                (Content::Gold { head: image.head.clone(), rows: image.placed_rows() }, 0)
            }
            Shard::Source(checkpoint) => (Content::Source(checkpoint.clone()), 0),
        };
        (Image { position: stored.position, content }, in_file)
    }

    /// The position of a shard, 0 where nothing was committed.
    pub(super) fn position(&self, id: &ShardId) -> u64 {
        self.shards.get(id).map_or(0, |stored| stored.position)
    }

    /// The sources that have a checkpoint.
    pub(super) fn sources(&self) -> Vec<SourceId> {
        let source = |id: &ShardId| match id {
            ShardId::Source(source) => Some(SourceId::clone(source)),
            ShardId::Silver(_) | ShardId::Gold(_) => None,
        };
        self.shards.keys().filter_map(source).collect()
    }

    /// What is to be written now.
    pub(super) fn take_flush(&mut self, extent: Extent) -> Flush {
        let mut flush = Flush::default();
        if extent == Extent::Everything {
            self.unflushed_rows = 0;
        }
        for (id, stored) in &mut self.shards {
            let wanted = extent == Extent::Everything || matches!(id, ShardId::Source(_));
            if wanted && std::mem::take(&mut stored.changed) {
                stored.take_flush(id, &mut flush);
            }
        }
        flush
    }

    /// The flush is in the file.
    pub(super) fn flushed(&mut self, flush: &Flush) {
        for (bronze, _, claims) in &flush.claims {
            if let Some(Stored { shard: Shard::Silver(image), .. }) =
                self.shards.get_mut(&ShardId::Silver(*bronze))
            {
                image.written += claims.len() as u64;
                image.writing = Arc::default();
            }
        }
    }
}

/// Whether a commit changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    /// It did.
    Now,
    /// It was made before: a retry.
    Before,
}

fn empty(changes: &Changes) -> Shard {
    match changes {
        Changes::Silver { .. } => Shard::Silver(SilverImage::default()),
        Changes::Gold { .. } => Shard::Gold(GoldImage::default()),
        Changes::Source(_) => Shard::Source(SourceCheckpoint::default()),
    }
}

impl Shard {
    fn apply(&mut self, changes: &Changes) {
        match (self, changes) {
            (Self::Silver(image), Changes::Silver { head, claims }) => {
                image.head = head.clone();
                image.waiting.extend_from_slice(claims);
            }
            (Self::Gold(image), Changes::Gold { head, rows, .. }) => {
                image.head = head.clone();
                rows.iter().for_each(|change| image.apply(change));
            }
            (Self::Source(stored), Changes::Source(checkpoint)) => *stored = checkpoint.clone(),
            // A shard's id tells what it holds, so its changes are always of its own kind.
            (shard, changes) => {
                *shard = empty(changes);
                shard.apply(changes);
            }
        }
    }
}

impl Stored {
    fn take_flush(&mut self, id: &ShardId, flush: &mut Flush) {
        let shard = match (&mut self.shard, id) {
            (Shard::Silver(image), ShardId::Silver(bronze)) => {
                image.writing = Arc::new(std::mem::take(&mut image.waiting));
                let claims = image.written + image.writing.len() as u64;
                if !image.writing.is_empty() {
                    flush.claims.push((*bronze, image.written, Arc::clone(&image.writing)));
                }
                StoredShard::Silver { bronze: *bronze, claims, head: image.head.clone() }
            }
            (Shard::Gold(image), ShardId::Gold(partition)) => {
                image.take_chunks(*partition, &mut flush.chunks);
                StoredShard::Gold { partition: *partition, head: image.head.clone() }
            }
            (Shard::Source(checkpoint), ShardId::Source(source)) => {
                StoredShard::Source { source: source.clone(), checkpoint: checkpoint.clone() }
            }
            _ => return,
        };
        flush.heads.push((id.to_string(), StoredHead { position: self.position, shard }));
    }
}

impl GoldImage {
    fn apply(&mut self, change: &RowChange) {
        let rows = &mut self.tables[change.row.table() as usize];
        let slot = change.slot as usize;
        if rows.len() <= slot {
            rows.resize_with(slot + 1, || None);
        }
        rows[slot] = change.standing().cloned();
        self.changed.insert((change.row.table() as u8, change.slot / CHUNK_ROWS));
    }

    fn placed_rows(&self) -> Vec<PlacedRow> {
        let place = |(slot, row): (usize, &Option<Row>)| {
            row.clone().map(|row| PlacedRow { slot: slot as u32, row })
        };
        self.tables.iter().flat_map(|rows| rows.iter().enumerate().filter_map(place)).collect()
    }

    fn take_chunks(&mut self, shard: u32, out: &mut Vec<(u32, u8, u32, Vec<Option<Row>>)>) {
        for (table, chunk) in std::mem::take(&mut self.changed) {
            let rows = &self.tables[usize::from(table)];
            let first = (chunk * CHUNK_ROWS) as usize;
            let end = (first + CHUNK_ROWS as usize).min(rows.len());
            out.push((shard, table, chunk, rows[first..end].to_vec()));
        }
    }
}

impl Flush {
    pub(super) fn write(&self, write: &Write) -> Result<(), FileError> {
        for (bronze, written, claims) in &self.claims {
            write_claims(write, bronze.partition, *written, claims)?;
        }
        for (shard, table, chunk, rows) in &self.chunks {
            write.put_chunk(*shard, *table, *chunk, &postcard::to_allocvec(rows)?)?;
        }
        for (shard, head) in &self.heads {
            write.put_head(shard, &serde_json::to_string(head)?)?;
        }
        Ok(())
    }
}

/// Appends claims behind the `written` ones; the last block is rewritten until it is full.
fn write_claims(
    write: &Write,
    partition: u32,
    written: u64,
    claims: &[Claim],
) -> Result<(), FileError> {
    let mut number = written / BLOCK_CLAIMS;
    let mut bytes = write.claims_block(partition, number)?;
    bytes.truncate((written % BLOCK_CLAIMS) as usize * CLAIM_BYTES);
    for claim in claims {
        bytes.extend_from_slice(&claim.to_bytes());
        if bytes.len() == BLOCK_CLAIMS as usize * CLAIM_BYTES {
            write.put_claims_block(partition, number, &bytes)?;
            bytes.clear();
            number += 1;
        }
    }
    if !bytes.is_empty() {
        write.put_claims_block(partition, number, &bytes)?;
    }
    Ok(())
}

fn load_tables(file: &File, shard: u32) -> Result<[Vec<Option<Row>>; Table::ALL.len()], FileError> {
    let mut tables: [Vec<Option<Row>>; Table::ALL.len()] = Default::default();
    file.each_chunk(shard, |code, chunk, stored| {
        let Some(table) = Table::ALL.get(usize::from(code)) else { return Ok(()) };
        let rows = &mut tables[usize::from(code)];
        rows.resize_with((chunk * CHUNK_ROWS) as usize, || None);
        match table {
            Table::Customers => add(rows, stored, |row| Row::Customer(Arc::new(row))),
            Table::Products => add(rows, stored, Row::Product),
            Table::Months => add(rows, stored, Row::Month),
            Table::Days => add(rows, stored, Row::Day),
            Table::Countries => add(rows, stored, Row::Country),
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

/// The first `count` claims of the file.
pub(super) fn load_claims(
    file: &File,
    partition: u32,
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

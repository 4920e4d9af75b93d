//! The stored shards in memory: heads, gold rows, claims that wait for the file. Customers are shared with the
//! fold and the readers, not copied.

use super::file::{ChunkKey, File, FileError};
use super::stored::{CHUNK_ROWS, Flush, StoredHead, StoredShard, WaitingClaims, load_tables};
use crate::generations::ROWS;
use crate::store::{Changes, Commit, CommitError, Content, Image, Part, ShardId, SourceCheckpoint};
use goldstream_domain::chain::SourceId;
use goldstream_domain::dedupe::Claim;
use goldstream_domain::gold::rows::{PlacedRow, Row, RowChange, Table};
use goldstream_domain::progress::{GoldHead, SilverHead};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
    changed: BTreeSet<(Table, u32)>,
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

/// A shard of a generation. Producers' stand outside of them.
pub(super) type ShardKey = (u32, ShardId);

/// What a generation means by this shard.
pub(super) fn key(generation: u32, shard: &ShardId) -> ShardKey {
    let is_source = matches!(shard, ShardId::Source(_));
    (if is_source { ROWS } else { generation }, shard.clone())
}

/// All shards.
#[derive(Debug, Default)]
pub(super) struct Images {
    shards: BTreeMap<ShardKey, Stored>,
    unflushed_rows: u64,
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
    /// Those of producers, and of these generations.
    pub(super) fn load(file: &File, generations: &[u32]) -> Result<Self, FileError> {
        let mut images = Self::default();
        for (generation, json) in file.heads()? {
            let StoredHead { position, shard } = serde_json::from_str(&json)?;
            let is_source = matches!(shard, StoredShard::Source { .. });
            if !is_source && !generations.contains(&generation) {
                continue;
            }
            let (id, shard) = match shard {
                StoredShard::Silver { bronze, claims, head } => {
                    let image = SilverImage { head, written: claims, ..SilverImage::default() };
                    (ShardId::Silver(bronze), Shard::Silver(image))
                }
                StoredShard::Gold { partition, head } => {
                    let tables = load_tables(file, (generation, partition))?;
                    let image = GoldImage { head, tables, ..GoldImage::default() };
                    (ShardId::Gold(partition), Shard::Gold(image))
                }
                StoredShard::Source { source, checkpoint } => {
                    (ShardId::Source(source), Shard::Source(checkpoint))
                }
            };
            images.shards.insert(key(generation, &id), Stored { position, shard, changed: false });
        }
        Ok(images)
    }

    /// Adds those of one more generation, as the file has them. Those of producers are known.
    pub(super) fn add(&mut self, file: &File, generation: u32) -> Result<(), FileError> {
        let mut loaded = Self::load(file, &[generation])?;
        loaded.shards.retain(|(_, id), _| !matches!(id, ShardId::Source(_)));
        self.shards.append(&mut loaded.shards);
        Ok(())
    }

    /// Bronze rows taken in since the last flush of everything.
    pub(super) fn unflushed_rows(&self) -> u64 {
        self.unflushed_rows
    }

    /// Makes the commit if its turn has come (law 2).
    pub(super) fn commit(&mut self, generation: u32, commit: &Commit) -> Result<Made, CommitError> {
        let key = key(generation, &commit.shard);
        let stored = self.shards.get(&key).map_or(0, |stored| stored.position);
        if stored != commit.from {
            let made_before = stored == commit.to;
            return if made_before {
                Ok(Made::Before)
            } else {
                Err(CommitError::Refused { stored })
            };
        }
        let stored = self.shards.entry(key).or_insert_with(|| Stored {
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
    pub(super) fn image(&self, id: &ShardKey, part: Part) -> (Image, u64) {
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
    pub(super) fn position(&self, id: &ShardKey) -> u64 {
        self.shards.get(id).map_or(0, |stored| stored.position)
    }

    /// The sources that have a checkpoint.
    pub(super) fn sources(&self) -> Vec<SourceId> {
        let source = |id: &ShardId| match id {
            ShardId::Source(source) => Some(SourceId::clone(source)),
            ShardId::Silver(_) | ShardId::Gold(_) => None,
        };
        self.shards.keys().filter_map(|(_, id)| source(id)).collect()
    }

    /// What is to be written now.
    pub(super) fn take_flush(&mut self, extent: Extent) -> Flush {
        let mut flush = Flush::default();
        if extent == Extent::Everything {
            self.unflushed_rows = 0;
        }
        for (id, stored) in &mut self.shards {
            let wanted = extent == Extent::Everything || matches!(id.1, ShardId::Source(_));
            if wanted && std::mem::take(&mut stored.changed) {
                stored.take_flush(id, &mut flush);
            }
        }
        flush
    }

    /// Forgets those of a generation that is gone.
    pub(super) fn remove(&mut self, generation: u32) {
        let is_of_it = |(of, id): &ShardKey| *of == generation && !matches!(id, ShardId::Source(_));
        self.shards.retain(|key, _| !is_of_it(key));
    }

    /// The flush is in the file.
    pub(super) fn flushed(&mut self, flush: &Flush) {
        for WaitingClaims { generation, bronze, claims, .. } in &flush.claims {
            if let Some(Stored { shard: Shard::Silver(image), .. }) =
                self.shards.get_mut(&(*generation, ShardId::Silver(*bronze)))
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
    fn take_flush(&mut self, (generation, id): &ShardKey, flush: &mut Flush) {
        let generation = *generation;
        let shard = match (&mut self.shard, id) {
            (Shard::Silver(image), ShardId::Silver(bronze)) => {
                image.writing = Arc::new(std::mem::take(&mut image.waiting));
                let claims = image.written + image.writing.len() as u64;
                if !image.writing.is_empty() {
                    let (written, claims) = (image.written, Arc::clone(&image.writing));
                    let bronze = *bronze;
                    flush.claims.push(WaitingClaims { generation, bronze, written, claims });
                }
                StoredShard::Silver { bronze: *bronze, claims, head: image.head.clone() }
            }
            (Shard::Gold(image), ShardId::Gold(partition)) => {
                image.take_chunks((generation, *partition), &mut flush.chunks);
                StoredShard::Gold { partition: *partition, head: image.head.clone() }
            }
            (Shard::Source(checkpoint), ShardId::Source(source)) => {
                StoredShard::Source { source: source.clone(), checkpoint: checkpoint.clone() }
            }
            _ => return,
        };
        flush
            .heads
            .push(((generation, id.to_string()), StoredHead { position: self.position, shard }));
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
        self.changed.insert((change.row.table(), change.slot / CHUNK_ROWS));
    }

    fn placed_rows(&self) -> Vec<PlacedRow> {
        let place = |(slot, row): (usize, &Option<Row>)| {
            row.clone().map(|row| PlacedRow { slot: slot as u32, row })
        };
        self.tables.iter().flat_map(|rows| rows.iter().enumerate().filter_map(place)).collect()
    }

    fn take_chunks(
        &mut self,
        (generation, shard): (u32, u32),
        out: &mut Vec<(ChunkKey, Vec<Option<Row>>)>,
    ) {
        for (table, chunk) in std::mem::take(&mut self.changed) {
            let rows = &self.tables[table as usize];
            let first = (chunk * CHUNK_ROWS) as usize;
            let end = (first + CHUNK_ROWS as usize).min(rows.len());
            out.push(((generation, shard, table.number(), chunk), rows[first..end].to_vec()));
        }
    }
}

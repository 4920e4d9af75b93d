//! The tables of the file and their stored forms. It knows nothing of when things are written.
//!
//! Every key begins with a generation, so that a rebuild can stand beside what it replaces.

use super::aside::Aside;
use super::{FILE_NAME, OpenError};
use crate::log::{Topic, TopicPartition};
use crate::store::ShardId;
use crate::topology::{PARTITIONS_DEFAULT, Topology};
use goldstream_domain::codec::CodecError;
use goldstream_domain::column::Kind;
use goldstream_domain::record::Block;
use redb::backends::FileBackend;
use redb::{
    Database, ReadOnlyTable, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction,
};
use std::path::Path;

/// Generation of everything stored now.
const GENERATION: u32 = 0;

/// generation, topic, partition, position of the first record → block
type LogKey = (u32, u8, u32, u64);
/// generation, gold shard, table, chunk → rows in their order (postcard), none where a place is empty
type ChunkKey = (u32, u32, u8, u32);
/// generation, bronze partition, number of the block → claims
type ClaimsKey = (u32, u32, u64);

const LOG: TableDefinition<'_, LogKey, &[u8]> = TableDefinition::new("log");
const HEADS: TableDefinition<'_, (u32, &str), &str> = TableDefinition::new("heads");
const CHUNKS: TableDefinition<'_, ChunkKey, &[u8]> = TableDefinition::new("chunks");
const CLAIMS: TableDefinition<'_, ClaimsKey, &[u8]> = TableDefinition::new("claims");
pub(super) const META: TableDefinition<'_, &str, &str> = TableDefinition::new("meta");

/// The file failed, or holds what it must not hold.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    #[error("{0}")]
    Redb(Box<redb::Error>),
    #[error(
        "the file is damaged ({0}): put a backup in its place, or fold the rows again into a new --data-dir"
    )]
    Damaged(String),
    #[error("a stored block cannot be read: {0}")]
    Block(#[from] CodecError),
    #[error("stored state cannot be read: {0}")]
    State(#[from] serde_json::Error),
    #[error("stored rows cannot be read: {0}")]
    Rows(#[from] postcard::Error),
}

macro_rules! from_redb {
    ($($error:ident),*) => {$(
        impl From<redb::$error> for FileError {
            fn from(error: redb::$error) -> Self {
                match error.into() {
                    redb::Error::Corrupted(what) => Self::Damaged(what),
                    error => Self::Redb(Box::new(error)),
                }
            }
        }
    )*};
}
from_redb!(
    DatabaseError,
    StorageError,
    TableError,
    TransactionError,
    CommitError,
    SetDurabilityError
);

/// The open file.
#[derive(Debug)]
pub(super) struct File {
    database: Database,
}

/// A file that is not there yet is made as its owner's alone: customers stand in it. One that is there keeps
/// the rights that somebody gave it.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Where what is written goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// Into the file, which is made if there is none.
    File,
    /// Nowhere: it is kept as long as the file is open. There must be one.
    Memory,
}

/// The database over the file, whatever stands in it.
fn database(path: &Path, place: Place) -> Result<Database, FileError> {
    let mut builder = Database::builder();
    builder.set_cache_size(crate::limits::PAGE_CACHE_BYTES);
    match place {
        Place::File => {
            make_private(path).map_err(redb::StorageError::Io)?;
            Ok(builder.create(path)?)
        }
        Place::Memory => {
            let file = std::fs::OpenOptions::new().read(true).write(true).open(path);
            let file = FileBackend::new(file.map_err(redb::StorageError::Io)?)?;
            let aside = Aside::new(file).map_err(redb::StorageError::Io)?;
            Ok(builder.create_with_backend(aside)?)
        }
    }
}

pub(super) fn open(
    (dir, place): (&Path, Place),
    (wanted_partitions, future_days): (Option<u32>, Option<u32>),
) -> Result<(File, Topology), OpenError> {
    let unusable = |reason: String| OpenError::Unusable { path: dir.to_owned(), reason };
    if let Place::File = place {
        std::fs::create_dir_all(dir).map_err(|error| unusable(error.to_string()))?;
    }
    let database = database(&dir.join(FILE_NAME), place).map_err(|error| match error {
        FileError::Redb(error) if matches!(*error, redb::Error::DatabaseAlreadyOpen) => {
            OpenError::InUse(dir.to_owned())
        }
        error => unusable(error.to_string()),
    })?;
    let file = File { database };
    let topology = file
        .topology((wanted_partitions, future_days))
        .map_err(|error| unusable(error.to_string()))?;
    let wanted = Topology::of_this_version(wanted_partitions.unwrap_or(topology.partitions))
        .with_future_days(future_days, Some(&topology));
    if topology != wanted {
        return Err(OpenError::OtherTopology { path: dir.to_owned(), stored: topology, wanted });
    }
    Ok((file, topology))
}

fn topic_code(topic: Topic) -> u8 {
    match topic {
        Topic::Bronze(Kind::Customers) => 0,
        Topic::Bronze(Kind::Purchases) => 1,
        Topic::Silver => 2,
        Topic::Quarantine => 3,
    }
}

impl File {
    /// The stored topology, stored now if there is none.
    fn topology(
        &self,
        (wanted_partitions, future_days): (Option<u32>, Option<u32>),
    ) -> Result<Topology, FileError> {
        let write = self.begin_write()?;
        let topology = {
            let mut meta = write.transaction.open_table(META)?;
            let stored = meta.get("topology")?.map(|json| json.value().to_owned());
            match stored {
                Some(json) => serde_json::from_str(&json)?,
                None => {
                    let partitions = wanted_partitions.unwrap_or(PARTITIONS_DEFAULT);
                    let topology = Topology::of_this_version(partitions);
                    let topology = topology.with_future_days(future_days, None);
                    meta.insert("topology", serde_json::to_string(&topology)?.as_str())?;
                    topology
                }
            }
        };
        // Makes every table, so that readers find them.
        write.transaction.open_table(LOG)?;
        write.transaction.open_table(HEADS)?;
        write.transaction.open_table(CHUNKS)?;
        write.transaction.open_table(CLAIMS)?;
        write.commit()?;
        Ok(topology)
    }

    /// Begins the one transaction in which everything that waits is written.
    pub(super) fn begin_write(&self) -> Result<Write, FileError> {
        let mut transaction = self.database.begin_write()?;
        // Without it, opening after a crash walks the whole file.
        transaction.set_quick_repair(true);
        Ok(Write { transaction })
    }

    /// The block that holds `position`, with its first position.
    pub(super) fn read_block(
        &self,
        at: TopicPartition,
        position: u64,
    ) -> Result<Option<(u64, Block)>, FileError> {
        let log = self.database.begin_read()?.open_table(LOG)?;
        last_block(&log, at, position)
    }

    /// The position after the last record.
    pub(super) fn end(&self, at: TopicPartition) -> Result<u64, FileError> {
        let last = self.read_block(at, u64::MAX)?;
        Ok(last.map_or(0, |(first, block)| first + block.len()))
    }

    /// All heads by shard name.
    pub(super) fn heads(&self) -> Result<Vec<(String, String)>, FileError> {
        let heads = self.database.begin_read()?.open_table(HEADS)?;
        let mut all = Vec::new();
        for entry in heads.range((GENERATION, "")..(GENERATION + 1, ""))? {
            let (key, json) = entry?;
            all.push((key.value().1.to_owned(), json.value().to_owned()));
        }
        Ok(all)
    }

    /// Hears every chunk of a gold shard: table, number, rows.
    pub(super) fn each_chunk(
        &self,
        shard: u32,
        mut hear: impl FnMut(u8, u32, &[u8]) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        let chunks = self.database.begin_read()?.open_table(CHUNKS)?;
        let first = (GENERATION, shard, 0, 0);
        for entry in chunks.range(first..=(GENERATION, shard, u8::MAX, u32::MAX))? {
            let (key, rows) = entry?;
            let (_, _, table, chunk) = key.value();
            hear(table, chunk, rows.value())?;
        }
        Ok(())
    }

    /// Hears every block of claims of a partition in order.
    pub(super) fn each_claims_block(
        &self,
        partition: u32,
        mut hear: impl FnMut(&[u8]),
    ) -> Result<(), FileError> {
        let claims = self.database.begin_read()?.open_table(CLAIMS)?;
        let first = (GENERATION, partition, 0);
        for entry in claims.range(first..=(GENERATION, partition, u64::MAX))? {
            hear(entry?.1.value());
        }
        Ok(())
    }
}

fn last_block(
    log: &ReadOnlyTable<LogKey, &[u8]>,
    at: TopicPartition,
    position: u64,
) -> Result<Option<(u64, Block)>, FileError> {
    let (topic, partition) = (topic_code(at.topic), at.partition);
    let first = (GENERATION, topic, partition, 0);
    let mut range = log.range(first..=(GENERATION, topic, partition, position))?;
    let Some(entry) = range.next_back() else { return Ok(None) };
    let (key, stored) = entry?;
    Ok(Some((key.value().3, Block::from_stored(stored.value())?)))
}

/// A transaction being filled.
pub(super) struct Write {
    transaction: WriteTransaction,
}

impl Write {
    pub(super) fn put_blocks<'a>(
        &self,
        blocks: impl Iterator<Item = (TopicPartition, u64, &'a Block)>,
    ) -> Result<(), FileError> {
        let mut log = self.transaction.open_table(LOG)?;
        for (at, first, block) in blocks {
            let key = (GENERATION, topic_code(at.topic), at.partition, first);
            let (head, records) = block.stored_parts();
            let mut stored = log.insert_reserve(key, head.len() + records.len())?;
            let (head_place, records_place) = stored.as_mut().split_at_mut(head.len());
            head_place.copy_from_slice(&head);
            records_place.copy_from_slice(records);
        }
        Ok(())
    }

    pub(super) fn put_head(&self, shard: &str, json: &str) -> Result<(), FileError> {
        self.transaction.open_table(HEADS)?.insert((GENERATION, shard), json)?;
        Ok(())
    }

    pub(super) fn put_chunk(
        &self,
        shard: u32,
        table: u8,
        chunk: u32,
        rows: &[u8],
    ) -> Result<(), FileError> {
        let mut chunks = self.transaction.open_table(CHUNKS)?;
        chunks.insert((GENERATION, shard, table, chunk), rows)?;
        Ok(())
    }

    /// The bytes of one block of claims, empty if there is none.
    pub(super) fn claims_block(&self, partition: u32, number: u64) -> Result<Vec<u8>, FileError> {
        let claims = self.transaction.open_table(CLAIMS)?;
        let stored = claims.get((GENERATION, partition, number))?;
        Ok(stored.map(|bytes| bytes.value().to_vec()).unwrap_or_default())
    }

    pub(super) fn put_claims_block(
        &self,
        partition: u32,
        number: u64,
        bytes: &[u8],
    ) -> Result<(), FileError> {
        self.transaction.open_table(CLAIMS)?.insert((GENERATION, partition, number), bytes)?;
        Ok(())
    }

    /// Removes all but the rows and the checkpoints of their sources.
    pub(super) fn forget_derived(&self) -> Result<(), FileError> {
        let mut log = self.transaction.open_table(LOG)?;
        for topic in [Topic::Silver, Topic::Quarantine].map(topic_code) {
            let (first, last) =
                ((GENERATION, topic, 0, 0), (GENERATION, topic, u32::MAX, u64::MAX));
            log.retain_in(first..=last, |_, _| false)?;
        }
        let of_this = (GENERATION, 0, 0, 0)..(GENERATION + 1, 0, 0, 0);
        self.transaction.open_table(CHUNKS)?.retain_in(of_this, |_, _| false)?;
        let of_this = (GENERATION, 0, 0)..(GENERATION + 1, 0, 0);
        self.transaction.open_table(CLAIMS)?.retain_in(of_this, |_, _| false)?;
        let mut heads = self.transaction.open_table(HEADS)?;
        let of_this = (GENERATION, "")..(GENERATION + 1, "");
        heads.retain_in(of_this, |(_, shard), _| shard.starts_with(ShardId::SOURCES))?;
        Ok(())
    }

    /// Makes it durable.
    pub(super) fn commit(self) -> Result<(), FileError> {
        Ok(self.transaction.commit()?)
    }
}

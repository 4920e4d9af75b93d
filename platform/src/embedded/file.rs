//! The tables of the file and their stored forms. It knows nothing of when things are written.
//!
//! Every key begins with a generation, so that a rebuild can stand beside what it replaces.

use super::aside::Aside;
use super::partition_key::PartitionKey;
use crate::generations::ROWS;
use crate::log::Topic;
use crate::store::ShardId;
use goldstream_domain::codec::CodecError;
use goldstream_domain::column::Kind;
use goldstream_domain::record::Block;
use redb::backends::FileBackend;
use redb::{
    Database, ReadOnlyTable, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction,
};
use std::path::Path;

/// Name of the file in the data directory.
pub const FILE_NAME: &str = "goldstream.redb";

/// generation, topic, partition, position of the first record → block
type LogKey = (u32, u8, u32, u64);
/// generation, gold shard, table, chunk → rows in their order (postcard), none where a place is empty
pub(super) type ChunkKey = (u32, u32, u8, u32);
/// generation, bronze partition, number of the block → claims
pub(super) type ClaimsKey = (u32, u32, u64);

pub(super) const LOG: TableDefinition<'_, LogKey, &[u8]> = TableDefinition::new("log");
pub(super) const HEADS: TableDefinition<'_, (u32, &str), &str> = TableDefinition::new("heads");
pub(super) const CHUNKS: TableDefinition<'_, ChunkKey, &[u8]> = TableDefinition::new("chunks");
pub(super) const CLAIMS: TableDefinition<'_, ClaimsKey, &[u8]> = TableDefinition::new("claims");
pub(super) const META: TableDefinition<'_, &str, &str> = TableDefinition::new("meta");
/// name → revision, text: of no generation
pub(super) const DOCUMENTS: TableDefinition<'_, &str, (u64, &str)> =
    TableDefinition::new("documents");

/// The file failed, or holds what it must not hold.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    #[error("{0}")]
    Redb(Box<redb::Error>),
    #[error(
        "the file is damaged ({0}): put a backup in its place, or fold the rows again into a new --data-dir"
    )]
    Damaged(String),
    #[error(
        "the file has form {0} of its kind, which is older than any that goldstream has written: have its rows \
         counted into a new one, goldstream run FILES --data-dir DIR"
    )]
    OlderForm(u8),
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
                    redb::Error::UpgradeRequired(form) => Self::OlderForm(form),
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

/// Copies one table as a reader sees it.
macro_rules! copy_table {
    ($read:expr, $write:expr, $table:expr) => {{
        let mut to = $write.open_table($table)?;
        for entry in $read.open_table($table)?.iter()? {
            let (key, value) = entry?;
            to.insert(key.value(), value.value())?;
        }
    }};
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

/// Opens the database over the file, and makes every table, so that readers find them.
pub(super) fn open(path: &Path, place: Place) -> Result<File, FileError> {
    let file = File { database: database(path, place)? };
    let write = file.begin_write()?;
    write.transaction.open_table(META)?;
    write.transaction.open_table(LOG)?;
    write.transaction.open_table(HEADS)?;
    write.transaction.open_table(CHUNKS)?;
    write.transaction.open_table(CLAIMS)?;
    write.transaction.open_table(DOCUMENTS)?;
    write.commit()?;
    Ok(file)
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
    pub(super) const fn database(&self) -> &Database {
        &self.database
    }

    /// What is known of the file as a whole, by name.
    pub(super) fn meta(&self, name: &str) -> Result<Option<String>, FileError> {
        let meta = self.database.begin_read()?.open_table(META)?;
        Ok(meta.get(name)?.map(|stored| stored.value().to_owned()))
    }

    /// Copies all that stands in it at one moment into a new file.
    pub(super) fn copy(&self, path: &Path) -> Result<(), FileError> {
        let read = self.database.begin_read()?;
        let copy = database(path, Place::File)?;
        let write = copy.begin_write()?;
        copy_table!(read, write, LOG);
        copy_table!(read, write, HEADS);
        copy_table!(read, write, CHUNKS);
        copy_table!(read, write, CLAIMS);
        copy_table!(read, write, META);
        copy_table!(read, write, DOCUMENTS);
        Ok(write.commit()?)
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
        at: PartitionKey,
        position: u64,
    ) -> Result<Option<(u64, Block)>, FileError> {
        let log = self.database.begin_read()?.open_table(LOG)?;
        last_block(&log, at, position)
    }

    /// The position after the last record.
    pub(super) fn end(&self, at: PartitionKey) -> Result<u64, FileError> {
        let last = self.read_block(at, u64::MAX)?;
        Ok(last.map_or(0, |(first, block)| first + block.len()))
    }

    /// All heads, each with its generation.
    pub(super) fn heads(&self) -> Result<Vec<(u32, String)>, FileError> {
        let heads = self.database.begin_read()?.open_table(HEADS)?;
        let mut all = Vec::new();
        for entry in heads.iter()? {
            let (key, json) = entry?;
            all.push((key.value().0, json.value().to_owned()));
        }
        Ok(all)
    }

    /// Hears every chunk of a gold shard of a generation: table, number, rows.
    pub(super) fn each_chunk(
        &self,
        (generation, shard): (u32, u32),
        mut hear: impl FnMut(u8, u32, &[u8]) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        let chunks = self.database.begin_read()?.open_table(CHUNKS)?;
        let first = (generation, shard, 0, 0);
        for entry in chunks.range(first..=(generation, shard, u8::MAX, u32::MAX))? {
            let (key, rows) = entry?;
            let (_, _, table, chunk) = key.value();
            hear(table, chunk, rows.value())?;
        }
        Ok(())
    }

    /// Hears every block of claims of a partition in a generation, in order.
    pub(super) fn each_claims_block(
        &self,
        (generation, partition): (u32, u32),
        mut hear: impl FnMut(&[u8]),
    ) -> Result<(), FileError> {
        let claims = self.database.begin_read()?.open_table(CLAIMS)?;
        let first = (generation, partition, 0);
        for entry in claims.range(first..=(generation, partition, u64::MAX))? {
            hear(entry?.1.value());
        }
        Ok(())
    }
}

fn last_block(
    log: &ReadOnlyTable<LogKey, &[u8]>,
    PartitionKey { generation, at }: PartitionKey,
    position: u64,
) -> Result<Option<(u64, Block)>, FileError> {
    let (topic, partition) = (topic_code(at.topic), at.partition);
    let first = (generation, topic, partition, 0);
    let mut range = log.range(first..=(generation, topic, partition, position))?;
    let Some(entry) = range.next_back() else { return Ok(None) };
    let (key, stored) = entry?;
    Ok(Some((key.value().3, Block::from_stored(stored.value())?)))
}

/// A transaction being filled.
pub(super) struct Write {
    transaction: WriteTransaction,
}

impl Write {
    pub(super) const fn transaction(&self) -> &WriteTransaction {
        &self.transaction
    }

    pub(super) fn put_blocks<'a>(
        &self,
        blocks: impl Iterator<Item = (PartitionKey, u64, &'a Block)>,
    ) -> Result<(), FileError> {
        let mut log = self.transaction.open_table(LOG)?;
        for (PartitionKey { generation, at }, first, block) in blocks {
            let key = (generation, topic_code(at.topic), at.partition, first);
            let (head, records) = block.stored_parts();
            let mut stored = log.insert_reserve(key, head.len() + records.len())?;
            let (head_place, records_place) = stored.as_mut().split_at_mut(head.len());
            head_place.copy_from_slice(&head);
            records_place.copy_from_slice(records);
        }
        Ok(())
    }

    pub(super) fn put_meta(&self, name: &str, value: &str) -> Result<(), FileError> {
        self.transaction.open_table(META)?.insert(name, value)?;
        Ok(())
    }

    pub(super) fn put_head(
        &self,
        (generation, shard): (u32, &str),
        json: &str,
    ) -> Result<(), FileError> {
        self.transaction.open_table(HEADS)?.insert((generation, shard), json)?;
        Ok(())
    }

    pub(super) fn put_chunk(&self, chunk: ChunkKey, rows: &[u8]) -> Result<(), FileError> {
        self.transaction.open_table(CHUNKS)?.insert(chunk, rows)?;
        Ok(())
    }

    /// The bytes of one block of claims, empty if there is none.
    pub(super) fn claims_block(&self, block: ClaimsKey) -> Result<Vec<u8>, FileError> {
        let claims = self.transaction.open_table(CLAIMS)?;
        let stored = claims.get(block)?;
        Ok(stored.map(|bytes| bytes.value().to_vec()).unwrap_or_default())
    }

    pub(super) fn put_claims_block(&self, block: ClaimsKey, bytes: &[u8]) -> Result<(), FileError> {
        self.transaction.open_table(CLAIMS)?.insert(block, bytes)?;
        Ok(())
    }

    /// Removes a generation: all that was folded, not the rows and the checkpoints of their sources.
    pub(super) fn remove(&self, generation: u32) -> Result<(), FileError> {
        let mut log = self.transaction.open_table(LOG)?;
        for topic in [Topic::Silver, Topic::Quarantine].map(topic_code) {
            let (first, last) =
                ((generation, topic, 0, 0), (generation, topic, u32::MAX, u64::MAX));
            log.retain_in(first..=last, |_, _| false)?;
        }
        let of_this = (generation, 0, 0, 0)..(generation + 1, 0, 0, 0);
        self.transaction.open_table(CHUNKS)?.retain_in(of_this, |_, _| false)?;
        let of_this = (generation, 0, 0)..(generation + 1, 0, 0);
        self.transaction.open_table(CLAIMS)?.retain_in(of_this, |_, _| false)?;
        let mut heads = self.transaction.open_table(HEADS)?;
        let of_this = (generation, "")..(generation + 1, "");
        let is_source = |shard: &str| generation == ROWS && shard.starts_with(ShardId::SOURCES);
        heads.retain_in(of_this, |(_, shard), _| is_source(shard))?;
        Ok(())
    }

    /// Makes it durable.
    pub(super) fn commit(self) -> Result<(), FileError> {
        Ok(self.transaction.commit()?)
    }
}

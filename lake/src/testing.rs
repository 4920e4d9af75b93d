//! What tests of this crate share: a lake and a log in memory, small files, drawn numbers.

use crate::objects::Lake;
use crate::roll::Placement;
use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use goldstream_domain::record::Block;
use goldstream_platform::log::{Appended, Fetched, Log, LogError, Member, Topic, TopicPartition};
use object_store::memory::InMemory;
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub(crate) fn memory_lake() -> Lake {
    Lake::new(Arc::new(InMemory::new()), "memory")
}

/// A file with so many rows and this metadata.
pub(crate) fn table_of(rows: i64, metadata: &[(&str, &str)]) -> Bytes {
    let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]));
    let column = Arc::new(Int64Array::from_iter_values(0..rows));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![column]).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, None).unwrap();
    writer.write(&batch).unwrap();
    for (key, value) in metadata {
        writer.append_key_value_metadata(KeyValue::new((*key).to_owned(), (*value).to_owned()));
    }
    Bytes::from(writer.into_inner().unwrap())
}

/// Drawn numbers: the same seed gives the same ones.
#[derive(Debug, Clone)]
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    /// Below that.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end.max(1)
    }

    /// Once in so many times.
    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// A log in memory.
#[derive(Debug, Default)]
pub(crate) struct MemoryLog(Mutex<BTreeMap<TopicPartition, Vec<Placement>>>);

impl MemoryLog {
    pub(crate) fn blocks(&self, at: TopicPartition) -> Vec<Placement> {
        self.0.lock().unwrap().get(&at).cloned().unwrap_or_default()
    }

    /// Appends one block, at once.
    pub(crate) fn add(&self, at: TopicPartition, block: Block) -> u64 {
        let mut all = self.0.lock().unwrap();
        let blocks = all.entry(at).or_default();
        let first = blocks.last().map_or(0, |(first, block)| first + block.len());
        let end = first + block.len();
        blocks.push((first, Arc::new(block)));
        end
    }

    fn end_of(&self, at: TopicPartition) -> u64 {
        self.blocks(at).last().map_or(0, |(first, block)| first + block.len())
    }
}

impl Log for MemoryLog {
    fn append(
        &self,
        blocks: Vec<(TopicPartition, Block)>,
    ) -> BoxFuture<'static, Result<Appended, LogError>> {
        let add = |(at, block): (_, Block)| {
            let len = block.len();
            let end = self.add(at, block);
            end - len..end
        };
        ready(Ok(blocks.into_iter().map(add).collect())).boxed()
    }

    fn read(
        &self,
        at: TopicPartition,
        from: u64,
    ) -> BoxFuture<'static, Result<Option<Fetched>, LogError>> {
        let end = self.end_of(at);
        let found = self.blocks(at).into_iter().find(|(first, block)| first + block.len() > from);
        ready(Ok(found.map(|(first, block)| Fetched { first, block, end }))).boxed()
    }

    fn end(&self, at: TopicPartition) -> BoxFuture<'static, Result<u64, LogError>> {
        ready(Ok(self.end_of(at))).boxed()
    }

    fn join(&self, _: &[Topic]) -> Box<dyn Member> {
        unreachable!("these tests share nothing out")
    }
}

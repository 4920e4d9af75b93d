//! The model of the log: per partition whole blocks with their positions, appended and never changed.
//! It is asked and told by [`crate::shared`]; what fails or comes late is not its business.

use crate::scope::{Scope, own, stored};
use goldstream_domain::column::Kind;
use goldstream_domain::record::{Block, BlockBuilder, Headers};
use goldstream_platform::log::{Fetched, Topic, TopicPartition};
use std::collections::BTreeMap;
use std::sync::Arc;

/// All partitions.
#[derive(Debug)]
pub struct Partitions {
    count: u32,
    logs: BTreeMap<TopicPartition, Partition>,
}

#[derive(Debug, Default)]
struct Partition {
    blocks: Vec<(u64, Arc<Block>)>,
    end: u64,
}

impl Partitions {
    /// An empty log of that many partitions a topic.
    #[must_use]
    pub fn new(count: u32) -> Self {
        Self { count, logs: BTreeMap::new() }
    }

    /// Makes the topics of a generation that follow from bronze.
    pub fn make(&mut self, scope: Scope) {
        for topic in [Topic::Silver, Topic::Quarantine] {
            for at in places(topic, self.count) {
                self.logs.entry(scope.place(at)).or_default();
            }
        }
    }

    /// The latest generation that topics are there of.
    #[must_use]
    pub fn highest(&self) -> Scope {
        Scope(self.logs.keys().map(|at| Scope::of(*at).0).max().unwrap_or_default())
    }

    /// Partitions of each topic.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Appends a block; gives the position after it, none where there is no such partition.
    pub fn append(&mut self, at: TopicPartition, block: Block) -> Option<u64> {
        if own(at).partition >= self.count {
            return None;
        }
        let log = self.logs.entry(stored(at)).or_default();
        if !block.is_empty() {
            let first = log.end;
            log.end += block.len();
            log.blocks.push((first, Arc::new(block)));
        }
        Some(log.end)
    }

    /// The block that holds `from`, none where the partition ends there.
    #[must_use]
    pub fn read(&self, at: TopicPartition, from: u64) -> Option<Fetched> {
        let log = self.logs.get(&stored(at))?;
        if from >= log.end {
            return None;
        }
        let place = log.blocks.partition_point(|(first, _)| *first <= from).checked_sub(1)?;
        let (first, block) = log.blocks.get(place)?;
        Some(Fetched { first: *first, block: Arc::clone(block), end: log.end })
    }

    /// The records from `from` to `to`, cut as no append was: what a log may hand over as well.
    #[must_use]
    pub fn read_range(&self, at: TopicPartition, from: u64, to: u64) -> Option<Fetched> {
        let log = self.logs.get(&stored(at))?;
        let mut builder = BlockBuilder::default();
        for (first, block) in &log.blocks {
            if block.is_gap() {
                // Positions without records are never inside a block.
                let is_inside = *first < to && from < first + block.len();
                if is_inside {
                    return self.read(at, from);
                }
                continue;
            }
            for (offset, record) in (*first..).zip(block.records()) {
                let record = record.ok()?;
                if (from..to).contains(&offset) {
                    builder.push(record.headers, |out| out.extend_from_slice(record.payload));
                }
            }
        }
        if builder.is_empty() {
            return None;
        }
        Some(Fetched { first: from, block: Arc::new(builder.take()), end: log.end })
    }

    /// The position after the last record.
    #[must_use]
    pub fn end(&self, at: TopicPartition) -> u64 {
        self.logs.get(&stored(at)).map_or(0, |log| log.end)
    }

    /// Hears every record of a partition with its position.
    pub fn each(&self, at: TopicPartition, mut hear: impl FnMut(u64, Headers<'_>, &[u8])) {
        let Some(log) = self.logs.get(&stored(at)) else { return };
        for (first, block) in &log.blocks {
            for (offset, record) in (*first..).zip(block.records()) {
                if let Ok(record) = record {
                    hear(offset, record.headers, record.payload);
                }
            }
        }
    }
}

/// The partitions of a topic.
pub fn places(topic: Topic, count: u32) -> impl Iterator<Item = TopicPartition> {
    (0..count).map(move |partition| TopicPartition::new(topic, partition))
}

/// The partitions that the stages of a generation read.
#[must_use]
pub fn read_by_stages(scope: Scope, count: u32) -> Vec<TopicPartition> {
    let topics = [Topic::Bronze(Kind::Customers), Topic::Bronze(Kind::Purchases), Topic::Silver];
    let all = topics.into_iter().flat_map(|topic| places(topic, count));
    all.map(|at| scope.place(at)).collect()
}

/// The first records of a block: what arrives where the rest does not.
#[must_use]
pub fn beginning(block: &Block, records: usize) -> Block {
    let mut builder = BlockBuilder::default();
    for record in block.records().take(records).flatten() {
        builder.push(record.headers, |out| out.extend_from_slice(record.payload));
    }
    builder.take()
}

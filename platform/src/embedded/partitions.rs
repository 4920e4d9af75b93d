//! The partitions of the log in memory: where each ends, which blocks wait for the file, and the
//! newest blocks for their readers. It never touches the file.

use super::file::{File, FileError};
use super::partition_key::{PartitionKey, is_bronze};
use crate::limits::TAIL_BYTES_MAX;
use crate::log::{Topic, TopicPartition};
use goldstream_domain::record::Block;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A block with its place.
#[derive(Debug, Clone)]
pub(super) struct PlacedBlock {
    pub(super) at: PartitionKey,
    pub(super) first: u64,
    pub(super) block: Arc<Block>,
}

#[derive(Debug, Default)]
struct Partition {
    /// Position of the next record appended.
    next: u64,
    /// Readable up to here.
    end: u64,
    /// In the file up to here.
    written: u64,
    /// Its reader has read up to here; none where nobody reads it.
    read: Option<u64>,
    /// The newest blocks, without holes between them.
    tail: VecDeque<(u64, Arc<Block>)>,
}

/// Where a read finds its records.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing stands there yet.
    Nothing,
    /// In memory.
    Block(u64, Arc<Block>),
    /// In the file only.
    InFile,
}

/// All partitions, and the blocks that wait to be written.
#[derive(Debug)]
pub(super) struct Partitions {
    partitions: BTreeMap<PartitionKey, Partition>,
    pending: Vec<PlacedBlock>,
    pending_bytes: usize,
    tail_bytes: usize,
    bronze_waits: bool,
}

impl Partitions {
    /// Those of the rows, and of these generations.
    pub(super) fn load(file: &File, count: u32, generations: &[u32]) -> Result<Self, FileError> {
        let mut all = Self {
            partitions: BTreeMap::new(),
            pending: Vec::new(),
            pending_bytes: 0,
            tail_bytes: 0,
            bronze_waits: false,
        };
        for generation in generations {
            all.add(file, *generation, count)?;
        }
        Ok(all)
    }

    /// Adds those of one more generation, as the file has them.
    pub(super) fn add(
        &mut self,
        file: &File,
        generation: u32,
        count: u32,
    ) -> Result<(), FileError> {
        for at in keys(generation, count) {
            if let Entry::Vacant(vacant) = self.partitions.entry(at) {
                let end = file.end(at)?;
                vacant.insert(Partition { next: end, end, written: end, ..Partition::default() });
            }
        }
        Ok(())
    }

    /// Forgets those of a generation that is gone.
    pub(super) fn remove(&mut self, generation: u32) {
        let is_of_it = |at: &PartitionKey| at.generation == generation && !is_bronze(at.at);
        let gone = self.partitions.iter().filter(|(at, _)| is_of_it(at));
        let tails = gone.flat_map(|(_, partition)| partition.tail.iter());
        self.tail_bytes -= tails.map(|(_, block)| block.size_bytes()).sum::<usize>();
        self.partitions.retain(|at, _| !is_of_it(at));
        self.pending.retain(|placed| !is_of_it(&placed.at));
        self.pending_bytes = self.pending.iter().map(|placed| placed.block.size_bytes()).sum();
    }

    /// Takes a block in and gives the position after it; none where there is no such partition.
    pub(super) fn append(&mut self, at: PartitionKey, block: Block) -> Option<u64> {
        let partition = self.partitions.get_mut(&at)?;
        let first = partition.next;
        partition.next += block.len();
        let block = Arc::new(block);
        if is_bronze(at.at) {
            self.bronze_waits = true;
        } else {
            partition.end = partition.next;
            partition.tail.push_back((first, Arc::clone(&block)));
            self.tail_bytes += block.size_bytes();
        }
        let next = partition.next;
        self.pending_bytes += block.size_bytes();
        self.pending.push(PlacedBlock { at, first, block });
        Some(next)
    }

    /// Whether somebody waits for the file.
    pub(super) fn bronze_waits(&self) -> bool {
        self.bronze_waits
    }

    pub(super) fn pending_bytes(&self) -> usize {
        self.pending_bytes
    }

    /// Everything that waits for the file, in order.
    pub(super) fn take_pending(&mut self) -> Vec<PlacedBlock> {
        self.pending_bytes = 0;
        self.bronze_waits = false;
        std::mem::take(&mut self.pending)
    }

    /// These blocks are in the file now; bronze among them becomes readable.
    pub(super) fn written(&mut self, blocks: &[PlacedBlock]) {
        for PlacedBlock { at, first, block } in blocks {
            let Some(partition) = self.partitions.get_mut(at) else { continue };
            partition.written = first + block.len();
            if is_bronze(at.at) {
                partition.end = partition.written;
                partition.tail.push_back((*first, Arc::clone(block)));
                self.tail_bytes += block.size_bytes();
            }
        }
        self.evict();
    }

    /// Forgets the oldest written blocks while there are too many: the longest tails first.
    fn evict(&mut self) {
        while self.tail_bytes > TAIL_BYTES_MAX {
            let evictable = self.partitions.values_mut().filter(|partition| {
                let front = partition.tail.front();
                front.is_some_and(|(first, block)| first + block.len() <= partition.written)
            });
            let Some(longest) = evictable.max_by_key(|partition| partition.tail.len()) else {
                return;
            };
            if let Some((_, block)) = longest.tail.pop_front() {
                self.tail_bytes -= block.size_bytes();
            }
        }
    }

    /// The partition's reader wants what stands at `from` next.
    pub(super) fn note_read(&mut self, at: PartitionKey, from: u64) {
        if let Some(partition) = self.partitions.get_mut(&at) {
            // Of several readers the foremost, which is the one whose numbers are shown.
            partition.read = partition.read.max(Some(from));
        }
    }

    /// Bytes in memory that their readers have before them.
    pub(super) fn unread_bytes(&self) -> usize {
        let unread = |partition: &Partition| {
            let Some(read) = partition.read else { return 0 };
            let newest_first = partition.tail.iter().rev();
            let blocks = newest_first.take_while(|(first, block)| first + block.len() > read);
            blocks.map(|(_, block)| block.size_bytes()).sum()
        };
        self.partitions.values().map(unread).sum()
    }

    pub(super) fn end(&self, at: PartitionKey) -> u64 {
        self.partitions.get(&at).map_or(0, |partition| partition.end)
    }

    pub(super) fn find(&self, at: PartitionKey, from: u64) -> Found {
        let Some(partition) = self.partitions.get(&at) else { return Found::Nothing };
        if from >= partition.end {
            return Found::Nothing;
        }
        let place = partition.tail.partition_point(|(first, _)| *first <= from);
        match place.checked_sub(1).and_then(|place| partition.tail.get(place)) {
            Some((first, block)) => Found::Block(*first, Arc::clone(block)),
            None => Found::InFile,
        }
    }
}

fn keys(generation: u32, count: u32) -> impl Iterator<Item = PartitionKey> {
    all(&Topic::ALL, count).into_iter().map(move |at| PartitionKey::new(generation, at))
}

/// All partitions of these topics.
pub(super) fn all(topics: &[Topic], count: u32) -> Vec<TopicPartition> {
    let of = |topic: &Topic| {
        let topic = *topic;
        (0..count).map(move |partition| TopicPartition::new(topic, partition))
    };
    topics.iter().flat_map(of).collect()
}

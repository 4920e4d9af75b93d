//! The records of one partition on their way to their stage: gathered in blocks, handed over when
//! they are asked for. Pure: it knows offsets and blocks, no client.

use crate::limits::BLOCK_BYTES_MAX;
use goldstream_domain::record::{Block, BlockBuilder};
use std::collections::VecDeque;

/// What is known of a partition's place in the reading client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// It is to be read from `next` on.
    Wanted,
    /// It is being read.
    Running,
    /// It is being read, but the client holds it back.
    Paused,
}

/// One partition.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) reading: Reading,
    /// Offset of the next record from the client.
    next: u64,
    ready: VecDeque<(u64, Block)>,
    ready_bytes: usize,
    /// First offset of what is in the builder.
    first: u64,
    builder: BlockBuilder,
    /// The stage waits for the records at this offset.
    requested: Option<u64>,
    /// The stage has folded everything before this.
    pub(super) folded: u64,
}

impl Flow {
    /// To be read from `from` on, which the stage waits for.
    pub(super) fn new(from: u64) -> Self {
        Self {
            reading: Reading::Wanted,
            next: from,
            ready: VecDeque::new(),
            ready_bytes: 0,
            first: from,
            builder: BlockBuilder::default(),
            requested: Some(from),
            folded: from,
        }
    }

    /// The stage asks for the records at `from`. Another place than the next means beginning there.
    pub(super) fn request(&mut self, from: u64) {
        let begins = self.ready.front().map_or(self.first, |(first, _)| *first);
        if begins != from {
            *self = Self::new(from);
        }
        self.requested = Some(from);
        self.folded = from;
    }

    /// Offset of the record that is expected from the client.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Where the stage waits while nothing is there for it.
    pub(super) fn waits_at(&self) -> Option<u64> {
        self.requested.filter(|_| self.is_empty())
    }

    /// Makes room for the record at `offset`; none where it was taken before or is not wanted now.
    pub(super) fn take(&mut self, offset: u64) -> Option<&mut BlockBuilder> {
        if self.reading == Reading::Wanted || offset < self.next {
            return None;
        }
        if offset > self.next {
            self.skip_to(offset);
        }
        self.next = offset + 1;
        if self.builder.size_bytes() >= BLOCK_BYTES_MAX {
            self.close();
        }
        Some(&mut self.builder)
    }

    /// There are no records before `offset`.
    pub(super) fn skip_to(&mut self, offset: u64) {
        let Some(skipped) = offset.checked_sub(self.next) else { return };
        self.close();
        self.ready.push_back((self.next, Block::gap(skipped)));
        self.next = offset;
        self.first = offset;
    }

    fn close(&mut self) {
        if self.builder.is_empty() {
            return;
        }
        let block = self.builder.take();
        let first = self.first;
        self.first += block.len();
        self.ready_bytes += block.size_bytes();
        self.ready.push_back((first, block));
    }

    fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.builder.is_empty()
    }

    /// Bytes that wait for the stage.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.ready_bytes + self.builder.size_bytes()
    }

    /// What the stage waits for, with its first offset and how far records are known to go.
    pub(super) fn deliver(&mut self) -> Option<(u64, Block, u64)> {
        if self.requested.is_none() || self.is_empty() {
            return None;
        }
        if self.ready.is_empty() {
            self.close();
        }
        let (first, block) = self.ready.pop_front()?;
        self.ready_bytes -= block.size_bytes();
        self.requested = None;
        Some((first, block, self.next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_domain::record::Headers;

    fn take(flow: &mut Flow, offset: u64) -> bool {
        let Some(builder) = flow.take(offset) else { return false };
        builder.push(Headers { origin: None, ingested_at_ms: 0, line: None }, |out| out.push(1));
        true
    }

    fn running(from: u64) -> Flow {
        let mut flow = Flow::new(from);
        flow.reading = Reading::Running;
        flow
    }

    #[test]
    fn records_are_handed_over_once_and_only_when_asked_for() {
        let mut flow = running(5);
        assert!(flow.deliver().is_none());
        assert!(take(&mut flow, 5) && take(&mut flow, 6));
        assert!(!take(&mut flow, 6), "a record comes once");
        let (first, block, end) = flow.deliver().unwrap();
        assert_eq!((first, block.len(), end), (5, 2, 7));
        assert!(take(&mut flow, 7));
        assert!(flow.deliver().is_none(), "nobody asked");
        flow.request(7);
        assert_eq!(flow.deliver().unwrap().0, 7);
    }

    #[test]
    fn another_place_begins_there() {
        let mut flow = running(5);
        take(&mut flow, 5);
        flow.deliver().unwrap();
        take(&mut flow, 6);
        flow.request(2);
        assert_eq!((flow.reading, flow.next()), (Reading::Wanted, 2));
        assert!(!take(&mut flow, 7), "what the client still has is of another place");
        assert_eq!(flow.waits_at(), Some(2));
    }

    #[test]
    fn offsets_without_records_are_a_gap_between_blocks() {
        let mut flow = running(0);
        take(&mut flow, 0);
        take(&mut flow, 3);
        flow.skip_to(6);
        let mut seen = Vec::new();
        for from in [0, 1, 3, 4] {
            flow.request(from);
            let (first, block, _) = flow.deliver().unwrap();
            seen.push((first, block.len(), block.is_gap()));
        }
        assert_eq!(seen, [(0, 1, false), (1, 2, true), (3, 1, false), (4, 2, true)]);
        flow.request(6);
        assert!(take(&mut flow, 6));
    }
}

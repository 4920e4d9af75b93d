//! Appends on their way through a producer: what still waits for its partition, what the client has, and
//! who is to be told. No client, no thread.
//!
//! An idempotent client has one request of a partition on its way at a time, and turns without a pause while
//! more records of that partition are ready in it. So they wait here, and come to the client when those
//! before them are acknowledged.

use crate::limits::BATCH_RECORDS_MAX;
use crate::log::{Appended, LogError, TopicPartition};
use goldstream_domain::record::Block;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What an append is answered: the end of each of its blocks.
pub(super) type Delivered = oneshot::Receiver<Result<Appended, LogError>>;

/// Bits of a tag that number the block within its append.
const BLOCK_BITS: u32 = 16;

/// By what the report of a record tells its append and block.
pub(super) type Tag = usize;

/// Some records of one block.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) tag: Tag,
    pub(super) block: Arc<Block>,
    pub(super) from: u64,
    pub(super) len: u64,
}

/// Records of one partition that go to the client together.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) at: TopicPartition,
    pub(super) pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Ticket {
    /// Records whose fate is not known yet.
    left: u64,
    /// Of each block its lane, and where it lies as far as that is known.
    blocks: Vec<(usize, Option<Range<u64>>)>,
    failure: Option<LogError>,
    answer: oneshot::Sender<Result<Appended, LogError>>,
}

/// One partition.
#[derive(Debug)]
struct Lane {
    at: TopicPartition,
    waiting: VecDeque<Piece>,
    /// Records that the client has and did not report.
    on_their_way: u64,
}

/// All appends of one producer.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    appends: usize,
    tickets: BTreeMap<usize, Ticket>,
    lanes: Vec<Lane>,
    /// A record could not be delivered: nothing more may go this way.
    broken: bool,
}

impl Lanes {
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Whether everybody was told.
    pub(super) fn is_empty(&self) -> bool {
        self.tickets.is_empty()
    }

    /// Takes an append in, behind those before it: what may go to the client now.
    pub(super) fn append(
        &mut self,
        blocks: Vec<(TopicPartition, Block)>,
    ) -> (Delivered, Vec<Batch>) {
        self.appends += 1;
        let (answer, delivered) = oneshot::channel();
        if self.broken {
            answer.send(Err(behind_failure())).unwrap_or_default();
            return (delivered, Vec::new());
        }
        let mut ticket = Ticket { left: 0, blocks: Vec::new(), failure: None, answer };
        let mut batches = Vec::new();
        for (place, (at, block)) in blocks.into_iter().enumerate() {
            let (lane, len) = (self.lane(at), block.len());
            ticket.left += len;
            ticket.blocks.push((lane, None));
            let tag = self.appends << BLOCK_BITS | place;
            let piece = Piece { tag, block: Arc::new(block), from: 0, len };
            self.lanes[lane].waiting.push_back(piece);
            batches.extend(self.lanes[lane].next());
        }
        let number = self.appends;
        self.tickets.insert(number, ticket);
        self.tell(number);
        (delivered, batches)
    }

    /// A record is at a position: what may go to the client now.
    pub(super) fn delivered(&mut self, tag: Tag, position: u64) -> Option<Batch> {
        let (number, place) = split(tag);
        let ticket = self.tickets.get_mut(&number)?;
        let (lane, lies) = ticket.blocks.get_mut(place)?;
        let lane = *lane;
        *lies = Some(match lies.take() {
            Some(lies) => lies.start.min(position)..lies.end.max(position + 1),
            None => position..position + 1,
        });
        ticket.left -= 1;
        if ticket.left == 0 {
            self.tell(number);
        }
        let lane = self.lanes.get_mut(lane)?;
        lane.on_their_way -= 1;
        lane.next()
    }

    /// So many records could not be delivered. Nothing of what waits will go, and who appended it is told.
    pub(super) fn failed(&mut self, tag: Tag, records: u64, error: LogError) {
        self.broken = true;
        self.settle(tag, records, error);
        let waiting: Vec<_> =
            self.lanes.iter_mut().flat_map(|lane| lane.waiting.drain(..)).collect();
        for piece in waiting {
            self.settle(piece.tag, piece.len, behind_failure());
        }
    }

    fn settle(&mut self, tag: Tag, records: u64, error: LogError) {
        let (number, _) = split(tag);
        let Some(ticket) = self.tickets.get_mut(&number) else { return };
        ticket.left -= records;
        ticket.failure.get_or_insert(error);
        self.tell(number);
    }

    /// Answers an append of which nothing is left.
    fn tell(&mut self, number: usize) {
        if self.tickets.get(&number).is_none_or(|ticket| ticket.left > 0) {
            return;
        }
        let Some(ticket) = self.tickets.remove(&number) else { return };
        // Nothing is a block without records.
        let lie = ticket.blocks.into_iter().map(|(_, lies)| lies.unwrap_or_default()).collect();
        // Who has stopped waiting need not hear it.
        ticket.answer.send(ticket.failure.map_or(Ok(lie), Err)).unwrap_or_default();
    }

    fn lane(&mut self, at: TopicPartition) -> usize {
        let known = self.lanes.iter().position(|lane| lane.at == at);
        known.unwrap_or_else(|| {
            self.lanes.push(Lane { at, waiting: VecDeque::new(), on_their_way: 0 });
            self.lanes.len() - 1
        })
    }
}

impl Lane {
    /// What waits longest, if the client has nothing of this partition.
    fn next(&mut self) -> Option<Batch> {
        if self.on_their_way > 0 {
            return None;
        }
        let mut pieces = Vec::new();
        while self.on_their_way < BATCH_RECORDS_MAX
            && let Some(mut piece) = self.waiting.pop_front()
        {
            let len = piece.len.min(BATCH_RECORDS_MAX - self.on_their_way);
            if len < piece.len {
                let rest = Piece { from: piece.from + len, len: piece.len - len, ..piece.clone() };
                self.waiting.push_front(rest);
                piece.len = len;
            }
            self.on_their_way += len;
            pieces.push(piece);
        }
        (!pieces.is_empty()).then_some(Batch { at: self.at, pieces })
    }
}

/// Of records that could go only after one that did not: there is nothing wrong with them.
pub(super) fn behind_failure() -> LogError {
    LogError::Unavailable("a record before it was not delivered".to_owned())
}

fn split(tag: Tag) -> (usize, usize) {
    (tag >> BLOCK_BITS, tag & ((1 << BLOCK_BITS) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Topic;
    use goldstream_domain::record::{BlockBuilder, Headers};

    const AT: TopicPartition = TopicPartition { topic: Topic::Silver, partition: 0 };
    const OTHER: TopicPartition = TopicPartition { topic: Topic::Silver, partition: 1 };

    fn block(records: u64) -> Block {
        let mut builder = BlockBuilder::default();
        for n in 0..records {
            let headers = Headers { origin: None, ingested_at_ms: n as i64, line: None };
            builder.push(headers, |out| out.push(7));
        }
        builder.take()
    }

    /// The lengths of a batch's pieces and where each begins.
    fn shape(batch: &Batch) -> Vec<(u64, u64)> {
        batch.pieces.iter().map(|piece| (piece.from, piece.len)).collect()
    }

    /// Reports every record of a batch: what goes after it.
    fn report(lanes: &mut Lanes, batch: &Batch, position: &mut u64) -> Option<Batch> {
        let mut next = None;
        for piece in &batch.pieces {
            for _ in 0..piece.len {
                assert!(next.is_none(), "more goes before all is reported");
                next = lanes.delivered(piece.tag, *position);
                *position += 1;
            }
        }
        next
    }

    #[test]
    fn what_comes_while_records_are_on_their_way_follows_them_in_one_go() {
        let mut lanes = Lanes::default();
        let (mut first, batches) = lanes.append(vec![(AT, block(3))]);
        let [batch] = &batches[..] else { panic!("{batches:?}") };
        let (mut second, none) = lanes.append(vec![(AT, block(2))]);
        let (_third, more) = lanes.append(vec![(AT, block(1)), (OTHER, block(1))]);
        assert!(none.is_empty());
        assert!(matches!(&more[..], [Batch { at: OTHER, .. }]), "another one goes at once");
        let mut position = 10;
        let next = report(&mut lanes, batch, &mut position).unwrap();
        assert_eq!(shape(&next), [(0, 2), (0, 1)]);
        assert_eq!(first.try_recv().unwrap().unwrap()[0], 10..13);
        assert!(second.try_recv().is_err());
        assert!(report(&mut lanes, &next, &mut position).is_none());
        assert_eq!(second.try_recv().unwrap().unwrap()[0], 13..15);
        assert!(!lanes.is_empty(), "the other partition has not answered");
    }

    #[test]
    fn a_large_block_goes_in_several_batches_and_is_answered_once() {
        let mut lanes = Lanes::default();
        let (mut answer, mut batches) = lanes.append(vec![(AT, block(2 * BATCH_RECORDS_MAX + 1))]);
        let (mut shapes, mut position) = (Vec::new(), 0);
        let mut next = batches.pop();
        while let Some(batch) = next {
            assert!(answer.try_recv().is_err());
            shapes.extend(shape(&batch));
            next = report(&mut lanes, &batch, &mut position);
        }
        let max = BATCH_RECORDS_MAX;
        assert_eq!(shapes, [(0, max), (max, max), (2 * max, 1)]);
        assert_eq!(answer.try_recv().unwrap().unwrap()[0], 0..2 * max + 1);
        assert!(lanes.is_empty());
    }

    #[test]
    fn an_append_of_nothing_is_answered_at_once() {
        let mut lanes = Lanes::default();
        let (mut answer, batches) = lanes.append(Vec::new());
        assert!(batches.is_empty() && lanes.is_empty());
        assert!(answer.try_recv().unwrap().unwrap().is_empty());
    }

    #[test]
    fn a_failure_tells_all_who_wait_and_lets_the_rest_be_reported() {
        let mut lanes = Lanes::default();
        let (mut first, batches) = lanes.append(vec![(AT, block(2))]);
        let (mut waits, _) = lanes.append(vec![(AT, block(5))]);
        let (mut other, others) = lanes.append(vec![(OTHER, block(1))]);
        let error = || LogError::Damaged("too large".to_owned());
        lanes.failed(batches[0].pieces[0].tag, 1, error());
        assert!(lanes.is_broken());
        // Theirs may be delivered another time.
        assert!(matches!(waits.try_recv().unwrap(), Err(LogError::Unavailable(_))));
        // Its other record may be anywhere.
        assert!(first.try_recv().is_err());
        lanes.failed(batches[0].pieces[0].tag, 1, error());
        assert!(matches!(first.try_recv().unwrap(), Err(LogError::Damaged(_))));
        assert!(lanes.delivered(others[0].pieces[0].tag, 4).is_none());
        assert_eq!(other.try_recv().unwrap().unwrap()[0], 4..5);
        assert!(lanes.is_empty());
        // Who comes too late for the old producer must not wait for ever.
        let (mut late, batches) = lanes.append(vec![(AT, block(1))]);
        assert!(batches.is_empty() && late.try_recv().unwrap().is_err());
    }
}

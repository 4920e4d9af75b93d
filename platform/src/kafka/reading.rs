//! One-off reads of one client: what stands at a position, gaps and all. It decides nothing of what is asked.

use super::asking::{Known, Read, check, group, range};
use super::client::{is_connection, not_made, unavailable};
use super::config;
use super::transcode::Incoming;
use crate::limits::{ASK_MAX, BLOCK_BYTES_MAX, GO_ON_MAX, READ_IDLE_MAX};
use crate::log::{Fetched, LogError, TopicPartition};
use goldstream_domain::record::{Block, BlockBuilder};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Reads one partition at a time. A read that goes on where the last one ended is quick.
pub(super) struct ReadingThread {
    known: Arc<Known>,
    /// Made with the first read: many a process never reads by as many.
    client: Option<Arc<BaseConsumer>>,
    incoming: Incoming,
    /// What the client reads, and the next position there.
    place: Option<(TopicPartition, u64)>,
}

impl ReadingThread {
    pub(super) fn new(known: Arc<Known>) -> Self {
        Self { known, client: None, incoming: Incoming::default(), place: None }
    }

    /// Answers until nobody can ask any more.
    pub(super) fn answer(mut self, asked: &mpsc::Receiver<Read>) {
        while let Some(read) = self.next(asked) {
            self.answer_one(read);
        }
    }

    fn next(&mut self, asked: &mpsc::Receiver<Read>) -> Option<Read> {
        match asked.recv_timeout(READ_IDLE_MAX) {
            Ok(read) => Some(read),
            Err(RecvTimeoutError::Timeout) => {
                self.rest();
                asked.recv().ok()
            }
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    fn answer_one(&mut self, Read { at, from, answer }: Read) {
        // Who asked may have gone, and while the broker is away each question takes its time.
        if answer.is_closed() {
            return;
        }
        let read = self.read(at, from);
        if read.is_err() {
            self.place = None;
        }
        answer.send(read).unwrap_or_default();
    }

    /// Asks the broker for no more, and holds none of what it sent.
    fn rest(&mut self) {
        self.place = None;
        // A client that does not rest asks for what nobody takes, and goes on working.
        self.client.as_ref().map_or(Ok(()), |client| client.unassign()).unwrap_or_default();
    }

    fn client(&mut self) -> Result<Arc<BaseConsumer>, LogError> {
        if let Some(client) = &self.client {
            return Ok(Arc::clone(client));
        }
        let settings = &self.known.settings;
        let made = config::reader(settings, &group(settings)).create().map_err(not_made)?;
        Ok(Arc::clone(self.client.insert(Arc::new(made))))
    }

    fn read(&mut self, at: TopicPartition, from: u64) -> Result<Option<Fetched>, LogError> {
        let goes_on = self.place == Some((at, from));
        if goes_on && let Some(fetched) = self.poll(at, from, Duration::ZERO, None)? {
            return Ok(Some(fetched));
        }
        let range = range(&self.known.askers.committed, &self.known.names, at, ASK_MAX)?;
        self.known.reachable.back();
        // A position beyond the end holds nothing: whether it should is for who asks to say.
        if from >= range.1 {
            return Ok(None);
        }
        check(at, from, range)?;
        if goes_on && let Some(fetched) = self.poll(at, from, GO_ON_MAX, None)? {
            return Ok(Some(fetched));
        }
        // Begun anew: the client tells the end of a partition once only.
        self.begin(at, from)?;
        self.poll(at, from, ASK_MAX, Some(range.1))
    }

    fn begin(&mut self, at: TopicPartition, from: u64) -> Result<(), LogError> {
        let client = self.client()?;
        client.unassign().map_err(unavailable)?;
        client.assign(&self.known.names.list_at(&[(at, from)])?).map_err(unavailable)?;
        self.place = Some((at, from));
        Ok(())
    }

    /// Takes the records at `from`. Where the client comes to the end without any, the positions up
    /// to `end`, which was there before, hold none.
    fn poll(
        &mut self,
        at: TopicPartition,
        from: u64,
        wait: Duration,
        end: Option<u64>,
    ) -> Result<Option<Fetched>, LogError> {
        let client = self.client()?;
        let until = Instant::now() + wait;
        let mut block = BlockBuilder::default();
        let mut next = from;
        while block.size_bytes() < BLOCK_BYTES_MAX {
            let left = until.saturating_duration_since(Instant::now());
            let left = if block.is_empty() { left } else { Duration::ZERO };
            let message = match client.poll(left) {
                None if !block.is_empty() => break,
                None if !left.is_zero() => continue,
                None if end.is_none() => break,
                None => {
                    return Err(unavailable(format_args!("{at} gives no records at {from}")));
                }
                Some(Err(KafkaError::PartitionEOF(_))) => match end {
                    Some(end) if block.is_empty() => return self.gap(at, from, end),
                    _ => continue,
                },
                // Of a cut line, perhaps long ago: nobody took what the client had to say meanwhile.
                Some(Err(error)) if is_connection(&error) => continue,
                Some(Err(error)) => return Err(unavailable(error)),
                Some(Ok(message)) => message,
            };
            let offset = message.offset().unsigned_abs();
            if offset < next
                || self.known.names.find(message.topic(), message.partition()) != Some(at)
            {
                continue;
            }
            if offset > next {
                // Positions without records; the client is past the record that follows them.
                self.place = None;
                if block.is_empty() {
                    return Ok(Some(gap(from, offset)));
                }
                return Ok(Some(fetched(from, &mut block, offset)));
            }
            if self.known.skips.has(at, offset) {
                if block.is_empty() {
                    return self.gap(at, from, offset + 1);
                }
                self.place = None;
                return Ok(Some(fetched(from, &mut block, offset)));
            }
            self.incoming.push(at.topic, &message, &mut block)?;
            next = offset + 1;
        }
        if block.is_empty() {
            return Ok(None);
        }
        self.place = Some((at, next));
        Ok(Some(fetched(from, &mut block, end.unwrap_or(0).max(next))))
    }

    fn gap(
        &mut self,
        at: TopicPartition,
        from: u64,
        end: u64,
    ) -> Result<Option<Fetched>, LogError> {
        self.place = Some((at, end));
        Ok(Some(gap(from, end)))
    }
}

fn gap(from: u64, to: u64) -> Fetched {
    Fetched { first: from, block: Arc::new(Block::gap(to - from)), end: to }
}

fn fetched(first: u64, block: &mut BlockBuilder, end: u64) -> Fetched {
    Fetched { first, block: Arc::new(block.take()), end }
}

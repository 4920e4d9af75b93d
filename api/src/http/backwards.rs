//! The quarantine read from its end, newest rows first, over all its partitions.
//!
//! Within a partition the order is the log's; among partitions the row that bronze took in last
//! comes first. Each partition is only ever read downwards, so a reader that goes on where it
//! stopped gets every row once, whatever is appended meanwhile.

use super::table::records::RefusedRow;
use crate::corrected::{Corrected, refused_at};
use crate::limits::QUARANTINE_CHUNK;
use goldstream_domain::codec::CodecError;
use goldstream_domain::column::Kind;
use goldstream_domain::quarantine::QuarantinedRow;
use goldstream_domain::record::Record;
use goldstream_platform::log::{Log, LogError, Topic, TopicPartition};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// How far a partition has been read: what a cursor holds of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// Positions from here on are read.
    below: u64,
    /// The lowest origin read of each kind's source. What was sent again after a failure stands
    /// there twice, and its origins are not below.
    lowest: [u64; Kind::ALL.len()],
}

/// A row with its place.
struct Placed {
    position: u64,
    kind: Kind,
    origin: Option<u64>,
    row: RefusedRow,
}

/// One partition.
struct Tail {
    at: TopicPartition,
    mark: Mark,
    /// Below the mark, ascending: the last one is next.
    rows: Vec<Placed>,
    /// Positions below are not yet in `rows`.
    unread: u64,
}

/// All partitions.
pub(super) struct Backwards {
    tails: Vec<Tail>,
    corrected: Corrected,
}

impl Backwards {
    /// From the ends of the partitions.
    pub(super) async fn from_end(
        log: &dyn Log,
        partitions: u32,
        corrected: Corrected,
    ) -> Result<Self, LogError> {
        let mut marks = Vec::new();
        for partition in 0..partitions {
            let below = log.end(TopicPartition::new(Topic::Quarantine, partition)).await?;
            marks.push(Mark { below, lowest: [u64::MAX; Kind::ALL.len()] });
        }
        let tail = |(partition, mark): (u32, Mark)| Tail {
            at: TopicPartition::new(Topic::Quarantine, partition),
            mark,
            rows: Vec::new(),
            unread: mark.below,
        };
        Ok(Self { tails: (0..).zip(marks).map(tail).collect(), corrected })
    }

    /// From where another one stopped. Marks come from outside: none is believed beyond an end.
    pub(super) fn going_on(mut self, marks: &[Mark]) -> Self {
        for (tail, mark) in self.tails.iter_mut().zip(marks) {
            let below = mark.below.min(tail.mark.below);
            tail.mark = Mark { below, ..*mark };
            tail.unread = below;
        }
        self
    }

    /// Where another one can go on.
    pub(super) fn marks(&self) -> Vec<Mark> {
        self.tails.iter().map(|tail| tail.mark).collect()
    }

    /// Whether every record has been read.
    pub(super) fn is_at_start(&self) -> bool {
        self.tails.iter().all(|tail| tail.mark.below == 0)
    }

    /// The next older row.
    pub(super) async fn next(&mut self, log: &dyn Log) -> Result<Option<RefusedRow>, LogError> {
        loop {
            for tail in &mut self.tails {
                tail.fill(log, &self.corrected).await?;
            }
            let newest = self.tails.iter_mut().max_by_key(|tail| {
                let at_ms = tail.rows.last().map(|placed| placed.row.at_ms);
                (at_ms, Reverse(tail.at.partition))
            });
            match newest.and_then(Tail::take) {
                None => return Ok(None),
                Some(Taken::Row(row)) => return Ok(Some(row)),
                Some(Taken::Repeat) => {}
            }
        }
    }
}

enum Taken {
    Row(RefusedRow),
    Repeat,
}

impl Tail {
    async fn fill(&mut self, log: &dyn Log, corrected: &Corrected) -> Result<(), LogError> {
        while self.rows.is_empty() && self.unread > 0 {
            let (from, to) = (self.unread.saturating_sub(QUARANTINE_CHUNK), self.unread);
            let (mut first, mut next) = (from, from);
            while next < to {
                let Some(fetched) = log.read(self.at, next).await? else { break };
                if next == from {
                    first = fetched.first.min(from);
                }
                for (position, record) in (fetched.first..).zip(fetched.block.records()) {
                    let record = record.map_err(|error| self.damaged(&error))?;
                    if position < to {
                        let placed = placed(self.at, position, &record, corrected);
                        self.rows.push(placed.map_err(|error| self.damaged(&error))?);
                    }
                }
                next = fetched.first + fetched.block.len();
            }
            self.unread = first;
        }
        if self.rows.is_empty() {
            self.mark.below = 0;
        }
        Ok(())
    }

    fn take(&mut self) -> Option<Taken> {
        let Placed { position, kind, origin, row } = self.rows.pop()?;
        self.mark.below = if self.rows.is_empty() { self.unread } else { position };
        if let (Some(origin), Some(lowest)) = (origin, self.mark.lowest.get_mut(kind as usize)) {
            if origin >= *lowest {
                return Some(Taken::Repeat);
            }
            *lowest = origin;
        }
        Some(Taken::Row(row))
    }

    fn damaged(&self, error: &CodecError) -> LogError {
        LogError::Damaged(format!("{}: {error}", self.at))
    }
}

fn placed(
    at: TopicPartition,
    position: u64,
    record: &Record<'_>,
    corrected: &Corrected,
) -> Result<Placed, CodecError> {
    let row = QuarantinedRow::decode(record.payload)?;
    let refused_at = refused_at(at, row.kind, record);
    Ok(Placed {
        position,
        kind: row.kind,
        origin: record.headers.origin.map(|origin| origin.origin),
        row: RefusedRow {
            source: row.source.to_owned(),
            position: row.position,
            reason: row.reason.account(row.kind),
            detail: row.detail.to_owned(),
            raw: row.raw.to_owned(),
            at_ms: record.headers.ingested_at_ms,
            line: record.headers.line,
            corrected_at_ms: refused_at.and_then(|at| corrected.get(&at).copied()),
        },
    })
}

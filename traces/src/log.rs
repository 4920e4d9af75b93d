//! A log that is looked at: what is appended to it, and what a stage reads from it. What is done is done by the log.

use crate::arrived::Arrival;
use crate::records::{self, Traced, traced};
use crate::side::Side;
use crate::span::Step;
use futures::FutureExt;
use futures::future::BoxFuture;
use goldstream_domain::record::Block;
use goldstream_platform::clock::now;
use goldstream_platform::log::{
    Appended, Fetched, Log, LogError, Member, MemberEvent, Topic, TopicPartition,
};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

/// The log of a generation.
pub(crate) struct TracedLog {
    log: Arc<dyn Log>,
    side: Arc<Side>,
}

impl TracedLog {
    pub(crate) fn new(log: Arc<dyn Log>, side: Arc<Side>) -> Self {
        Self { log, side }
    }
}

/// What is kept of a block until it is acknowledged.
enum Kept {
    /// Rows: where one lies, and so whether it is traced, is only known then.
    Rows(Block),
    /// What became of traced rows.
    Outcomes(Vec<Traced>, u64),
}

impl Kept {
    fn of(side: &Side, (at, block): &(TopicPartition, Block)) -> Self {
        match at.topic {
            Topic::Bronze(_) => Self::Rows(block.clone()),
            Topic::Silver | Topic::Quarantine => {
                Self::Outcomes(traced(side.inner.sampling, *at, 0, block), block.len())
            }
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Outcomes(outcomes, _) if outcomes.is_empty())
    }
}

impl Log for TracedLog {
    fn append(
        &self,
        blocks: Vec<(TopicPartition, Block)>,
    ) -> BoxFuture<'static, Result<Appended, LogError>> {
        let began = now();
        let keep = |block: &(TopicPartition, Block)| (block.0, Kept::of(&self.side, block));
        let kept: Vec<_> = blocks.iter().map(keep).collect();
        let append = self.log.append(blocks);
        if kept.iter().all(|(_, kept)| kept.is_empty()) {
            return append;
        }
        let side = Arc::clone(&self.side);
        append
            .map(move |appended| {
                let appended = appended?;
                let times = (began, now());
                for ((at, kept), lies) in kept.iter().zip(&appended) {
                    match kept {
                        Kept::Rows(block) => rows_sent(&side, (*at, lies), block, times.1),
                        Kept::Outcomes(outcomes, len) => {
                            outcomes_sent(&side, (*at, lies, *len), outcomes, times);
                        }
                    }
                }
                Ok(appended)
            })
            .boxed()
    }

    fn read(
        &self,
        at: TopicPartition,
        from: u64,
    ) -> BoxFuture<'static, Result<Option<Fetched>, LogError>> {
        self.log.read(at, from)
    }

    fn end(&self, at: TopicPartition) -> BoxFuture<'static, Result<u64, LogError>> {
        self.log.end(at)
    }

    fn settle(&self) -> BoxFuture<'static, Result<(), LogError>> {
        self.log.settle()
    }

    fn surplus(&self) -> Vec<(TopicPartition, u64)> {
        self.log.surplus()
    }

    fn join(&self, topics: &[Topic]) -> Box<dyn Member> {
        let member = self.log.join(topics);
        Box::new(TracedMember { member, side: Arc::clone(&self.side), asked: HashMap::new() })
    }
}

/// Bronze has these rows. Where others wrote between them nobody knows which lies where, and none is told.
fn rows_sent(
    side: &Side,
    (at, lies): (TopicPartition, &Range<u64>),
    block: &Block,
    to: SystemTime,
) {
    if records::offset(lies, block.len(), 0).is_none() {
        return;
    }
    let rows = traced(side.inner.sampling, at, lies.start, block);
    let mut headers = block.records().filter_map(Result::ok).map(|record| record.headers);
    let mut next = 0;
    for Traced { trace_id, row, index } in rows {
        let Some(headers) = headers.nth((index - next) as usize) else { return };
        next = index + 1;
        let read = records::time(headers.ingested_at_ms).min(to);
        let attributes = records::row_attributes(row, headers);
        side.tell((Step::SendRow(at.topic), trace_id), None, (read, to), attributes);
    }
}

/// What became of rows of bronze is in its topic.
fn outcomes_sent(
    side: &Side,
    (at, lies, len): (TopicPartition, &Range<u64>, u64),
    outcomes: &[Traced],
    (began, to): (SystemTime, SystemTime),
) {
    let fate = if at.topic == Topic::Quarantine { "quarantined" } else { "accepted" };
    for Traced { trace_id, row, index } in outcomes {
        let Some(Arrival { when, .. }) = side.rows.take(*row) else { continue };
        let bronze = row.0.topic;
        let (processed, sent) = (Step::ProcessRow(bronze), Step::SendOutcome(at.topic));
        let attributes = records::fate_attributes(*row, fate);
        side.tell((processed, *trace_id), Some(Step::SendRow(bronze)), (when, to), attributes);
        let attributes = records::place_attributes(at, records::offset(lies, len, *index));
        side.tell((sent, *trace_id), Some(processed), (began.max(when), to), attributes);
    }
}

/// A member whose records are looked at.
struct TracedMember {
    member: Box<dyn Member>,
    side: Arc<Side>,
    /// From where was asked last: what lies before was read before.
    asked: HashMap<TopicPartition, u64>,
}

impl TracedMember {
    fn arrived(&self, at: TopicPartition, fetched: &Fetched) {
        let when = now();
        let from = self.asked.get(&at).copied().unwrap_or_default();
        let arrived = match at.topic {
            Topic::Bronze(_) => &self.side.rows,
            Topic::Silver => &self.side.events,
            Topic::Quarantine => return,
        };
        for found in traced(self.side.inner.sampling, at, fetched.first, &fetched.block) {
            let position = fetched.first + found.index;
            if position >= from {
                arrived.arrives((at, position), Arrival { trace_id: found.trace_id, when });
            }
        }
    }
}

impl Member for TracedMember {
    fn next(&mut self) -> BoxFuture<'_, MemberEvent> {
        async move {
            let event = self.member.next().await;
            if let MemberEvent::Records(at, fetched) = &event {
                self.arrived(*at, fetched);
            }
            event
        }
        .boxed()
    }

    fn request(&mut self, at: TopicPartition, from: u64) {
        self.asked.insert(at, from);
        self.member.request(at, from);
    }

    fn release(&mut self, at: TopicPartition) {
        self.asked.remove(&at);
        self.side.rows.leaves(at);
        self.side.events.leaves(at);
        self.member.release(at);
    }
}

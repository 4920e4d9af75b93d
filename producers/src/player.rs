//! One input read onto the bronze topics, with its checkpoints.
//!
//! A restart goes on where the last one ended; whatever was sent twice is dropped by the chain.

use crate::input::{Input, NamedInput};
use crate::pace::Pacer;
use crate::progress::Progress;
use crate::replay::{AtEnd, Replay, ReplayError};
use crate::source::{LastLine, Source, SourceError, Step};
use futures::future::BoxFuture;
use goldstream_domain::chain::SourceId;
use goldstream_domain::planted::{self, Bug};
use goldstream_platform::limits::{
    APPENDS_IN_FLIGHT_MAX, BLOCK_BYTES_MAX, RETRY_FIRST, RETRY_LAST,
};
use goldstream_platform::log::{Appended, LogError, Topic, TopicPartition};
use goldstream_platform::shutdown::Shutdown;
use goldstream_platform::store::{Changes, Commit, CommitError, ShardId, SourceCheckpoint};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A block is sent when the next chunk might take it over its limit.
const SEND_BYTES: usize = BLOCK_BYTES_MAX - 24 * 1024;

/// How often inputs that grow are looked at.
pub(crate) const FOLLOW_PACE: Duration = Duration::from_millis(50);

/// How far a source was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Played {
    /// To the end of what there is.
    ToEnd,
    /// Until it was seen that what was read of it does not stand there any more.
    Rewritten,
}

/// A source with the number of checkpoints written for it.
pub(crate) struct Reader {
    pub(crate) source: Source,
    pub(crate) checkpoints: u64,
}

struct InFlight {
    appended: BoxFuture<'static, Result<Appended, LogError>>,
    partitions: Vec<u32>,
    checkpoint: SourceCheckpoint,
}

pub(crate) struct Player<'a> {
    pub(crate) replay: &'a Replay,
    pacer: Option<Pacer>,
    pub(crate) progress: Progress,
    began: Instant,
    in_flight: VecDeque<InFlight>,
    /// As what each input is read: the names of sources, and of the inputs.
    pub(crate) identities: BTreeMap<SourceId, SourceId>,
}

impl<'a> Player<'a> {
    pub(crate) fn new(replay: &'a Replay) -> Self {
        let total_bytes = replay.inputs.iter().map(|named| named.input.size_bytes()).sum();
        Self {
            replay,
            pacer: replay.rate.map(Pacer::new),
            progress: Progress::new(total_bytes),
            began: Instant::now(),
            in_flight: VecDeque::new(),
            identities: BTreeMap::new(),
        }
    }
}

impl Player<'_> {
    /// Reads a source on to its end; begins again from what bronze holds where it is not open, and
    /// whenever log or store was away.
    pub(crate) async fn play_on(
        &mut self,
        named: &NamedInput,
        open: &mut Option<Reader>,
        shutdown: &mut Shutdown,
    ) -> Result<Played, ReplayError> {
        let mut wait = RETRY_FIRST;
        loop {
            let tried = async {
                let reader = match open {
                    Some(reader) => reader,
                    None => {
                        let reader = self.open(named.clone()).await?;
                        let identity = SourceId::clone(reader.source.identity());
                        self.identities.insert(identity, named.key.clone());
                        open.insert(reader)
                    }
                };
                self.play(reader, shutdown).await
            };
            match tried.await {
                Err(error) if ReplayError::may_pass(&error) && !shutdown.is_wished() => {
                    tracing::warn!(%error, "sending rows again");
                    self.in_flight.clear();
                    *open = None;
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(RETRY_LAST);
                }
                other => return other,
            }
        }
    }

    /// What was sent and not acknowledged is sent again by who opens its source anew.
    pub(crate) fn forget_in_flight(&mut self) {
        self.in_flight.clear();
    }

    /// Reads on until the source has no more bytes, and awaits every acknowledgement.
    async fn play(
        &mut self,
        reader: &mut Reader,
        shutdown: &mut Shutdown,
    ) -> Result<Played, ReplayError> {
        while !shutdown.is_wished() {
            let rows_max = self.allowance(shutdown).await;
            let (step, ended) = match self.step(reader, rows_max) {
                Ok(stepped) => stepped,
                Err(error) => {
                    // What was sent before is sent, and none of another source's.
                    self.settle(reader).await?;
                    return Err(error.into());
                }
            };
            match step {
                Step::Read { rows, bytes } => self.count(rows, bytes),
                Step::End => {}
                Step::Changed => {
                    self.settle(reader).await?;
                    self.begin_next(reader).await?;
                    continue;
                }
                Step::Rewritten => {
                    self.settle(reader).await?;
                    return Ok(Played::Rewritten);
                }
            }
            let paced = self.pacer.is_some();
            if ended || paced || reader.source.largest_block_bytes() >= SEND_BYTES {
                self.send(reader).await?;
            }
            if ended && self.awaits_more(&reader.source.named().input) {
                self.settle(reader).await?;
                tokio::time::sleep(FOLLOW_PACE).await;
            } else if ended {
                break;
            }
        }
        self.settle(reader).await?;
        Ok(Played::ToEnd)
    }

    /// Reads the next bytes. Whether it was the end.
    fn step(&self, reader: &mut Reader, rows_max: u64) -> Result<(Step, bool), SourceError> {
        let now_ms = (self.replay.now_ms)();
        let step = reader.source.step(rows_max, now_ms)?;
        if step != Step::End {
            return Ok((step, false));
        }
        let last_line = self.last_line(&reader.source.named().input);
        Ok((reader.source.end(last_line, now_ms)?, true))
    }

    /// Whether the last line of an input is a row without its end, too.
    fn last_line(&self, input: &Input) -> LastLine {
        let may_go_on = match self.replay.at_end {
            AtEnd::Follow => input.can_grow() && !planted::is(Bug::TornLineIsRow),
            AtEnd::Stop => input.is_being_piped(),
        };
        if may_go_on { LastLine::Waits } else { LastLine::IsRow }
    }

    /// Whether its end is no end yet, and nobody looks at it again later.
    fn awaits_more(&self, input: &Input) -> bool {
        self.replay.at_end == AtEnd::Stop && input.is_being_piped()
    }

    /// Sends what follows from the end of the source having stood still, and awaits that.
    pub(crate) async fn stand_still(&mut self, reader: &mut Reader) -> Result<(), ReplayError> {
        if let Step::Read { rows, .. } = reader.source.stand_still((self.replay.now_ms)()) {
            self.count(rows, 0);
            self.send(reader).await?;
            return self.settle(reader).await;
        }
        self.settle(reader).await?;
        self.begin_next(reader).await
    }

    /// Sends the last line of a source that will not go on, as the row that it is, and awaits that.
    pub(crate) async fn end(&mut self, reader: &mut Reader) -> Result<(), ReplayError> {
        if let Step::Read { rows, .. } =
            reader.source.end(LastLine::IsRow, (self.replay.now_ms)())?
        {
            self.count(rows, 0);
            self.send(reader).await?;
        }
        self.settle(reader).await
    }

    async fn begin_next(&self, reader: &mut Reader) -> Result<(), ReplayError> {
        let Reader { source, checkpoints } = self.open(reader.source.named().clone()).await?;
        *reader = Reader { source: source.begin_next()?, checkpoints };
        Ok(())
    }

    fn count(&mut self, rows: u64, bytes: u64) {
        self.progress.advance(rows, bytes);
        if let Some(pacer) = &mut self.pacer {
            pacer.sent(rows);
        }
    }

    /// How many rows may go now; waits until it is one.
    async fn allowance(&self, shutdown: &mut Shutdown) -> u64 {
        let Some(pacer) = &self.pacer else { return u64::MAX };
        while !shutdown.is_wished() {
            match pacer.allowance(self.began.elapsed()) {
                Ok(rows) => return rows,
                Err(wait) => {
                    tokio::select! {
                        () = tokio::time::sleep(wait) => {}
                        () = shutdown.wished() => {}
                    }
                }
            }
        }
        1
    }

    /// Appends what is ready; waits while too many appends are in flight.
    async fn send(&mut self, reader: &mut Reader) -> Result<(), ReplayError> {
        let blocks = reader.source.take_blocks();
        if blocks.is_empty() {
            return Ok(());
        }
        let topic = Topic::Bronze(reader.source.named().kind);
        let partitions = blocks.iter().map(|(partition, _)| *partition).collect();
        let place = |(partition, block)| (TopicPartition::new(topic, partition), block);
        let appended = self.replay.log.append(blocks.into_iter().map(place).collect());
        let checkpoint = reader.source.checkpoint();
        let (read_bytes, _) = reader.source.sizes();
        self.replay.board.note_progress(&reader.source.named().key, checkpoint.rows, read_bytes);
        self.in_flight.push_back(InFlight { appended, partitions, checkpoint });
        while self.in_flight.len() >= APPENDS_IN_FLIGHT_MAX {
            self.acknowledge(reader).await?;
        }
        Ok(())
    }

    async fn settle(&mut self, reader: &mut Reader) -> Result<(), ReplayError> {
        while !self.in_flight.is_empty() {
            self.acknowledge(reader).await?;
        }
        Ok(())
    }

    /// Awaits the oldest append and writes the checkpoint that it makes true.
    async fn acknowledge(&mut self, reader: &mut Reader) -> Result<(), ReplayError> {
        let Some(InFlight { appended, partitions, mut checkpoint }) = self.in_flight.pop_front()
        else {
            return Ok(());
        };
        let places = match appended.await {
            Err(_) if planted::is(Bug::CheckpointBeforeAcknowledgement) => Vec::new(),
            appended => appended?,
        };
        for (partition, lies) in partitions.into_iter().zip(places) {
            reader.source.note_end(partition, lies.end);
        }
        checkpoint.bronze_ends = reader.source.checkpoint().bronze_ends;
        let key = SourceId::clone(reader.source.identity());
        let from = reader.checkpoints;
        let commit = Commit {
            shard: ShardId::Source(key.clone()),
            from,
            to: from + 1,
            ingested_at_ms: None,
            traces: Vec::new(),
            changes: Changes::Source(checkpoint),
        };
        match self.replay.store.commit(Arc::new(commit)).await {
            Ok(()) => reader.checkpoints += 1,
            // The store went back or was emptied: what bronze holds is looked up again.
            Err(CommitError::Refused { stored }) if stored < from => {
                return Err(ReplayError::CheckpointLost);
            }
            Err(CommitError::Refused { .. }) => {
                return Err(ReplayError::ReadByAnother(key.to_string()));
            }
            Err(CommitError::Store(error)) => return Err(error.into()),
        }
        Ok(())
    }
}

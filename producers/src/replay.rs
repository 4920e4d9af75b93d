//! The replay: reads the inputs one after another onto the bronze topics, then follows them.
//!
//! A restart goes on where the last one ended; whatever was sent twice is dropped by the chain.

use crate::pace::{Pacer, Rate};
use crate::progress::Progress;
use crate::resume::read_sent;
use crate::source::{LastLine, NamedInput, Source, SourceError, Step};
use futures::future::BoxFuture;
use goldstream_domain::planted::{self, Bug};
use goldstream_platform::limits::{
    APPENDS_IN_FLIGHT_MAX, BLOCK_BYTES_MAX, RETRY_FIRST, RETRY_LAST,
};
use goldstream_platform::log::{Log, LogError, Topic, TopicPartition};
use goldstream_platform::shutdown::Shutdown;
use goldstream_platform::store::{
    Changes, Commit, CommitError, Content, Part, ShardId, SourceCheckpoint, Store, StoreError,
};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often followed files are looked at.
const FOLLOW_PACE: Duration = Duration::from_millis(50);

/// A block is sent when the next chunk might take it over its limit.
const SEND_BYTES: usize = BLOCK_BYTES_MAX - 24 * 1024;

/// What happens at the end of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtEnd {
    /// The replay ends.
    Stop,
    /// It waits for appended rows.
    Follow,
}

/// A replay to be run.
pub struct Replay {
    /// Where rows go.
    pub log: Arc<dyn Log>,
    /// Where checkpoints are kept.
    pub store: Arc<dyn Store>,
    /// Partitions of every topic.
    pub partitions: u32,
    /// What is read, in this order.
    pub inputs: Vec<NamedInput>,
    /// Rows a second over all inputs; none is as fast as they can be counted.
    pub rate: Option<Rate>,
    /// What happens at their end.
    pub at_end: AtEnd,
    /// When a row is taken in: milliseconds since 1970 UTC.
    pub now_ms: fn() -> i64,
}

/// Why a replay ended early.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A source cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The log failed for good.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The store failed for good.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store has lost the last checkpoints.
    #[error("the store has lost the last checkpoints")]
    CheckpointLost,
    /// Somebody else reads the same source.
    #[error("another goldstream is reading {0}")]
    ReadByAnother(String),
}

impl ReplayError {
    fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Log(LogError::Unavailable(_))
                | Self::Store(StoreError::Unavailable(_))
                | Self::CheckpointLost
        )
    }
}

impl Replay {
    /// Runs until the inputs are read and acknowledged, or for ever where they are followed, or
    /// until the end is wished.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub async fn run(self, mut shutdown: Shutdown) -> Result<(), ReplayError> {
        let sizes = self.inputs.iter().filter_map(|named| named.input.fingerprint().ok());
        let total_bytes = sizes.map(|fingerprint| fingerprint.size_bytes).sum();
        let began = Instant::now();
        let pacer = self.rate.map(Pacer::new);
        let progress = Progress::new(total_bytes);
        let mut player =
            Player { replay: &self, pacer, progress, began, in_flight: VecDeque::new() };
        let mut readers = Vec::new();
        for named in &self.inputs {
            let reader = player.play_on(named.clone(), None, &mut shutdown).await?;
            readers.push(reader);
            if shutdown.is_wished() {
                return Ok(());
            }
        }
        player.progress.finish();
        readers.retain(|reader| reader.source.named().input.can_grow());
        if self.at_end == AtEnd::Follow {
            player.follow(readers, &mut shutdown).await?;
        }
        Ok(())
    }
}

/// A source with the number of checkpoints written for it.
struct Reader {
    source: Source,
    checkpoints: u64,
}

struct InFlight {
    ends: BoxFuture<'static, Result<Vec<u64>, LogError>>,
    partitions: Vec<u32>,
    checkpoint: SourceCheckpoint,
}

struct Player<'a> {
    replay: &'a Replay,
    pacer: Option<Pacer>,
    progress: Progress,
    began: Instant,
    in_flight: VecDeque<InFlight>,
}

impl Player<'_> {
    /// Reads a source on to its end; begins again from what bronze holds where it is not open, and
    /// whenever log or store was away.
    async fn play_on(
        &mut self,
        named: NamedInput,
        mut open: Option<Reader>,
        shutdown: &mut Shutdown,
    ) -> Result<Reader, ReplayError> {
        let mut wait = RETRY_FIRST;
        loop {
            let already = open.take();
            let tried = async {
                let mut reader = match already {
                    Some(reader) => reader,
                    None => self.open(named.clone()).await?,
                };
                self.play(&mut reader, shutdown).await?;
                Ok(reader)
            };
            match tried.await {
                Err(error) if ReplayError::may_pass(&error) && !shutdown.is_wished() => {
                    tracing::warn!(%error, "sending rows again");
                    self.in_flight.clear();
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(RETRY_LAST);
                }
                other => return other,
            }
        }
    }

    /// The source as it was left.
    async fn open(&self, named: NamedInput) -> Result<Reader, ReplayError> {
        let replay = self.replay;
        let shard = ShardId::Source(named.key.clone());
        let image = replay.store.load(shard, Part::Whole).await?;
        let checkpoint = match image.content {
            Content::Source(checkpoint) => checkpoint,
            _ => SourceCheckpoint::default(),
        };
        let of = (named.kind, &*named.key);
        let sent = read_sent(&*replay.log, of, replay.partitions, checkpoint).await?;
        Ok(Reader { source: Source::open(named, sent)?, checkpoints: image.position })
    }

    /// Reads on until the source has no more bytes, and awaits every acknowledgement.
    async fn play(
        &mut self,
        reader: &mut Reader,
        shutdown: &mut Shutdown,
    ) -> Result<(), ReplayError> {
        let last_line = match self.replay.at_end {
            AtEnd::Follow if !planted::is(Bug::TornLineIsRow) => LastLine::Waits,
            AtEnd::Stop | AtEnd::Follow => LastLine::IsRow,
        };
        while !shutdown.is_wished() {
            let rows_max = self.allowance(shutdown).await;
            let mut step = reader.source.step(rows_max, (self.replay.now_ms)())?;
            let ended = step == Step::End;
            if ended {
                step = reader.source.end(last_line, (self.replay.now_ms)())?;
            }
            match step {
                Step::Read { rows, bytes } => self.count(rows, bytes),
                Step::End => {}
                Step::Changed => {
                    self.settle(reader).await?;
                    self.begin_next(reader).await?;
                    continue;
                }
            }
            let paced = self.pacer.is_some();
            if ended || paced || reader.source.largest_block_bytes() >= SEND_BYTES {
                self.send(reader).await?;
            }
            if ended {
                break;
            }
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
        let ends = self.replay.log.append(blocks.into_iter().map(place).collect());
        let checkpoint = reader.source.checkpoint();
        self.in_flight.push_back(InFlight { ends, partitions, checkpoint });
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
        let Some(InFlight { ends, partitions, mut checkpoint }) = self.in_flight.pop_front() else {
            return Ok(());
        };
        let ends = match ends.await {
            Err(_) if planted::is(Bug::CheckpointBeforeAcknowledgement) => Vec::new(),
            ends => ends?,
        };
        for (partition, end) in partitions.into_iter().zip(ends) {
            reader.source.note_end(partition, end);
        }
        checkpoint.bronze_ends = reader.source.checkpoint().bronze_ends;
        let key = reader.source.named().key.clone();
        let from = reader.checkpoints;
        let commit = Commit {
            shard: ShardId::Source(key.clone()),
            from,
            to: from + 1,
            ingested_at_ms: None,
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

    /// Reads appended rows; a file that was replaced or cut is looked at from its beginning.
    async fn follow(
        &mut self,
        readers: Vec<Reader>,
        shutdown: &mut Shutdown,
    ) -> Result<(), ReplayError> {
        let mut readers = VecDeque::from(readers);
        while !shutdown.is_wished() {
            for _ in 0..readers.len() {
                let Some(reader) = readers.pop_front() else { break };
                let named = reader.source.named().clone();
                let open = match reader.source.is_suspect() {
                    Ok(false) => Some(reader),
                    Ok(true) => None,
                    // A file that is being replaced may be away for a moment.
                    Err(_) => {
                        readers.push_back(reader);
                        continue;
                    }
                };
                readers.push_back(self.play_on(named, open, shutdown).await?);
            }
            tokio::select! {
                () = tokio::time::sleep(FOLLOW_PACE) => {}
                () = shutdown.wished() => {}
            }
        }
        Ok(())
    }
}

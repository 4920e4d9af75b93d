//! One-off reads and questions about ends, apart from any membership: by threads with clients of their own, because
//! the client's calls block. A partition has its thread, which answers one question at a time, so sequential reads go
//! on quickly; what is asked about ends meanwhile is asked at once.

use super::client::{not_made, unavailable};
use super::names::Names;
use super::reachable::Reachable;
use super::reading::ReadingThread;
use super::skips::Skips;
use super::{KafkaSettings, config, ends};
use crate::limits::RETRY_FIRST;
use crate::log::{Fetched, LogError, Topic, TopicPartition};
use futures::FutureExt;
use futures::future::BoxFuture;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Threads that read: so many partitions can be read at once.
const READERS: usize = 4;

type Answer<T> = oneshot::Sender<Result<T, LogError>>;
type Answered<T> = oneshot::Receiver<Result<T, LogError>>;

/// What stands there?
pub(super) struct Read {
    pub(super) at: TopicPartition,
    pub(super) from: u64,
    pub(super) answer: Answer<Option<Fetched>>,
}

/// Where does it end?
pub(super) struct End {
    pub(super) at: TopicPartition,
    pub(super) answer: Answer<u64>,
}

/// What all threads know.
pub(super) struct Known {
    pub(super) settings: KafkaSettings,
    pub(super) askers: Arc<Askers>,
    pub(super) names: Names,
    pub(super) reachable: Reachable,
    pub(super) skips: Skips,
}

/// Clients for questions about positions: behind an open fetch of one that reads they would wait.
pub(super) struct Askers {
    /// Sees a partition as its readers do: up to its first open transaction.
    pub(super) committed: BaseConsumer,
    /// Sees it to its end.
    pub(super) uncommitted: BaseConsumer,
}

impl Askers {
    pub(super) fn new(settings: &KafkaSettings) -> Result<Self, LogError> {
        let group = format!("{}-reader", settings.prefix);
        Ok(Self {
            committed: config::fetcher(settings, &group).create().map_err(not_made)?,
            uncommitted: config::asker(settings, &group).create().map_err(not_made)?,
        })
    }
}

/// Asks the threads, which end with the last of these.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    reads: Arc<[mpsc::Sender<Read>]>,
    ends: mpsc::Sender<End>,
}

impl Reader {
    pub(super) fn start(known: Known) -> Result<Self, LogError> {
        let known = Arc::new(known);
        let mut reads = Vec::with_capacity(READERS);
        for _ in 0..READERS {
            let (ask, asked) = mpsc::channel();
            let reading = ReadingThread::new(Arc::clone(&known));
            spawn("kafka-read", move || reading.answer(&asked))?;
            reads.push(ask);
        }
        let (ends, asked) = mpsc::channel();
        spawn("kafka-ends", move || ends::answer(&known, &asked))?;
        Ok(Self { reads: reads.into(), ends })
    }

    /// The records at `from`, none where the partition ends there.
    pub(super) fn read(
        &self,
        at: TopicPartition,
        from: u64,
    ) -> BoxFuture<'static, Result<Option<Fetched>, LogError>> {
        awaited(self.ask_to_read(at, from))
    }

    /// The position after the last record, one of an open transaction included.
    pub(super) fn end(&self, at: TopicPartition) -> BoxFuture<'static, Result<u64, LogError>> {
        let (answer, answered) = oneshot::channel();
        // Where nobody hears the question, the answer is dropped with it.
        self.ends.send(End { at, answer }).unwrap_or_default();
        awaited(answered)
    }

    /// What stands at a position, for a thread that may block; none where that cannot be told.
    pub(super) fn look(&self, at: TopicPartition, from: u64) -> Option<Fetched> {
        self.ask_to_read(at, from).blocking_recv().ok()?.ok()?
    }

    fn ask_to_read(&self, at: TopicPartition, from: u64) -> Answered<Option<Fetched>> {
        let (answer, answered) = oneshot::channel();
        let topic = Topic::ALL.iter().position(|topic| *topic == at.topic).unwrap_or(0);
        let thread = (topic + at.partition as usize) % self.reads.len();
        self.reads[thread].send(Read { at, from, answer }).unwrap_or_default();
        answered
    }

    /// First position and end of a partition, as its broker says.
    pub(super) fn range<C: ConsumerContext>(
        client: &BaseConsumer<C>,
        names: &Names,
        at: TopicPartition,
        limit: Duration,
    ) -> Result<(u64, u64), LogError> {
        let topic = names.topic(at.topic);
        let until = Instant::now() + limit;
        loop {
            match client.fetch_watermarks(topic, at.partition as i32, limit) {
                Ok((first, end)) => return Ok((first.unsigned_abs(), end.unsigned_abs())),
                // A partition that was just made is known before its broker leads it.
                Err(error) if is_settling(&error) && Instant::now() < until => {
                    std::thread::sleep(RETRY_FIRST);
                }
                Err(error) => return Err(unavailable(format_args!("{at}: {error}"))),
            }
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), LogError> {
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    thread.map(drop).map_err(unavailable)
}

fn is_settling(error: &KafkaError) -> bool {
    let code = error.rdkafka_error_code();
    matches!(
        code,
        Some(RDKafkaErrorCode::NotLeaderForPartition | RDKafkaErrorCode::LeaderNotAvailable)
    )
}

fn awaited<T: Send + 'static>(answered: Answered<T>) -> BoxFuture<'static, Result<T, LogError>> {
    async { answered.await.map_err(|_| unavailable("the reading thread ended"))? }.boxed()
}

/// Whether a partition has the position `from`, or ends there.
pub(super) fn check(
    at: TopicPartition,
    from: u64,
    (first, end): (u64, u64),
) -> Result<(), LogError> {
    if from < first {
        let reason = format!(
            "{at} begins at {first}, but {from} is needed: its records must be kept for ever \
             (retention.ms=-1); fold again under a new --prefix"
        );
        return Err(LogError::Damaged(reason));
    }
    if from > end {
        return Err(LogError::ends_before(at, end, from));
    }
    Ok(())
}

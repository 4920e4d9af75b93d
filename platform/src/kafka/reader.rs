//! One-off reads and questions about ends, apart from any membership: a thread with a client of
//! its own, because the client's calls block. One question at a time, sequential reads go on quickly.

use super::KafkaSettings;
use super::client::{is_connection, not_made, unavailable};
use super::config;
use super::names::Names;
use super::reachable::Reachable;
use super::skips::Skips;
use super::transcode::Incoming;
use crate::limits::{ASK_MAX, BLOCK_BYTES_MAX, GO_ON_MAX, RETRY_FIRST};
use crate::log::{Fetched, LogError, TopicPartition};
use futures::FutureExt;
use futures::future::BoxFuture;
use goldstream_domain::record::{Block, BlockBuilder};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

type Answer<T> = oneshot::Sender<Result<T, LogError>>;
type Answered<T> = oneshot::Receiver<Result<T, LogError>>;

enum Question {
    Read(TopicPartition, u64, Answer<Option<Fetched>>),
    End(TopicPartition, Answer<u64>),
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

/// Asks the reading thread, which ends with the last of these.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    questions: mpsc::Sender<Question>,
}

impl Reader {
    pub(super) fn start(
        settings: &KafkaSettings,
        names: Names,
        reachable: Reachable,
        (askers, skips): (Arc<Askers>, Skips),
    ) -> Result<Self, LogError> {
        let group = format!("{}-reader", names.prefix());
        let client = config::reader(settings, &group).create().map_err(not_made)?;
        let (questions, asked) = mpsc::channel();
        let incoming = Incoming::default();
        let mut thread = Thread { client, askers, names, reachable, incoming, skips, place: None };
        std::thread::Builder::new()
            .name("kafka-read".to_owned())
            .spawn(move || {
                while let Ok(question) = asked.recv() {
                    thread.answer(question);
                }
            })
            .map_err(unavailable)?;
        Ok(Self { questions })
    }

    /// The records at `from`, none where the partition ends there.
    pub(super) fn read(
        &self,
        at: TopicPartition,
        from: u64,
    ) -> BoxFuture<'static, Result<Option<Fetched>, LogError>> {
        awaited(self.ask(|answer| Question::Read(at, from, answer)))
    }

    /// The position after the last record, one of an open transaction included.
    pub(super) fn end(&self, at: TopicPartition) -> BoxFuture<'static, Result<u64, LogError>> {
        awaited(self.ask(|answer| Question::End(at, answer)))
    }

    /// What stands at a position, for a thread that may block; none where that cannot be told.
    pub(super) fn look(&self, at: TopicPartition, from: u64) -> Option<Fetched> {
        let answered = self.ask(|answer| Question::Read(at, from, answer));
        answered.blocking_recv().ok()?.ok()?
    }

    fn ask<T>(&self, question: impl FnOnce(Answer<T>) -> Question) -> Answered<T> {
        let (answer, answered) = oneshot::channel();
        // Where nobody hears the question, the answer is dropped with it.
        self.questions.send(question(answer)).unwrap_or_default();
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

struct Thread {
    client: BaseConsumer,
    askers: Arc<Askers>,
    names: Names,
    reachable: Reachable,
    incoming: Incoming,
    skips: Skips,
    /// What the client reads, and the next position there.
    place: Option<(TopicPartition, u64)>,
}

impl Thread {
    fn answer(&mut self, question: Question) {
        // Who asked may have gone, and while the broker is away each question takes its time.
        match question {
            Question::Read(_, _, answer) if answer.is_closed() => {}
            Question::End(_, answer) if answer.is_closed() => {}
            Question::Read(at, from, answer) => {
                let read = self.read(at, from);
                if read.is_err() {
                    self.place = None;
                }
                answer.send(read).unwrap_or_default();
            }
            Question::End(at, answer) => {
                let range = Reader::range(&self.askers.uncommitted, &self.names, at, ASK_MAX);
                answer.send(range.map(|(_, end)| end)).unwrap_or_default();
            }
        }
    }

    fn read(&mut self, at: TopicPartition, from: u64) -> Result<Option<Fetched>, LogError> {
        let goes_on = self.place == Some((at, from));
        if goes_on && let Some(fetched) = self.poll(at, from, Duration::ZERO, None)? {
            return Ok(Some(fetched));
        }
        let range = Reader::range(&self.askers.committed, &self.names, at, ASK_MAX)?;
        self.reachable.back();
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
        self.client.unassign().map_err(unavailable)?;
        self.client.assign(&self.names.list_at(&[(at, from)])?).map_err(unavailable)?;
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
        let until = Instant::now() + wait;
        let mut block = BlockBuilder::default();
        let mut next = from;
        while block.size_bytes() < BLOCK_BYTES_MAX {
            let left = until.saturating_duration_since(Instant::now());
            let left = if block.is_empty() { left } else { Duration::ZERO };
            let message = match self.client.poll(left) {
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
            if offset < next || self.names.find(message.topic(), message.partition()) != Some(at) {
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
            if self.skips.has(at, offset) {
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

//! One-off reads and questions about ends, apart from any membership: by threads with clients of their own, because
//! the client's calls block. A partition has its thread, which answers one question at a time, so sequential reads go
//! on quickly; what is asked about ends meanwhile is asked at once.

use super::asking::{Answered, End, Known, Read};
use super::client::unavailable;
use super::ends;
use super::reading::ReadingThread;
use crate::limits::READERS;
use crate::log::{Fetched, LogError, Topic, TopicPartition};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::{Arc, mpsc};
use tokio::sync::oneshot;

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
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), LogError> {
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    thread.map(drop).map_err(unavailable)
}

fn awaited<T: Send + 'static>(answered: Answered<T>) -> BoxFuture<'static, Result<T, LogError>> {
    async { answered.await.map_err(|_| unavailable("the reading thread ended"))? }.boxed()
}

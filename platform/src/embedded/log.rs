//! The log port over the shared sequence.

use super::damage::caught;
use super::handle::Embedded;
use super::partition_key::PartitionKey;
use super::partitions::{Found, all};
use super::shared::Shared;
use crate::limits::{UNREAD_BYTES_MAX, UNREAD_WAIT_MAX};
use crate::log::{Appended, Fetched, Log, LogError, Member, MemberEvent, Topic, TopicPartition};
use futures::FutureExt;
use futures::future::BoxFuture;
use goldstream_domain::record::Block;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::{oneshot, watch};

impl Log for Embedded {
    fn append(
        &self,
        blocks: Vec<(TopicPartition, Block)>,
    ) -> BoxFuture<'static, Result<Appended, LogError>> {
        let durable_first = blocks.iter().any(|(at, _)| matches!(at.topic, Topic::Bronze(_)));
        let mut state = self.shared.lock();
        if let Some(reason) = &state.failure {
            let reason = reason.clone();
            return async { Err(LogError::Unavailable(reason)) }.boxed();
        }
        let generation = state.number(self.sight);
        let append = |(at, block): (_, Block)| {
            let len = block.len();
            let end = state.partitions.append(PartitionKey::new(generation, at), block);
            let end =
                end.ok_or_else(|| LogError::Damaged(format!("there is no partition {at}")))?;
            Ok(end - len..end)
        };
        let places: Result<Appended, LogError> = blocks.into_iter().map(append).collect();
        if !durable_first {
            drop(state);
            self.shared.appended.send_modify(|count| *count += 1);
            self.shared.work.notify_all();
            let shared = Arc::clone(&self.shared);
            return async move {
                let_readers_keep_up(&shared).await;
                places
            }
            .boxed();
        }
        let (waiter, durable) = oneshot::channel();
        state.waiters.push(waiter);
        drop(state);
        self.shared.work.notify_all();
        let shared = Arc::clone(&self.shared);
        async move {
            durable.await.map_err(|_| not_written())?;
            let_readers_keep_up(&shared).await;
            places
        }
        .boxed()
    }

    fn read(
        &self,
        at: TopicPartition,
        from: u64,
    ) -> BoxFuture<'static, Result<Option<Fetched>, LogError>> {
        let shared = Arc::clone(&self.shared);
        let at = PartitionKey::new(self.generation(), at);
        async move { fetch(&shared, at, from) }.boxed()
    }

    fn end(&self, at: TopicPartition) -> BoxFuture<'static, Result<u64, LogError>> {
        let state = self.shared.lock();
        let end = state.partitions.end(PartitionKey::new(state.number(self.sight), at));
        async move { Ok(end) }.boxed()
    }

    fn settle(&self) -> BoxFuture<'static, Result<(), LogError>> {
        let mut state = self.shared.lock();
        if let Some(reason) = &state.failure {
            let reason = reason.clone();
            return async { Err(LogError::Unavailable(reason)) }.boxed();
        }
        let (waiter, durable) = oneshot::channel();
        state.waiters.push(waiter);
        drop(state);
        self.shared.work.notify_all();
        async move { durable.await.map_err(|_| not_written()) }.boxed()
    }

    fn join(&self, topics: &[Topic]) -> Box<dyn Member> {
        Box::new(OnlyMember {
            shared: Arc::clone(&self.shared),
            generation: self.generation(),
            appended: self.shared.appended.subscribe(),
            unassigned: all(topics, self.shared.partitions),
            requests: VecDeque::new(),
        })
    }
}

fn not_written() -> LogError {
    LogError::Unavailable("the file could not be written".to_owned())
}

/// Waits a little while readers have much before them.
async fn let_readers_keep_up(shared: &Shared) {
    let mut requested = shared.requested.subscribe();
    let keep_up = async {
        while shared.lock().partitions.unread_bytes() > UNREAD_BYTES_MAX {
            if requested.changed().await.is_err() {
                return;
            }
        }
    };
    // Running out of patience is no failure: the records are in the log.
    tokio::time::timeout(UNREAD_WAIT_MAX, keep_up).await.unwrap_or_default();
}

/// The records at `from`, from memory or from the file.
fn fetch(shared: &Shared, at: PartitionKey, from: u64) -> Result<Option<Fetched>, LogError> {
    let (found, end) = {
        let state = shared.lock();
        (state.partitions.find(at, from), state.partitions.end(at))
    };
    match found {
        Found::Nothing => Ok(None),
        Found::Block(first, block) => Ok(Some(Fetched { first, block, end })),
        Found::InFile => {
            let damaged =
                |reason: String| LogError::Damaged(format!("{} at {from}: {reason}", at.at));
            let block = caught(|| shared.file.read_block(at, from));
            let block = block.map_err(|error| damaged(error.to_string()))?;
            let (first, block) =
                block.ok_or_else(|| damaged("no block holds this position".to_owned()))?;
            Ok(Some(Fetched { first, block: Arc::new(block), end }))
        }
    }
}

/// The one reader of a group: an embedded log has no others.
struct OnlyMember {
    shared: Arc<Shared>,
    generation: u32,
    appended: watch::Receiver<u64>,
    unassigned: Vec<TopicPartition>,
    requests: VecDeque<(TopicPartition, u64)>,
}

impl OnlyMember {
    /// Answers one request that can be answered; the next call begins with the one after it.
    fn answer(&mut self) -> Option<MemberEvent> {
        for _ in 0..self.requests.len() {
            let (at, from) = self.requests.pop_front()?;
            match fetch(&self.shared, PartitionKey::new(self.generation, at), from) {
                Ok(Some(fetched)) => return Some(MemberEvent::Records(at, fetched)),
                Ok(None) => self.requests.push_back((at, from)),
                Err(error) => return Some(MemberEvent::Failed(at, error)),
            }
        }
        None
    }
}

impl Member for OnlyMember {
    fn next(&mut self) -> BoxFuture<'_, MemberEvent> {
        async move {
            if !self.unassigned.is_empty() {
                return MemberEvent::Assigned(std::mem::take(&mut self.unassigned));
            }
            loop {
                self.appended.borrow_and_update();
                if let Some(event) = self.answer() {
                    return event;
                }
                if self.appended.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        }
        .boxed()
    }

    fn request(&mut self, at: TopicPartition, from: u64) {
        self.release(at);
        self.requests.push_back((at, from));
        let key = PartitionKey::new(self.generation, at);
        self.shared.lock().partitions.note_read(key, from);
        self.shared.requested.send_modify(|count| *count += 1);
    }

    fn release(&mut self, at: TopicPartition) {
        self.requests.retain(|(requested, _)| *requested != at);
    }
}

//! What a member of a group and its thread share: the flows of its partitions, and what is to be told to either side.

use super::flow::{Flow, Reading};
use crate::limits::WAITING_BYTES_MIN;
use crate::log::{Fetched, LogError, MemberEvent, TopicPartition};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// What a member and its thread share.
#[derive(Debug, Default)]
pub(super) struct MemberState {
    pub(super) state: Mutex<State>,
    /// The thread has something to do.
    pub(super) work: Condvar,
    /// The stage has something to hear.
    pub(super) news: Notify,
}

/// The flows, and what is to be told to either side.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) flows: BTreeMap<TopicPartition, Flow>,
    /// Partitions whose flow ended and which the client still reads.
    pub(super) ended: BTreeSet<TopicPartition>,
    /// Revoked and not handed back by the stage yet.
    pub(super) held: BTreeSet<TopicPartition>,
    pub(super) events: VecDeque<MemberEvent>,
    pub(super) closing: bool,
}

impl MemberState {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the stage.
    pub(super) fn tell(&self, event: MemberEvent) {
        self.lock().events.push_back(event);
        self.news.notify_one();
    }

    /// There may be records that the stage waits for.
    pub(super) fn records_came(&self) {
        self.news.notify_one();
    }

    /// Waits until the stage wants something, or so long.
    pub(super) fn wait(&self, time: Duration) {
        let state = self.lock();
        let hungry = |state: &mut State| !state.is_hungry() && !state.closing;
        let waited = self.work.wait_timeout_while(state, time, hungry);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}

impl State {
    /// Whether some partition has too little before its stage, or must be begun.
    pub(super) fn is_hungry(&self) -> bool {
        let mut flows = self.flows.values();
        flows
            .any(|flow| flow.reading == Reading::Wanted || flow.waiting_bytes() < WAITING_BYTES_MIN)
    }

    pub(super) fn next_event(&mut self) -> Option<MemberEvent> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        self.flows.iter_mut().find_map(|(at, flow)| {
            let (first, block, end) = flow.deliver()?;
            Some(MemberEvent::Records(*at, Fetched { first, block: Arc::new(block), end }))
        })
    }

    /// The partition could not be read: the stage hears it and asks again.
    pub(super) fn fail(&mut self, at: TopicPartition, error: LogError) {
        if self.flows.remove(&at).is_some() {
            self.ended.insert(at);
            self.events.push_back(MemberEvent::Failed(at, error));
        }
    }
}

//! A member of a consumer group, as its stage sees it: events out, requests in.
//!
//! What it shares with its thread stands here; the thread stands in `fetcher`. A request that can be
//! answered from what was gathered is answered without the thread.

use super::Shared;
use super::fetcher::{self, Fetcher};
use super::flow::{Flow, Reading};
use super::names::Names;
use crate::limits::WAITING_BYTES_MIN;
use crate::log::{Fetched, LogError, Member, MemberEvent, Topic, TopicPartition};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::Notify;

/// What a member and its thread share.
#[derive(Debug, Default)]
pub(super) struct Desk {
    state: Mutex<State>,
    /// The thread has something to do.
    work: Condvar,
    /// The stage has something to hear.
    news: Notify,
}

/// The flows, and what is to be told to either side.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) flows: BTreeMap<TopicPartition, Flow>,
    /// Partitions whose flow ended and which the client still reads.
    pub(super) ended: BTreeSet<TopicPartition>,
    /// Revoked and not handed back by the stage yet.
    pub(super) held: BTreeSet<TopicPartition>,
    events: VecDeque<MemberEvent>,
    pub(super) closing: bool,
}

impl Desk {
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

    fn next_event(&mut self) -> Option<MemberEvent> {
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

struct KafkaMember {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

/// Joins the group of the stage that reads these topics.
pub(super) fn join(shared: Arc<Shared>, topics: &[Topic]) -> Box<dyn Member> {
    let desk = Arc::<Desk>::default();
    let stage = Names::stage(topics);
    let topics = topics.to_vec();
    let for_thread = Arc::clone(&desk);
    let thread =
        std::thread::Builder::new().name(format!("kafka-{stage}")).spawn(
            move || match Fetcher::new(&shared, stage, &topics, Arc::clone(&for_thread)) {
                Ok(fetcher) => fetcher::run(fetcher),
                Err(error) => for_thread.tell(MemberEvent::Expelled(error.to_string())),
            },
        );
    let thread = thread.map_err(|error| desk.tell(MemberEvent::Expelled(error.to_string())));
    Box::new(KafkaMember { desk, thread: thread.ok() })
}

impl Member for KafkaMember {
    fn next(&mut self) -> BoxFuture<'_, MemberEvent> {
        async move {
            loop {
                let news = self.desk.news.notified();
                let event = self.desk.lock().next_event();
                match event {
                    Some(event) => return event,
                    None => news.await,
                }
            }
        }
        .boxed()
    }

    fn request(&mut self, at: TopicPartition, from: u64) {
        let mut state = self.desk.lock();
        let flow = state.flows.entry(at).or_insert_with(|| Flow::new(from));
        flow.request(from);
        let is_there = flow.waits_at().is_none();
        let must_begin = flow.reading == Reading::Wanted;
        let is_hungry = must_begin || flow.waiting_bytes() < WAITING_BYTES_MIN;
        drop(state);
        if is_there {
            self.desk.news.notify_one();
        }
        if is_hungry {
            self.desk.work.notify_one();
        }
    }

    fn release(&mut self, at: TopicPartition) {
        let mut state = self.desk.lock();
        if state.flows.remove(&at).is_some() {
            state.ended.insert(at);
        }
        state.held.remove(&at);
        drop(state);
        self.desk.work.notify_one();
    }
}

impl Drop for KafkaMember {
    /// Leaves the group before the process goes on to end: others need not wait for it.
    fn drop(&mut self) {
        self.desk.lock().closing = true;
        self.desk.work.notify_one();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("a thread that reads from Kafka ended by a panic");
        }
    }
}

//! A member of a consumer group, as its stage sees it: events out, requests in.
//!
//! What it shares with its thread stands in `member_state`, the thread in `fetcher`. A request that can be
//! answered from what was gathered is answered without the thread.

use super::fetcher::{self, Fetcher};
use super::flow::{Flow, Reading};
use super::member_state::MemberState;
use super::names::Names;
use super::shared::Shared;
use crate::limits::WAITING_BYTES_MIN;
use crate::log::{Member, MemberEvent, Topic, TopicPartition};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::Arc;
use std::thread::JoinHandle;

struct KafkaMember {
    desk: Arc<MemberState>,
    thread: Option<JoinHandle<()>>,
}

/// Joins the group of the stage that reads these topics.
pub(super) fn join(shared: Arc<Shared>, topics: &[Topic]) -> Box<dyn Member> {
    let desk = Arc::<MemberState>::default();
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

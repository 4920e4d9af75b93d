//! A store that is looked at: what is committed to it. What is done is done by the store.

use crate::arrived::{Arrival, Place};
use crate::records::{fate_attributes, place_attributes};
use crate::side::Side;
use crate::span::Step;
use futures::FutureExt;
use futures::future::BoxFuture;
use goldstream_domain::chain::SourceId;
use goldstream_platform::clock::now;
use goldstream_platform::limits::TRACES_A_COMMIT_MAX;
use goldstream_platform::log::{Topic, TopicPartition};
use goldstream_platform::store::{
    Commit, CommitError, Follower, Image, Part, ShardId, Store, StoreError,
};
use std::sync::Arc;
use std::time::SystemTime;

/// The store of a generation.
pub(crate) struct TracedStore {
    store: Arc<dyn Store>,
    side: Arc<Side>,
}

impl TracedStore {
    pub(crate) fn new(store: Arc<dyn Store>, side: Arc<Side>) -> Self {
        Self { store, side }
    }

    /// A commit of events, which takes their traces to who shows them.
    fn commit_events(
        &self,
        partition: u32,
        commit: Arc<Commit>,
    ) -> BoxFuture<'static, Result<(), CommitError>> {
        let at = TopicPartition::new(Topic::Silver, partition);
        let events = self.side.events.between(at, &(commit.from..commit.to));
        if events.is_empty() {
            return self.store.commit(commit);
        }
        let context = |(_, event): &(_, Arrival)| self.side.context(Step::Commit, event.trace_id);
        let traces = events.iter().take(TRACES_A_COMMIT_MAX).map(context).collect();
        let (began, side) = (now(), Arc::clone(&self.side));
        let commit = self.store.commit(Arc::new(Commit { traces, ..(*commit).clone() }));
        commit
            .map(move |done| {
                done?;
                let to = now();
                events.into_iter().for_each(|event| committed(&side, event, (began, to)));
                Ok(())
            })
            .boxed()
    }

    /// A commit of rows: those whose outcome is in no topic had none but to be counted.
    fn commit_rows(
        &self,
        at: TopicPartition,
        commit: Arc<Commit>,
    ) -> BoxFuture<'static, Result<(), CommitError>> {
        let (side, positions) = (Arc::clone(&self.side), commit.from..commit.to);
        let commit = self.store.commit(commit);
        commit
            .map(move |done| {
                done?;
                let to = now();
                for (row, Arrival { trace_id, when }) in side.rows.between(at, &positions) {
                    side.rows.take(row);
                    let attributes = fate_attributes(row, "duplicate");
                    let (processed, sent) = (Step::ProcessRow(at.topic), Step::SendRow(at.topic));
                    side.tell((processed, trace_id), Some(sent), (when, to), attributes);
                }
                Ok(())
            })
            .boxed()
    }
}

/// An event is counted, or was before.
fn committed(
    side: &Side,
    ((at, position), event): (Place, Arrival),
    (began, to): (SystemTime, SystemTime),
) {
    let Arrival { trace_id, when } = event;
    side.events.take((at, position));
    let attributes = place_attributes(at, Some(position));
    let (processed, sent) = (Step::ProcessEvent, Step::SendOutcome(at.topic));
    side.tell((processed, trace_id), Some(sent), (when, to), attributes);
    side.tell((Step::Commit, trace_id), Some(processed), (began.max(when), to), Vec::new());
}

impl Store for TracedStore {
    fn load(&self, shard: ShardId, part: Part) -> BoxFuture<'static, Result<Image, StoreError>> {
        self.store.load(shard, part)
    }

    fn position(&self, shard: ShardId) -> BoxFuture<'static, Result<u64, StoreError>> {
        self.store.position(shard)
    }

    fn commit(&self, commit: Arc<Commit>) -> BoxFuture<'static, Result<(), CommitError>> {
        match commit.shard {
            ShardId::Silver(bronze) => self.commit_rows(bronze.into(), commit),
            ShardId::Gold(partition) => self.commit_events(partition, commit),
            ShardId::Source(_) => self.store.commit(commit),
        }
    }

    fn sources(&self) -> BoxFuture<'static, Result<Vec<SourceId>, StoreError>> {
        self.store.sources()
    }

    fn discard(&self, shard: ShardId) -> BoxFuture<'static, Result<(), StoreError>> {
        self.store.discard(shard)
    }

    fn follow(&self) -> BoxFuture<'static, Result<Box<dyn Follower>, StoreError>> {
        self.store.follow()
    }
}

//! Membership of a group: who may work on which partition. No record is ever read through it.

use super::asking::range;
use super::client::{
    is_connection, log_failure, members_of, name_in, not_made, unauthorized, unavailable,
};
use super::member_state::MemberState;
use super::names::Names;
use super::orphans::{self, Orphans};
use super::reachable::Reachable;
use crate::limits::{ASK_MAX, LEAVE_MAX, ORPHANS_PACE, ORPHANS_PAUSE, POLL_MAX, REVOKE_MAX};
use crate::log::{LogError, MemberEvent, Topic, TopicPartition};
use rdkafka::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::groups::GroupInfo;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaRespErr;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Hears the group's decisions. Runs on the thread that polls.
pub(super) struct Assignment {
    desk: Arc<MemberState>,
    names: Names,
    /// What a partition of the group's topic stands for: that of each of these.
    together: Vec<Topic>,
    partitions: u32,
    reachable: Reachable,
    /// What the stage was told to work on.
    told: Mutex<BTreeSet<TopicPartition>>,
    group: String,
    /// The membership was lost: nothing may wait for its stage.
    is_over: AtomicBool,
    /// The group has given it a share, if an empty one.
    is_in: AtomicBool,
    /// Revoked partitions that wait for their stage, and until when at most.
    leaving: Mutex<Option<(TopicPartitionList, Instant)>>,
}

impl ClientContext for Assignment {
    fn error(&self, error: KafkaError, reason: &str) {
        if is_connection(&error) {
            self.reachable.away(reason);
        }
    }
}

impl ConsumerContext for Assignment {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        code: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        let mut named = self.named(partitions);
        if code == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            tracing::info!(partitions = %listed(&named), "assigned");
            self.reachable.has_rights(&self.group);
            self.is_in.store(true, Ordering::Relaxed);
            assign(consumer, partitions);
            if !named.is_empty() {
                self.lock_told().extend(named.iter().copied());
                self.desk.tell(MemberEvent::Assigned(named));
            }
            return;
        }
        tracing::info!(partitions = %listed(&named), "revoked");
        named.retain(|at| self.lock_told().remove(at));
        let must_go_now = self.desk.lock().closing
            || self.is_over.load(Ordering::Relaxed)
            || consumer.assignment_lost();
        if !named.is_empty() {
            if !must_go_now {
                self.desk.lock().held.extend(named.iter().copied());
            }
            self.desk.tell(MemberEvent::Revoked(named));
        }
        if must_go_now {
            return unassign(consumer, partitions);
        }
        let mut leaving = self.leaving.lock().unwrap_or_else(PoisonError::into_inner);
        *leaving = Some((partitions.clone(), Instant::now() + REVOKE_MAX));
    }
}

impl Assignment {
    fn lock_told(&self) -> MutexGuard<'_, BTreeSet<TopicPartition>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn named(&self, partitions: &TopicPartitionList) -> Vec<TopicPartition> {
        let elements = partitions.elements();
        let named = elements.iter().filter_map(|e| self.names.find(e.topic(), e.partition()));
        // Those that were added since are nobody's: there are no shards for them.
        let named = named.filter(|at| at.partition < self.partitions);
        let of_each = |at: TopicPartition| {
            self.together.iter().map(move |topic| TopicPartition::new(*topic, at.partition))
        };
        named.flat_map(of_each).collect()
    }
}

fn listed(partitions: &[TopicPartition]) -> String {
    let names: Vec<_> = partitions.iter().map(ToString::to_string).collect();
    names.join(" ")
}

/// Takes the partitions without reading them here: paused at their ends.
fn assign(consumer: &BaseConsumer<Assignment>, partitions: &TopicPartitionList) {
    let mut at_ends = TopicPartitionList::with_capacity(partitions.count());
    for element in partitions.elements() {
        let added = at_ends.add_partition_offset(element.topic(), element.partition(), Offset::End);
        log_failure("assign", added);
    }
    log_failure("assign", consumer.incremental_assign(&at_ends));
    log_failure("pause", consumer.pause(partitions));
}

fn unassign(consumer: &BaseConsumer<Assignment>, partitions: &TopicPartitionList) {
    log_failure("unassign", consumer.incremental_unassign(partitions));
}

/// How a member joins.
#[derive(Clone)]
pub(super) struct Terms {
    pub(super) config: ClientConfig,
    pub(super) group: String,
    /// The topics whose partitions of one number go together: the last is what the group shares out. Were it all
    /// of them, a newcomer might get those of one topic, and with them all the work or none.
    pub(super) together: Vec<Topic>,
    pub(super) names: Names,
    pub(super) partitions: u32,
    pub(super) reachable: Reachable,
}

impl Terms {
    /// Those of a member with another name.
    pub(super) fn under(&self, name: &str) -> Self {
        let mut config = self.config.clone();
        config.set("group.instance.id", name);
        Self { config, ..self.clone() }
    }
}

/// Why this is no member any more.
#[derive(Debug)]
pub(super) enum Lost {
    /// The broker took another member under the same name.
    Fenced,
    /// It cannot be one again.
    ForGood(String),
}

/// A membership.
pub(super) struct Group {
    consumer: BaseConsumer<Assignment>,
    desk: Arc<MemberState>,
    names: Names,
    /// Its name.
    name: String,
    /// What it shares out.
    topic: String,
    orphans: Orphans,
    orphans_at: Instant,
    /// It is left, to be joined again once its partitions are handed back.
    comes_back: bool,
}

impl Group {
    pub(super) fn join(terms: &Terms, desk: Arc<MemberState>) -> Result<Self, LogError> {
        let names = terms.names.clone();
        let context = Assignment {
            desk: Arc::clone(&desk),
            names: names.clone(),
            together: terms.together.clone(),
            partitions: terms.partitions,
            reachable: terms.reachable.clone(),
            told: Mutex::default(),
            group: terms.group.clone(),
            is_over: AtomicBool::default(),
            is_in: AtomicBool::default(),
            leaving: Mutex::default(),
        };
        let consumer: BaseConsumer<_> =
            terms.config.create_with_context(context).map_err(not_made)?;
        let shared_out = terms.together.last().map(|topic| names.topic(*topic));
        let topic = shared_out.unwrap_or_default().to_owned();
        consumer.subscribe(&[&topic]).map_err(unavailable)?;
        Ok(Self {
            consumer,
            desk,
            names,
            name: terms.group.clone(),
            topic,
            orphans: Orphans::default(),
            orphans_at: Instant::now() + ORPHANS_PACE,
            comes_back: false,
        })
    }

    /// Ends a membership that was lost: its partitions are others' now, and the stage hears it.
    pub(super) fn end(self) {
        self.consumer.context().is_over.store(true, Ordering::Relaxed);
        let told = std::mem::take(&mut *self.consumer.context().lock_told());
        if !told.is_empty() {
            self.desk.tell(MemberEvent::Revoked(told.into_iter().collect()));
        }
        self.desk.lock().held.clear();
    }

    /// Leaves, where there are others to take the partitions at once. A static member is else given them again when
    /// it comes back under its name, which is what who is alone wants: a new group waits for more members.
    pub(super) fn leave(&self) {
        // A client that waits for partitions to be handed back cannot be closed.
        let mut leaving =
            self.consumer.context().leaving.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((partitions, _)) = leaving.take() {
            unassign(&self.consumer, &partitions);
        }
        drop(leaving);
        let members = members_of(self.consumer.client(), &self.name, LEAVE_MAX);
        if members.map_or(0, |members| members.len()) >= 2 {
            self.unsubscribe_and_go();
        }
    }

    /// For who joined only to leave: whether it has.
    pub(super) fn leaves_once_it_is_in(&self) -> bool {
        let context = self.consumer.context();
        context.is_over.store(true, Ordering::Relaxed);
        // What comes is nobody's: neither records nor errors.
        while self.consumer.poll(Duration::ZERO).is_some() {}
        let is_in = context.is_in.load(Ordering::Relaxed);
        if is_in {
            self.unsubscribe_and_go();
        }
        is_in
    }

    fn unsubscribe_and_go(&self) {
        self.consumer.unsubscribe();
        // The client says so once the partitions are given up, which it asks for here.
        let until = Instant::now() + LEAVE_MAX;
        while Instant::now() < until && !self.has_nothing() {
            self.consumer.poll(POLL_MAX);
        }
    }

    /// Serves the membership.
    ///
    /// # Errors
    /// Why this is no member any more.
    pub(super) fn serve(&mut self) -> Result<(), Lost> {
        while let Some(polled) = self.consumer.poll(Duration::ZERO) {
            // A record that slipped in before the pause is of no use here.
            if let Err(error) = polled {
                self.judge(&error)?;
            }
        }
        self.hand_back();
        if self.comes_back && self.has_nothing() {
            self.comes_back = false;
            log_failure("subscribe", self.consumer.subscribe(&[&self.topic]));
        }
        Ok(())
    }

    fn has_nothing(&self) -> bool {
        self.consumer.assignment().is_ok_and(|all| all.count() == 0)
    }

    /// Looks now and then who is in the group: their names. It leaves, to come back, where partitions are nobody's:
    /// then all are shared out anew.
    pub(super) fn mind_orphans(&mut self) -> Vec<String> {
        let now = Instant::now();
        if now < self.orphans_at || self.comes_back {
            return Vec::new();
        }
        let listed = self.consumer.client().fetch_group_list(Some(&self.name), LEAVE_MAX);
        let (Ok(listed), Ok(own)) = (listed, self.consumer.assignment()) else {
            // All brokers are asked, and one of them is away: nothing is known then, and this thread has other work.
            self.orphans_at = now + ORPHANS_PAUSE;
            return Vec::new();
        };
        self.orphans_at = now + ORPHANS_PACE;
        let own = own.count();
        let group = listed.groups().iter().find(|group| group.name() == self.name);
        let shares = group.and_then(|group| orphans::shares(group, &self.topic));
        let partitions = self.consumer.context().partitions;
        if self.orphans.must_rejoin(shares, (own, partitions), now) {
            tracing::warn!(group = self.name, "partitions are nobody's: leaving to come back");
            self.consumer.unsubscribe();
            self.comes_back = true;
        }
        let members = group.map(GroupInfo::members).unwrap_or_default();
        members.iter().map(|member| name_in(member.id()).to_owned()).collect()
    }

    fn judge(&self, error: &KafkaError) -> Result<(), Lost> {
        tracing::debug!(%error, "membership");
        if let Some(sentence) = error.rdkafka_error_code().and_then(unauthorized) {
            self.consumer.context().reachable.lacks_rights([&*self.name], sentence);
        }
        match self.consumer.client().fatal_error() {
            None => Ok(()),
            Some((RDKafkaErrorCode::FencedInstanceId, _)) => Err(Lost::Fenced),
            Some((_, reason)) => Err(Lost::ForGood(reason)),
        }
    }

    /// Gives revoked partitions up once their stage has, or after a while in any case.
    fn hand_back(&self) {
        let context = self.consumer.context();
        let mut leaving = context.leaving.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((_, until)) = &*leaving else { return };
        let mut state = self.desk.lock();
        if !state.held.is_empty() && Instant::now() < *until {
            return;
        }
        state.held.clear();
        drop(state);
        if let Some((partitions, _)) = leaving.take() {
            unassign(&self.consumer, &partitions);
        }
    }

    /// First position and end of a partition. Asked through this client, which reads nothing: behind
    /// a fetch that the broker holds open, each question would wait for its end.
    pub(super) fn range(&self, at: TopicPartition) -> Result<(u64, u64), LogError> {
        range(&self.consumer, &self.names, at, ASK_MAX)
    }

    /// Tells the group how far its stages are, for tools that show lag. Nothing reads it here.
    pub(super) fn note_positions(&self, positions: &[(TopicPartition, u64)]) {
        let told = self.names.list_at(positions).and_then(|offsets| {
            self.consumer.commit(&offsets, CommitMode::Async).map_err(unavailable)
        });
        if let Err(error) = told {
            tracing::debug!(%error, "positions could not be told to the group");
        }
    }
}

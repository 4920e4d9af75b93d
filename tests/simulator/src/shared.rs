//! What all simulated processes share: log, store, and everything that is on its way to them or back.
//! It does what it is told, when it is told; what happens next is drawn by the world.

use crate::ask::{Ask, Delivery};
use crate::feed::FeedReader;
use crate::partitions::Partitions;
use crate::scope::Scope;
use crate::shards::Shards;
use goldstream_domain::record::Block;
use goldstream_platform::log::{Appended, LogError, TopicPartition};
use goldstream_platform::store::{Commit, CommitError};
use goldstream_platform::topology::Topology;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// One life of a process: a restarted one is another.
pub type Owner = u32;

/// Something on its way.
pub struct Op {
    /// Who asked.
    pub owner: Owner,
    /// Which producer of the owner sends it: one that failed is replaced.
    pub lane: u64,
    /// It is not looked at before this step.
    pub not_before: u64,
    /// Where it is.
    pub way: Way,
}

impl Op {
    /// Whether log or store may be another after it arrives.
    #[must_use]
    pub const fn is_change(&self) -> bool {
        matches!(&self.way, Way::There(ask) if ask.is_change())
    }
}

/// Where a question is.
pub enum Way {
    /// On its way to log or store.
    There(Ask),
    /// The answer is on its way back.
    Back(Delivery),
}

/// When questions are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// At once, as in tests of log and store by themselves.
    AtOnce,
    /// When they are told to.
    WhenTold,
}

/// See the module.
pub struct Shared {
    /// The log.
    pub log: Partitions,
    /// The store.
    pub shards: Shards,
    /// What is on its way, in the order in which it was sent.
    pub ops: BTreeMap<u64, Op>,
    /// What members have asked to read.
    pub requests: BTreeMap<(Owner, TopicPartition), u64>,
    /// What members have handed back.
    pub released: Vec<(Owner, TopicPartition)>,
    /// Those who follow the feed.
    pub feeds: BTreeMap<u64, FeedReader>,
    /// The producer in use of each owner.
    pub lanes: BTreeMap<Owner, u64>,
    pace: Pace,
    given: u64,
    wakers: Vec<Waker>,
}

impl Shared {
    /// An empty log and store.
    #[must_use]
    pub fn new(partitions: u32, feed_entries_max: usize, pace: Pace) -> Self {
        Self {
            log: Partitions::new(partitions),
            shards: Shards::new(feed_entries_max, Topology::of_this_version(partitions)),
            ops: BTreeMap::new(),
            requests: BTreeMap::new(),
            released: Vec::new(),
            feeds: BTreeMap::new(),
            lanes: BTreeMap::new(),
            pace,
            given: 0,
            wakers: Vec::new(),
        }
    }

    fn number(&mut self) -> u64 {
        self.given += 1;
        self.given
    }

    /// Something is asked.
    pub fn ask(&mut self, owner: Owner, ask: Ask) {
        if self.pace == Pace::AtOnce {
            let deliver = ask.arrive(self);
            deliver();
            let Self { feeds, shards, .. } = self;
            feeds.values_mut().for_each(|feed| feed.read(shards));
            self.wakers.drain(..).for_each(Waker::wake);
            return;
        }
        let lane = self.lanes.get(&owner).copied().unwrap_or(0);
        self.send(Op { owner, lane, not_before: 0, way: Way::There(ask) });
    }

    /// Puts something on its way.
    pub fn send(&mut self, op: Op) {
        let number = self.number();
        self.ops.insert(number, op);
    }

    /// Appends blocks.
    ///
    /// # Errors
    /// Where there is no such partition.
    pub fn append(&mut self, blocks: Vec<(TopicPartition, Block)>) -> Result<Appended, LogError> {
        let append = |(at, block): (_, Block)| {
            let len = block.len();
            let end = self.log.append(at, block);
            let end =
                end.ok_or_else(|| LogError::Damaged(format!("there is no partition {at}")))?;
            Ok(end - len..end)
        };
        blocks.into_iter().map(append).collect()
    }

    /// Makes a commit.
    ///
    /// # Errors
    /// [`CommitError`].
    pub fn commit(&mut self, commit: &Arc<Commit>) -> Result<(), CommitError> {
        self.shards.commit(commit)
    }

    /// Follows the feed of a generation from here on.
    pub fn follow(&mut self, (owner, scope): (Owner, Scope)) -> u64 {
        let number = self.number();
        let reader = FeedReader::new((owner, scope), self.log.count(), &self.shards);
        self.feeds.insert(number, reader);
        number
    }

    /// Wakes who waits when something was asked next.
    pub fn wake_later(&mut self, waker: &Waker) {
        if self.pace == Pace::AtOnce {
            self.wakers.push(waker.clone());
        }
    }

    /// A process is no more: nobody waits for what it asked, which may still arrive.
    pub fn forget(&mut self, owner: Owner) {
        self.requests.retain(|(asked, _), _| *asked != owner);
        self.feeds.retain(|_, feed| feed.owner != owner);
        self.ops.retain(|_, op| op.owner != owner || matches!(op.way, Way::There(_)));
        self.lanes.remove(&owner);
    }
}

/// Locks what is shared: one thread holds it at a time, and for one step only.
pub fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

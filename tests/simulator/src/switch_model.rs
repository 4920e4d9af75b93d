//! The model that the world of switches works on: ledger and seals with their order of changes, positions of silver
//! and gold, ends of topics, and what is on its way.

use futures::FutureExt;
use futures::channel::oneshot::{Sender, channel};
use futures::future::BoxFuture;
use goldstream_domain::chain::SourceId;
use goldstream_domain::column::Kind;
use goldstream_domain::planted::{self, Bug};
use goldstream_domain::progress::BronzePartition;
use goldstream_domain::record::Block;
use goldstream_platform::generations::Generation;
use goldstream_platform::ledger::{Found, Ledger, Ledgers, Sealed};
use goldstream_platform::log::{Appended, Fetched, Log, LogError, Member, Topic, TopicPartition};
use goldstream_platform::rebuilding::Wish;
use goldstream_platform::store::{
    Commit, CommitError, Follower, Image, Part, ShardId, Store, StoreError,
};
use goldstream_platform::topology::Topology;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Rows are of this kind.
pub(crate) const KIND: Kind = Kind::Purchases;

/// Partitions of every topic.
const PARTITIONS: u32 = 1;

/// What the store keeps of one generation.
#[derive(Debug, Clone, Default)]
struct Kept {
    silver: u64,
    gold: u64,
    seals: BTreeMap<ShardId, String>,
}

/// Everything.
pub(crate) struct Model {
    pub(crate) bronze: u64,
    pub(crate) found: Found,
    kept: BTreeMap<u32, Kept>,
    /// Of the topic of silver of each generation: for each row the place of its event, in the order of rows.
    events: BTreeMap<u32, Vec<u64>>,
    ends: BTreeMap<u32, u64>,
    /// What the store was before each of its last changes.
    history: Vec<(Found, BTreeMap<u32, Kept>)>,
    pub(crate) ops: Vec<Op>,
}

/// Something on its way.
pub(crate) enum Op {
    There(Box<dyn FnOnce(&mut Model) -> Answers + Send>),
    Back(Box<dyn FnOnce() + Send>),
    /// A commit of a folder, for which nobody waits.
    Commit(u32, ShardId, u64, u64),
}

/// What is answered, and what is where the answer is lost.
pub(crate) struct Answers {
    good: Box<dyn FnOnce() + Send>,
    lost: Box<dyn FnOnce() + Send>,
}

pub(crate) fn lock(model: &Mutex<Model>) -> MutexGuard<'_, Model> {
    model.lock().unwrap_or_else(PoisonError::into_inner)
}

fn silver_shard() -> ShardId {
    ShardId::Silver(BronzePartition { kind: KIND, partition: 0 })
}

fn away() -> StoreError {
    StoreError::Unavailable("no answer".to_owned())
}

impl Model {
    pub(crate) fn new() -> Self {
        Self {
            bronze: 5,
            found: Found::of_before(Topology::of_this_version(PARTITIONS)),
            kept: BTreeMap::new(),
            events: BTreeMap::new(),
            ends: BTreeMap::new(),
            history: Vec::new(),
            ops: Vec::new(),
        }
    }

    /// Of these something can be folded.
    pub(crate) fn folded(&self) -> Vec<u32> {
        let generations = &self.found.ledger.generations;
        let next = generations.next.as_ref().map(|next| next.number);
        [generations.served.number].into_iter().chain(next).collect()
    }

    fn note(&mut self) {
        self.history.push((self.found.clone(), self.kept.clone()));
    }

    /// Something goes on: arrives, or is lost before or behind, or its answer comes back.
    pub(crate) fn go_on(&mut self, op: Op, fate: usize) {
        match op {
            Op::Back(deliver) => deliver(),
            Op::Commit(number, shard, from, to) => self.commit(number, &shard, from, to),
            Op::There(arrive) => {
                let Answers { good, lost } = arrive(self);
                self.ops.push(Op::Back(if fate == 0 { lost } else { good }));
            }
        }
    }

    fn commit(&mut self, number: u32, shard: &ShardId, from: u64, to: u64) {
        let kept = self.kept.get(&number).cloned().unwrap_or_default();
        let is_sealed = kept.seals.contains_key(shard) && !planted::is(Bug::SealNotMinded);
        let position = if *shard == silver_shard() { kept.silver } else { kept.gold };
        if is_sealed || position != from {
            return;
        }
        self.note();
        let kept = self.kept.entry(number).or_default();
        match shard {
            ShardId::Silver(_) => kept.silver = to,
            _ => kept.gold = to,
        }
    }

    /// Silver appends the events of some rows, and sends its commit.
    pub(crate) fn read_silver(&mut self, number: u32, rows: u64) {
        let from = self.kept.get(&number).map_or(0, |kept| kept.silver);
        let to = (from + rows).min(self.bronze);
        let end = self.ends.entry(number).or_default();
        let events = self.events.entry(number).or_default();
        for row in from..to {
            // What was appended before comes again; the first stands.
            if events.len() as u64 == row {
                events.push(*end);
            }
            *end += 1;
        }
        if to > from {
            self.ops.push(Op::Commit(number, silver_shard(), from, to));
        }
    }

    /// Gold takes what stands on the topic, and sends its commit.
    pub(crate) fn read_gold(&mut self, number: u32, events: u64) {
        let from = self.kept.get(&number).map_or(0, |kept| kept.gold);
        let to = self.ends.get(&number).copied().unwrap_or(0).min(from + events);
        if to > from {
            self.ops.push(Op::Commit(number, ShardId::Gold(0), from, to));
        }
    }

    /// Rows that the silver and the gold of a generation have.
    pub(crate) fn counted(&self, number: u32) -> u64 {
        let Some(kept) = self.kept.get(&number) else { return 0 };
        let events = self.events.get(&number).map_or(&[][..], Vec::as_slice);
        let in_gold = events.iter().take_while(|place| **place < kept.gold).count() as u64;
        in_gold.min(kept.silver)
    }

    pub(crate) fn wish(&mut self, wish: Wish) {
        if let Ok(Some(wished)) = self.found.ledger.wished(wish, 0) {
            self.write(&wished);
        }
    }

    fn write(&mut self, ledger: &Ledger) {
        self.note();
        let text = format!("{ledger:?}");
        self.found = Found { ledger: ledger.clone(), text };
    }

    pub(crate) fn lose(&mut self, changes: usize) {
        let left = self.history.len().saturating_sub(changes);
        if let Some((found, kept)) = self.history.drain(left..).next() {
            (self.found, self.kept) = (found, kept);
        }
    }

    pub(crate) fn is_well(&self) -> bool {
        let generations = &self.found.ledger.generations;
        let served = generations.served.number;
        let is_sealed = self
            .folded()
            .iter()
            .any(|number| self.kept.get(number).is_some_and(|kept| !kept.seals.is_empty()));
        generations.next.is_none() && !is_sealed && self.counted(served) == self.bronze
    }

    pub(crate) fn what_is_open(&self) -> String {
        let Self { found, kept, bronze, ends, .. } = self;
        format!("{:?}, {kept:?}, ends {ends:?}, {bronze} rows", found.ledger)
    }
}

/// One process's way to the model; as log and store, of one generation.
pub(crate) struct Side {
    pub(crate) model: Arc<Mutex<Model>>,
    pub(crate) number: u32,
}

impl Side {
    fn ask<T: Send + 'static, E: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Model) -> T + Send + 'static,
        away: fn() -> E,
    ) -> BoxFuture<'static, Result<T, E>> {
        let (reply, answer) = channel::<Result<T, E>>();
        let reply = Arc::new(Mutex::new(Some(reply)));
        let arrive = move |model: &mut Model| {
            let done = work(model);
            let other = Arc::clone(&reply);
            let send = |reply: &Mutex<Option<Sender<Result<T, E>>>>, value: Result<T, E>| {
                let reply = reply.lock().unwrap_or_else(PoisonError::into_inner).take();
                // Who has died hears nothing.
                drop(reply.map(|reply| reply.send(value)));
            };
            Answers {
                good: Box::new(move || send(&reply, Ok(done))),
                lost: Box::new(move || send(&other, Err(away()))),
            }
        };
        lock(&self.model).ops.push(Op::There(Box::new(arrive)));
        async move { answer.await.unwrap_or_else(|_| Err(away())) }.boxed()
    }
}

impl Ledgers for Side {
    fn found(&self) -> BoxFuture<'static, Result<Option<Found>, StoreError>> {
        self.ask(|model| Some(model.found.clone()), away)
    }

    fn change(&self, from: &Found, to: &Ledger) -> BoxFuture<'static, Result<bool, StoreError>> {
        let (from, to) = (from.text.clone(), to.clone());
        let change = move |model: &mut Model| {
            let is_same = model.found.text == from || planted::is(Bug::SwitchUncompared);
            if is_same {
                model.write(&to);
            }
            is_same
        };
        self.ask(change, away)
    }

    fn seal(&self, of: &Generation, seal: &str) -> BoxFuture<'static, Result<(), StoreError>> {
        let (number, seal) = (of.number, seal.to_owned());
        let set = move |model: &mut Model| {
            model.note();
            let seals = &mut model.kept.entry(number).or_default().seals;
            for shard in ShardId::derived(PARTITIONS) {
                seals.entry(shard).or_insert_with(|| seal.clone());
            }
        };
        self.ask(set, away)
    }

    fn seals(&self, of: &Generation) -> BoxFuture<'static, Result<Vec<Sealed>, StoreError>> {
        let number = of.number;
        let read = move |model: &mut Model| {
            let kept = model.kept.get(&number).cloned().unwrap_or_default();
            let sealed = |shard: ShardId| Sealed {
                position: kept.position(&shard),
                seal: kept.seals.get(&shard).cloned(),
                shard,
            };
            ShardId::derived(PARTITIONS).map(sealed).collect()
        };
        self.ask(read, away)
    }

    fn lift(&self, of: &Generation, seal: &str) -> BoxFuture<'static, Result<(), StoreError>> {
        let (number, seal) = (of.number, seal.to_owned());
        let lift = move |model: &mut Model| {
            model.note();
            model.kept.entry(number).or_default().seals.retain(|_, stands| *stands != seal);
        };
        self.ask(lift, away)
    }
}

impl Kept {
    fn position(&self, shard: &ShardId) -> u64 {
        match shard {
            ShardId::Silver(at) if at.kind == KIND => self.silver,
            ShardId::Gold(_) => self.gold,
            _ => 0,
        }
    }
}

fn not_here<T: Send + 'static, E: From<StoreError> + Send + 'static>()
-> BoxFuture<'static, Result<T, E>> {
    futures::future::ready(Err(away().into())).boxed()
}

/// Who switches asks for positions alone.
impl Store for Side {
    fn load(&self, _: ShardId, _: Part) -> BoxFuture<'static, Result<Image, StoreError>> {
        not_here()
    }

    fn position(&self, shard: ShardId) -> BoxFuture<'static, Result<u64, StoreError>> {
        let number = self.number;
        let read = move |model: &mut Model| {
            model.kept.get(&number).map_or(0, |kept| kept.position(&shard))
        };
        self.ask(read, away)
    }

    fn commit(&self, _: Arc<Commit>) -> BoxFuture<'static, Result<(), CommitError>> {
        not_here()
    }

    fn sources(&self) -> BoxFuture<'static, Result<Vec<SourceId>, StoreError>> {
        not_here()
    }

    fn discard(&self, _: ShardId) -> BoxFuture<'static, Result<(), StoreError>> {
        not_here()
    }

    fn follow(&self) -> BoxFuture<'static, Result<Box<dyn Follower>, StoreError>> {
        not_here()
    }
}

fn log_away() -> LogError {
    LogError::Unavailable("no answer".to_owned())
}

/// And for ends.
impl Log for Side {
    fn append(
        &self,
        _: Vec<(TopicPartition, Block)>,
    ) -> BoxFuture<'static, Result<Appended, LogError>> {
        futures::future::ready(Err(log_away())).boxed()
    }

    fn read(
        &self,
        _: TopicPartition,
        _: u64,
    ) -> BoxFuture<'static, Result<Option<Fetched>, LogError>> {
        futures::future::ready(Err(log_away())).boxed()
    }

    fn end(&self, at: TopicPartition) -> BoxFuture<'static, Result<u64, LogError>> {
        let number = self.number;
        let read = move |model: &mut Model| match at.topic {
            Topic::Bronze(kind) if kind == KIND => model.bronze,
            Topic::Silver => model.ends.get(&number).copied().unwrap_or(0),
            Topic::Bronze(_) | Topic::Quarantine => 0,
        };
        self.ask(read, log_away)
    }

    fn join(&self, _: &[Topic]) -> Box<dyn Member> {
        Box::new(Nobody)
    }
}

struct Nobody;

impl Member for Nobody {
    fn next(&mut self) -> BoxFuture<'_, goldstream_platform::log::MemberEvent> {
        futures::future::pending().boxed()
    }

    fn request(&mut self, _: TopicPartition, _: u64) {}

    fn release(&mut self, _: TopicPartition) {}
}

//! The ports `Log` and `Store` over what is shared: one handle for each life of a process.

use crate::ask::Ask;
use crate::partitions::places;
use crate::scope::{Scope, own};
use crate::shared::{Owner, Pace, Shared, lock};
use futures::FutureExt;
use futures::channel::oneshot::{Receiver, channel};
use futures::future::{BoxFuture, poll_fn};
use goldstream_domain::chain::SourceId;
use goldstream_domain::record::Block;
use goldstream_platform::generations::Generation;
use goldstream_platform::ledger::{Found, Ledger, Ledgers, Sealed};
use goldstream_platform::log::{
    Appended, Fetched, Log, LogError, Member, MemberEvent, Topic, TopicPartition,
};
use goldstream_platform::store::{
    Commit, CommitError, FeedEvent, Follower, Image, Part, ShardId, Store, StoreError,
};
use std::sync::{Arc, Mutex};
use std::task::Poll;

/// Log and store of one generation, as one process has them.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Mutex<Shared>>,
    owner: Owner,
    scope: Scope,
}

impl Handle {
    /// The handle of a process, for what no generation has of its own, and for the first one.
    #[must_use]
    pub const fn new(shared: Arc<Mutex<Shared>>, owner: Owner) -> Self {
        Self { shared, owner, scope: Scope(0) }
    }

    /// The same for a generation.
    #[must_use]
    pub fn of_generation(&self, number: u32) -> Self {
        Self { scope: Scope(number), ..self.clone() }
    }

    /// A log and a store by themselves, which answer at once.
    #[must_use]
    pub fn at_once(partitions: u32) -> Self {
        let shared = Shared::new(partitions, usize::MAX, Pace::AtOnce);
        Self::new(Arc::new(Mutex::new(shared)), 0)
    }

    /// Who asks.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        self.owner
    }

    /// What is shared.
    #[must_use]
    pub const fn shared(&self) -> &Arc<Mutex<Shared>> {
        &self.shared
    }

    fn log<T: Send + 'static>(
        &self,
        ask: Ask,
        answer: Receiver<Result<T, LogError>>,
    ) -> BoxFuture<'static, Result<T, LogError>> {
        lock(&self.shared).ask(self.owner, ask);
        let gone = |_| Err(LogError::Unavailable("it will not be answered".to_owned()));
        async move { answer.await.unwrap_or_else(gone) }.boxed()
    }

    fn store<T: Send + 'static, E: From<StoreError> + Send + 'static>(
        &self,
        ask: Ask,
        answer: Receiver<Result<T, E>>,
    ) -> BoxFuture<'static, Result<T, E>> {
        lock(&self.shared).ask(self.owner, ask);
        let gone = || StoreError::Unavailable("it will not be answered".to_owned());
        async move { answer.await.unwrap_or_else(|_| Err(gone().into())) }.boxed()
    }

    /// The reader of a group, as the simulator tells it what is its own.
    #[must_use]
    pub fn member(&self, topics: &[Topic]) -> SimulatedMember {
        let (shared, owner, scope) = (Arc::clone(&self.shared), self.owner, self.scope);
        SimulatedMember { shared, owner, scope, topics: topics.to_vec() }
    }
}

impl Log for Handle {
    fn append(
        &self,
        blocks: Vec<(TopicPartition, Block)>,
    ) -> BoxFuture<'static, Result<Appended, LogError>> {
        let (reply, answer) = channel();
        let placed = |(at, block)| (self.scope.place(at), block);
        self.log(Ask::Append(blocks.into_iter().map(placed).collect(), reply), answer)
    }

    fn read(
        &self,
        at: TopicPartition,
        from: u64,
    ) -> BoxFuture<'static, Result<Option<Fetched>, LogError>> {
        let (reply, answer) = channel();
        self.log(Ask::Read(self.scope.place(at), from, reply), answer)
    }

    fn end(&self, at: TopicPartition) -> BoxFuture<'static, Result<u64, LogError>> {
        let (reply, answer) = channel();
        self.log(Ask::End(self.scope.place(at), reply), answer)
    }

    fn join(&self, topics: &[Topic]) -> Box<dyn Member> {
        Box::new(self.member(topics))
    }
}

impl Store for Handle {
    fn load(&self, shard: ShardId, part: Part) -> BoxFuture<'static, Result<Image, StoreError>> {
        let (reply, answer) = channel();
        self.store(Ask::Load(self.scope.shard(shard), part, reply), answer)
    }

    fn position(&self, shard: ShardId) -> BoxFuture<'static, Result<u64, StoreError>> {
        let (reply, answer) = channel();
        self.store(Ask::Position(self.scope.shard(shard), reply), answer)
    }

    fn commit(&self, commit: Arc<Commit>) -> BoxFuture<'static, Result<(), CommitError>> {
        let (reply, answer) = channel();
        self.store(Ask::Commit(self.scope.commit(&commit), reply), answer)
    }

    fn sources(&self) -> BoxFuture<'static, Result<Vec<SourceId>, StoreError>> {
        let sources = lock(&self.shared).shards.sources();
        async move { Ok(sources) }.boxed()
    }

    fn discard(&self, shard: ShardId) -> BoxFuture<'static, Result<(), StoreError>> {
        let (reply, answer) = channel();
        self.store(Ask::Discard(self.scope.shard(shard), reply), answer)
    }

    fn follow(&self) -> BoxFuture<'static, Result<Box<dyn Follower>, StoreError>> {
        let (reply, answer) = channel();
        let begun = self.store(Ask::Follow(self.owner, self.scope, reply), answer);
        let shared = Arc::clone(&self.shared);
        let follower = |number| Box::new(SimulatedFollower { shared, number }) as Box<dyn Follower>;
        async move { begun.await.map(follower) }.boxed()
    }
}

impl Ledgers for Handle {
    fn found(&self) -> BoxFuture<'static, Result<Option<Found>, StoreError>> {
        let (reply, answer) = channel();
        self.store(Ask::Found(reply), answer)
    }

    fn change(&self, from: &Found, to: &Ledger) -> BoxFuture<'static, Result<bool, StoreError>> {
        let (reply, answer) = channel();
        self.store(Ask::Change(from.text.clone(), Box::new(to.clone()), reply), answer)
    }

    fn seal(&self, of: &Generation, seal: &str) -> BoxFuture<'static, Result<(), StoreError>> {
        let (reply, answer) = channel();
        self.store(Ask::Seal(Scope(of.number), seal.to_owned(), reply), answer)
    }

    fn seals(&self, of: &Generation) -> BoxFuture<'static, Result<Vec<Sealed>, StoreError>> {
        let (reply, answer) = channel();
        self.store(Ask::Seals(Scope(of.number), reply), answer)
    }

    fn lift(&self, of: &Generation, seal: &str) -> BoxFuture<'static, Result<(), StoreError>> {
        let (reply, answer) = channel();
        self.store(Ask::Lift(Scope(of.number), seal.to_owned(), reply), answer)
    }
}

struct SimulatedFollower {
    shared: Arc<Mutex<Shared>>,
    number: u64,
}

impl Follower for SimulatedFollower {
    fn next(&mut self) -> BoxFuture<'_, Result<FeedEvent, StoreError>> {
        poll_fn(|context| {
            let mut shared = lock(&self.shared);
            let Some(feed) = shared.feeds.get_mut(&self.number) else { return Poll::Pending };
            match feed.take() {
                Some(event) => Poll::Ready(event),
                None => {
                    shared.wake_later(context.waker());
                    Poll::Pending
                }
            }
        })
        .boxed()
    }
}

impl Drop for SimulatedFollower {
    fn drop(&mut self) {
        lock(&self.shared).feeds.remove(&self.number);
    }
}

/// A member of a group. What it is given, the simulator tells the stages itself; without one, it has
/// everything.
pub struct SimulatedMember {
    shared: Arc<Mutex<Shared>>,
    owner: Owner,
    scope: Scope,
    /// Not given yet.
    topics: Vec<Topic>,
}

impl Member for SimulatedMember {
    fn next(&mut self) -> BoxFuture<'_, MemberEvent> {
        poll_fn(|context| {
            let mut shared = lock(&self.shared);
            if let Some(topic) = self.topics.pop() {
                let all = places(topic, shared.log.count()).collect();
                return Poll::Ready(MemberEvent::Assigned(all));
            }
            let ours = shared.requests.iter().filter(|((owner, _), _)| *owner == self.owner);
            let found = ours.map(|((_, at), from)| (*at, shared.log.read(*at, *from)));
            let found = found.filter_map(|(at, fetched)| Some((at, fetched?))).next();
            let Some((at, fetched)) = found else {
                shared.wake_later(context.waker());
                return Poll::Pending;
            };
            shared.requests.remove(&(self.owner, at));
            Poll::Ready(MemberEvent::Records(own(at), fetched))
        })
        .boxed()
    }

    fn request(&mut self, at: TopicPartition, from: u64) {
        let at = self.scope.place(at);
        lock(&self.shared).requests.insert((self.owner, at), from);
    }

    fn release(&mut self, at: TopicPartition) {
        let at = self.scope.place(at);
        let mut shared = lock(&self.shared);
        shared.requests.remove(&(self.owner, at));
        shared.released.push((self.owner, at));
    }
}

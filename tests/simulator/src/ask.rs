//! What a process asks of log and store, on its way: what it does when it arrives, and what is answered.

use crate::scope::Scope;
use crate::shared::Shared;
use futures::channel::oneshot::{Sender, channel};
use goldstream_domain::record::Block;
use goldstream_platform::ledger::{Found, Ledger, Sealed};
use goldstream_platform::log::{Appended, Fetched, LogError, TopicPartition};
use goldstream_platform::store::{Commit, CommitError, Image, Part, ShardId, StoreError};
use std::fmt;
use std::sync::Arc;

/// Hands an answer to who waits for it.
pub type Delivery = Box<dyn FnOnce() + Send>;

/// What answers a question of the log.
type LogReply<T> = Sender<Result<T, LogError>>;
/// What answers a question of the store.
type StoreReply<T> = Sender<Result<T, StoreError>>;

/// One question or order.
pub enum Ask {
    /// Append blocks.
    Append(Vec<(TopicPartition, Block)>, LogReply<Appended>),
    /// Read from a position.
    Read(TopicPartition, u64, LogReply<Option<Fetched>>),
    /// Where a partition ends.
    End(TopicPartition, LogReply<u64>),
    /// Load a shard.
    Load(ShardId, Part, StoreReply<Image>),
    /// The position of a shard.
    Position(ShardId, StoreReply<u64>),
    /// Make a commit.
    Commit(Arc<Commit>, Sender<Result<(), CommitError>>),
    /// Forget a shard.
    Discard(ShardId, StoreReply<()>),
    /// Follow the feed of a generation, for this owner.
    Follow(u32, Scope, StoreReply<u64>),
    /// Which generations there are.
    Found(StoreReply<Option<Found>>),
    /// Have others, where these bytes are what stands there.
    Change(String, Box<Ledger>, StoreReply<bool>),
    /// Seal the shards of a generation.
    Seal(Scope, String, StoreReply<()>),
    /// The seals of a generation.
    Seals(Scope, StoreReply<Vec<Sealed>>),
    /// Take a seal off.
    Lift(Scope, String, StoreReply<()>),
}

fn answer<T: Send + 'static>(reply: Sender<T>, value: T) -> Delivery {
    Box::new(move || {
        // Who has stopped waiting need not hear it.
        if reply.send(value).is_err() {}
    })
}

fn swap<T>(reply: &mut Sender<T>) -> Sender<T> {
    std::mem::replace(reply, channel().0)
}

impl Ask {
    /// It arrives: what it asks for is done, and this is to be answered.
    pub fn arrive(self, at: &mut Shared) -> Delivery {
        match self {
            Self::Append(blocks, reply) => answer(reply, at.append(blocks)),
            Self::Read(from, position, reply) => answer(reply, Ok(at.log.read(from, position))),
            Self::End(of, reply) => answer(reply, Ok(at.log.end(of))),
            Self::Load(shard, part, reply) => {
                at.shards.establish();
                answer(reply, at.shards.load(&shard, part))
            }
            Self::Position(shard, reply) => answer(reply, Ok(at.shards.position(&shard))),
            Self::Commit(commit, reply) => answer(reply, at.commit(&commit)),
            Self::Discard(shard, reply) => {
                at.shards.discard(&shard);
                answer(reply, Ok(()))
            }
            Self::Follow(owner, scope, reply) => answer(reply, Ok(at.follow((owner, scope)))),
            Self::Found(reply) => answer(reply, Ok(at.shards.found())),
            Self::Change(from, to, reply) => answer(reply, Ok(at.shards.change(&from, &to))),
            Self::Seal(scope, seal, reply) => {
                at.shards.seal(scope, at.log.count(), &seal);
                answer(reply, Ok(()))
            }
            Self::Seals(scope, reply) => answer(reply, Ok(at.shards.seals(scope, at.log.count()))),
            Self::Lift(scope, seal, reply) => {
                at.shards.lift(scope, at.log.count(), &seal);
                answer(reply, Ok(()))
            }
        }
    }

    /// Whoever asked is told that log or store is away; the question itself stays on its way.
    pub fn fail(&mut self) -> Delivery {
        let log = || LogError::Unavailable("no answer".to_owned());
        let store = || StoreError::Unavailable("no answer".to_owned());
        match self {
            Self::Append(_, reply) => answer(swap(reply), Err(log())),
            Self::Read(_, _, reply) => answer(swap(reply), Err(log())),
            Self::End(_, reply) => answer(swap(reply), Err(log())),
            Self::Load(_, _, reply) => answer(swap(reply), Err(store())),
            Self::Position(_, reply) => answer(swap(reply), Err(store())),
            Self::Commit(_, reply) => answer(swap(reply), Err(store().into())),
            Self::Discard(_, reply) => answer(swap(reply), Err(store())),
            Self::Follow(_, _, reply) => answer(swap(reply), Err(store())),
            Self::Found(reply) => answer(swap(reply), Err(store())),
            Self::Change(_, _, reply) => answer(swap(reply), Err(store())),
            Self::Seal(_, _, reply) | Self::Lift(_, _, reply) => answer(swap(reply), Err(store())),
            Self::Seals(_, reply) => answer(swap(reply), Err(store())),
        }
    }

    /// The same append or commit once more, which nobody waits for.
    #[must_use]
    pub fn again(&self) -> Self {
        match self {
            Self::Append(blocks, _) => Self::Append(blocks.clone(), channel().0),
            Self::Commit(commit, _) => Self::Commit(Arc::clone(commit), channel().0),
            // Asking twice changes nothing.
            Self::Read(at, from, _) => Self::Read(*at, *from, channel().0),
            Self::End(at, _) => Self::End(*at, channel().0),
            Self::Load(shard, part, _) => Self::Load(shard.clone(), *part, channel().0),
            Self::Position(shard, _) => Self::Position(shard.clone(), channel().0),
            Self::Discard(shard, _) => Self::Discard(shard.clone(), channel().0),
            Self::Follow(owner, scope, _) => Self::Follow(*owner, *scope, channel().0),
            Self::Found(_) => Self::Found(channel().0),
            Self::Change(from, to, _) => Self::Change(from.clone(), to.clone(), channel().0),
            Self::Seal(scope, seal, _) => Self::Seal(*scope, seal.clone(), channel().0),
            Self::Seals(scope, _) => Self::Seals(*scope, channel().0),
            Self::Lift(scope, seal, _) => Self::Lift(*scope, seal.clone(), channel().0),
        }
    }

    /// Whether log or store may be another after it arrives.
    #[must_use]
    pub const fn is_change(&self) -> bool {
        matches!(self, Self::Append(..) | Self::Commit(..) | Self::Discard(..)) || self.is_agreed()
    }

    /// Whether it changes what all agree on.
    #[must_use]
    pub const fn is_agreed(&self) -> bool {
        matches!(self, Self::Change(..) | Self::Seal(..) | Self::Lift(..))
    }

    /// Whether it goes to the log.
    #[must_use]
    pub const fn is_for_log(&self) -> bool {
        matches!(self, Self::Append(..) | Self::Read(..) | Self::End(..))
    }

    /// Whether both append to one partition, so that one of them comes first.
    #[must_use]
    pub fn shares_partition(&self, other: &Self) -> bool {
        let (Self::Append(ours, _), Self::Append(theirs, _)) = (self, other) else { return false };
        ours.iter().any(|(at, _)| theirs.iter().any(|(other, _)| at == other))
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Append(blocks, _) => {
                f.write_str("append")?;
                blocks.iter().try_for_each(|(at, block)| write!(f, " {at}+{}", block.len()))
            }
            Self::Read(at, from, _) => write!(f, "read of {at} from {from}"),
            Self::End(at, _) => write!(f, "question for the end of {at}"),
            Self::Load(shard, ..) => write!(f, "load of {shard}"),
            Self::Position(shard, _) => write!(f, "question for the position of {shard}"),
            Self::Commit(commit, _) => {
                write!(f, "commit of {} {}->{}", commit.shard, commit.from, commit.to)
            }
            Self::Discard(shard, _) => write!(f, "discard of {shard}"),
            Self::Follow(..) => f.write_str("wish to follow the feed"),
            Self::Found(_) => f.write_str("question for the generations"),
            Self::Change(_, to, _) => {
                let (numbers, seal) = (to.generations.numbers(), &to.seal);
                write!(f, "change {} of the generations: {numbers:?}, {seal:?}", to.revision)
            }
            Self::Seal(scope, seal, _) => write!(f, "seal {seal} on generation {}", scope.0),
            Self::Seals(scope, _) => write!(f, "question for the seals of {}", scope.0),
            Self::Lift(scope, seal, _) => write!(f, "lifting of {seal} of generation {}", scope.0),
        }
    }
}

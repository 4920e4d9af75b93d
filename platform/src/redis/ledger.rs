//! The ledger of generations under one key, changed by compare-and-set, and the seals that shards bear while one
//! generation takes the place of another. It decides nothing of both.

use super::client::RedisClient;
use super::keys::Keys;
use super::links::Links;
use super::reply;
use super::topology::stored;
use super::wipe;
use super::written::written;
use crate::generations::{Generation, ROWS};
use crate::ledger::{Found, Ledger, Ledgers, Sealed};
use crate::store::{ShardId, StoreError};
use ::redis::{Cmd, Value, cmd, pipe};
use futures::future::BoxFuture;

/// Sets a key to its second argument where it is the first; nothing there is the empty text.
const CHANGE: &str = "#!lua
local found = redis.call('GET', KEYS[1]) or ''
if found ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
";

/// Takes this seal off the head of a shard, and no other.
const LIFT: &str = "#!lua
if redis.call('HGET', KEYS[1], 'seal') ~= ARGV[1] then return 0 end
return redis.call('HDEL', KEYS[1], 'seal')
";

impl Ledgers for RedisClient {
    fn found(&self) -> BoxFuture<'static, Result<Option<Found>, StoreError>> {
        let (links, keys) = (self.links.clone(), self.keys.clone());
        self.thread.run(async move { found(&links, &keys).await })
    }

    fn change(&self, from: &Found, to: &Ledger) -> BoxFuture<'static, Result<bool, StoreError>> {
        let (links, key) = (self.links.clone(), self.keys.ledger());
        let (from, to) = (from.text.clone(), serde_json::to_string(to));
        let change = async move {
            let to = to.map_err(|error| StoreError::Damaged(error.to_string()))?;
            let mut call = cmd("EVAL");
            call.arg(CHANGE).arg(1).arg(key).arg(from).arg(to);
            Ok(links.query(&call).await? == Value::Int(1))
        };
        self.thread.run(change)
    }

    fn seal(&self, of: &Generation, seal: &str) -> BoxFuture<'static, Result<(), StoreError>> {
        self.on_heads(of, |head| {
            let mut call = cmd("HSETNX");
            call.arg(head).arg("seal").arg(seal);
            call
        })
    }

    fn seals(&self, of: &Generation) -> BoxFuture<'static, Result<Vec<Sealed>, StoreError>> {
        let (links, keys) = (self.links.clone(), self.keys.of(of.number));
        let partitions = of.topology.partitions;
        self.thread.run(async move { seals(&links, &keys, partitions).await })
    }

    fn lift(&self, of: &Generation, seal: &str) -> BoxFuture<'static, Result<(), StoreError>> {
        self.on_heads(of, |head| {
            let mut call = cmd("EVAL");
            call.arg(LIFT).arg(1).arg(head).arg(seal);
            call
        })
    }
}

impl RedisClient {
    /// Deletes the keys of a generation that nobody works on any more.
    ///
    /// # Errors
    /// [`StoreError`]; another call deletes the rest.
    pub fn remove_generation(&self, generation: u32) -> BoxFuture<'static, Result<(), StoreError>> {
        let (links, keys) = (self.links.clone(), self.keys.of(generation));
        self.thread.run(async move { wipe::remove(&links, &keys).await })
    }

    /// The same prefix, as that generation has it.
    #[must_use]
    pub fn of_generation(&self, generation: u32) -> Self {
        let mut this = self.clone();
        this.keys = self.keys.of(generation);
        this
    }

    /// One command for the head of each shard of a generation.
    fn on_heads(
        &self,
        of: &Generation,
        command: impl Fn(String) -> Cmd,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        let (links, keys) = (self.links.clone(), self.keys.of(of.number));
        let heads = ShardId::derived(of.topology.partitions).map(|shard| keys.head(&shard));
        let commands: Vec<_> = heads.map(command).collect();
        let ask = async move {
            for command in commands {
                links.query(&command).await?;
            }
            Ok(())
        };
        self.thread.run(ask)
    }
}

/// What is written, or what holds where nothing is.
async fn found(links: &Links, keys: &Keys) -> Result<Option<Found>, StoreError> {
    if let Some(written) = written(links, keys).await? {
        return Ok(Some(written));
    }
    let topology = stored(links, &keys.of(ROWS)).await?;
    Ok(topology.map(|stored| Found::of_before(stored.topology)))
}

async fn seals(links: &Links, keys: &Keys, partitions: u32) -> Result<Vec<Sealed>, StoreError> {
    let mut found = Vec::new();
    for shard in ShardId::derived(partitions) {
        let key = keys.head(&shard);
        let mut ask = pipe();
        ask.cmd("HMGET").arg(&key).arg("position").arg("seal");
        let fields = reply::items(links.query(&ask).await?).and_then(|mut it| it.pop());
        let unreadable = || StoreError::Damaged(format!("{key} cannot be read"));
        let [position, seal] = fields.and_then(reply::array::<2>).ok_or_else(unreadable)?;
        let position = match position {
            Value::Nil => 0,
            value => reply::number(value).ok_or_else(unreadable)?,
        };
        found.push(Sealed { shard, position, seal: reply::text(seal) });
    }
    Ok(found)
}

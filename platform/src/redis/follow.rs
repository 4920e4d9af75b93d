//! Following the feeds of all shards.
//!
//! A task owns a connection of its own, because a blocking read holds everything behind it up, and
//! hands what it reads over a short queue: who drops a waiting future loses nothing. Cursors only
//! go forward. A store that went back is waited for: its next entry that reaches beyond a cursor
//! is the next event. A store that was emptied is another one by its id.

use super::keys::Keys;
use super::link::{self, Request};
use super::shared::Shared;
use super::topology::StoredTopology;
use super::{entry, reply};
use crate::limits::{FOLLOW_QUEUE_MAX, STREAM_BLOCK, STREAM_READ_ENTRIES_MAX};
use crate::store::{Commit, FeedEvent, ShardId, StoreError};
use ::redis::aio::MultiplexedConnection;
use ::redis::{Cmd, Value, cmd, pipe};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What a follower gets next, or why there is nothing more.
pub(super) type Next = Result<FeedEvent, StoreError>;

/// The feed of one shard.
pub(super) struct Stream {
    shard: ShardId,
    pub(super) key: String,
    /// What lies up to here was handed over, or was there before.
    pub(super) cursor: u64,
}

/// The feeds of all shards, and which store they are of.
pub(super) struct Feeds {
    shared: Arc<Shared>,
    pub(super) streams: Vec<Stream>,
    by_key: HashMap<String, usize>,
    /// None while the store is empty.
    store_id: Option<String>,
}

/// The reader of one server, which waits for all feeds with one command.
pub(super) struct Reader {
    feeds: Feeds,
    connection: MultiplexedConnection,
}

impl Feeds {
    /// With cursors behind which every commit lies that is made after this resolves.
    pub(super) async fn open(shared: Arc<Shared>) -> Result<Self, StoreError> {
        let streams = streams(&shared.keys, shared.topology.partitions);
        let by_key = streams.iter().map(|it| it.key.clone()).zip(0..).collect();
        let mut this = Self { shared, streams, by_key, store_id: None };
        let topology = this.topology().await?;
        this.store_id = store_id(&this.shared.keys, topology)?;
        // After the id: an exchange of the store in between is then seen as one.
        this.go_to_ends().await?;
        Ok(this)
    }

    /// The stored topology, as it comes.
    pub(super) async fn topology(&self) -> Result<Value, StoreError> {
        self.shared.loads.query(cmd("GET").arg(self.shared.keys.topology())).await
    }

    /// What follows from an answer of feeds, and from a topology that was asked for after it: entries of
    /// another store are then never taken for this one's.
    pub(super) async fn events(
        &mut self,
        feeds: Value,
        topology: Value,
    ) -> Result<Vec<FeedEvent>, StoreError> {
        let found = store_id(&self.shared.keys, topology)?;
        if self.store_id.is_some() && found != self.store_id {
            // What was read may be of either store. Commits after the event are seen from here on.
            self.store_id = found;
            self.go_to_ends().await?;
            return Ok(vec![FeedEvent::Replaced]);
        }
        self.store_id = found;
        let (commits, lagged) = self.take(feeds).ok_or_else(|| self.unreadable())?;
        let lagged = lagged.then_some(FeedEvent::Lagged);
        Ok(lagged.into_iter().chain(commits.into_iter().map(FeedEvent::Commit)).collect())
    }

    /// The commits of an answer, and whether some before them are gone. None if it cannot be read.
    fn take(&mut self, feeds: Value) -> Option<(Vec<Arc<Commit>>, bool)> {
        let (mut commits, mut lagged) = (Vec::new(), false);
        for feed in reply::items(feeds)? {
            let [key, entries] = reply::array(feed)?;
            let stream = self.by_key.get(&reply::text(key)?);
            let stream = self.streams.get_mut(*stream?)?;
            for entry in reply::items(entries)? {
                let commit = entry::read(&stream.shard, entry)?;
                lagged |= commit.from > stream.cursor;
                stream.cursor = commit.to;
                commits.push(Arc::new(commit));
            }
        }
        Some((commits, lagged))
    }

    /// Moves every cursor to the end of its feed, which is its shard's position.
    async fn go_to_ends(&mut self) -> Result<(), StoreError> {
        let mut ask = pipe();
        for stream in &self.streams {
            ask.cmd("HGET").arg(self.shared.keys.head(&stream.shard)).arg("position");
        }
        let positions = self.shared.loads.query(&ask).await?;
        let positions = reply::items(positions).unwrap_or_default();
        for (stream, position) in self.streams.iter_mut().zip(positions) {
            stream.cursor = reply::number(position).unwrap_or(0);
        }
        Ok(())
    }

    fn unreadable(&self) -> StoreError {
        self.shared.unreadable("the change feed")
    }
}

impl Reader {
    /// A reader that sees every commit made after this resolves.
    pub(super) async fn open(shared: Arc<Shared>) -> Result<Self, StoreError> {
        let server = shared.site.first().clone();
        let connection = server.connect().await;
        let connection = connection.map_err(|error| server.store_error(&error))?;
        Ok(Self { feeds: Feeds::open(shared).await?, connection })
    }
}

impl Read for Reader {
    /// Waits for entries for a while.
    async fn read(&mut self) -> Result<Vec<FeedEvent>, StoreError> {
        let mut ask = pipe();
        ask.add_command(waiting(&self.feeds.streams));
        ask.cmd("GET").arg(self.feeds.shared.keys.topology());
        let answer = link::send(&mut self.connection, Request::Many(&ask)).await;
        let first = self.feeds.shared.site.first();
        let answer = reply::array::<2>(answer.map_err(|error| first.store_error(&error))?);
        let [feeds, topology] = answer.ok_or_else(|| self.feeds.unreadable())?;
        self.feeds.events(feeds, topology).await
    }
}

/// Waits for entries of these feeds for a while.
pub(super) fn waiting(streams: &[Stream]) -> Cmd {
    let mut ask = cmd("XREAD");
    ask.arg("COUNT").arg(STREAM_READ_ENTRIES_MAX);
    ask.arg("BLOCK").arg(STREAM_BLOCK.as_millis() as u64).arg("STREAMS");
    for stream in streams {
        ask.arg(&stream.key);
    }
    for stream in streams {
        ask.arg(entry::id(stream.cursor));
    }
    ask
}

/// What waits for entries and gives what follows from them.
pub(super) trait Read {
    fn read(&mut self) -> impl Future<Output = Result<Vec<FeedEvent>, StoreError>> + Send;
}

/// Hands over events until nobody takes them; an error is the last.
pub(super) async fn hand_over(mut reader: impl Read, events: mpsc::Sender<Next>) {
    loop {
        let read = tokio::select! {
            () = events.closed() => return,
            read = reader.read() => read,
        };
        let failed = read.is_err();
        let batch =
            read.map_or_else(|error| vec![Err(error)], |it| it.into_iter().map(Ok).collect());
        for event in batch {
            if events.send(event).await.is_err() {
                return;
            }
        }
        if failed {
            return;
        }
    }
}

/// The queue between a reader and its follower.
pub(super) fn queue() -> (mpsc::Sender<Next>, mpsc::Receiver<Next>) {
    mpsc::channel(FOLLOW_QUEUE_MAX)
}

fn streams(keys: &Keys, partitions: u32) -> Vec<Stream> {
    let shards = ShardId::derived(partitions);
    shards.map(|shard| Stream { key: keys.feed(&shard), shard, cursor: 0 }).collect()
}

fn store_id(keys: &Keys, topology: Value) -> Result<Option<String>, StoreError> {
    Ok(StoredTopology::read(keys, topology)?.map(|stored| stored.store_id))
}

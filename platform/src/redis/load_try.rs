//! One try to load a shard: what is read of it, and what that comes to.

use super::keys::Keys;
use super::lane::Lane;
use super::shared::Shared;
use super::topology::StoredTopology;
use super::{entry, reply};
use crate::store::{Content, Image, ShardId, StoreError};
use ::redis::{Value, cmd, pipe};
use goldstream_domain::gold::rows::Table;
use serde::de::DeserializeOwned;

/// What one try came to.
pub(super) enum Outcome {
    Image(Image),
    /// The shard changed under the reader.
    Changing,
    /// It looks damaged, which an emptied store does too while it is being read.
    Doubtful(String),
}

/// One try to load one shard, on one connection: a scan must not go on at another server process.
pub(super) struct Try<'a> {
    pub(super) shared: &'a Shared,
    pub(super) lane: Lane<'a>,
    pub(super) shard: &'a ShardId,
    pub(super) store_id: String,
}

/// What stands in the place of a shard's head.
pub(super) enum Head {
    Stored(StoredHead),
    Absent,
    /// The store was emptied or exchanged since this try began.
    OfAnotherStore,
}

/// The head of a shard as it is stored.
#[derive(Debug)]
pub(super) struct StoredHead {
    pub(super) position: u64,
    pub(super) json: Vec<u8>,
    /// Claims of a silver shard.
    pub(super) claims: u64,
    /// Row counts of a gold shard, by table.
    pub(super) rows: [u64; Table::ALL.len()],
}

impl Try<'_> {
    pub(super) fn keys(&self) -> &Keys {
        &self.shared.keys
    }

    /// The head as it is now. The store's id is asked for last: a head of another store is then never
    /// taken for this one's.
    pub(super) async fn head(&mut self) -> Result<Head, StoreError> {
        let key = self.keys().head(self.shard);
        let mut ask = pipe();
        ask.cmd("HMGET").arg(&key).arg("position").arg("head").arg("claims");
        for table in Table::ALL {
            ask.arg(table.name());
        }
        ask.cmd("GET").arg(self.keys().topology());
        let answer = reply::array::<2>(self.lane.query(&ask).await?);
        let [fields, topology] = answer.ok_or_else(|| self.unreadable(&key))?;
        let topology = StoredTopology::read(self.keys(), topology)?;
        let is_same = |topology: StoredTopology| {
            topology.store_id == self.store_id && topology.rebuild_id.is_none()
        };
        if !topology.is_some_and(is_same) {
            return Ok(Head::OfAnotherStore);
        }
        let fields = reply::items(fields).unwrap_or_default();
        if fields.first().is_none_or(|position| *position == Value::Nil) {
            return Ok(Head::Absent);
        }
        read_head(fields).map(Head::Stored).ok_or_else(|| self.unreadable(&key))
    }

    /// The feed must not go beyond the position that is stored with it: the entry is the first thing
    /// that a commit writes, the position the last. A Redis whose append-only file was cut inside
    /// a commit and written on may bring the part before the cut back at its next start.
    pub(super) async fn held_against_feed(&mut self, image: Image) -> Result<Outcome, StoreError> {
        let key = self.keys().feed(self.shard);
        let mut ask = cmd("XRANGE");
        ask.arg(&key).arg(format!("({}", entry::id(image.position))).arg("+").arg("COUNT").arg(1);
        let beyond = reply::items(self.lane.query(&ask).await?).unwrap_or_default();
        if beyond.is_empty() {
            return Ok(Outcome::Image(image));
        }
        match self.head().await? {
            // Committed since: what was read is the image of the position before.
            Head::Stored(head) if head.position > image.position => Ok(Outcome::Image(image)),
            Head::Stored(_) => {
                Ok(Outcome::Doubtful(format!("{key} goes beyond position {}", image.position)))
            }
            Head::Absent | Head::OfAnotherStore => Ok(Outcome::Changing),
        }
    }

    /// A shard without a head is empty, unless the rest of it is there.
    pub(super) async fn without_head(&mut self) -> Result<Outcome, StoreError> {
        let rest = self.keys().beside_head(self.shard);
        let mut found = 0;
        if !rest.is_empty() {
            let answer = self.lane.query(cmd("EXISTS").arg(&rest)).await?;
            found = reply::number(answer).ok_or_else(|| self.unreadable(&rest[0]))?;
        }
        if found == 0 {
            return Ok(Outcome::Image(Image { position: 0, content: Content::Empty }));
        }
        let head = self.keys().head(self.shard);
        Ok(Outcome::Doubtful(format!("{head} is gone, but {found} other keys of it are there")))
    }

    pub(super) fn parse<T: DeserializeOwned>(&self, json: &[u8]) -> Result<T, StoreError> {
        let key = || self.keys().head(self.shard);
        serde_json::from_slice(json).map_err(|_| self.unreadable(&key()))
    }

    pub(super) fn unreadable(&self, key: &str) -> StoreError {
        self.shared.unreadable(key)
    }
}

fn read_head(fields: Vec<Value>) -> Option<StoredHead> {
    let mut fields = fields.into_iter();
    let position = reply::number(fields.next()?)?;
    let json = reply::bytes(fields.next()?)?;
    let count = |value: Value| match value {
        Value::Nil => Some(0),
        value => reply::number(value),
    };
    let claims = count(fields.next()?)?;
    let mut rows = [0; Table::ALL.len()];
    for (rows, field) in rows.iter_mut().zip(fields) {
        *rows = count(field)?;
    }
    Some(StoredHead { position, json, claims, rows })
}

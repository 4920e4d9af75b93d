//! Loading a shard: its position is read first and again last, and the image is exactly that of
//! one position. What looks wrong while others write is looked at again before it is called damage.

use super::keys::Keys;
use super::lane::Lane;
use super::shared::Shared;
use super::topology::{StoredTopology, establish, refusal};
use super::{entry, load_gold, load_silver, rebuild, reply};
use crate::limits::{LOAD_RETRY_WAIT, LOAD_TRIES_MAX};
use crate::store::{Content, Image, Part, ShardId, StoreError};
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
    store_id: String,
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

/// The shard as it is stored.
pub(super) async fn load(
    shared: &Shared,
    shard: &ShardId,
    part: Part,
) -> Result<Image, StoreError> {
    let mut doubt = None;
    for _ in 0..LOAD_TRIES_MAX {
        match attempt(shared, shard, part).await? {
            Outcome::Image(image) => return Ok(image),
            Outcome::Changing => doubt = None,
            Outcome::Doubtful(sentence) => doubt = Some(sentence),
        }
        tokio::time::sleep(LOAD_RETRY_WAIT).await;
    }
    Err(match doubt {
        Some(sentence) => StoreError::Torn(shared.damage(&sentence)),
        None => StoreError::Unavailable(format!("{shard} is changing too fast to be loaded")),
    })
}

/// The stored position of a shard, 0 where there is none.
pub(super) async fn position(shared: &Shared, shard: &ShardId) -> Result<u64, StoreError> {
    let key = shared.keys.head(shard);
    match shared.loads.query(cmd("HGET").arg(&key).arg("position")).await? {
        Value::Nil => Ok(0),
        value => reply::number(value).ok_or_else(|| shared.unreadable(&key)),
    }
}

async fn attempt(shared: &Shared, shard: &ShardId, part: Part) -> Result<Outcome, StoreError> {
    // A store that was emptied is folded again from 0, which is right: it gets its topology back.
    let stored = establish(&shared.loads, &shared.keys, &shared.topology).await?;
    if stored.topology != shared.topology {
        let sentence = refusal(&shared.site, &shared.keys, &stored.topology, &shared.topology);
        return Err(StoreError::Damaged(sentence));
    }
    if stored.rebuild_id.is_some() {
        return Err(StoreError::Unavailable(rebuild::half_done(&shared.keys)));
    }
    let lane = shared.loads.lane(&shared.keys.head(shard)).await?;
    let mut this = Try { shared, lane, shard, store_id: stored.store_id };
    let head = match this.head().await? {
        Head::Stored(head) => head,
        Head::Absent => return this.without_head().await,
        Head::OfAnotherStore => return Ok(Outcome::Changing),
    };
    let loaded = match shard {
        ShardId::Gold(_) => load_gold::load(&mut this, head).await?,
        ShardId::Silver(_) => load_silver::load(&mut this, head, part).await?,
        ShardId::Source(_) => {
            let content = Content::Source(this.parse(&head.json)?);
            return Ok(Outcome::Image(Image { position: head.position, content }));
        }
    };
    match loaded {
        Outcome::Image(image) => this.held_against_feed(image).await,
        other => Ok(other),
    }
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
    async fn held_against_feed(&mut self, image: Image) -> Result<Outcome, StoreError> {
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
    async fn without_head(&mut self) -> Result<Outcome, StoreError> {
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

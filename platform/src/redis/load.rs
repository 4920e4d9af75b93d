//! Loading a shard: its position is read first and again last, and the image is exactly that of
//! one position. What looks wrong while others write is looked at again before it is called damage.

use super::load_try::{Head, Outcome, Try};
use super::shared::Shared;
use super::topology::{self, establish, refusal};
use super::{load_gold, load_silver, reply};
use crate::limits::{LOAD_RETRY_WAIT, LOAD_TRIES_MAX};
use crate::store::{Content, Image, Part, ShardId, StoreError};
use ::redis::{Value, cmd};

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
        return Err(StoreError::Unavailable(topology::half_done(&shared.keys)));
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

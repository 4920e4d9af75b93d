//! The image of a silver shard. A dedupe set is whole or is refused: one that lost claims would
//! count purchases twice.

use super::claims;
use super::keys::CLAIMS;
use super::load_try::{Outcome, StoredHead, Try};
use super::reply;
use crate::limits::CLAIM_BLOCKS_READ_MAX;
use crate::store::{Content, Image, Part, StoreError};
use ::redis::cmd;
use goldstream_domain::dedupe::Claim;

pub(super) async fn load(
    this: &mut Try<'_>,
    stored: StoredHead,
    part: Part,
) -> Result<Outcome, StoreError> {
    let head = this.parse(&stored.json)?;
    let claims = match part {
        Part::WithoutClaims => Vec::new(),
        Part::Whole => match load_claims(this, &stored).await? {
            Ok(claims) => claims,
            Err(doubt) => return Ok(Outcome::Doubtful(doubt)),
        },
    };
    let content = Content::Silver { head, claims };
    Ok(Outcome::Image(Image { position: stored.position, content }))
}

/// Claims only grow, so those of an earlier position are a prefix of what stands there now.
async fn load_claims(
    this: &mut Try<'_>,
    head: &StoredHead,
) -> Result<Result<Vec<Claim>, String>, StoreError> {
    let key = this.keys().hash(this.shard, CLAIMS);
    let mut claims = Vec::new();
    let end = claims::blocks(head.claims);
    for first in (0..end).step_by(CLAIM_BLOCKS_READ_MAX) {
        let numbers = first..end.min(first + CLAIM_BLOCKS_READ_MAX as u64);
        let mut ask = cmd("HMGET");
        ask.arg(&key).arg(numbers.clone().collect::<Vec<_>>());
        let answer = this.lane.query(&ask).await?;
        let blocks = reply::items(answer).ok_or_else(|| this.unreadable(&key))?;
        for (number, block) in numbers.zip(blocks) {
            let block = reply::bytes(block).unwrap_or_default();
            let bytes = claims::block_bytes(head.claims, number);
            let Some(block) = block.get(..bytes) else {
                let written = head.claims;
                return Ok(Err(format!(
                    "{key} has lost claims of block {number}, though {written} were written"
                )));
            };
            claims::read(block, head.position, &mut claims);
        }
    }
    Ok(Ok(claims))
}

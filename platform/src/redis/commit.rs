//! Making commits: what is known of a shard between them, and what the script's answers mean.
//!
//! What is known counts for exactly one position. After anything but a commit that was made, it is
//! dropped and read again: another process may have gone on, or the store back.

use super::call::{self, Known};
use super::claims::{End, block_bytes, blocks};
use super::kept::Kept;
use super::keys::CLAIMS;
use super::reply;
use super::shared::{KnownAt, Shared};
use crate::limits::STREAM_ENTRY_BYTES_GUESS;
use crate::store::{Commit, CommitError, ShardId, StoreError};
use ::redis::{Cmd, Value, cmd, pipe};

/// Said of a commit to a shard that bears a seal.
const SEALED: &str = "another generation is about to be served";

/// The answers of the script.
enum Answer {
    Done,
    Already,
}

/// Makes one commit. Commits of one shard are made one after the other.
pub(super) async fn commit(shared: &Shared, commit: &Commit) -> Result<(), CommitError> {
    let committer = shared.committer(&commit.shard);
    let mut slot = committer.lock().await;
    let mut known = match slot.take() {
        Some(KnownAt { position, known }) if position == commit.from => known,
        _ => {
            let KnownAt { position, known } = learn(shared, &commit.shard).await?;
            if position != commit.from {
                return if position == commit.to { Ok(()) } else { Err(refused(position)) };
            }
            known
        }
    };
    let call = call::encode(&shared.keys, commit, &mut known, shared.feed_bytes_max)
        .map_err(|error| StoreError::Damaged(format!("a commit is no JSON: {error}")))?;
    if let Answer::Done = run(shared, &call).await? {
        *slot = Some(KnownAt { position: commit.to, known });
    }
    Ok(())
}

/// Deletes everything of a shard, in one command: there is never a part of it.
pub(super) async fn discard(shared: &Shared, shard: &ShardId) -> Result<(), StoreError> {
    let committer = shared.committer(shard);
    let mut slot = committer.lock().await;
    *slot = None;
    let mut delete = cmd("DEL");
    delete.arg(shared.keys.head(shard)).arg(shared.keys.beside_head(shard));
    shared.commits.query(&delete).await.map(|_| ())
}

fn refused(stored: u64) -> CommitError {
    CommitError::Refused { stored }
}

/// Calls the script, which Redis may have forgotten in a restart.
async fn run(shared: &Shared, call: &Cmd) -> Result<Answer, CommitError> {
    let answer = match shared.commits.ask(call).await {
        // It goes wherever the keys are, and is known there from then on.
        Err(failure) if failure.is_unknown_script() => {
            shared.commits.query(&call::with_code(call)).await?
        }
        answer => answer.map_err(StoreError::from)?,
    };
    let words = reply::array::<2>(answer)
        .and_then(|[verdict, word]| Some((reply::text(verdict)?, reply::text(word)?)));
    let Some((verdict, word)) = words else { return Err(no_answer().into()) };
    match verdict.as_str() {
        "done" => Ok(Answer::Done),
        "already" => Ok(Answer::Already),
        "refused" => Err(refused(word.parse().map_err(|_| no_answer())?)),
        // It goes on where the seal is lifted, and ends where another generation is served.
        "sealed" => Err(StoreError::Unavailable(SEALED.to_owned()).into()),
        _ => Err(StoreError::Torn(shared.damage(&word)).into()),
    }
}

fn no_answer() -> StoreError {
    StoreError::Damaged("the script of commits gave no answer of its own".to_owned())
}

/// Reads what must be known before a commit can be encoded.
async fn learn(shared: &Shared, shard: &ShardId) -> Result<KnownAt, StoreError> {
    let head = shared.keys.head(shard);
    let mut ask = pipe();
    ask.cmd("HMGET").arg(&head).arg("position").arg("claims");
    if !matches!(shard, ShardId::Source(_)) {
        ask.cmd("XLEN").arg(shared.keys.feed(shard));
    }
    let mut answers = reply::items(shared.commits.query(&ask).await?).unwrap_or_default();
    let entries = if answers.len() > 1 { answers.pop().and_then(reply::number) } else { None };
    let fields = answers.pop().and_then(reply::array::<2>);
    let [position, claims] = fields.ok_or_else(|| shared.unreadable(&head))?;
    let number = |value| match value {
        Value::Nil => Ok(0),
        value => reply::number(value).ok_or_else(|| shared.unreadable(&head)),
    };
    let known = Known {
        claims: learn_claims(shared, shard, number(claims)?).await?,
        kept: learn_feed(shared, shard, entries.unwrap_or(0)).await,
    };
    Ok(KnownAt { position: number(position)?, known })
}

/// The last block may hold more claims than are counted, where another process goes on meanwhile.
async fn learn_claims(shared: &Shared, shard: &ShardId, count: u64) -> Result<End, StoreError> {
    let last = blocks(count).saturating_sub(1);
    let bytes = block_bytes(count, last);
    if bytes == 0 || bytes == block_bytes(u64::MAX, 0) {
        return Ok(End { count, last_block: Vec::new() });
    }
    let key = shared.keys.hash(shard, CLAIMS);
    let stored = shared.commits.query(cmd("HGET").arg(&key).arg(last)).await?;
    let mut last_block = reply::bytes(stored).unwrap_or_default();
    if last_block.len() < bytes {
        let sentence = format!("{key} has no claims of block {last}, but {count} were written");
        return Err(StoreError::Torn(shared.damage(&sentence)));
    }
    last_block.truncate(bytes);
    Ok(End { count, last_block })
}

/// Where the size may not be asked for it is guessed.
async fn learn_feed(shared: &Shared, shard: &ShardId, entries: u64) -> Kept {
    if entries == 0 {
        return Kept::default();
    }
    let mut ask = cmd("MEMORY");
    ask.arg("USAGE").arg(shared.keys.feed(shard)).arg("SAMPLES").arg(0);
    let answer = shared.commits.ask(&ask).await.ok().and_then(reply::number);
    Kept::found(entries, answer.unwrap_or(entries * STREAM_ENTRY_BYTES_GUESS))
}

//! Documents as hashes of revision and text, replaced by one script that looks at the revision first.

use super::reply;
use super::shared::Shared;
use crate::documents::{Document, Replaced};
use crate::store::StoreError;
use ::redis::{Value, cmd};

/// All checks before the first write, as in a commit.
const REPLACE: &str = "#!lua
local stored = redis.call('HGET', KEYS[1], 'revision') or '0'
if stored ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'text', ARGV[3])
return 1
";

/// The document of this name.
pub(super) async fn read(shared: &Shared, name: &str) -> Result<Option<Document>, StoreError> {
    let key = shared.keys.document(name);
    let mut get = cmd("HMGET");
    get.arg(&key).arg("revision").arg("text");
    let answer = reply::array::<2>(shared.loads.query(&get).await?);
    let [revision, text] = answer.ok_or_else(|| shared.unreadable(&key))?;
    if revision == Value::Nil {
        return Ok(None);
    }
    let (revision, text) = (reply::number(revision), reply::text(text));
    let (Some(revision), Some(text)) = (revision, text) else {
        return Err(shared.unreadable(&key));
    };
    Ok(Some(Document { revision, text }))
}

/// Puts a text in the place of that revision.
pub(super) async fn replace(
    shared: &Shared,
    name: &str,
    revision: u64,
    text: &str,
) -> Result<Replaced, StoreError> {
    let key = shared.keys.document(name);
    let mut call = cmd("EVAL");
    call.arg(REPLACE).arg(1).arg(&key).arg(revision).arg(revision + 1).arg(text);
    match shared.loads.query(&call).await? {
        Value::Int(1) => Ok(Replaced::Done),
        Value::Int(0) => Ok(Replaced::Refused),
        _ => Err(shared.unreadable(&key)),
    }
}

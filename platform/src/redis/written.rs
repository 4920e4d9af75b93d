//! The ledger of generations, as it stands under its key.

use super::keys::Keys;
use super::links::Links;
use super::reply;
use crate::ledger::Found;
use crate::store::StoreError;
use ::redis::{Value, cmd};

/// What is written.
pub(super) async fn written(links: &Links, keys: &Keys) -> Result<Option<Found>, StoreError> {
    let value = links.query(cmd("GET").arg(keys.ledger())).await?;
    if value == Value::Nil {
        return Ok(None);
    }
    let read = |text: String| Some(Found { ledger: serde_json::from_str(&text).ok()?, text });
    let damaged = || StoreError::Damaged(format!("{} is no ledger", keys.ledger()));
    reply::text(value).and_then(read).map(Some).ok_or_else(damaged)
}

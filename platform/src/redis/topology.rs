//! The stored topology: how rows are spread under a prefix, and which store this is.
//!
//! It is written once and never changed, but by a rebuild. A store that was emptied or rebuilt gets a new
//! one with another id, by which followers of its feed notice.

use super::keys::Keys;
use super::links::Links;
use super::reply;
use super::site::Site;
use super::written::written;
use crate::clock::now_ms;
use crate::generations::ROWS;
use crate::store::StoreError;
use crate::topology::Topology;
use ::redis::{Value, cmd};
use serde::{Deserialize, Serialize};
use std::hash::{BuildHasher, Hasher, RandomState};

/// The value of the topology key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredTopology {
    #[serde(flatten)]
    pub(super) topology: Topology,
    /// Differs between any two stores, also between one and itself after it was emptied.
    pub(super) store_id: String,
    /// Of a store whose state is being removed, to be folded again: which rebuild does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rebuild_id: Option<String>,
}

impl StoredTopology {
    /// That of a store that is made now.
    pub(super) fn new(topology: &Topology) -> Self {
        Self { topology: topology.clone(), store_id: random_id(), rebuild_id: None }
    }

    /// The same store while that rebuild is under way.
    pub(super) fn under_rebuild(self, rebuild_id: &str) -> Self {
        Self { rebuild_id: Some(rebuild_id.to_owned()), ..self }
    }

    /// Writes it, whatever stood there.
    pub(super) async fn write(&self, links: &Links, keys: &Keys) -> Result<(), StoreError> {
        let json = self.json()?;
        links.query(cmd("SET").arg(keys.topology()).arg(json)).await.map(|_| ())
    }

    fn json(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(|error| StoreError::Damaged(error.to_string()))
    }

    /// Reads the value of the key, none where there is none.
    pub(super) fn read(keys: &Keys, value: Value) -> Result<Option<Self>, StoreError> {
        if value == Value::Nil {
            return Ok(None);
        }
        let read = reply::bytes(value).and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let damaged = || StoreError::Damaged(format!("{} is not a topology", keys.topology()));
        read.map(Some).ok_or_else(damaged)
    }
}

/// What is stored, none where nothing is.
pub(super) async fn stored(
    links: &Links,
    keys: &Keys,
) -> Result<Option<StoredTopology>, StoreError> {
    let value = links.query(cmd("GET").arg(keys.topology())).await?;
    StoredTopology::read(keys, value)
}

/// What is stored after `wanted` was, where nothing was.
pub(super) async fn establish(
    links: &Links,
    keys: &Keys,
    wanted: &Topology,
) -> Result<StoredTopology, StoreError> {
    // Read first: who may only read can work on a store that others made.
    if let Some(stored) = stored(links, keys).await? {
        return Ok(stored);
    }
    must_be_at_work(links, keys).await?;
    let json = StoredTopology::new(wanted).json()?;
    links.query(cmd("SET").arg(keys.topology()).arg(json).arg("NX")).await?;
    let emptied = || StoreError::Unavailable("the store is being emptied".to_owned());
    stored(links, keys).await?.ok_or_else(emptied)
}

/// Nothing begins anew under the number of a generation that is over: whoever still folds it is late. Where there
/// is no ledger there is none but the first.
async fn must_be_at_work(links: &Links, keys: &Keys) -> Result<(), StoreError> {
    let number = keys.generation();
    let is_at_work = match written(links, keys).await? {
        Some(found) => found.ledger.is_at_work(number),
        None => number == ROWS,
    };
    match is_at_work {
        true => Ok(()),
        false => Err(StoreError::Unavailable(format!(
            "generation {number} is over: another one is served, or the store was emptied"
        ))),
    }
}

/// Why a store with another topology is not used, and the ways out.
pub(super) fn refusal(site: &Site, keys: &Keys, stored: &Topology, wanted: &Topology) -> String {
    format!(
        "the store {} on redis at {} was made with {stored}, but {wanted} is wanted: give the \
         stored settings, or fold the rows again under a new --prefix",
        keys.prefix(),
        site.address(),
    )
}

/// From the keys that the standard library draws for its hash tables, the clock and the process.
pub(super) fn random_id() -> String {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_i64(now_ms());
    hasher.write_u32(std::process::id());
    format!("{:016x}", hasher.finish())
}

/// What is said of a prefix with the mark.
pub(super) fn half_done(keys: &Keys) -> String {
    format!(
        "a rebuild of {} was begun and has not ended: give goldstream rebuild again, it goes on; bronze \
         is whole",
        keys.prefix()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_is_flat_json() {
        let stored = StoredTopology {
            topology: Topology::of_this_version(4),
            store_id: "00c0ffee00c0ffee".to_owned(),
            rebuild_id: None,
        };
        let json = serde_json::to_string(&stored).unwrap();
        assert_eq!(
            json,
            r#"{"partitions":4,"hash":"murmur2","logic_version":3,"future_days":366,"store_id":"00c0ffee00c0ffee"}"#
        );
        let keys = Keys::new("shop");
        let read = StoredTopology::read(&keys, Value::BulkString(json.into_bytes())).unwrap();
        assert_eq!(read, Some(stored));
        assert!(StoredTopology::read(&keys, Value::BulkString(b"{}".to_vec())).is_err());
    }

    #[test]
    fn ids_of_stores_differ() {
        assert_ne!(random_id(), random_id());
    }
}

//! Records of silver that nobody can read and that a person has told to pass over: where, who, when and why. They
//! stand beside gold's shard, and go with it by a rebuild alone.

use super::client::RedisClient;
use super::reply;
use crate::store::StoreError;
use ::redis::cmd;
use serde::{Deserialize, Serialize};

/// More than anybody tells one by one.
const SKIPS_AT_ONCE: u32 = 10_000;

/// One record that is passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// Of silver.
    pub partition: u32,
    /// Where it stands there.
    pub position: u64,
    /// What was told.
    pub told: Told,
}

/// Who told it, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// In the words of who told it.
    pub why: String,
    /// The user, and the machine.
    pub by: String,
    /// When, RFC 3339.
    pub at: String,
}

impl std::fmt::Display for Skip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { partition, position, told: Told { why, by, at } } = self;
        write!(
            f,
            "the record at {position} of silver/{partition} is skipped, as {by} told {at}: {why}"
        )
    }
}

impl RedisClient {
    /// Notes that a record is passed over. One that was told before stays as it was told.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn skip(&self, skip: Skip) -> Result<(), StoreError> {
        let (links, key) = (self.links.clone(), self.keys.skips(skip.partition));
        let json = serde_json::to_string(&skip.told);
        let json = json.map_err(|error| StoreError::Damaged(error.to_string()))?;
        let write = async move {
            let mut ask = cmd("HSET");
            ask.arg(key).arg(skip.position).arg(json);
            links.query(&ask).await.map(|_| ())
        };
        self.thread.run(write).await
    }

    /// All that is passed over.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn skips(&self, partitions: u32) -> Result<Vec<Skip>, StoreError> {
        let (links, keys) = (self.links.clone(), self.keys.clone());
        let ask = async move {
            let mut skips = Vec::new();
            for partition in 0..partitions {
                let key = keys.skips(partition);
                let mut ask = cmd("HSCAN");
                ask.arg(&key).arg(0).arg("COUNT").arg(SKIPS_AT_ONCE);
                let found = reply::array::<2>(links.query(&ask).await?);
                let pairs = found.and_then(|[_, found]| reply::pairs(found));
                let unreadable = || StoreError::Damaged(format!("{key} cannot be read"));
                for (position, told) in pairs.ok_or_else(unreadable)? {
                    let position = reply::number(position).ok_or_else(unreadable)?;
                    let told = reply::bytes(told).ok_or_else(unreadable)?;
                    let told = serde_json::from_slice(&told).map_err(|_| unreadable())?;
                    skips.push(Skip { partition, position, told });
                }
            }
            Ok(skips)
        };
        self.thread.run(ask).await
    }
}

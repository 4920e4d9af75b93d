//! What every stored form depends on. It is written where state is, and another one is refused.

use goldstream_domain::clean::{FUTURE_DAYS_DEFAULT, Rules};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Partitions of every topic where neither a store nor a setting says otherwise.
pub const PARTITIONS_DEFAULT: u32 = 4;

/// Of the rules of the data and the stored form. 2: an empty name or e-mail of a customer is null.
pub const LOGIC_VERSION: u32 = 2;

/// How rows are spread and folded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topology {
    /// Number of partitions of every topic, and so of shards.
    pub partitions: u32,
    /// How keys find their partition.
    pub hash: String,
    /// Grows when the rules of the data or the stored form change.
    pub logic_version: u32,
    /// How far ahead of its ingestion a purchase may lie.
    #[serde(default = "future_days_default")]
    pub future_days: u32,
}

const fn future_days_default() -> u32 {
    FUTURE_DAYS_DEFAULT
}

impl Topology {
    /// The topology of this version with that many partitions.
    #[must_use]
    pub fn of_this_version(partitions: u32) -> Self {
        Self {
            partitions,
            hash: "murmur2".to_owned(),
            logic_version: LOGIC_VERSION,
            future_days: FUTURE_DAYS_DEFAULT,
        }
    }

    /// The same where that much is set of the rules; none is what `stored` says.
    #[must_use]
    pub fn with_future_days(self, set: Option<u32>, stored: Option<&Self>) -> Self {
        let stored = stored.map(|stored| stored.future_days);
        Self { future_days: set.or(stored).unwrap_or(self.future_days), ..self }
    }

    /// What is set of the rules.
    #[must_use]
    pub fn rules(&self) -> Rules {
        Rules { future_days: self.future_days }
    }
}

impl fmt::Display for Topology {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partitions, hash, logic_version, future_days } = self;
        write!(
            f,
            "partitions: {partitions}, hash: {hash}, logic version: {logic_version}, \
             future_days: {future_days}"
        )
    }
}

//! What every stored form depends on. It is written where state is, and another one is refused.

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
}

impl Topology {
    /// The topology of this version with that many partitions.
    #[must_use]
    pub fn of_this_version(partitions: u32) -> Self {
        Self { partitions, hash: "murmur2".to_owned(), logic_version: LOGIC_VERSION }
    }
}

impl fmt::Display for Topology {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partitions, hash, logic_version } = self;
        write!(f, "partitions: {partitions}, hash: {hash}, logic version: {logic_version}")
    }
}

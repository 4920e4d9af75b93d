//! What a stage keeps beside its tables, and when a bronze position is counted.
//!
//! A head travels in every commit of its shard: position, marks and counts are one value.

use crate::chain::{Chain, SourceId};
use crate::column::Kind;
use crate::gold::shard::GoldCounts;
use crate::planted::{self, Bug};
use crate::reason::Reason;
use crate::record::checksum;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A partition of one of the two bronze topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BronzePartition {
    /// Which topic.
    pub kind: Kind,
    /// Which partition of it.
    pub partition: u32,
}

impl BronzePartition {
    /// All partitions of both topics.
    pub fn all(partitions: u32) -> impl Iterator<Item = Self> {
        Kind::ALL
            .into_iter()
            .flat_map(move |kind| (0..partitions).map(move |partition| Self { kind, partition }))
    }

    /// The source that the silver stage names when it writes what it read here.
    #[must_use]
    pub fn source_id(self) -> SourceId {
        SourceId::from(format!("bronze.{}/{}", self.kind.name(), self.partition))
    }

    /// The partition that a source of silver is, if it is one.
    #[must_use]
    pub fn of_source(source_id: &str) -> Option<Self> {
        let (kind, partition) = source_id.strip_prefix("bronze.")?.split_once('/')?;
        let kind = Kind::ALL.into_iter().find(|known| known.name() == kind)?;
        Some(Self { kind, partition: partition.parse().ok()? })
    }
}

/// The last record that a shard's state has taken in, to notice another log under the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastApplied {
    /// Its position in the log.
    pub position: u64,
    /// [`crate::record::checksum`] of its payload.
    pub checksum: u64,
}

impl LastApplied {
    /// The mark of a record with this payload.
    #[must_use]
    pub fn new(position: u64, payload: &[u8]) -> Self {
        Self { position, checksum: checksum(payload) }
    }
}

/// What a silver shard keeps beside its dedupe set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SilverHead {
    /// The last record taken in.
    pub last_applied: Option<LastApplied>,
    /// Files read so far, by source.
    pub chain: Chain,
    /// Per gold shard: the last origin sent there, 0 if none.
    pub tails: Vec<u64>,
    /// The last origin sent to the quarantine, 0 if none.
    pub quarantine_tail: u64,
    /// Purchases that came again.
    pub duplicate_purchases: u64,
    /// Refused rows by reason.
    pub quarantined: BTreeMap<Reason, u64>,
}

/// What a gold shard keeps beside its tables.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoldHead {
    /// The last record taken in.
    pub last_applied: Option<LastApplied>,
    /// Bronze partitions read so far, by source.
    pub chain: Chain,
    /// Its counts.
    pub counts: GoldCounts,
}

/// Whether gold has taken in all that one silver shard had sent when its tails were these. The rows
/// before the position that the shard had then are counted.
#[must_use]
pub fn are_counted<'a>(
    bronze: BronzePartition,
    tails: &[u64],
    gold: impl IntoIterator<Item = &'a GoldHead>,
) -> bool {
    let source_id = bronze.source_id();
    let tails = tails.iter().copied().chain(std::iter::repeat(0));
    let mut gold = gold.into_iter().zip(tails);
    planted::is(Bug::CountedTooEarly) || gold.all(|(gold, tail)| gold.chain.hwm(&source_id) >= tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_found_by_the_name_that_it_has_as_a_source() {
        for at in BronzePartition::all(12) {
            assert_eq!(BronzePartition::of_source(&at.source_id()), Some(at));
        }
        for other in ["", "bronze.purchases", "bronze.purchases/x", "bronze.x/1", "file:/a/1@0"] {
            assert_eq!(BronzePartition::of_source(other), None, "{other}");
        }
    }

    #[test]
    fn what_a_silver_shard_sent_is_counted_once_every_gold_shard_has_passed_it() {
        let bronze = BronzePartition { kind: Kind::Purchases, partition: 1 };
        let mut gold = vec![GoldHead::default(), GoldHead::default()];
        assert!(are_counted(bronze, &[0, 0], &gold) && are_counted(bronze, &[], &gold));
        assert!(!are_counted(bronze, &[4, 0], &gold));
        gold[0].chain.admit(&bronze.source_id(), 4, 0).unwrap();
        assert!(are_counted(bronze, &[4, 0], &gold));
        assert!(!are_counted(bronze, &[4, 1], &gold));
    }
}

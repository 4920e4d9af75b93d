//! Gold: the tables that the shop looks at, kept incrementally, one shard per silver partition.

pub mod compare;
mod difference;
mod keyed;
pub mod merge;
#[cfg(test)]
mod places_tests;
pub mod report;
pub mod rows;
pub mod shard;
mod table;
pub mod weekday;

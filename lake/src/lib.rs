//! The lake: every row of the log as Parquet, in a folder or in a bucket, each exactly once.
//!
//! ```text
//! log ─► writer (one loop) ─► shard: blocks of one partition ─► roll: files by table and month
//!                                      │                            │
//!                                      └── ledger: who wrote what ◄─┘──► merge: many small files into one
//! ```
//!
//! It is a stage beside the others: nothing of gold waits for it, and what it knows of its place follows from
//! what stands in the lake. It counts nothing.

pub mod address;
mod aws;
mod begin;
mod ends;
mod entry;
mod error;
pub mod gold;
mod halves;
mod keeper;
mod ledger;
mod limits;
mod manifest;
mod merge;
mod names;
mod objects;
pub mod restore;
mod roll;
mod rows;
mod shard;
mod sheet;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod testing;
mod work;
mod world;
mod writer;

pub use error::LakeError;
pub use manifest::Manifest;
pub use objects::Lake;
pub use shard::RollWhen;
pub use world::{Caught, Flush, ServedNow, Serving, World};
pub use writer::run;

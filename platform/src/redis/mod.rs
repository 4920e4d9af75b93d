//! The store on Redis, for any number of processes.
//!
//! A commit is one script: it compares the stored position, then writes rows, an entry of the
//! change feed and the new position. A store that lost a suffix lost it of all three.
//!
//! ```text
//! roles on any runtime ─► RedisStore ─► the redis thread ─┬─ commits: commit.lua
//!                                                         ├─ loads: scan, then the feed over it
//!                                                         └─ one blocking reader a follower, in a cluster one a feed
//! ```
//!
//! A command goes to the server that has its key (`links`), which in a cluster may be another one a moment
//! later. Keys of a shard have one slot.
//!
//! Nothing here knows what a row means, and no time, retry or number of Redis decides a result.

mod call;
mod claims;
mod client;
mod commit;
mod connect;
mod documents;
mod entry;
mod error;
mod findings;
mod follow;
mod follow_nodes;
mod kept;
mod keys;
mod lane;
mod ledger;
mod link;
mod links;
mod load;
mod load_gold;
mod load_silver;
mod load_try;
mod rebuild;
mod reply;
mod reports;
mod rows;
mod sentinel;
mod server;
mod shared;
mod site;
mod skips;
mod slots;
mod store;
mod thread;
mod topology;
mod wipe;
mod written;

pub use client::{RedisClient, Written};
pub use error::OpenError;
pub use findings::{Finding, Severity};
pub use rebuild::{Rebuild, Standing};
pub use skips::{Skip, Told};
pub use store::RedisStore;

#[cfg(test)]
mod tests;

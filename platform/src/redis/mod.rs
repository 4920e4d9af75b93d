//! The store on Redis, for any number of processes.
//!
//! A commit is one script: it compares the stored position, then writes rows, an entry of the
//! change feed and the new position. A store that lost a suffix lost it of all three.
//!
//! ```text
//! roles on any runtime ─► RedisStore ─► the redis thread ─┬─ commits: commit.lua
//!                                                         ├─ loads: scan, then the feed over it
//!                                                         └─ one blocking reader a follower
//! ```
//!
//! Nothing here knows what a row means, and no time, retry or number of Redis decides a result.

mod call;
mod claims;
mod client;
mod commit;
mod entry;
mod findings;
mod follow;
mod kept;
mod keys;
mod link;
mod load;
mod load_gold;
mod load_silver;
mod reply;
mod rows;
mod server;
mod shared;
mod store;
mod thread;
mod topology;
mod wipe;

pub use client::{OpenError, RedisClient};
pub use findings::{Finding, Severity};
pub use store::RedisStore;

#[cfg(test)]
mod tests;

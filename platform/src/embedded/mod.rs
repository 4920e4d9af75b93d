//! Log and store in one file, for one process and no server (redb).
//!
//! One ordered sequence: bronze is durable before it is acknowledged; what follows from it (silver,
//! quarantine, state, gold) is written in the order in which it was made, less often, because the
//! log replays it. State never reaches the file before the records that it reflects.
//!
//! ```text
//! append ─► pending ─► writer thread: one transaction ─► file ─► acknowledged, readable
//! commit ─► images in memory ─► change feed              ▲
//!              └── changed chunks, now and then ─────────┘
//! ```
//!
//! What is folded stands in generations. One is served; where its rules are others, the next one is folded from
//! the same bronze beside it, and takes its place in one transaction.

mod aside;
mod asked;
mod backup;
mod damage;
mod documents;
mod error;
mod feed;
mod file;
mod handle;
mod images;
mod left_behind;
mod log;
mod opening;
mod partition_key;
mod partitions;
mod rebuild;
mod shared;
mod store;
mod stored;
mod writer;

pub use backup::{Backup, BackupError};
pub use error::OpenError;
pub use file::FILE_NAME;
pub use handle::Embedded;
pub use opening::{Stored, look};

#[cfg(test)]
mod tests;

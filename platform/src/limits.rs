//! Every queue, batch, retry and buffer has its limit here, with the reason for its size.

use std::time::Duration;

/// A block is cut here: just under a power of two, because the embedded file hands out room in such sizes.
pub const BLOCK_BYTES_MAX: usize = 240 * 1024;

/// Appends of a writer that may wait for their acknowledgement: one is being made durable while the next is filled.
pub const APPENDS_IN_FLIGHT_MAX: usize = 3;

/// Rows that a shard may have folded but not committed: bounds what a restart folds again.
pub const UNCOMMITTED_ROWS_MAX: u64 = 100_000;

/// How often a shard under load commits; an idle one commits at once. Readers redraw no faster.
pub const COMMIT_PACE: Duration = Duration::from_millis(50);

/// A shard that folds more rows than this in a pace is in a backlog …
pub const BACKLOG_ROWS: u64 = 2_000;
/// … and commits only every so many paces: each changed row is then built once for many events.
pub const BACKLOG_PACES: u32 = 8;

/// Embedded: derived state is written at least after so many rows …
pub const FLUSH_ROWS_MAX: u64 = 500_000;
/// … or so long after the first unwritten change.
pub const FLUSH_INTERVAL: Duration = Duration::from_secs(4);

/// Embedded: derived records that wait in memory for the next write.
pub const PENDING_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Embedded: just-appended blocks kept in memory for their readers, over all partitions.
pub const TAIL_BYTES_MAX: usize = 12 * 1024 * 1024;

/// Embedded: an append waits a little while its readers have more than this before them, so that
/// they find records in memory, not in the file …
pub const UNREAD_BYTES_MAX: usize = 4 * 1024 * 1024;
/// … but never longer: a reader that stands still holds nobody up.
pub const UNREAD_WAIT_MAX: Duration = Duration::from_millis(100);

/// Embedded: pages of the file kept in memory.
pub const PAGE_CACHE_BYTES: usize = 16 * 1024 * 1024;

/// Embedded: commits kept for readers of the change feed, by their estimated size.
pub const FEED_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Accepted purchases that a commit lists, the newest.
pub const ACCEPTED_LISTED_MAX: usize = 200;

/// First wait before something that failed is tried again; doubles up to the last.
pub const RETRY_FIRST: Duration = Duration::from_millis(100);
/// Longest wait before a retry.
pub const RETRY_LAST: Duration = Duration::from_secs(5);

/// How long a hole in a source may stay open before its shard stops.
pub const HOLE_OPEN_MAX: Duration = Duration::from_secs(60);

/// How long a graceful end may take before it is abandoned.
pub const SHUTDOWN_MAX: Duration = Duration::from_secs(4);

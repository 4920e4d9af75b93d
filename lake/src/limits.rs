//! What is kept in memory, how large files grow and how often is written, with the reason for each.

use std::time::Duration;

/// Blocks that wait for their files, over all partitions; those of a roll under way are not among them. Beyond it the
/// largest wait is written.
pub(crate) const BUFFERED_BYTES_MAX: usize = 48 * 1024 * 1024;

/// Rows of one row group: what a reader hands to one of its threads.
pub(crate) const ROW_GROUP_ROWS: usize = 122_880;

/// So many files of one size, of one partition and month, are made one. More files are left to be opened by readers;
/// fewer are written again more often.
pub(crate) const MERGE_FILES: usize = 8;
/// None is made that has more rows.
pub(crate) const MERGE_ROWS_MAX: u64 = 2_000_000;

/// None is made whose parts are larger together: they are in memory while that is done.
pub(crate) const MERGE_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Entries of a ledger that are kept behind the newest: for who reads an older one just now.
pub(crate) const ENTRIES_KEPT: u64 = 16;

/// How often the writer looks what is due.
pub(crate) const PACE: Duration = Duration::from_millis(250);
/// First wait before what failed is tried again; doubles up to the last.
pub(crate) const RETRY_FIRST: Duration = Duration::from_millis(200);
/// How often somebody is told that the lake is away.
pub(crate) const SAY_PACE: Duration = Duration::from_secs(10);

/// So old a half of a file is nobody's any more.
pub(crate) const HALF_AGE_MIN: Duration = Duration::from_secs(60);

/// What a graceful end may still write.
pub(crate) const LAST_ROLL_MAX: Duration = Duration::from_millis(2_500);

/// Requests under way for the files of one roll or merge.
pub(crate) const IN_FLIGHT_MAX: usize = 8;

/// How long one request may take. A large file over a slow line takes its time.
pub(crate) const REQUEST_MAX: Duration = Duration::from_secs(60);
/// How long a connection may take to stand.
pub(crate) const CONNECT_MAX: Duration = Duration::from_secs(5);
/// How long a request is tried again by the client itself.
pub(crate) const RETRIES_MAX: Duration = Duration::from_secs(10);

/// Rows that are taken at a time from each file that is restored.
pub(crate) const RESTORE_BATCH_ROWS: usize = 1_024;

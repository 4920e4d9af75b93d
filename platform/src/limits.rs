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

/// A shard at the end of its log commits so few rows without waiting for more.
pub const FEW_ROWS: u64 = 200;

/// A shard that folds more rows than this in a pace is in a backlog …
pub const BACKLOG_ROWS: u64 = 1_000;
/// … and commits only every so many paces: each changed row is then built once for many events.
pub const BACKLOG_PACES: u32 = 24;
/// … or when nothing has come for so many: the backlog was that, and is over.
pub const STILL_PACES: u32 = 4;

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

/// How long a shard may wait for an answer from servers that answer others before it begins anew, …
pub const STANDS_STILL_MAX: Duration = Duration::from_secs(15);
/// … and when that has not helped time and again.
pub const STANDS_STILL_LAST: Duration = Duration::from_secs(600);

/// How long a graceful end may take before it is abandoned.
pub const SHUTDOWN_MAX: Duration = Duration::from_secs(4);

/// How often a process says to the others how it is, …
pub const REPORTS_PACE: Duration = Duration::from_secs(2);
/// … who take it for gone where they hear nothing so long.
pub const REPORTS_SILENCE_MAX: Duration = Duration::from_secs(15);
/// Reports that are kept: a hundred processes have some forty seconds.
pub const REPORTS_MAX: u64 = 2_000;

/// How often a loop's heart beats, and a process says that it lives.
pub const HEARTBEAT_PACE: Duration = Duration::from_secs(1);
/// A loop that is silent for longer stands still. No step of one takes a tenth of it.
pub const SILENCE_MAX: Duration = Duration::from_secs(10);

/// Kafka: how long a record may be under way for whose acknowledgement somebody waits.
pub const DELIVERY_MAX: Duration = Duration::from_secs(10);
/// Kafka: how long a request may take before it is tried again.
pub const SOCKET_MAX: Duration = Duration::from_secs(10);

/// Kafka: a member that is silent so long loses its partitions; one that comes back under its name earlier keeps them.
pub const SESSION_MAX: Duration = Duration::from_secs(10);

/// Kafka: how long a revoked partition may stay for its last commit; the store refuses later ones.
pub const REVOKE_MAX: Duration = Duration::from_secs(5);

/// Kafka: how long the broker may hold an empty fetch open.
pub const FETCH_WAIT_MAX: Duration = Duration::from_millis(50);

/// Kafka: so many partitions are read at once by one-off reads.
pub const READERS: usize = 4;

/// Kafka: the same for one-off reads, which go from partition to partition.
pub const READ_WAIT_MAX: Duration = Duration::from_millis(10);

/// Kafka: so long after a one-off read its client asks for no more of that partition.
pub const READ_IDLE_MAX: Duration = Duration::from_millis(200);

/// Kafka: how long a reading thread waits for records before it looks at its other work.
pub const POLL_MAX: Duration = Duration::from_millis(20);

/// Kafka: records that the client library keeps before us, in KiB.
pub const FETCH_QUEUE_KIB_MAX: usize = 16 * 1024;

/// Kafka: below this, a partition's records that wait for their stage are too few, and reading goes on …
pub const WAITING_BYTES_MIN: usize = 512 * 1024;
/// … above this the partition is paused.
pub const WAITING_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Kafka: how long a member that ends may take to leave its group.
pub const LEAVE_MAX: Duration = Duration::from_secs(1);

/// Kafka: how often idle partitions are held against the broker's view of them, and positions told to the group.
pub const HOUSEKEEPING_PACE: Duration = Duration::from_secs(1);

/// How often a member looks whether its group has given every partition to somebody who lives.
pub const ORPHANS_PACE: Duration = Duration::from_secs(1);
/// How long one that died on the same host is waited for, until its partitions are shared out.
pub const DEPARTED_FOR: Duration = Duration::from_millis(1500);
/// Until it looks again where not all brokers answered.
pub const ORPHANS_PAUSE: Duration = Duration::from_secs(30);

/// Kafka: records of one partition that go to the client at once, and in one request. So many take it less
/// time than it waits for more.
pub const BATCH_RECORDS_MAX: u64 = 2_000;

/// Kafka: how long a producer waits for reports before it looks whether it is still wanted. The client
/// turns without a pause through the last millisecond of each such wait.
pub const REPORTS_WAIT_MAX: Duration = Duration::from_millis(500);

/// Kafka: how long a sequential read waits for the records that follow before it begins anew.
pub const GO_ON_MAX: Duration = Duration::from_millis(500);

/// Kafka: how long a question about the ends of many partitions may take, before each is asked for by itself.
pub const ENDS_MAX: Duration = Duration::from_millis(500);

/// Kafka: how long a question about positions or topics may take.
pub const ASK_MAX: Duration = Duration::from_secs(5);

/// Kafka: how long it is listened for why nobody answers. Connections are tried again within one second.
pub const HEAR_WHY_MAX: Duration = Duration::from_secs(2);

/// Kafka: how often a process looks whether the topics are as they were made.
pub const TOPICS_PACE: Duration = Duration::from_secs(2);
/// Kafka: how often in a row a topic must not be seen before it is gone: a broker that has just begun knows
/// less than all.
pub const LOOKS_MISSING_MIN: u32 = 3;
/// Kafka: how often the settings of the topics are looked at.
pub const TOPIC_SETTINGS_PACE: Duration = Duration::from_secs(30);
/// Kafka: a transaction that holds a partition for longer is told as a trouble. Those of a busy program are
/// over in less, one after another.
pub const TRANSACTION_OPEN_MAX: Duration = Duration::from_secs(10);

/// Kafka: how often it is asked whether a group has members, where one waits for them to leave.
pub const MEMBERS_PACE: Duration = Duration::from_millis(300);
/// Between two looks at how far a rebuild is.
pub const REBUILD_PACE: Duration = Duration::from_millis(100);

/// Between two looks whether a generation that is kept is to be removed.
pub const KEPT_PACE: Duration = Duration::from_secs(60);

/// A rebuild that passes the ends of bronze in this time after they were seen is near them.
pub const REBUILD_NEAR_MAX: Duration = Duration::from_secs(1);

/// Rows of the served generation that waited for longer between bronze and a commit have others yield to them:
/// twice what they wait on servers at 2,000 rows a second.
pub const REBUILD_LAG_MAX: Duration = Duration::from_millis(200);
/// How long it is yielded after rows were late last: several paces of commits.
pub const REBUILD_YIELD_HOLD: Duration = Duration::from_millis(300);
/// Who yields for longer than this goes on for the other time, a fifth: rows may be late for another reason.
pub const REBUILD_PAUSE_MAX: Duration = Duration::from_millis(800);
/// See [`REBUILD_PAUSE_MAX`].
pub const REBUILD_RUN_MIN: Duration = Duration::from_millis(200);

/// On servers: between two looks at the ledger of generations.
pub const LEDGER_PACE: Duration = Duration::from_millis(300);

/// On servers: the same while what is served is sealed.
pub const SEALED_PACE: Duration = Duration::from_millis(50);

/// On servers: a generation that nobody wants any more is removed after this time at the soonest.
pub const STALE_MIN: Duration = Duration::from_secs(2);

/// A seal on what is served that leads to no switch in this time is taken back: nothing is counted meanwhile.
pub const SEAL_MAX: Duration = Duration::from_secs(5);

/// Between two looks for seals that were left behind.
pub const SEALS_PACE: Duration = Duration::from_secs(2);

/// Between two looks for consumers of another store; longer than a report takes to come.
pub const STRANGERS_PACE: Duration = Duration::from_secs(15);

/// Kafka: how long topics that were made or removed may take to show.
pub const TOPICS_VISIBLE_MAX: Duration = Duration::from_secs(10);

/// Redis: a connection that takes longer is given up; tried again when something is asked next.
pub const REDIS_CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Redis: an answer that takes longer is given up. A commit of 100,000 rows takes under a second.
pub const REDIS_RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);

/// Redis: how often a command follows a key from node to node of a cluster before it is given up.
pub const REDIS_DETOURS_MAX: u32 = 5;

/// Redis: how large a shard's change feed grows before its oldest entries go. It is what a reader
/// may be away for without loading the shards again.
pub const STREAM_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Redis: entries of each feed in one answer. One may be megabytes large under load.
pub const STREAM_READ_ENTRIES_MAX: usize = 4;
/// Redis: how long a read of the feeds waits, and so how late an emptied store is noticed.
pub const STREAM_BLOCK: Duration = Duration::from_secs(1);
/// Redis: size of a feed entry where the server does not tell it.
pub const STREAM_ENTRY_BYTES_GUESS: u64 = 4 * 1024;
/// Redis: feed events that wait for their follower; the feed itself keeps the others.
pub const FOLLOW_QUEUE_MAX: usize = 16;

/// Redis: fields of a hash in one answer of a scan: half a megabyte of rows, a millisecond of server time.
pub const SCAN_FIELDS: usize = 2_000;
/// Redis: keys looked at in one step of a scan, and deleted in one step of a reset.
pub const SCAN_KEYS: usize = 1_000;
/// Redis: blocks of the dedupe set in one answer, 32 KiB each.
pub const CLAIM_BLOCKS_READ_MAX: usize = 64;

/// Redis: how often a shard that changes while it is read is read again before the load fails …
pub const LOAD_TRIES_MAX: u32 = 5;
/// … and the wait in between.
pub const LOAD_RETRY_WAIT: Duration = Duration::from_millis(100);

/// How often in a row a log may say that it is damaged before its shard stops: just after a broker died
/// its end may be behind what was read, for a while.
pub const DAMAGED_READS_MAX: u32 = 5;

/// How often a process discards the damaged state of one shard before it stops the shard instead.
pub const DISCARDS_MAX: u32 = 3;

/// Traces: rows that a stage has read and not done with. Beyond them rows are counted and not traced.
pub const TRACES_ARRIVED_MAX: usize = 100_000;
/// Traces: those that a commit takes to who shows it, 57 bytes each in the feed; the others end with the commit.
pub const TRACES_A_COMMIT_MAX: usize = 1_000;
/// Traces: rows that no frame has shown yet; one follows within a tenth of a second where anybody looks.
pub const TRACES_UNSHOWN_MAX: usize = 10_000;
/// Traces: a frame that comes so long after a row says nothing of how long rows wait: nobody looked before.
pub const TRACES_SHOWN_MAX: Duration = Duration::from_secs(10);
/// Traces: spans that wait to be sent, some 4 MB; what comes beyond them is lost.
pub const TRACES_QUEUE_MAX: usize = 8_192;
/// Traces: how often spans are sent.
pub const TRACES_SEND_PACE: Duration = Duration::from_secs(2);
/// Traces: how long a collector may take to take some.
pub const TRACES_SEND_MAX: Duration = Duration::from_secs(5);
/// Traces: how long the end of a process waits for its last spans, after all else.
pub const TRACES_END_MAX: Duration = Duration::from_secs(1);

/// Kafka: how long `doctor` waits to hear of a right; without an answer it is not known.
pub const RIGHTS_ASK_MAX: Duration = Duration::from_secs(3);
/// Kafka: a topic that takes larger records is not asked whether it may be written: the one that it must refuse would
/// have to be sent.
pub const RIGHTS_REFUSED_BYTES_MAX: usize = 16 * 1024 * 1024;

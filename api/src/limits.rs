//! Every queue, buffer and wait of this crate has its limit here, with the reason for its size.

use std::time::Duration;

/// A subscriber hears something at least this often.
pub const HEARTBEAT_MS: u64 = 1_000;

/// How long the log may take to say what waits, before that is called unknown.
pub const LAG_MAX: Duration = Duration::from_secs(2);
/// How often it is seen whether the store was emptied.
pub const EPOCHS_PACE: Duration = Duration::from_millis(100);
/// A stage that has not gone on for so long while records wait is told as a trouble.
pub const STANDSTILL_MIN: Duration = Duration::from_secs(30);

/// Frames of a subscription come no faster than this, where it names nothing else.
pub const INTERVAL_DEFAULT_MS: u64 = 50;
/// Fastest pace that may be asked for: beyond it screens show no difference.
pub const INTERVAL_MIN_MS: u64 = 20;
/// Slowest pace that may be asked for.
pub const INTERVAL_MAX_MS: u64 = 60_000;

/// Longest message that a client may send.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// What the transport reads before it gives up: above the limit, so that a message just over it
/// is read whole and answered by a close that arrives.
pub const TRANSPORT_BYTES_MAX: usize = 1024 * 1024;
/// Read buffer of one connection: requests are small, connections are many.
pub const READ_BUFFER_BYTES: usize = 4 * 1024;

/// Messages that a client may send in a minute, pings of the transport included.
pub const MESSAGES_PER_MINUTE_MAX: usize = 100;
/// Subscriptions of one connection.
pub const SUBSCRIPTIONS_MAX: usize = 16;
/// Longest id of a subscription or ping.
pub const ID_BYTES_MAX: usize = 128;

/// When a browser comes back that has lost its stream of events …
pub const RECONNECT_FIRST_MS: u64 = 1_000;
/// … or got none, because there are too many readers.
pub const RECONNECT_LATER_MS: u64 = 5_000;

/// Feed connections of one server: some 50 KB each at most.
pub const CONNECTIONS_MAX: usize = 2_000;

/// How long one frame may take to be written before its reader is too slow.
pub const WRITE_MAX: Duration = Duration::from_secs(10);
/// How often a client behind a WebSocket is asked whether he is there, …
pub const PING_MS: u64 = 20_000;
/// … who may be silent so long.
pub const SILENCE_MAX_MS: u64 = 60_000;
/// How long after its start a server first proves its numbers.
pub const AUDIT_FIRST: Duration = Duration::from_secs(1);
/// How long after a proof the next may begin.
pub const AUDIT_PACE: Duration = Duration::from_secs(5);
/// After how long gold that has not changed is proven again.
pub const AUDIT_AGAIN_MAX: Duration = Duration::from_secs(300);
/// Sockets beside those of the feed, …
pub const REQUESTS_MAX: usize = 1_000;
/// … and beside all of them, on which only who watches over the process is answered.
pub const SOCKETS_SPARE: usize = 64;
/// Files that the process keeps for everything but sockets, where the system allows few.
pub const FILES_KEPT: usize = 256;
/// How long a socket may take from its first byte, or from its beginning, to a whole head.
pub const HEAD_MAX: Duration = Duration::from_secs(10);
/// How long a socket may be open between two requests.
pub const IDLE_MAX: Duration = Duration::from_secs(60);
/// What is kept of a request's head, or of what comes behind it: browsers send 16 KiB at most.
pub const HEAD_BYTES_MAX: usize = 32 * 1024;
/// How long nothing is accepted where the system gives no socket.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long a client of the feed may take to show its token, …
pub const AUTH_MAX: Duration = Duration::from_secs(5);
/// … how many may be about to do so, …
pub const STRANGERS_MAX: usize = 100;
/// … and what the transport reads of a message of theirs before it gives up.
pub const STRANGER_BYTES_MAX: usize = 2 * MESSAGE_BYTES_MAX;
/// Longest frame that waits to be written, with what answers to pings add: no table has so much.
pub const WRITE_BUFFER_BYTES_MAX: usize = 256 * 1024 * 1024;
/// How long a client may take to answer a close.
pub const CLOSE_MAX: Duration = Duration::from_millis(500);
/// How long the server may take to end.
pub const SHUTDOWN_MAX: Duration = Duration::from_secs(1);

/// Deleted keys that are remembered for clients that come back.
pub const TOMBSTONES_MAX: usize = 10_000;
/// Ingestion times that are remembered for clients that come back: over a minute of a thousand
/// commits a second.
pub const INGESTIONS_MAX: usize = 65_536;

/// Positions of one silver shard that wait for gold: some seconds of commits under load.
pub const MARKS_MAX: usize = 1_024;

/// Rows of a list in JSON, where nothing else is asked for …
pub const ROWS_DEFAULT: usize = 100;
/// … and at most.
pub const ROWS_MAX: usize = 1_000;

/// Longest body that a request may bring.
pub const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How long an answer may take to begin.
pub const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Answers below this are not compressed: they fit into one packet as they are.
pub const COMPRESSED_BYTES_MIN: u64 = 1_024;

/// Whole tables that are sent at a time: each keeps its rows in memory meanwhile.
pub const STREAMS_MAX: usize = 8;
/// Rows that are encoded at once …
pub const STREAM_ROWS: usize = 4_096;
/// … or those of so many bytes, …
pub const STREAM_ROWS_BYTES: usize = 1024 * 1024;
/// … sent in pieces of this size …
pub const STREAM_CHUNK_BYTES: usize = 64 * 1024;
/// … of which so many wait for their reader, …
pub const STREAM_CHUNKS_MAX: usize = 4;
/// … who may stand still so long.
pub const STREAM_STALL_MAX: Duration = Duration::from_secs(30);

/// Longest file of a table that is held whole, so that its length is known and it can be read in
/// parts; a longer one is sent while it is made.
pub const FILE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Such files that are kept for who goes on reading, in bytes …
pub const KEPT_BYTES_MAX: usize = 2 * FILE_BYTES_MAX;
/// … and in number: each is looked at for each question.
pub const KEPT_FILES_MAX: usize = 64;
/// How long one is kept after it was last read: a reader opens a file and reads on at once.
pub const KEPT_MAX: Duration = Duration::from_secs(60);
/// How often it is looked whether one can go.
pub const KEPT_SWEEP_PACE: Duration = Duration::from_secs(10);

/// Records of the quarantine that are looked at for one page, so that a rare reason costs no more
/// than a common one; what is behind them is for the next page.
pub const QUARANTINE_SCAN_MAX: usize = 10_000;
/// Refused rows of which it is watched whether they are corrected; those behind them count as not corrected.
pub const REFUSED_IDS_MAX: usize = 1_000_000;
/// Records read at once, backwards.
pub const QUARANTINE_CHUNK: u64 = 128;

/// Posted bodies under way at a time: four of the longest, some ten times that in memory.
pub const INGEST_KIB_MAX: usize = 64 * 1024;
/// Longest wish at the demo: one object of two members, with room.
pub const DEMO_BODY_BYTES_MAX: usize = 1024;
/// How long a posted body may take to come, …
pub const BODY_MAX: Duration = Duration::from_secs(60);
/// … which after so long …
pub const BODY_GRACE: Duration = Duration::from_secs(10);
/// … must have brought so much for each further second.
pub const BODY_BYTES_PER_SECOND_MIN: usize = 1024;
/// What a posted body takes at least of the common room, so that small ones that do not come hold no
/// more than a third of the sockets.
pub const BODY_KIB_MIN: usize = 64;
/// How long an append of posted rows may take: its client waits.
pub const APPEND_MAX: Duration = Duration::from_secs(20);
/// How long a question about a receipt may wait.
pub const RECEIPT_WAIT_MS_MAX: u64 = 60_000;

/// Rows of which a receipt tells what became of them: the first ones.
pub const RECEIPT_ROWS_MAX: usize = 1_000;
/// Records that are looked at for that: what was posted longer ago is not known any more.
pub const RECEIPT_SCAN_MAX: u64 = 200_000;
/// Records read at once for it, backwards.
pub const RECEIPT_CHUNK: u64 = 4_096;
/// Such questions at a time; the others wait.
pub const RECEIPT_SCANS_MAX: usize = 2;

/// Rows of a top where none is named …
pub const TOP_DEFAULT: usize = 100;
/// … and at most.
pub const TOP_MAX: usize = 1_000;
/// Last purchases that are kept and shown.
pub const PURCHASES_TOP_MAX: usize = 200;
/// Records of each silver partition in which a server that begins looks for them, …
pub const PURCHASES_SCAN_MAX: u64 = 1_000;
/// … for so long: numbers do not wait for a log that is away. One that answers is asked by the stages of the same
/// process first, a partition after another.
pub const PURCHASES_FIND_MAX: Duration = Duration::from_secs(5);
/// Different tops that are looked through at a time: each keeps its rows.
pub const WINDOWS_MAX: usize = 256;
/// How long a frame may be given to others who have seen the same: shorter than the fastest pace.
pub const FRAME_SHARED_MAX: Duration = Duration::from_millis(10);
/// Frames that are kept for that.
pub const FRAMES_SHARED_MAX: usize = 256;

/// How often the rules of alerts are asked: nobody is told of anything within seconds.
pub const ALERTS_PACE: Duration = Duration::from_secs(2);
/// After how long without an input that is read for the first time numbers are taken for whole.
pub const ALERTS_SETTLED_MAX: Duration = Duration::from_secs(5);
/// How long a report may take that is to be sent: with the mail, less than it is claimed for.
pub const REPORT_MAX: Duration = Duration::from_secs(12);
/// How long one that is due may wait for rows to be counted before that is told as a trouble.
pub const REPORT_WAITS_MAX: Duration = Duration::from_secs(600);
/// How often the feed tells how the stream itself goes.
pub const STATUS_PACE: Duration = Duration::from_secs(1);
/// How often a forecast is made anew: late rows may change old days all the time.
pub const FORECAST_PACE: Duration = Duration::from_secs(60);

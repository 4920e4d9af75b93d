//! The words of the feed: what the server says. Their form is the protocol `goldstream.v1`;
//! nothing is decided here.

use goldstream_platform::clock::rfc3339;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::sync::Arc;

/// The protocol's name, as WebSocket subprotocol and in `hello`.
pub(crate) const PROTOCOL: &str = "goldstream.v1";

/// One frame from the server.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(crate) enum ServerMessage {
    /// The first frame of every connection.
    Hello { protocol: &'static str, epoch: Arc<str>, version: u64, heartbeat_ms: u64 },
    /// All that a subscription shows.
    Snapshot { id: Arc<str>, epoch: Arc<str>, version: u64, as_of: String, views: Views },
    /// What changed since the subscription's frame before, which had version `prev`.
    Update {
        id: Arc<str>,
        epoch: Arc<str>,
        prev: u64,
        version: u64,
        as_of: String,
        ingested_at: Option<IngestedAt>,
        views: Views,
    },
    /// Nothing else was to be said.
    Heartbeat { epoch: Arc<str>, version: u64, at: String },
    /// The answer to a ping.
    Pong { id: Option<Arc<str>>, at: String },
    /// A request was refused, and the connection goes on; or why it ends.
    Error { id: Option<Arc<str>>, code: ErrorCode, detail: String },
    /// The server ends; come back after that time.
    ServerShutdown { reconnect_after_ms: u64 },
}

impl ServerMessage {
    /// Its `op`.
    pub(crate) const fn op(&self) -> &'static str {
        match self {
            Self::Hello { .. } => "hello",
            Self::Snapshot { .. } => "snapshot",
            Self::Update { .. } => "update",
            Self::Heartbeat { .. } => "heartbeat",
            Self::Pong { .. } => "pong",
            Self::Error { .. } => "error",
            Self::ServerShutdown { .. } => "server_shutdown",
        }
    }

    /// Of which version it shows rows; none where it only tells how the stream is.
    pub(crate) const fn shows_rows(&self) -> Option<u64> {
        match self {
            Self::Snapshot { version, .. } | Self::Update { ingested_at: Some(_), version, .. } => {
                Some(*version)
            }
            _ => None,
        }
    }
}

/// When bronze took rows in: milliseconds since 1970 UTC, RFC 3339 in frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IngestedAt(pub(crate) i64);

impl Serialize for IngestedAt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc3339(self.0))
    }
}

/// Views by name, as JSON: what each shows, or what changed in it. Many connections share one.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Views(pub(crate) Arc<RawValue>);

impl PartialEq for Views {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

/// Whole new rows, and the keys of those that are gone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct RowChanges<R, K> {
    /// New values.
    pub(crate) upsert: Vec<R>,
    /// Keys without a row now.
    pub(crate) delete: Vec<K>,
}

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorCode {
    /// `op` is missing or no text.
    BadOp,
    /// `id` is missing, no text or too long.
    BadId,
    /// `views` is no object, empty, or has an option that is none.
    BadViews,
    /// A view that this server does not have.
    UnknownView,
    /// `interval_ms` is no whole number in its range.
    BadInterval,
    /// `after` is not `{"epoch","version"}`.
    BadAfter,
    /// One connection has too many subscriptions.
    TooManySubscriptions,
    /// Sums have left the range in which every reader has them exactly: the connection ends.
    SumOverflow,
}

impl ErrorCode {
    /// All of them.
    pub(crate) const ALL: [Self; 8] = [
        Self::BadOp,
        Self::BadId,
        Self::BadViews,
        Self::UnknownView,
        Self::BadInterval,
        Self::BadAfter,
        Self::TooManySubscriptions,
        Self::SumOverflow,
    ];

    /// As it stands in messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::BadOp => "bad_op",
            Self::BadId => "bad_id",
            Self::BadViews => "bad_views",
            Self::UnknownView => "unknown_view",
            Self::BadInterval => "bad_interval",
            Self::BadAfter => "bad_after",
            Self::TooManySubscriptions => "too_many_subscriptions",
            Self::SumOverflow => "sum_overflow",
        }
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Why the server closes a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Close {
    /// It ends.
    ServerEnds,
    /// It shows no sums for now.
    SumOverflow,
    /// A message was over 64 KiB.
    MessageTooLong,
    /// A frame could not be written in time.
    TooSlow,
    /// The server has too many connections.
    TooManyConnections,
    /// A message was not a JSON object.
    NotAnObject,
    /// The first message did not show the server's token.
    NoToken,
    /// None of the offered subprotocols is ours.
    UnknownSubprotocol,
    /// Too many messages.
    TooManyMessages,
}

impl Close {
    /// The close code.
    pub(crate) const fn code(self) -> u16 {
        match self {
            Self::ServerEnds | Self::SumOverflow => 1012,
            Self::MessageTooLong => 1009,
            Self::TooSlow => 4008,
            Self::TooManyConnections => 4013,
            Self::NotAnObject => 4400,
            Self::NoToken => 4401,
            Self::UnknownSubprotocol => 4406,
            Self::TooManyMessages => 4429,
        }
    }

    /// The reason, for people: at most 123 bytes.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::ServerEnds => "the server ends, come back",
            Self::SumOverflow => "sums are beyond 2^53 cents, come back later",
            Self::MessageTooLong => "a message may have 64 KiB",
            Self::TooSlow => "reading is too slow, come back",
            Self::TooManyConnections => "too many connections, come back later",
            Self::NotAnObject => "a message must be a JSON object",
            Self::NoToken => "this server wants its token: {\"op\":\"auth\",\"token\":TOKEN}",
            Self::UnknownSubprotocol => "the subprotocol is goldstream.v1",
            Self::TooManyMessages => "over 100 messages a minute",
        }
    }
}

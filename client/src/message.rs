//! The words of the feed as a client hears them. Fields that are not known are ignored.

use crate::json::Json;
use serde::Deserialize;

/// One frame of the server.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Message {
    /// The first frame of a connection.
    Hello {
        /// A frame comes at least this often.
        heartbeat_ms: u64,
    },
    /// All that a subscription shows.
    Snapshot(Frame),
    /// What changed since the frame of version `prev`.
    Update(Frame),
    /// Nothing else was to be said.
    Heartbeat {
        /// The server's epoch.
        epoch: String,
    },
    /// A request was refused.
    Error {
        /// The request's id.
        id: Option<String>,
        /// Why, for programs.
        code: String,
        /// Why, for people.
        detail: String,
    },
    /// The server ends.
    ServerShutdown {
        /// When to come back.
        reconnect_after_ms: u64,
    },
    /// An `op` that is of no use here, or of a later version of the protocol.
    #[serde(other)]
    Other,
}

/// A frame with views.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Frame {
    /// Of which subscription.
    pub id: String,
    /// Within it versions are comparable.
    pub epoch: String,
    /// The version of the frame before; updates have it.
    pub prev: Option<u64>,
    /// The version that this frame brings.
    pub version: u64,
    /// Views by name.
    pub views: Json,
}

impl Message {
    /// Reads one frame.
    ///
    /// # Errors
    /// Where it is no JSON, has no `op`, or lacks what its `op` must have.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_ignored() {
        let hello = r#"{"op":"hello","protocol":"goldstream.v1","heartbeat_ms":7,"motd":[1]}"#;
        assert_eq!(Message::parse(hello).unwrap(), Message::Hello { heartbeat_ms: 7 });
        for other in [r#"{"op":"pong","at":"x"}"#, r#"{"op":"dance","with":{}}"#] {
            assert_eq!(Message::parse(other).unwrap(), Message::Other, "{other}");
        }
    }

    #[test]
    fn what_is_no_frame_is_not_guessed() {
        for text in ["", "x", "[]", "{}", r#"{"op":"update"}"#, r#"{"op":"hello"}"#] {
            assert!(Message::parse(text).is_err(), "{text}");
        }
    }
}

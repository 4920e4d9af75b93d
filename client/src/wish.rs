//! What a client wants to see, and how it says so.

use serde_json::{Map, Value, json};

/// The id of the one subscription.
pub(crate) const ID: &str = "main";

/// The views, with their options, and their pace.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    views: Map<String, Value>,
    interval_ms: Option<u64>,
}

/// The last frame that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Within it versions are comparable.
    pub epoch: String,
    /// The frame's version.
    pub version: u64,
}

impl Wish {
    /// A wish for these views; without a pace it is the server's.
    #[must_use]
    pub const fn new(views: Map<String, Value>, interval_ms: Option<u64>) -> Self {
        Self { views, interval_ms }
    }

    /// The request: to go on after that position, or to begin with everything.
    #[must_use]
    pub fn subscribe(&self, after: Option<&Position>) -> String {
        let mut request = json!({"op": "subscribe", "id": ID, "views": self.views});
        if let Some(interval_ms) = self.interval_ms {
            request["interval_ms"] = interval_ms.into();
        }
        if let Some(Position { epoch, version }) = after {
            request["after"] = json!({"epoch": epoch, "version": version});
        }
        request.to_string()
    }
}

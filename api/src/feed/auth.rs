//! A client that may send no headers, as a page, shows its token in its first message.

use super::interpreter::Wire;
use super::session::Event;
use crate::access::Access;
use crate::limits::AUTH_MAX;
use serde_json::Value;
use tokio::time::timeout;

/// The `op` of the message.
pub(crate) const OP: &str = "auth";

/// Waits for the first message: whether it shows a token that is known.
pub(super) async fn is_shown(wire: &mut impl Wire, access: &Access) -> bool {
    let first = async {
        loop {
            match wire.heard().await? {
                Event::Text(text) => return Some(text),
                // Control frames say nothing.
                Event::Heard => {}
                _ => return None,
            }
        }
    };
    let text = timeout(AUTH_MAX, first).await.ok().flatten();
    text.and_then(|text| token(&text)).is_some_and(|token| access.knows(&token))
}

fn token(text: &str) -> Option<String> {
    let message: Value = serde_json::from_str(text).ok()?;
    let token = message["token"].as_str().filter(|_| message["op"] == OP)?;
    Some(token.to_owned())
}

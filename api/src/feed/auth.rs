//! A client that may send no headers, as a page, shows its token in its first message. Until then he is
//! told nothing, and may say nothing else.

use super::interpreter::Wire;
use super::message::Close;
use super::rate::Rate;
use super::session::Event;
use super::strangers::Stranger;
use crate::access::Access;
use crate::limits::AUTH_MAX;
use goldstream_platform::shutdown::Shutdown;
use serde_json::Value;
use tokio::time::timeout;

/// The `op` of the message.
pub(crate) const OP: &str = "auth";

/// Waits for the first message; fails where it does not show a token that is known.
pub(super) async fn shown(
    wire: &mut impl Wire,
    stranger: &Stranger,
    access: &Access,
    mut shutdown: Shutdown,
) -> Result<(), Close> {
    tokio::select! {
        first = timeout(AUTH_MAX, first(wire)) => {
            let text = first.unwrap_or(Err(Close::NoToken))?;
            let is_known = token(&text).is_some_and(|token| access.knows(&token));
            if is_known { Ok(()) } else { Err(Close::NoToken) }
        }
        () = stranger.gives_way() => Err(Close::TooManyConnections),
        () = shutdown.wished() => Err(Close::ServerEnds),
    }
}

/// The first message that says something.
async fn first(wire: &mut impl Wire) -> Result<String, Close> {
    let mut rate = Rate::default();
    loop {
        match wire.heard().await {
            Some(Event::Text(text)) => return Ok(text),
            // Each is answered by the transport; in this time none is too old to count.
            Some(Event::Ping | Event::Pong) if rate.is_kept(0) => {}
            Some(Event::Ping | Event::Pong) => return Err(Close::TooManyMessages),
            _ => return Err(Close::NoToken),
        }
    }
}

fn token(text: &str) -> Option<String> {
    let message: Value = serde_json::from_str(text).ok()?;
    let token = message["token"].as_str().filter(|_| message["op"] == OP)?;
    Some(token.to_owned())
}

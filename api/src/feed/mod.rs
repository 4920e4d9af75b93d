//! The feed: a snapshot, then numbered updates, over a WebSocket (`GET /api/v1/feed`) or as
//! server-sent events (`GET /api/v1/stream`).
//!
//! ```text
//! wire ───► request ─► session ─► message ─► wire          view: version, what changed since
//! (I/O)     (read)     (decide)   (write)    (I/O)           └────► session
//!   └ socket, stream       └ driven by interpreter
//! ```

pub(crate) mod auth;
#[cfg(test)]
mod auth_tests;
mod beside;
#[cfg(test)]
mod convergence_tests;
pub(crate) mod hub;
mod interpreter;
pub mod line;
pub(crate) mod message;
mod now;
mod rate;
#[cfg(test)]
mod recorded_tests;
#[cfg(test)]
mod refused_tests;
mod request;
mod session;
#[cfg(test)]
mod session_tests;
mod socket;
#[cfg(test)]
mod socket_tests;
pub(crate) mod strangers;
pub(crate) mod stream;
#[cfg(test)]
mod stream_tests;
mod subscription;
#[cfg(test)]
mod texts_tests;
mod view;
mod views;
mod window;

use crate::access::{self, Asker};
use crate::connections::Connection;
use crate::feed::interpreter::{Opening, Surroundings, Wire};
use crate::feed::message::{Close, PROTOCOL};
use crate::feed::socket::Socket;
use crate::feed::strangers::Stranger;
use crate::http::problem::Problem;
use crate::limits::{
    READ_BUFFER_BYTES, STRANGER_BYTES_MAX, TRANSPORT_BYTES_MAX, WRITE_BUFFER_BYTES_MAX,
};
use crate::server::Server;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use std::sync::Arc;

/// `GET /api/v1/feed`.
pub(crate) async fn upgrade(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|why| not_upgraded(&why))?;
    server.must_be_asked_by_own_page(&headers)?;
    let asker = server.state.access.asker(&headers);
    if asker == Asker::Refused {
        return Err(access::refusal(asker));
    }
    server.must_have_loaded()?;
    let bytes_max = if asker == Asker::Unknown { STRANGER_BYTES_MAX } else { TRANSPORT_BYTES_MAX };
    let mut upgrade = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
        .max_message_size(bytes_max)
        .max_frame_size(bytes_max);
    let offered: Vec<HeaderValue> = upgrade.requested_protocols().cloned().collect();
    let is_spoken = offered.is_empty() || offered.iter().any(|name| name == PROTOCOL);
    // A client that gets none of its subprotocols fails before it reads why: the first one is
    // taken, so that the close code arrives.
    let selected = offered.iter().find(|name| *name == PROTOCOL).or(offered.first());
    if let Some(selected) = selected {
        upgrade.set_selected_protocol(selected.clone());
    }
    if !is_spoken {
        return Ok(upgrade.on_upgrade(|it| refuse(it, Close::UnknownSubprotocol)));
    }
    if asker == Asker::Unknown {
        let stranger = server.strangers.admit();
        return Ok(upgrade.on_upgrade(move |it| meet(Socket(it), server, stranger)));
    }
    let Some(connection) = server.connections.admit() else {
        return Ok(upgrade.on_upgrade(|it| refuse(it, Close::TooManyConnections)));
    };
    Ok(upgrade.on_upgrade(move |it| serve(Socket(it), server, connection)))
}

/// One who has yet to show the token.
async fn meet(mut socket: Socket, server: Arc<Server>, stranger: Stranger) {
    let (access, shutdown) = (&server.state.access, server.shutdown.clone());
    if let Err(why) = auth::shown(&mut socket, &stranger, access, shutdown).await {
        return socket.close(why).await;
    }
    let Some(connection) = server.connections.admit() else {
        return socket.close(Close::TooManyConnections).await;
    };
    drop(stranger);
    serve(socket, server, connection).await;
}

async fn serve(socket: Socket, server: Arc<Server>, connection: Connection) {
    let around = Surroundings::of(&server, &connection);
    interpreter::run(socket, around, Opening::Listening).await;
    drop(connection);
}

/// Closes a connection that is not to be served.
async fn refuse(socket: WebSocket, why: Close) {
    Socket(socket).close(why).await;
}

/// Asked for with HEAD, the feed is as little to be had as without the headers of an upgrade.
fn not_upgraded(why: &WebSocketUpgradeRejection) -> Problem {
    let status = match why {
        WebSocketUpgradeRejection::MethodNotGet(_) => StatusCode::BAD_REQUEST,
        other => other.status(),
    };
    Problem::new(status, why.body_text())
}

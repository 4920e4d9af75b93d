//! The feed `GET /api/v1/feed`: a snapshot, then numbered updates, over a WebSocket.
//!
//! ```text
//! socket ─► request ─► session ─► message ─► socket        view: version, what changed since
//! (I/O)     (read)     (decide)   (write)    (I/O)           └────► session
//! ```

pub(crate) mod hub;
mod message;
mod request;
mod session;
#[cfg(test)]
mod session_tests;
mod socket;
#[cfg(test)]
mod socket_tests;
mod view;
mod views;
mod window;

use crate::feed::message::{Close, PROTOCOL};
use crate::http::problem::Problem;
use crate::limits::{CONNECTIONS_MAX, READ_BUFFER_BYTES, TRANSPORT_BYTES_MAX};
use crate::server::Server;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use std::sync::Arc;

/// `GET /api/v1/feed`.
pub(crate) async fn upgrade(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|why| Problem::new(why.status(), why.body_text()))?;
    if server.state.origins.is_foreign(&headers) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "the page is of another origin"));
    }
    server.must_be_loaded()?;
    let mut upgrade = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_message_size(TRANSPORT_BYTES_MAX)
        .max_frame_size(TRANSPORT_BYTES_MAX);
    let offered: Vec<HeaderValue> = upgrade.requested_protocols().cloned().collect();
    let is_spoken = offered.is_empty() || offered.iter().any(|name| name == PROTOCOL);
    // A client that gets none of its subprotocols fails before it reads why: the first one is
    // taken, so that the close code arrives.
    let selected = offered.iter().find(|name| *name == PROTOCOL).or(offered.first());
    if let Some(selected) = selected {
        upgrade.set_selected_protocol(selected.clone());
    }
    if !is_spoken {
        return Ok(upgrade.on_upgrade(|it| socket::refuse(it, Close::UnknownSubprotocol)));
    }
    let Some(connection) = server.connections.admit(CONNECTIONS_MAX) else {
        return Ok(upgrade.on_upgrade(|it| socket::refuse(it, Close::TooManyConnections)));
    };
    Ok(upgrade.on_upgrade(move |it| async move {
        let (view, shutdown) = (server.state.view.clone(), server.shutdown.clone());
        socket::run(it, view, &server.hub, shutdown, connection.reconnect_after_ms()).await;
        drop(connection);
    }))
}

//! What the outside sees: REST, the live feed and the page, over one in-memory view of the store.
//!
//! ```text
//!                  ┌──────────────── view ────────────────┐
//! store ─ commits ─► follow ─► state at version n ─ stamps │──► http: /api/v1/…, /readyz, page
//!                  └──────────────────┬───────────────────┘──► feed: snapshot, then updates
//! log ── bronze rows ─► verify ◄─ gold and cut of one version
//! ```
//!
//! Nothing here counts: numbers come from the domain's tables, positions from the ports. Readers
//! never block the stream, and a slow client never another.

pub mod access;
pub mod alerting;
mod api_state;
mod audit;
mod audits;
mod connections;
mod corrected;
mod countries;
pub mod feed;
mod fold;
mod forecast;
pub mod gold_files;
mod http;
mod ingest;
mod lag;
pub mod limits;
mod metrics;
pub mod origins;
pub mod pipeline;
pub mod ready;
pub mod reporting;
pub mod server;
mod shop_time;
mod sockets;
#[cfg(test)]
mod testing;
pub mod verify;
pub mod view;
pub mod watched;

use crate::api_state::ApiState;
use crate::reporting::book::Maker;
use crate::server::Server;
use crate::sockets::Room;
use futures::FutureExt;
use goldstream_platform::shutdown::Shutdown;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;

/// Serves until `shutdown`, then says so to every client and ends within a second.
///
/// # Errors
/// Where the listener cannot be used.
pub async fn serve(listener: TcpListener, state: ApiState, shutdown: Shutdown) -> io::Result<()> {
    let room = Room::of_process(state.connections_max + limits::REQUESTS_MAX);
    serve_within(room, listener, state, shutdown).await
}

/// Resolves a second after the end was wished: nobody is waited for any longer.
async fn too_late(mut shutdown: Shutdown) {
    shutdown.wished().await;
    tokio::time::sleep(limits::SHUTDOWN_MAX).await;
}

/// Makes reports of what a server shows, as long as there is one.
fn maker(server: &Arc<Server>) -> Maker {
    let server = Arc::downgrade(server);
    Box::new(move |wish| {
        let server = server.upgrade()?;
        Some(async move { reporting::making::make(&server, wish).await }.boxed())
    })
}

/// The same, on so many sockets.
async fn serve_within(
    room: Room,
    listener: TcpListener,
    state: ApiState,
    shutdown: Shutdown,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let server = Server::new(state, address, shutdown.clone()).map_err(io::Error::other)?;
    let server = Arc::new(server);
    server.state.reporting.is_made_by(maker(&server));
    let (connections, strangers) = (server.connections.clone(), server.strangers.clone());
    let auditing = audit::begin(&server)?;
    let pulse = http::status::pulse(Arc::clone(&server));
    let watch = pipeline::looking::watch(Arc::clone(&server));
    let alerts = alerting::watch::watch(Arc::clone(&server));
    let begun = shutdown.clone();
    let serving = async {
        sockets::serve(listener, room, http::router(server), begun).await;
        strangers.drained().await;
        connections.drained().await;
        Ok(())
    };
    let ended = tokio::select! {
        ended = serving => ended,
        () = too_late(shutdown) => Ok(()),
        () = pulse => Ok(()),
        () = watch => Ok(()),
        () = alerts => Ok(()),
    };
    // It looks for the end after each block, and must not outlive the log that it reads.
    if let Some(auditing) = auditing {
        tokio::task::spawn_blocking(|| auditing.join()).await.map_err(io::Error::other)?.ok();
    }
    ended
}

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

mod feed;
mod http;
mod ingest;
pub mod limits;
mod metrics;
pub mod origins;
pub mod ready;
pub mod server;
#[cfg(test)]
mod testing;
pub mod verify;
pub mod view;

use crate::server::{ApiState, Server};
use axum::serve::ListenerExt;
use goldstream_platform::shutdown::Shutdown;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;

/// Serves until `shutdown`, then says so to every client and ends within a second.
///
/// # Errors
/// Where the listener cannot be used.
pub async fn serve(listener: TcpListener, state: ApiState, shutdown: Shutdown) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|socket| {
        // Frames are small and wait for nobody.
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "a socket keeps its delay");
        }
    });
    let server = Server::new(state, shutdown.clone()).map_err(io::Error::other)?;
    let server = Arc::new(server);
    let connections = server.connections.clone();
    let pulse = http::status::pulse(Arc::clone(&server));
    let mut begun = shutdown.clone();
    let mut late = shutdown;
    let serving = async {
        axum::serve(listener, http::router(server))
            .with_graceful_shutdown(async move { begun.wished().await })
            .await?;
        connections.drained().await;
        Ok(())
    };
    let too_late = async {
        late.wished().await;
        tokio::time::sleep(limits::SHUTDOWN_MAX).await;
    };
    tokio::select! {
        ended = serving => ended,
        () = too_late => Ok(()),
        () = pulse => Ok(()),
    }
}

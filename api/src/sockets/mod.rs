//! The sockets: each gets a place when it comes, has limits in time while it is open, and is given up
//! where it only waits and another needs its place. What is asked over it is not looked at here.
//!
//! ```text
//! listener ─► places ─► one task a socket: hyper ─► router
//!               ▲            │ counted: bytes       │ answer: whole
//!               └── course ◄─┴──────────────────────┘  its deadline ends the task
//! ```

mod answer;
mod counted;
mod course;
mod files;
mod places;
#[cfg(test)]
mod tests;

pub(crate) use self::places::Room;

use self::answer::Answer;
use self::counted::Counted;
use self::places::{Held, Kind, Place, Places};
use crate::limits::{ACCEPT_PAUSE, HEAD_BYTES_MAX, HEAD_MAX};
use axum::Router;
use axum::http::{Request, Response, StatusCode};
use goldstream_platform::shutdown::Shutdown;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

/// What a request bears that came over a spare socket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnSpare;

/// Serves until `shutdown`; then no more sockets are taken, and it resolves once all requests that were
/// begun are answered.
pub(crate) async fn serve(
    listener: TcpListener,
    room: Room,
    router: Router,
    mut shutdown: Shutdown,
) {
    let places = Places::new(room);
    // Each task holds a receiver: without one all have ended.
    let (open, one) = watch::channel(());
    loop {
        let accepting = accept(&listener, &places);
        let (socket, from) = tokio::select! {
            socket = accepting => socket,
            () = shutdown.wished() => break,
        };
        // Who finds no place goes at once: he would be in the way of who finds one.
        let Some(place) = places.take(from.ip()) else { continue };
        let (router, shutdown, one) = (router.clone(), shutdown.clone(), one.clone());
        tokio::spawn(async move {
            serve_one(socket, place, router, shutdown).await;
            drop(one);
        });
    }
    drop((listener, one));
    open.closed().await;
}

async fn accept(listener: &TcpListener, places: &Places) -> (TcpStream, SocketAddr) {
    loop {
        let error = match listener.accept().await {
            Ok((socket, from)) => {
                // Frames are small and wait for nobody.
                if let Err(error) = socket.set_nodelay(true) {
                    tracing::debug!(%error, "a socket keeps its delay");
                }
                return (socket, from);
            }
            Err(error) => error,
        };
        if is_of_one_socket(&error) {
            continue;
        }
        // The process has no file to give: one that only waits has.
        tracing::warn!(%error, "no socket can be accepted");
        places.give_one_up();
        sleep(ACCEPT_PAUSE).await;
    }
}

/// Whether a client was gone before he was accepted.
fn is_of_one_socket(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionRefused | ConnectionAborted | ConnectionReset)
}

async fn serve_one(socket: TcpStream, place: Place, router: Router, mut shutdown: Shutdown) {
    let (held, kind) = (Arc::clone(&place.held), place.kind);
    let router = TowerToHyperService::new(router);
    let service = service_fn(|request| answered(&router, request, Arc::clone(&held), kind));
    let io = TokioIo::new(Counted::new(socket, place));
    let connection = http1::Builder::new()
        .max_buf_size(HEAD_BYTES_MAX)
        .keep_alive(kind == Kind::Usual)
        .serve_connection(io, service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let mut is_ending = false;
    loop {
        // A deadline that is not there yet is no nearer than this.
        let at_the_latest = Instant::now() + HEAD_MAX;
        let next_look = held.deadline().map_or(at_the_latest, |at| at.min(at_the_latest));
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::trace!(%error, "a connection broke off");
                }
                return;
            }
            () = shutdown.wished(), if !is_ending => {
                is_ending = true;
                connection.as_mut().graceful_shutdown();
            }
            () = held.given_up() => return,
            () = sleep_until(next_look) => {
                if held.deadline().is_some_and(|at| at <= Instant::now()) {
                    tracing::debug!("a socket was closed that took too long");
                    return;
                }
            }
        }
    }
}

fn answered(
    router: &TowerToHyperService<Router>,
    mut request: Request<Incoming>,
    held: Arc<Held>,
    kind: Kind,
) -> impl Future<Output = Result<Response<Answer>, Infallible>> + use<> {
    held.asked();
    if kind == Kind::Spare {
        request.extensions_mut().insert(OnSpare);
    }
    let answering = router.call(request);
    async move {
        let response = answering.await?;
        let is_last = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        Ok(response.map(|body| match is_last {
            true => Answer::last(body),
            false => Answer::one(body, held),
        }))
    }
}

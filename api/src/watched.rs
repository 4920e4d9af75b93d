//! What a process without an API answers to who watches over it: `/metrics`, `/healthz` and `/readyz`, and nothing
//! else. It shows no number of the shop.

use crate::access::{self, Access, Asker, CHALLENGE};
use crate::http::problem::Problem;
use crate::http::{metrics, ops};
use crate::limits::SOCKETS_SPARE;
use crate::sockets::{self, Room};
use crate::too_late;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use goldstream_platform::health::Health;
use goldstream_platform::metrics::Metrics;
use goldstream_platform::shutdown::Shutdown;
use serde_json::json;
use std::io;
use std::net::{IpAddr, TcpListener};
use std::sync::{Arc, OnceLock};

/// What is watched over. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Watched {
    /// Who may read the numbers.
    access: Access,
    /// Troubles of its roles and what they count; nothing while its servers are waited for.
    at_work: Arc<OnceLock<(Health, Metrics)>>,
}

impl Watched {
    /// One that has not begun.
    #[must_use]
    pub fn new(access: Access) -> Self {
        Self { access, at_work: Arc::default() }
    }

    /// Its roles begin.
    pub fn begins(&self, health: Health, metrics: Metrics) {
        // A process begins once.
        self.at_work.set((health, metrics)).unwrap_or_default();
    }
}

struct Shared {
    watched: Watched,
    listens_at: IpAddr,
}

/// Answers until `shutdown`, and ends within a second.
///
/// # Errors
/// Where the listener cannot be used.
pub async fn serve(listener: TcpListener, watched: Watched, shutdown: Shutdown) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listens_at = listener.local_addr()?.ip();
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let shared = Arc::new(Shared { watched, listens_at });
    // Few ask, and none of them stays.
    let room = Room { usual: SOCKETS_SPARE, spare: SOCKETS_SPARE };
    tokio::select! {
        () = sockets::serve(listener, room, router(shared), shutdown.clone()) => {}
        // Who has sent half a request is not waited for.
        () = too_late(shutdown) => {}
    }
    Ok(())
}

fn router(shared: Arc<Shared>) -> Router {
    let around = from_fn_with_state(Arc::clone(&shared), around);
    Router::new()
        .route("/metrics", get(numbers))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .fallback(|request: Request| async move { nothing(request.uri().path()) })
        .layer(around)
        .with_state(shared)
}

fn nothing(path: &str) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        format!("there is nothing at {path}, but /metrics, /healthz and /readyz"),
    )
}

async fn around(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let Shared { watched, listens_at } = &*shared;
    let is_misdirected = access::is_misdirected(*listens_at, request.headers());
    // A page that was loaded under another name would pass for one of this machine. Elsewhere a name is any.
    if listens_at.is_loopback() && watched.access.is_open() && is_misdirected {
        return Problem::misdirected().into_response();
    }
    next.run(request).await
}

async fn numbers(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let Watched { access, at_work } = &shared.watched;
    match access.asker(request.headers()) {
        Asker::Admitted => {}
        refused => {
            let challenge = [(header::WWW_AUTHENTICATE, CHALLENGE)];
            return (challenge, access::refusal(refused)).into_response();
        }
    }
    let Some((health, metrics)) = at_work.get() else { return waits() };
    metrics::of_role(metrics, health)
        .unwrap_or_else(|error| metrics::no_text(&error).into_response())
}

/// Nothing is done yet.
fn waits() -> Response {
    ops::unready(&["its servers are waited for".to_owned()]).into_response()
}

async fn healthz(State(shared): State<Arc<Shared>>) -> Response {
    // Who waits lives.
    let waiting = Health::default();
    ops::alive(shared.watched.at_work.get().map_or(&waiting, |(health, _)| health))
}

async fn readyz(State(shared): State<Arc<Shared>>) -> Response {
    let Some((health, _)) = shared.watched.at_work.get() else { return waits() };
    let halts = health.halts();
    if !halts.is_empty() {
        return ops::unready(&halts).into_response();
    }
    let troubles: Vec<_> = health.troubles().into_keys().collect();
    Json(json!({ "status": "ready", "troubles": troubles })).into_response()
}

//! `/healthz`, `/readyz`, `/version`: for who operates the process.

use super::problem::Problem;
use super::query::NoParameters;
use crate::server::Server;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;

/// What who watches over the process asks: it is answered at once, however busy the server is.
pub(super) const WATCHED: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// `GET /healthz`: the process answers and its loops turn. It says nothing of the servers: what waits
/// for one lives.
pub(super) async fn healthz(State(server): State<Arc<Server>>, _: NoParameters) -> Response {
    let silent = server.state.health.hearts().silent();
    if silent.is_empty() {
        return Json(json!({ "status": "ok" })).into_response();
    }
    let detail = format!("these do not go on: {}", silent.join(", "));
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).into_response()
}

/// `GET /readyz`: the numbers can be relied on, or why not yet.
pub(super) async fn readyz(State(server): State<Arc<Server>>, _: NoParameters) -> Response {
    let mut reasons = server.state.readiness.reasons(&server.state.view);
    reasons.extend(server.state.health.stops());
    if reasons.is_empty() {
        return Json(json!({ "status": "ready" })).into_response();
    }
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, reasons.join("; "));
    problem.with("reasons", reasons).into_response()
}

/// `GET /version`.
pub(super) async fn version(_: NoParameters) -> Response {
    Json(json!({ "name": "goldstream", "version": env!("CARGO_PKG_VERSION") })).into_response()
}

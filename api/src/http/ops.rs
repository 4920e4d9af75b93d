//! `/healthz`, `/readyz`, `/version`: for who operates the process.

use super::problem::Problem;
use super::query::NoParameters;
use crate::server::Server;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use goldstream_platform::health::Health;
use goldstream_platform::inputs::{InputState, InputStatus};
use goldstream_platform::topology::logic_version;
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;

/// What who watches over the process asks: it is answered at once, however busy the server is.
pub(super) const WATCHED: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// `GET /healthz`: the process answers and its loops turn. It says nothing of the servers: what waits
/// for one lives.
pub(super) async fn healthz(State(server): State<Arc<Server>>, _: NoParameters) -> Response {
    alive(&server.state.health)
}

/// Whether the loops turn.
pub(crate) fn alive(health: &Health) -> Response {
    let silent = health.hearts().silent();
    if silent.is_empty() {
        return Json(json!({ "status": "ok" })).into_response();
    }
    let detail = format!("these do not go on: {}", silent.join(", "));
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).into_response()
}

#[derive(Serialize)]
struct Ready {
    status: &'static str,
    /// While inputs are read to their end for the first time: how much of them is. Their rows come into
    /// the numbers as they are read, so it is no reason to send nobody here.
    #[serde(skip_serializing_if = "Option::is_none")]
    reading_percent: Option<u64>,
    /// What is wrong and being dealt with, by name: the numbers are right, but may be old. Status has the sentences,
    /// which are not for everybody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    troubles: Vec<String>,
}

/// How much of the inputs is read that are being read for the first time; none where there is none.
fn reading_percent(inputs: &[InputStatus]) -> Option<u64> {
    let reading = || inputs.iter().filter(|input| input.state == InputState::Reading);
    reading().next()?;
    let size_bytes: u128 = reading().map(|input| u128::from(input.size_bytes)).sum();
    let behind_bytes: u128 = reading().map(|input| u128::from(input.behind_bytes())).sum();
    // Of what has no size yet nothing is read.
    let read = (size_bytes - behind_bytes) * 100;
    Some(u64::try_from(read.checked_div(size_bytes).unwrap_or(0)).unwrap_or(100))
}

/// `GET /readyz`: the numbers can be relied on, or why not yet.
pub(super) async fn readyz(State(server): State<Arc<Server>>, _: NoParameters) -> Response {
    let state = &server.state;
    let mut reasons = state.readiness.reasons(&state.view, &*state.log).await;
    reasons.extend(state.health.halts());
    let elsewhere = server.pipeline.halts();
    if reasons.is_empty() && elsewhere.is_empty() {
        let reading_percent = reading_percent(&state.health.inputs().all());
        let mut troubles: Vec<_> = state.health.troubles().into_keys().collect();
        troubles.extend(server.pipeline.names());
        return Json(Ready { status: "ready", reading_percent, troubles }).into_response();
    }
    let all: Vec<_> = reasons.iter().chain(&elsewhere).cloned().collect();
    unready(&all).with("reasons", reasons).with("elsewhere", elsewhere).into_response()
}

/// Not ready, for these reasons.
pub(crate) fn unready(reasons: &[String]) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, reasons.join("; "))
}

/// `GET /version`.
pub(super) async fn version(State(server): State<Arc<Server>>, _: NoParameters) -> Response {
    let store = server.state.rebuilding.served().map(|served| {
        json!({ "generation": served.number, "logic_version": served.topology.logic_version })
    });
    Json(json!({
        "name": "goldstream",
        "version": env!("CARGO_PKG_VERSION"),
        "logic_version": logic_version(),
        "store": store,
    }))
    .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(state: InputState, read_bytes: u64, size_bytes: u64) -> InputStatus {
        let (source, warnings) = ("file:/a".to_owned(), Vec::new());
        InputStatus { source, state, detail: None, warnings, rows: 0, read_bytes, size_bytes }
    }

    #[test]
    fn only_what_is_being_read_for_the_first_time_is_told() {
        use InputState::{Failing, Following, Reading};
        for (inputs, expected) in [
            (vec![], None),
            (vec![input(Following, 5, 10), input(Failing, 0, 10)], None),
            (vec![input(Reading, 0, 0)], Some(0)),
            (vec![input(Reading, 1, 3)], Some(33)),
            (vec![input(Reading, 63, 100), input(Following, 0, 900)], Some(63)),
            (vec![input(Reading, 10, 10), input(Reading, 0, 10)], Some(50)),
            // It grows while it is looked at.
            (vec![input(Reading, 11, 10)], Some(100)),
        ] {
            assert_eq!(reading_percent(&inputs), expected, "{inputs:?}");
        }
    }
}

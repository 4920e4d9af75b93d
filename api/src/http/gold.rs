//! `GET /api/v1/gold`, `/summary`, `/accounting`: the numbers of one version.

use super::problem::Problem;
use super::query::NoParameters;
use super::tagged;
use crate::server::Server;
use crate::view::state::{Stamp, State as ViewState};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use goldstream_domain::gold::report::Gold;
use goldstream_platform::clock::rfc3339;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct GoldAnswer<'a> {
    epoch: &'a str,
    version: u64,
    as_of: String,
    #[serde(flatten)]
    gold: &'a Gold,
}

/// `GET /api/v1/gold`.
pub(super) async fn gold(
    State(server): State<Arc<Server>>,
    _: NoParameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    server.must_be_loaded()?;
    let view = server.state.view.clone();
    let stamp = view.read(ViewState::stamp);
    if tagged::is_known(&headers, &stamp) {
        return Ok(tagged::not_modified(&stamp));
    }
    // All customers at once: long enough to keep it off the threads that answer.
    let answer = tokio::task::spawn_blocking(move || {
        let (stamp, gold, _) = view.gold();
        let (epoch, version) = (&*stamp.epoch, stamp.version);
        let answer = GoldAnswer { epoch, version, as_of: rfc3339(stamp.as_of_ms), gold: &gold };
        tagged::json(&stamp, &answer)
    });
    answer.await.map_err(|_| Problem::internal())?
}

/// `GET /api/v1/summary`.
pub(super) async fn summary(
    State(server): State<Arc<Server>>,
    _: NoParameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    one(&server, &headers, |state| state.summary().clone())
}

/// `GET /api/v1/accounting`.
pub(super) async fn accounting(
    State(server): State<Arc<Server>>,
    _: NoParameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    one(&server, &headers, |state| state.accounting().clone())
}

fn one<T: Serialize>(
    server: &Server,
    headers: &HeaderMap,
    read: impl FnOnce(&ViewState) -> T,
) -> Result<Response, Problem> {
    server.must_be_loaded()?;
    let (stamp, body): (Stamp, T) = server.state.view.read(|state| (state.stamp(), read(state)));
    if tagged::is_known(headers, &stamp) {
        return Ok(tagged::not_modified(&stamp));
    }
    tagged::json(&stamp, &body)
}

//! `GET /api/v1/gold`, `/summary`, `/accounting`: the numbers of one version.

use super::around::Timing;
use super::format::Format;
use super::problem::Problem;
use super::query::Parameters;
use super::streamed;
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
use std::time::Instant;

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
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let format = Format::negotiate(&mut parameters, &headers, &Format::JSON_ONLY)?;
    parameters.none_left()?;
    server.must_be_loaded()?;
    let view = server.state.view.clone();
    let stamp = view.read(ViewState::stamp);
    if tagged::is_known(&headers, &stamp, format) {
        return Ok(tagged::not_modified(&stamp, format));
    }
    // Who asks for all and does not take it lets others wait, and costs no more memory than that.
    let place = Arc::clone(&server.golds).acquire_owned().await.map_err(|_| Problem::internal())?;
    // All customers at once: long enough to keep it off the threads that answer.
    let answer = tokio::task::spawn_blocking(move || {
        let began = Instant::now();
        let (stamp, gold, _) = view.gold();
        let timing = Timing::read_since(began);
        let (epoch, version) = (&*stamp.epoch, stamp.version);
        let answer = GoldAnswer { epoch, version, as_of: rfc3339(stamp.as_of_ms), gold: &gold };
        tagged::json_by(&stamp, &answer, timing, |bytes| streamed::taken(bytes, place))
    });
    answer.await.map_err(|_| Problem::internal())?
}

/// `GET /api/v1/summary`.
pub(super) async fn summary(
    State(server): State<Arc<Server>>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let format = Format::of_one(&mut parameters, &headers, &Format::ALL)?;
    parameters.none_left()?;
    server.must_be_loaded()?;
    one(
        &server,
        &headers,
        format,
        |state| state.summary().clone(),
        |stamp, summary, timing| tagged::one(stamp, format, summary, timing),
    )
}

/// `GET /api/v1/accounting`.
pub(super) async fn accounting(
    State(server): State<Arc<Server>>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let format = Format::negotiate(&mut parameters, &headers, &Format::JSON_ONLY)?;
    parameters.none_left()?;
    // Counts of rows have no sums in them.
    server.must_have_loaded()?;
    one(&server, &headers, format, |state| state.accounting().clone(), tagged::json)
}

/// One small object of one version.
fn one<T>(
    server: &Server,
    headers: &HeaderMap,
    format: Format,
    read: impl FnOnce(&ViewState) -> T,
    write: impl FnOnce(&Stamp, &T, Timing) -> Result<Response, Problem>,
) -> Result<Response, Problem> {
    let began = Instant::now();
    let (stamp, object) = server.state.view.read(|state| (state.stamp(), read(state)));
    if tagged::is_known(headers, &stamp, format) {
        return Ok(tagged::not_modified(&stamp, format));
    }
    write(&stamp, &object, Timing::read_since(began))
}

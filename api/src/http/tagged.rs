//! Answers that belong to a version: `ETag` from epoch and version, and 304 where it is known.

use super::problem::Problem;
use crate::view::state::Stamp;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The tag of a version.
fn tag(stamp: &Stamp) -> String {
    format!("\"{}:{}\"", stamp.epoch, stamp.version)
}

/// Whether the client holds this version already.
pub(super) fn is_known(headers: &HeaderMap, stamp: &Stamp) -> bool {
    let tag = tag(stamp);
    let all = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(',')).any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    })
}

/// 304 for this version.
pub(super) fn not_modified(stamp: &Stamp) -> Response {
    tagged(StatusCode::NOT_MODIFIED.into_response(), stamp)
}

/// A JSON answer of this version.
pub(super) fn json<T: Serialize>(stamp: &Stamp, body: &T) -> Result<Response, Problem> {
    let body = serde_json::to_vec(body).map_err(|error| {
        tracing::error!(%error, "an answer has no JSON form");
        Problem::internal()
    })?;
    let form = (header::CONTENT_TYPE, "application/json");
    Ok(tagged(([form], body).into_response(), stamp))
}

fn tagged(mut response: Response, stamp: &Stamp) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag(stamp)) {
        headers.insert(header::ETAG, tag);
    }
    response
}

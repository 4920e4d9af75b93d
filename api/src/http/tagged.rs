//! Answers that belong to a version: `ETag` from epoch and version, and 304 where it is known.
//!
//! Each form has a tag of its own, because the form may be chosen by a header: a client that holds
//! the CSV of a version must not be told that it holds its JSON.

use super::around::Timing;
use super::format::Format;
use super::problem::Problem;
use super::table::EncodeError;
use super::table::Tabular;
use super::table::encode::RowsWriter;
use crate::view::state::Stamp;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::time::Instant;

/// The tag of a version in a form.
pub(super) fn tag(stamp: &Stamp, format: Format) -> String {
    let Stamp { epoch, version, .. } = stamp;
    match format {
        Format::Json => format!("\"{epoch}:{version}\""),
        other => format!("\"{epoch}:{version}:{}\"", other.tag_name()),
    }
}

/// Whether the client holds this version already.
pub(super) fn is_known(headers: &HeaderMap, stamp: &Stamp, format: Format) -> bool {
    let tag = tag(stamp, format);
    let all = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(',')).any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    })
}

/// 304 for this version.
pub(super) fn not_modified(stamp: &Stamp, format: Format) -> Response {
    tagged(StatusCode::NOT_MODIFIED.into_response(), stamp, format)
}

/// An answer of this version.
pub(super) fn answer(stamp: &Stamp, format: Format, body: Body, timing: Timing) -> Response {
    let form = (header::CONTENT_TYPE, format.content_type());
    let mut response = tagged(([form], body).into_response(), stamp, format);
    response.extensions_mut().insert(timing);
    response
}

/// A JSON answer of this version.
pub(super) fn json<T: Serialize>(
    stamp: &Stamp,
    body: &T,
    timing: Timing,
) -> Result<Response, Problem> {
    json_by(stamp, body, timing, Body::from)
}

/// The same where a body is more than its bytes.
pub(super) fn json_by<T: Serialize>(
    stamp: &Stamp,
    body: &T,
    mut timing: Timing,
    of_bytes: impl FnOnce(Bytes) -> Body,
) -> Result<Response, Problem> {
    let began = Instant::now();
    let body = serde_json::to_vec(body).map_err(|error| {
        tracing::error!(%error, "an answer has no JSON form");
        Problem::internal()
    })?;
    timing.encode = Some(began.elapsed());
    let length = HeaderValue::from(body.len());
    let mut response = answer(stamp, Format::Json, of_bytes(body.into()), timing);
    response.headers_mut().insert(header::CONTENT_LENGTH, length);
    Ok(response)
}

/// One thing of this version, in any form.
pub(super) fn one<R: Tabular>(
    stamp: &Stamp,
    format: Format,
    row: &R,
    mut timing: Timing,
) -> Result<Response, Problem> {
    let began = Instant::now();
    let mut body = Vec::new();
    let written = match format {
        Format::Json => {
            row.write_json(&mut body);
            Ok(())
        }
        Format::Rows(format) => RowsWriter::new::<R>(format, &mut body).and_then(|mut writer| {
            writer.write(std::slice::from_ref(row))?;
            writer.finish()
        }),
    };
    written.map_err(|error: EncodeError| {
        tracing::error!(%error, "a row has no such form");
        Problem::internal()
    })?;
    timing.encode = Some(began.elapsed());
    Ok(answer(stamp, format, body.into(), timing))
}

fn tagged(mut response: Response, stamp: &Stamp, format: Format) -> Response {
    put(response.headers_mut(), &tag(stamp, format));
    response
}

/// Puts a tag to an answer that belongs to a version.
pub(super) fn put(headers: &mut HeaderMap, tag: &str) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
}

//! `POST /api/v1/customers`, `POST /api/v1/purchases`: rows of programs, taken whole or not at all.

use super::around::content_length;
use super::problem::Problem;
use super::query::NoParameters;
use super::upload;
use crate::ingest::body::{self, Form, MEDIA_TYPES};
use crate::ingest::error::BodyError;
use crate::ingest::packing::{PACKINGS, Packing, PackingError};
use crate::ingest::receipt::Receipt;
use crate::limits::BODY_BYTES_MAX;
use crate::server::Server;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use goldstream_domain::column::Kind;
use goldstream_platform::log::LogError;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct Accepted {
    accepted: usize,
    receipt: String,
}

/// `POST /api/v1/customers`.
pub(super) async fn customers(
    State(server): State<Arc<Server>>,
    _: NoParameters,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    take(&server, Kind::Customers, &headers, body).await
}

/// `POST /api/v1/purchases`.
pub(super) async fn purchases(
    State(server): State<Arc<Server>>,
    _: NoParameters,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    take(&server, Kind::Purchases, &headers, body).await
}

async fn take(
    server: &Server,
    kind: Kind,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    server.must_be_asked_by_own_page(headers)?;
    let (form, packing) = (form(headers)?, packing(headers)?);
    let announced = announced(headers, packing);
    let room = server.ingest.room_for(announced).ok_or_else(|| {
        let detail = "too many rows are under way; send these again in a moment";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, detail)
    })?;
    let body = upload::read(body, announced).await?;
    let ingest = server.ingest.clone();
    // A client that hangs up takes nothing back: what has begun is done to its end.
    let taken = tokio::spawn(async move {
        let taken = append(ingest, kind, (form, packing), body).await;
        drop(room);
        taken
    });
    let (accepted, receipt) = taken.await.map_err(|_| Problem::internal())??;
    let receipt = receipt.to_string();
    let location = format!("/api/v1/receipts/{receipt}");
    let answer = Json(Accepted { accepted, receipt });
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], answer).into_response())
}

async fn append(
    ingest: crate::ingest::Ingest,
    kind: Kind,
    (form, packing): (Form, Packing),
    body: Bytes,
) -> Result<(usize, Receipt), Problem> {
    // Up to 16 MiB of text: long enough to keep it off the threads that answer.
    let cut = tokio::task::spawn_blocking(move || {
        let body = packing.unpack(&body, BODY_BYTES_MAX).map_err(|error| unpackable(&error))?;
        let mut cutter = ingest.cutter(kind);
        let rows = body::each(&body, (form, kind), |row| cutter.push(row));
        Ok((rows.map_err(|error| refused(&error))?, cutter.finish(), ingest))
    });
    let (accepted, cut, ingest) = cut.await.map_err(|_| Problem::internal())??;
    let receipt = ingest.append(kind, cut).await.map_err(|error| not_taken(&error))?;
    Ok((accepted, receipt))
}

fn form(headers: &HeaderMap) -> Result<Form, Problem> {
    let named = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    named.and_then(Form::of).ok_or_else(|| {
        let named = named.map_or("without a Content-Type".to_owned(), |it| format!("as {it:.80}"));
        not_understood(&format!("these came {named}"))
    })
}

/// 415, which lists what is.
fn not_understood(why: &str) -> Problem {
    let detail = format!(
        "rows come as {}, in UTF-8, perhaps packed (Content-Encoding: {}); {why}",
        MEDIA_TYPES.join(", "),
        PACKINGS.join(", ")
    );
    let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
    problem.with("content_types", MEDIA_TYPES.to_vec()).with("content_encodings", PACKINGS.to_vec())
}

fn packing(headers: &HeaderMap) -> Result<Packing, Problem> {
    let named = headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?"));
    Packing::of(named.unwrap_or_default()).ok_or_else(|| {
        not_understood(&format!("these came packed as {:.40}", named.unwrap_or_default()))
    })
}

fn unpackable(error: &PackingError) -> Problem {
    match error {
        PackingError::TooLarge => Problem::too_large(),
        PackingError::Damaged(_) => {
            Problem::new(StatusCode::BAD_REQUEST, format!("{error}; nothing was taken"))
        }
    }
}

/// How long the body is; as long as any where that is not told, or is so only before it is unpacked. What
/// says that it is longer has been refused before.
fn announced(headers: &HeaderMap, packing: Packing) -> usize {
    if packing != Packing::Plain {
        return BODY_BYTES_MAX;
    }
    let length = content_length(headers).and_then(|length| usize::try_from(length).ok());
    length.unwrap_or(BODY_BYTES_MAX)
}

fn refused(error: &BodyError) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, format!("{error}; nothing was taken"))
}

fn not_taken(error: &LogError) -> Problem {
    tracing::warn!(%error, "posted rows were not taken");
    let status = match error {
        LogError::Stopped(_) => StatusCode::SERVICE_UNAVAILABLE,
        LogError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        LogError::Unavailable(_) | LogError::Damaged(_) => return may_be_taken(error),
    };
    Problem::new(status, format!("{error}; nothing was taken"))
}

/// Whether a part was taken is not known then; the same rows sent again are counted once.
fn may_be_taken(error: &LogError) -> Problem {
    let detail = format!("{error}; send the rows again, they are counted once");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
}

//! `GET /api/v1/backup`: the store as it stands at one moment, for `goldstream backup`. It is copied beside the
//! store first, so that a slow reader keeps nothing from being written.

use super::problem::Problem;
use super::query::NoParameters;
use super::streamed;
use super::table::EncodeError;
use crate::server::Server;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::io::{self, Write};
use std::sync::Arc;

/// What a store's file is to those who do not know it.
pub(super) const MEDIA_TYPE: &str = "application/octet-stream";

/// `GET /api/v1/backup`.
pub(super) async fn backup(
    State(server): State<Arc<Server>>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let Some(store) = server.state.backup.clone() else {
        let reason = "the store is on Kafka and Redis: back up the topics of bronze, all else follows from them";
        return Err(Problem::new(StatusCode::CONFLICT, reason));
    };
    let copied = tokio::task::spawn_blocking(move || store.copy()).await;
    let copy = copied.map_err(|_| Problem::internal())?.map_err(|error| {
        tracing::warn!(%error, "no backup could be made");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    })?;
    let body = streamed::body(&server.streams, move |mut out| {
        let mut copy = copy;
        io::copy(&mut copy, &mut out).map_err(EncodeError::from)?;
        Ok(out.flush()?)
    })?;
    let headers = [(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, body).into_response())
}

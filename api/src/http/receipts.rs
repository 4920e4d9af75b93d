//! `GET /api/v1/receipts/{receipt}`: whether posted rows are in the numbers, and what became of each.

use super::fates::{Fate, fates};
use super::problem::Problem;
use super::query::Parameters;
use super::records::away;
use crate::ingest::receipt::Receipt;
use crate::limits::RECEIPT_WAIT_MS_MAX;
use crate::server::Server;
use crate::view::state::Stamp;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Told {
    Counted { epoch: Arc<str>, version: u64, rows: Vec<Fate> },
    Pending,
}

/// `GET /api/v1/receipts/{receipt}`.
pub(super) async fn receipt(
    State(server): State<Arc<Server>>,
    path: Result<Path<String>, PathRejection>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    let wanted = format!("a whole number of milliseconds up to {RECEIPT_WAIT_MS_MAX}");
    let wait_ms = parameters.take_as("wait_ms", &wanted, |text| {
        text.parse::<u64>().ok().filter(|ms| *ms <= RECEIPT_WAIT_MS_MAX)
    })?;
    parameters.none_left()?;
    let receipt = path.ok().and_then(|Path(text)| Receipt::parse(&text)).ok_or_else(unknown)?;
    server.must_be_loaded()?;
    let view = &server.state.view;
    if !view.is_counted(receipt.ends()) {
        must_be_in_the_log(&server, &receipt).await?;
        let wait = Duration::from_millis(wait_ms.unwrap_or(0));
        let mut shutdown = server.shutdown.clone();
        let counted = async {
            tokio::select! {
                () = view.wait_counted(receipt.ends()) => {}
                // Who waits must not hold the end of the server up.
                () = shutdown.wished() => {}
            }
        };
        // Whether it came in time is seen below.
        timeout(wait, counted).await.unwrap_or_default();
    }
    let stamp = view.read(|state| state.is_counted(receipt.ends()).then(|| state.stamp()));
    let told = match stamp {
        Some(Stamp { epoch, version, .. }) => {
            let rows = rows(&server, &receipt).await?;
            Told::Counted { epoch, version, rows }
        }
        None => Told::Pending,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(told)).into_response())
}

/// What became of the first rows.
async fn rows(server: &Server, receipt: &Receipt) -> Result<Vec<Fate>, Problem> {
    // Each reads a part of the log: more of them at a time would not be faster.
    let _place = server.fates.acquire().await.map_err(|_| Problem::internal())?;
    let fates = fates(&*server.state.log, server.state.partitions, receipt).await;
    fates.map_err(|error| away(&error))
}

/// A receipt of another log names positions that this one has not.
async fn must_be_in_the_log(server: &Server, receipt: &Receipt) -> Result<(), Problem> {
    for (at, end) in receipt.ends() {
        let has = at.partition < server.state.partitions
            && *end
                <= server.state.log.end((*at).into()).await.map_err(|error| {
                    Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
                })?;
        if !has {
            return Err(unknown());
        }
    }
    Ok(())
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is no such receipt")
}

//! `POST /api/v1/rebuild`: asks who folds to fold all rows again beside what is served, for `goldstream rebuild`;
//! and how far that is, for the status.

use super::problem::Problem;
use super::query::Parameters;
use crate::server::Server;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use goldstream_platform::clock::{now_ms, rfc3339};
use goldstream_platform::generations::{KEEP_OLD_MAX_MS, KEEP_OLD_MS};
use goldstream_platform::rebuilding::{Anew, Progress, Wish};
use serde::Serialize;
use std::sync::Arc;

/// How far a rebuild is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct RebuildStatus {
    generation: u32,
    logic_version: u32,
    pub(super) rows: u64,
    pub(super) of_rows: u64,
    /// Whether it is only to be compared with what is served.
    shadow: bool,
    percent: u64,
    started_at: String,
    /// When it ends if it goes on like this.
    ends_at: Option<String>,
}

impl RebuildStatus {
    fn at(progress: Progress, now_ms: i64) -> Self {
        let Progress { generation, logic_version, rows, of_rows, started_at_ms, .. } = progress;
        Self {
            generation,
            logic_version,
            rows,
            of_rows,
            shadow: progress.is_shadow,
            percent: progress.percent(),
            started_at: rfc3339(started_at_ms),
            ends_at: progress.ends_at_ms(now_ms).map(rfc3339),
        }
    }

    /// That of a server; none where none is under way.
    pub(super) fn of(server: &Server) -> Option<Self> {
        server.state.rebuilding.progress().map(|progress| Self::at(progress, now_ms()))
    }
}

fn wish(parameters: &mut Parameters) -> Result<Wish, Problem> {
    let milliseconds =
        |text: &str| text.parse().ok().filter(|ms| (0..=KEEP_OLD_MAX_MS).contains(ms));
    let wanted = "a whole number of milliseconds, at most ten years";
    let keep_old_ms = parameters.take_as("keep_old_ms", wanted, milliseconds)?;
    let truth = |text: &str| text.parse().ok();
    let is_back = parameters.take_as("back", "true or false", truth)?.unwrap_or_default();
    let is_shadow = parameters.take_as("shadow", "true or false", truth)?.unwrap_or_default();
    let days = |text: &str| text.parse().ok();
    let future_days = parameters.take_as("future_days", "a whole number of days", days)?;
    let is_abandon = parameters.take_as("abandon", "true or false", truth)?.unwrap_or_default();
    Ok(match (is_abandon, is_back) {
        (true, _) => Wish::Abandon,
        (false, true) => Wish::Back,
        (false, false) => Wish::Anew(Anew {
            keep_old_ms: keep_old_ms.unwrap_or(KEEP_OLD_MS),
            future_days,
            is_shadow,
        }),
    })
}

/// `POST /api/v1/rebuild`.
pub(super) async fn rebuild(
    State(server): State<Arc<Server>>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Option<RebuildStatus>>), Problem> {
    server.must_be_asked_by_own_page(&headers)?;
    let wish = wish(&mut parameters)?;
    parameters.none_left()?;
    match server.state.rebuilding.wish(wish) {
        Ok(()) => Ok((StatusCode::ACCEPTED, Json(RebuildStatus::of(&server)))),
        Err(error) => Err(Problem::new(StatusCode::CONFLICT, error.to_string())),
    }
}

//! `GET /api/v1/diff`: in which rows the generation that is folded beside the served one differs from it, for
//! `goldstream diff`. It compares what is stored, and computes nothing anew.

use super::problem::Problem;
use super::query::NoParameters;
use crate::server::Server;
use crate::view::View;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use goldstream_domain::gold::compare::{Difference, Differences};
use goldstream_platform::log::bronze_ends;
use goldstream_platform::role;
use goldstream_platform::store::StoreError;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;
use tokio::sync::oneshot;

/// How they differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Diff {
    /// Number of what is served.
    served: u32,
    /// Number of what is folded beside it.
    beside: u32,
    /// Rows that the served one has counted.
    served_rows: u64,
    /// Rows that the other has counted.
    beside_rows: u64,
    /// Whether both have counted the same rows, so that all that differs follows from the rules.
    same_rows: bool,
    /// In how many rows and counts they differ.
    differences: u64,
    /// The first of them.
    differing: Vec<Differing>,
}

/// A row that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Differing {
    table: Cow<'static, str>,
    key: Value,
    field: Option<String>,
    served: Value,
    beside: Value,
    also: Vec<String>,
}

impl From<Difference> for Differing {
    fn from(difference: Difference) -> Self {
        let Difference { table, key, field, gold, batch, also } = difference;
        Self { table, key, field, served: gold, beside: batch, also }
    }
}

/// `GET /api/v1/diff`.
pub(super) async fn diff(
    State(server): State<Arc<Server>>,
    _: NoParameters,
) -> Result<Json<Diff>, Problem> {
    server.must_be_loaded()?;
    let (answer, compared) = oneshot::channel();
    let spawned = role::spawn("diff", move || async move {
        // Whoever asked may be gone.
        if answer.send(compare(&server).await).is_err() {
            tracing::debug!("nobody waits for the differences");
        }
    });
    spawned.map_err(|error| {
        tracing::error!(%error, "no thread to compare on");
        Problem::internal()
    })?;
    match compared.await.map_err(|_| Problem::internal())? {
        Ok(Some(diff)) => Ok(Json(diff)),
        Ok(None) => {
            let reason =
                "nothing is folded beside what is served: goldstream rebuild --shadow begins it";
            Err(Problem::new(StatusCode::CONFLICT, reason))
        }
        Err(error) => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())),
    }
}

async fn compare(server: &Server) -> Result<Option<Diff>, StoreError> {
    let state = &server.state;
    let Some(next) = &state.next else { return Ok(None) };
    let Some((generation, store)) = next.next().await? else { return Ok(None) };
    let beside = View::new(state.partitions);
    let ends = bronze_ends(&*state.log, state.partitions).await;
    let ends = ends.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    beside.load_once(&*store).await?;
    let have_all = beside.is_counted(&ends) && state.view.is_counted(&ends);
    let ((_, mut served, _), (_, mut other, _)) = (state.view.gold(), beside.gold());
    // What a version before there were hours has folded has none: that says nothing of the rows.
    if !(served.knows_hours() && other.knows_hours()) {
        (served.hours, other.hours) = (Vec::new(), Vec::new());
    }
    let Differences { total, first } = Differences::between(&served, &other);
    let (served_rows, beside_rows) = (served.accounting.rows(), other.accounting.rows());
    Ok(Some(Diff {
        served: state.rebuilding.served().map_or(0, |served| served.number),
        beside: generation.number,
        served_rows,
        beside_rows,
        same_rows: have_all && served_rows == beside_rows,
        differences: total,
        differing: first.into_iter().map(Differing::from).collect(),
    }))
}

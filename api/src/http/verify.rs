//! `POST /api/v1/verify`: the batch over what the view has counted, for `goldstream verify`.

use super::problem::Problem;
use super::query::NoParameters;
use crate::audits::Audited;
use crate::server::Server;
use crate::verify::{Verdict, VerifyError, verify as compute};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use goldstream_platform::clock::now_ms;
use goldstream_platform::role;
use std::ops::ControlFlow;
use std::sync::Arc;
use tokio::sync::oneshot;

/// `POST /api/v1/verify`.
pub(super) async fn verify(
    State(server): State<Arc<Server>>,
    _: NoParameters,
    headers: HeaderMap,
) -> Result<Json<Verdict>, Problem> {
    server.must_be_asked_by_own_page(&headers)?;
    server.must_be_loaded()?;
    if server.state.rebuilding.serves_older_rules() {
        return Err(Problem::counted_by_older());
    }
    let Ok(permit) = Arc::clone(&server.verifying).try_acquire_owned() else {
        return Err(Problem::new(StatusCode::CONFLICT, "it is being verified already"));
    };
    let (verdict, answer) = oneshot::channel();
    let spawned = role::spawn("verify", move || async move {
        let judged = judge(&server).await;
        if let Ok(verdict) = &judged {
            server.audits.note_asked(Audited { at_ms: now_ms(), verdict: verdict.clone() });
        }
        drop(permit);
        // Whoever asked may be gone.
        if verdict.send(judged).is_err() {
            tracing::debug!("nobody waits for the verdict");
        }
    });
    spawned.map_err(|error| {
        tracing::error!(%error, "no thread to verify on");
        Problem::internal()
    })?;
    let judged = answer.await.map_err(|_| Problem::internal())?;
    judged.map(Json).map_err(|error| {
        tracing::warn!(%error, "it could not be verified");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    })
}

async fn judge(server: &Server) -> Result<Verdict, VerifyError> {
    let state = &server.state;
    loop {
        let rules = state.rules();
        let (stamp, gold, cut) = state.view.gold();
        let on = async || ControlFlow::Continue(());
        let batch = compute(cut, &*state.log, (state.partitions, rules), on).await?;
        let verdict = Verdict::over(&gold, &batch);
        // Rules and gold may be of two generations where the one took the place of the other just then.
        if verdict.equal || state.view.read(|view| view.stamp().epoch) == stamp.epoch {
            return Ok(verdict);
        }
    }
}

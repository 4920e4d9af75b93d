//! Looks how the other processes are, again and again.

use super::known::SILENCE_MS;
use super::standing::sentences;
use super::told::Told;
use crate::lag::Lag;
use crate::limits::{EPOCHS_PACE, STANDSTILL_MIN};
use crate::server::Server;
use goldstream_platform::clock::now_ms;
use goldstream_platform::limits::REPORTS_PACE;
use goldstream_platform::reports::Report;
use std::sync::Arc;
use std::time::Instant;
use tokio::time::MissedTickBehavior;

/// Looks again and again, until it is dropped.
pub(crate) async fn watch(server: Arc<Server>) {
    let mut ticks = tokio::time::interval(REPORTS_PACE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut epochs = tokio::time::interval(EPOCHS_PACE);
    epochs.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => look(&server).await,
            // Where an emptied store's log ended is looked up when that is seen, not when somebody asks: by then
            // its stages may be at work again.
            _ = epochs.tick() => {
                let state = &server.state;
                drop(state.readiness.reasons(&state.view, &*state.log).await);
            }
        }
    }
}

async fn look(server: &Server) {
    hear(server).await;
    let lag = Lag::of(&server.state).await;
    let mut seen = server.pipeline.lock();
    let stood = seen.standing.look(&lag.positions, Instant::now(), STANDSTILL_MIN);
    seen.stages = sentences(&stood);
}

/// Hears what the processes say, where nobody has yet: for who was started for a question.
pub(crate) async fn first_hear(server: &Server) {
    if !server.pipeline.lock().is_heard {
        hear(server).await;
    }
}

async fn hear(server: &Server) {
    let reports = match &server.state.told {
        Some(told) => read_reports(server, told).await,
        None => None,
    };
    let mut seen = server.pipeline.lock();
    if let Some(reports) = reports {
        seen.hear(reports, Instant::now(), now_ms());
    }
    seen.is_heard = true;
}

/// None where the store does not answer, which is told by who follows it.
async fn read_reports(server: &Server, told: &Told) -> Option<Vec<(i64, Report)>> {
    let newest = server.pipeline.lock().newest;
    let since_ms = newest.map_or(0, |(newest_ms, _)| newest_ms - SILENCE_MS);
    match told.reports.since(since_ms).await {
        Ok(reports) => Some(reports),
        Err(error) => {
            tracing::debug!(%error, "the reports of processes cannot be read");
            None
        }
    }
}

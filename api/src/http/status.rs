//! `GET /api/v1/status`: positions, lag, rows by fate, rates, for people and tools.

use super::demo::ShopTime;
use super::format::Format;
use super::problem::Problem;
use super::query::Parameters;
use crate::audit::Audited;
use crate::limits::STATUS_PACE;
use crate::server::{ApiState, Server};
use crate::verify::Verdict;
use crate::view::state::{Stamp, State};
use axum::Json;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use goldstream_domain::gold::compare::Difference;
use goldstream_domain::gold::report::Accounting;
use goldstream_platform::clock::{now_ms, rfc3339};
use goldstream_platform::inputs::{InputState, InputStatus};
use goldstream_platform::log::{Log, LogError, Topic, TopicPartition};
use serde::Serialize;
use serde_json::value::to_raw_value;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::MissedTickBehavior;

#[derive(Debug, Serialize)]
pub(super) struct Status {
    roles: Vec<String>,
    /// Whether the rows are made up: `--demo`.
    demo: bool,
    /// Where this process makes them up: the shop's clock.
    shop_clock: Option<ShopTime>,
    started_at: String,
    epoch: Arc<str>,
    pub(super) version: u64,
    as_of: String,
    positions: Vec<Position>,
    pub(super) lag: Lag,
    pub(super) rows: Rows,
    rows_per_second: u64,
    latency: Latency,
    memory_bytes: Option<u64>,
    pub(super) clients: usize,
    pub(super) inputs: Vec<InputStatus>,
    pub(super) troubles: BTreeMap<String, String>,
    /// What a person should know of all rows together, though none is wrong.
    warnings: Vec<String>,
    verified: Option<Verified>,
}

/// How far a partition has been taken in by the stage that reads it.
#[derive(Debug, Serialize)]
struct Position {
    partition: String,
    position: u64,
    end: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct Lag {
    /// Records that wait for their stage.
    pub(super) records: u64,
    /// How long ago bronze took in the oldest of them.
    pub(super) ms: u64,
    /// Bytes of the inputs that are there and not read.
    pub(super) bytes: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct Rows {
    total: u64,
    #[serde(flatten)]
    pub(super) by_fate: Accounting,
}

#[derive(Debug, Serialize)]
struct Latency {
    p50_ms: Option<u64>,
    p99_ms: Option<u64>,
}

/// The last proof that was made on its own.
#[derive(Debug, Serialize)]
struct Verified {
    at: String,
    rows: u64,
    differences: u64,
    /// The first of them.
    differing: Vec<Difference>,
}

impl From<Audited> for Verified {
    fn from(audited: Audited) -> Self {
        let Audited { at_ms, verdict: Verdict { rows, differences, differing, .. } } = audited;
        Self { at: rfc3339(at_ms), rows, differences, differing }
    }
}

/// `GET /api/v1/status`.
pub(super) async fn status(
    Shared(server): Shared<Arc<Server>>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Json<Status>, Problem> {
    Format::negotiate(&mut parameters, &headers, &Format::JSON_ONLY)?;
    parameters.none_left()?;
    collect(&server).await.map(Json).map_err(|error| {
        tracing::warn!(%error, "positions cannot be told");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    })
}

/// Tells the feed's `status` view once a second, while there is somebody to see it. Runs until it is
/// dropped.
pub(crate) async fn pulse(server: Arc<Server>) {
    let mut ticks = tokio::time::interval(STATUS_PACE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_told = false;
    let mut warned = Vec::new();
    loop {
        ticks.tick().await;
        warn_anew(&server, &mut warned);
        // Once before anybody comes: the first snapshot has one.
        if is_told && server.connections.count() == 0 {
            continue;
        }
        match collect(&server).await.map(|status| to_raw_value(&status)) {
            Ok(Ok(body)) => {
                server.hub.tell_status(body);
                is_told = true;
            }
            Ok(Err(error)) => tracing::error!(%error, "the status has no JSON form"),
            // Told again with the next pulse; clients keep the last one, which bears its time.
            Err(error) => tracing::debug!(%error, "positions cannot be told"),
        }
    }
}

/// Says in the log what a person should know of the rows, when it begins to be so.
fn warn_anew(server: &Server, warned: &mut Vec<String>) {
    let is_reading = |input: &InputStatus| input.state == InputState::Reading;
    if !warned.is_empty() || server.state.health.inputs().all().iter().any(is_reading) {
        return;
    }
    *warned = server.state.view.read(State::warnings);
    warned.iter().for_each(|warning| tracing::warn!("{warning}"));
}

pub(super) async fn collect(server: &Server) -> Result<Status, LogError> {
    let state = &server.state;
    let mut read = read_view(state);
    let (positions, mut lag) = positions(state, &read.positions).await?;
    let inputs = state.health.inputs().all();
    if inputs.iter().any(|input| input.state == InputState::Reading) {
        // Half of the rows say nothing.
        read.warnings.clear();
    }
    lag.bytes = inputs.iter().map(InputStatus::behind_bytes).sum();
    Ok(Status {
        roles: state.roles.clone(),
        demo: state.demo,
        shop_clock: state.shop_clock.as_ref().map(ShopTime::of),
        started_at: rfc3339(state.started_at_ms),
        epoch: read.stamp.epoch,
        version: read.stamp.version,
        as_of: rfc3339(read.stamp.as_of_ms),
        positions,
        lag,
        rows: Rows { total: read.accounting.rows(), by_fate: read.accounting },
        rows_per_second: read.rows_per_second,
        latency: read.latency,
        memory_bytes: memory_bytes(),
        clients: server.connections.count(),
        inputs,
        troubles: state.health.troubles(),
        warnings: read.warnings,
        verified: server.audits.last().map(Verified::from),
    })
}

/// Records that wait for their stage.
pub(crate) async fn waiting_records(server: &Server) -> Result<u64, LogError> {
    let read = read_view(&server.state);
    let (_, lag) = positions(&server.state, &read.positions).await?;
    Ok(lag.records)
}

/// What one version says.
struct FromView {
    stamp: Stamp,
    positions: Vec<(TopicPartition, u64)>,
    accounting: Accounting,
    rows_per_second: u64,
    latency: Latency,
    warnings: Vec<String>,
}

fn read_view(state: &ApiState) -> FromView {
    state.view.read(|view| {
        let silver = view.silver_positions().map(|(at, position)| (at.into(), position));
        let gold = view.gold_positions();
        let gold = gold.map(|(at, position)| (TopicPartition::new(Topic::Silver, at), position));
        FromView {
            stamp: view.stamp(),
            positions: silver.chain(gold).collect(),
            accounting: view.accounting().clone(),
            rows_per_second: view.rows_per_second(now_ms()),
            warnings: view.warnings(),
            latency: Latency { p50_ms: view.latency_ms(50), p99_ms: view.latency_ms(99) },
        }
    })
}

async fn positions(
    state: &ApiState,
    read: &[(TopicPartition, u64)],
) -> Result<(Vec<Position>, Lag), LogError> {
    let log = &*state.log;
    let mut positions = Vec::with_capacity(read.len());
    let mut lag = Lag { records: 0, ms: 0, bytes: 0 };
    for (at, position) in read.iter().copied() {
        let end = match log.end(at).await {
            // Why there is nothing to ask is among the troubles, which must be told.
            Err(_) if !state.health.stops().is_empty() => position,
            end => end?,
        };
        if end > position {
            lag.records += end - position;
            let waits_since = ingested_at_ms(log, at, position).await?;
            let waits_ms = waits_since.map_or(0, |at_ms| (now_ms() - at_ms).max(0) as u64);
            lag.ms = lag.ms.max(waits_ms);
        }
        positions.push(Position { partition: at.to_string(), position, end });
    }
    // What stands where nobody reads waits, too.
    for (at, end) in log.surplus() {
        lag.records += end;
        positions.push(Position { partition: at.to_string(), position: 0, end });
    }
    Ok((positions, lag))
}

/// When bronze took in the row behind the record at this position.
async fn ingested_at_ms(
    log: &dyn Log,
    at: TopicPartition,
    position: u64,
) -> Result<Option<i64>, LogError> {
    let fetched = match log.read(at, position).await {
        Ok(Some(fetched)) => fetched,
        // Of a record that is gone no time is known; why its shard stands still is told as a trouble.
        Ok(None) | Err(LogError::Damaged(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let place = position.saturating_sub(fetched.first) as usize;
    let record = fetched.block.records().nth(place);
    Ok(record.and_then(Result::ok).map(|record| record.headers.ingested_at_ms))
}

/// Resident memory, where the system tells it.
fn memory_bytes() -> Option<u64> {
    const PAGE_BYTES: u64 = 4096;
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * PAGE_BYTES)
}

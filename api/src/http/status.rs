//! `GET /api/v1/status`: positions, lag, rows by fate, rates, for people and tools.

use super::demo::ShopTime;
use super::format::Format;
use super::problem::Problem;
use super::query::Parameters;
use super::rebuild::RebuildStatus;
use crate::api_state::ApiState;
use crate::audits::Audited;
use crate::lag::{Lag, Position};
use crate::limits::STATUS_PACE;
use crate::pipeline::known::ProcessStatus;
use crate::pipeline::looking;
use crate::server::Server;
use crate::verify::Verdict;
use crate::view::state::{Stamp, State};
use axum::Json;
use axum::extract::State as Shared;
use axum::http::HeaderMap;
use goldstream_domain::gold::compare::Difference;
use goldstream_domain::gold::report::Accounting;
use goldstream_platform::clock::{now_ms, rfc3339};
use goldstream_platform::inputs::{InputState, InputStatus};
use goldstream_platform::lakes::LakeStatus;
use goldstream_platform::settings::Currency;
use serde::Serialize;
use serde_json::value::to_raw_value;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::MissedTickBehavior;

#[derive(Debug, Serialize)]
pub(super) struct Status {
    roles: Vec<String>,
    /// What the amounts are in, for people: `--currency`.
    currency: Currency,
    /// Whether the rows are made up: `--demo`.
    demo: bool,
    /// Where this process makes them up: the shop's clock.
    shop_clock: Option<ShopTime>,
    started_at: String,
    epoch: Arc<str>,
    pub(super) version: u64,
    as_of: String,
    pub(super) positions: Vec<Position>,
    pub(super) lag: LagStatus,
    pub(super) rows: Rows,
    rows_per_second: u64,
    latency: Latency,
    memory_bytes: Option<u64>,
    pub(super) clients: usize,
    pub(super) inputs: Vec<InputStatus>,
    /// What is wrong, here and in the other processes of the pipeline.
    pub(super) troubles: BTreeMap<String, String>,
    /// All processes of the pipeline that say how they are.
    pub(super) processes: Vec<ProcessStatus>,
    /// What a person should know of all rows together, though none is wrong.
    warnings: Vec<String>,
    verified: Option<Verified>,
    /// How far a rebuild is, where one is under way.
    pub(super) rebuild: Option<RebuildStatus>,
    /// How the lake is, where one is written.
    pub(super) lake: Option<LakeFigures>,
}

/// What a lake has, from all processes that write it.
#[derive(Debug, Serialize)]
pub(super) struct LakeFigures {
    address: String,
    pub(super) files: u64,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    /// Records of the log that are not in it yet.
    pub(super) lag_records: u64,
    /// When rows were written last; null before that.
    written_at: Option<String>,
    /// When the tables of gold were written last; null before that.
    gold_at: Option<String>,
}

impl LakeFigures {
    pub(super) fn of(lake: LakeStatus) -> Self {
        Self {
            address: lake.address,
            files: lake.files,
            rows: lake.rows,
            bytes: lake.bytes,
            lag_records: lake.lag_records,
            written_at: lake.written_at_ms.map(rfc3339),
            gold_at: lake.gold_at_ms.map(rfc3339),
        }
    }
}

/// How the lake is, from all processes that write it.
fn lake(server: &Server) -> Option<LakeStatus> {
    let own = server.state.health.lake().status();
    LakeStatus::together(own.into_iter().chain(server.pipeline.lakes()))
}

#[derive(Debug, Serialize)]
pub(super) struct LagStatus {
    /// Records that wait for their stage; null where the log does not tell.
    pub(super) records: Option<u64>,
    /// How long ago bronze took in the oldest of them; null where that is not known.
    pub(super) ms: Option<u64>,
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
    Ok(Json(collect(&server).await))
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
        match to_raw_value(&collect(&server).await) {
            Ok(body) => {
                server.hub.tell_status(body);
                is_told = true;
            }
            Err(error) => tracing::error!(%error, "the status has no JSON form"),
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

pub(super) async fn collect(server: &Server) -> Status {
    let state = &server.state;
    looking::first_hear(server).await;
    let mut read = read_view(state);
    let lag = Lag::of(state).await;
    let mut troubles = state.health.troubles();
    troubles.extend(server.pipeline.troubles());
    troubles.extend(lag.unknown.map(|reason| ("lag".to_owned(), reason)));
    let inputs = state.health.inputs().all();
    if inputs.iter().any(|input| input.state == InputState::Reading) {
        // Half of the rows say nothing.
        read.warnings.clear();
    }
    let bytes = inputs.iter().map(InputStatus::behind_bytes).sum();
    Status {
        roles: state.roles.clone(),
        currency: state.currency.clone(),
        demo: state.demo,
        shop_clock: state.shop_clock.as_ref().map(ShopTime::of),
        started_at: rfc3339(state.started_at_ms),
        epoch: read.stamp.epoch,
        version: read.stamp.version,
        as_of: rfc3339(read.stamp.as_of_ms),
        positions: lag.positions,
        lag: LagStatus { records: lag.records, ms: lag.ms, bytes },
        rows: Rows { total: read.accounting.rows(), by_fate: read.accounting },
        rows_per_second: read.rows_per_second,
        latency: read.latency,
        memory_bytes: memory_bytes(),
        clients: server.connections.count(),
        inputs,
        troubles,
        processes: server.pipeline.processes(),
        warnings: state.warnings.iter().cloned().chain(read.warnings).collect(),
        verified: server.audits.last().map(Verified::from),
        rebuild: RebuildStatus::of(server),
        lake: lake(server).map(LakeFigures::of),
    }
}

/// What one version says.
struct FromView {
    stamp: Stamp,
    accounting: Accounting,
    rows_per_second: u64,
    latency: Latency,
    warnings: Vec<String>,
}

fn read_view(state: &ApiState) -> FromView {
    state.view.read(|view| FromView {
        stamp: view.stamp(),
        accounting: view.accounting().clone(),
        rows_per_second: view.rows_per_second(now_ms()),
        warnings: view.warnings(),
        latency: Latency { p50_ms: view.latency_ms(50), p99_ms: view.latency_ms(99) },
    })
}

/// Resident memory, where the system tells it.
fn memory_bytes() -> Option<u64> {
    const PAGE_BYTES: u64 = 4096;
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * PAGE_BYTES)
}

//! `GET /metrics`: the numbers that were counted as things happened, and those that are read now, in the
//! text form of Prometheus.

use super::problem::Problem;
use super::query::NoParameters;
use super::status::{self, LakeFigures, Status};
use crate::audits::Audited;
use crate::lag::Position;
use crate::server::Server;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use goldstream_platform::health::Health;
use goldstream_platform::inputs::{InputState, InputStatus};
use goldstream_platform::log::Topic;
use goldstream_platform::metrics::{Metrics, MetricsError, registered};
use prometheus::{
    Gauge, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};
use std::sync::Arc;

/// What the answer is, as [`prometheus::TEXT_FORMAT`] says it with its character set.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `GET /metrics`.
pub(super) async fn metrics(
    State(server): State<Arc<Server>>,
    _: NoParameters,
) -> Result<Response, Problem> {
    let status = status::collect(&server).await;
    let now = read_now(&status, server.hub.resyncs(), server.audits.last().as_ref());
    let answer = now.and_then(|now| answer(server.state.metrics.registry(), &now));
    answer.map_err(|error| no_text(&error))
}

/// What went wrong is not for who asked.
pub(crate) fn no_text(error: &MetricsError) -> Problem {
    tracing::error!(%error, "the metrics have no text form");
    Problem::internal()
}

/// What the view and the process say at this moment.
fn read_now(
    status: &Status,
    resyncs: u64,
    audited: Option<&Audited>,
) -> Result<Registry, MetricsError> {
    let registry = Registry::new();
    let gauge = |name: &str, about: &str, value: u64| {
        registered(&registry, IntGauge::new(name, about)?)
            .map(|gauge| gauge.set(i64::try_from(value).unwrap_or(i64::MAX)))
    };
    rows(&registry, status)?;
    lag(&registry, status)?;
    stage_lag(&registry, status)?;
    audit(&registry, audited)?;
    processes(&registry, status)?;
    rebuild(&registry, status)?;
    of_process(&registry, (&status.inputs, status.lake.as_ref()), status.troubles.len())?;
    gauge("goldstream_feed_clients", "Open feed connections.", status.clients as u64)?;
    let about = "Snapshots sent because what a client had missed was not known any more.";
    let resynced = IntCounter::new("goldstream_feed_resyncs_total", about)?;
    registered(&registry, resynced)?.inc_by(resyncs);
    let about = "Versions of the numbers since this server began, or its store was made anew.";
    gauge("goldstream_view_version", about, status.version)?;
    Ok(registry)
}

/// What every process says: of its inputs, the lake, and itself.
fn of_process(
    registry: &Registry,
    (of_inputs, of_lake): (&[InputStatus], Option<&LakeFigures>),
    troubles: usize,
) -> Result<(), MetricsError> {
    inputs(registry, of_inputs)?;
    lake(registry, of_lake)?;
    let about = "What is wrong now: roles with a trouble.";
    let gauge = registered(registry, IntGauge::new("goldstream_troubles", about)?)?;
    gauge.set(troubles as i64);
    let about = "Always 1; which version runs.";
    let build = IntGaugeVec::new(Opts::new("goldstream_build_info", about), &["version"])?;
    let build = registered(registry, build)?;
    build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
    Ok(())
}

/// The numbers of a process without an API, in the same form.
pub(crate) fn of_role(metrics: &Metrics, health: &Health) -> Result<Response, MetricsError> {
    let registry = Registry::new();
    let lake = health.lake().status().map(LakeFigures::of);
    of_process(&registry, (&health.inputs().all(), lake.as_ref()), health.troubles().len())?;
    answer(metrics.registry(), &registry)
}

/// What was counted as things happened, and what is read now.
fn answer(counted: &Registry, now: &Registry) -> Result<Response, MetricsError> {
    let mut families = counted.gather();
    families.extend(now.gather());
    families.sort_by(|a, b| a.name().cmp(b.name()));
    let text = TextEncoder::new().encode_to_string(&families)?;
    let headers = [(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, text).into_response())
}

/// What waits. What is not known has no value: it is not nothing.
fn lag(registry: &Registry, status: &Status) -> Result<(), MetricsError> {
    if let Some(records) = status.lag.records {
        let about = "Records that wait for their stage; absent where the log does not tell.";
        let gauge = registered(registry, IntGauge::new("goldstream_lag_records", about)?)?;
        gauge.set(i64::try_from(records).unwrap_or(i64::MAX));
    }
    if let Some(ms) = status.lag.ms {
        let about =
            "How long ago bronze took in the oldest of them; absent where that is not known.";
        let gauge = registered(registry, Gauge::new("goldstream_lag_seconds", about)?)?;
        gauge.set(ms as f64 / 1_000.0);
    }
    Ok(())
}

/// The same records by the stage that they wait for, where every partition's end is known.
fn stage_lag(registry: &Registry, status: &Status) -> Result<(), MetricsError> {
    let about = "Records that wait for the stage; absent where the log does not tell.";
    let gauges = IntGaugeVec::new(Opts::new("goldstream_stage_lag_records", about), &["stage"])?;
    let gauges = registered(registry, gauges)?;
    if status.lag.records.is_none() {
        return Ok(());
    }
    for Position { at, position, end } in &status.positions {
        let stage = match at.topic {
            Topic::Bronze(_) => "silver",
            Topic::Silver | Topic::Quarantine => "gold",
        };
        let waiting = end.unwrap_or(*position).saturating_sub(*position);
        gauges.with_label_values(&[stage]).add(i64::try_from(waiting).unwrap_or(i64::MAX));
    }
    Ok(())
}

/// The last proof that gold is what the batch gives; absent before the first.
fn audit(registry: &Registry, audited: Option<&Audited>) -> Result<(), MetricsError> {
    let Some(Audited { at_ms, verdict }) = audited else { return Ok(()) };
    let gauge = |name: &str, about: &str, value: f64| {
        registered(registry, Gauge::new(name, about)?).map(|gauge| gauge.set(value))
    };
    let about = "Rows and counts in which gold differed from the batch at the last audit.";
    gauge("goldstream_audit_differences", about, verdict.differences as f64)?;
    let about = "Rows over which the last audit was made.";
    gauge("goldstream_audit_rows", about, verdict.rows as f64)?;
    let about = "When the last audit was made, in seconds since 1970 UTC.";
    gauge("goldstream_audit_timestamp_seconds", about, *at_ms as f64 / 1_000.0)
}

/// How far a rebuild is; absent where none is under way.
fn rebuild(registry: &Registry, status: &Status) -> Result<(), MetricsError> {
    let Some(rebuild) = &status.rebuild else { return Ok(()) };
    let gauge = |name: &str, about: &str, value: u64| {
        let gauge = registered(registry, IntGauge::new(name, about)?)?;
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        Ok::<_, MetricsError>(())
    };
    let about = "Rows that a rebuild has counted; absent where none is under way.";
    gauge("goldstream_rebuild_rows", about, rebuild.rows)?;
    let about = "Rows that it is to count.";
    gauge("goldstream_rebuild_of_rows", about, rebuild.of_rows)
}

/// What the lake has, and how far it is behind; absent where none is written.
fn lake(registry: &Registry, lake: Option<&LakeFigures>) -> Result<(), MetricsError> {
    let Some(lake) = lake else { return Ok(()) };
    for (name, about, value) in [
        (
            "goldstream_lake_files",
            "Files of rows in the lake; absent where none is written.",
            lake.files,
        ),
        ("goldstream_lake_rows", "Rows in them.", lake.rows),
        ("goldstream_lake_bytes", "Their size.", lake.bytes),
        (
            "goldstream_lake_lag_records",
            "Records of the log that are not in the lake yet.",
            lake.lag_records,
        ),
    ] {
        let gauge = registered(registry, IntGauge::new(name, about)?)?;
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
    }
    Ok(())
}

/// How many processes of the pipeline say that they live, by what they do.
fn processes(registry: &Registry, status: &Status) -> Result<(), MetricsError> {
    let about = "Processes of the pipeline that say how they are, by role.";
    let gauges = IntGaugeVec::new(Opts::new("goldstream_processes", about), &["role"])?;
    let gauges = registered(registry, gauges)?;
    for role in status.processes.iter().flat_map(|process| &process.roles) {
        gauges.with_label_values(&[role.as_str()]).inc();
    }
    Ok(())
}

/// Each input, by its name: what is done with it, and how far it is read.
fn inputs(registry: &Registry, inputs: &[InputStatus]) -> Result<(), MetricsError> {
    let gauges = |name: &str, about: &str, labels: &[&str]| {
        registered(registry, IntGaugeVec::new(Opts::new(name, about), labels)?)
    };
    let about = "1 for what is done with the input now, 0 for what else might be.";
    let states = gauges("goldstream_input_state", about, &["source", "state"])?;
    let about = "Bytes of the input that are there and not read.";
    let behind = gauges("goldstream_input_behind_bytes", about, &["source"])?;
    for input in inputs {
        for state in InputState::ALL {
            let is_now = i64::from(state == input.state);
            states.with_label_values(&[input.source.as_str(), state.name()]).set(is_now);
        }
        let bytes = i64::try_from(input.behind_bytes()).unwrap_or(i64::MAX);
        behind.with_label_values(&[&input.source]).set(bytes);
    }
    Ok(())
}

/// Every row read has one fate: the sum over all of them is the number of rows.
fn rows(registry: &Registry, status: &Status) -> Result<(), MetricsError> {
    let about = "Rows read, each by its one fate; the reason is that of refused ones.";
    let labels = ["fate", "reason"];
    let rows = IntCounterVec::new(Opts::new("goldstream_rows_total", about), &labels)?;
    let rows = registered(registry, rows)?;
    let of = &status.rows.by_fate;
    let fates = [
        ("accepted_purchases", of.accepted_purchases),
        ("duplicate_purchases", of.duplicate_purchases),
        ("customer_versions", of.customer_versions),
    ];
    for (fate, count) in fates {
        rows.with_label_values(&[fate, ""]).inc_by(count);
    }
    for (reason, count) in &of.quarantined {
        rows.with_label_values(&["quarantined", reason.as_ref()]).inc_by(*count);
    }
    Ok(())
}

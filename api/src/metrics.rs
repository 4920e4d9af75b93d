//! What the API counts, beside what the roles of its process count: requests, and what clients of the
//! feed were sent. Names are Prometheus's, units are its base units.

use crate::feed::message::ServerMessage;
use axum::http::{Method, StatusCode};
use goldstream_platform::metrics::{MetricsError, registered};
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry,
    exponential_buckets,
};
use std::time::Duration;

/// The numbers of one server.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    requests: IntCounterVec,
    request_seconds: HistogramVec,
    frames: IntCounterVec,
    conflated: IntCounter,
    frame_age_seconds: Histogram,
}

impl Metrics {
    pub(crate) fn new(registry: &Registry) -> Result<Self, MetricsError> {
        let counters = |name: &str, about: &str, labels: &[&str]| {
            registered(registry, IntCounterVec::new(Opts::new(name, about), labels)?)
        };
        let seconds = |name: &str, about: &str| {
            let buckets = exponential_buckets(0.000_25, 4.0, 9)?;
            Ok::<_, MetricsError>(HistogramOpts::new(name, about).buckets(buckets))
        };
        let request_seconds = seconds(
            "goldstream_http_request_seconds",
            "From a request to the head of its answer.",
        )?;
        let frame_age_seconds = seconds(
            "goldstream_ingested_to_frame_seconds",
            "From bronze taking in the oldest row of an update to its being written to a client.",
        )?;
        Ok(Self {
            requests: counters(
                "goldstream_http_requests_total",
                "Answered requests.",
                &["method", "route", "status"],
            )?,
            request_seconds: registered(registry, HistogramVec::new(request_seconds, &["route"])?)?,
            frames: counters("goldstream_feed_frames_total", "Frames sent to clients.", &["op"])?,
            conflated: registered(
                registry,
                IntCounter::new(
                    "goldstream_feed_conflated_versions_total",
                    "Versions that clients got together with a later one.",
                )?,
            )?,
            frame_age_seconds: registered(registry, Histogram::with_opts(frame_age_seconds)?)?,
        })
    }

    /// A request was answered. A route is a pattern: there are as many as the router has.
    pub(crate) fn answered(
        &self,
        method: &Method,
        route: &str,
        status: StatusCode,
        took: Duration,
    ) {
        // Any word can be a method, and each would be counted apart for ever.
        let method = match *method {
            Method::GET | Method::HEAD | Method::POST | Method::OPTIONS => method.as_str(),
            _ => "other",
        };
        self.requests.with_label_values(&[method, route, status.as_str()]).inc();
        self.request_seconds.with_label_values(&[route]).observe(took.as_secs_f64());
    }

    /// A frame was written to a client.
    pub(crate) fn sent(&self, message: &ServerMessage, now_ms: i64) {
        self.frames.with_label_values(&[message.op()]).inc();
        if let ServerMessage::Update { prev, version, ingested_at, .. } = message {
            self.conflated.inc_by(version.saturating_sub(prev + 1));
            if let Some(ingested_at) = ingested_at {
                let age_ms = (now_ms - ingested_at.0).max(0);
                self.frame_age_seconds.observe(age_ms as f64 / 1_000.0);
            }
        }
    }
}

//! Where spans go: to a collector over OTLP, in batches, from a thread of its own. What cannot be sent is dropped and
//! counted; nothing waits for it.

use crate::collector::{Collector, Extent, NotTaken};
use crate::error::TracesError;
use crate::span::Step;
use goldstream_platform::limits::{TRACES_END_MAX, TRACES_QUEUE_MAX, TRACES_SEND_PACE};
use goldstream_platform::metrics::{Metrics, registered};
use opentelemetry::trace::{SpanContext, SpanId, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SpanData, SpanEvents, SpanExporter, SpanLinks,
    SpanProcessor,
};
use prometheus::{IntCounterVec, Opts};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// With what the SDK calls a service of which nobody says the name.
const UNKNOWN: &str = "unknown_service";

/// A step that is over.
pub(crate) struct Told {
    pub(crate) step: Step,
    pub(crate) trace_id: u128,
    pub(crate) id: u64,
    /// What it followed from; 0 where it is the first.
    pub(crate) parent: u64,
    pub(crate) from: SystemTime,
    pub(crate) to: SystemTime,
    pub(crate) attributes: Vec<KeyValue>,
}

/// The way to a collector.
pub(crate) struct Export {
    processor: BatchSpanProcessor,
    scope: InstrumentationScope,
    system: &'static str,
    fates: Arc<Fates>,
}

/// What becomes of spans.
#[derive(Debug)]
struct Fates {
    /// Those that wait to be sent.
    queued: AtomicUsize,
    /// Those that found no room to wait.
    without_room: AtomicU64,
    /// Why spans were lost last that were posted.
    reason: Mutex<Option<String>>,
    counted: IntCounterVec,
}

impl Fates {
    fn are(&self, outcome: &str, spans: usize) {
        self.counted.with_label_values(&[outcome]).inc_by(spans as u64);
    }

    /// Whether there is room for one more, which is then taken.
    fn has_room(&self) -> bool {
        if self.queued.fetch_add(1, Ordering::Relaxed) < TRACES_QUEUE_MAX {
            return true;
        }
        self.queued.fetch_sub(1, Ordering::Relaxed);
        self.without_room.fetch_add(1, Ordering::Relaxed);
        self.are("lost", 1);
        false
    }
}

impl Export {
    /// To this address, of a log of this system under this prefix, by the process of this number.
    pub(crate) fn new(
        url: &str,
        (system, prefix, process): (&'static str, &str, u64),
        metrics: &Metrics,
    ) -> Result<Self, TracesError> {
        let collector = Collector::at(url)?;
        let spans = Opts::new(
            "goldstream_trace_spans_total",
            "Spans of traced rows, by whether the collector took them.",
        );
        let counted = registered(metrics.registry(), IntCounterVec::new(spans, &["outcome"])?)?;
        // Also what there is none of yet is told.
        for outcome in ["sent", "lost"] {
            counted.with_label_values(&[outcome]).inc_by(0);
        }
        let fates = Arc::new(Fates {
            queued: AtomicUsize::new(0),
            without_room: AtomicU64::new(0),
            reason: Mutex::default(),
            counted,
        });
        let watched = Watched {
            collector,
            fates: Arc::clone(&fates),
            is_away: AtomicBool::new(false),
            has_told_of_part: AtomicBool::new(false),
        };
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(TRACES_QUEUE_MAX)
            .with_scheduled_delay(TRACES_SEND_PACE)
            .build();
        let mut processor = BatchSpanProcessor::builder(watched).with_batch_config(config).build();
        processor.set_resource(&resource(prefix, process));
        let scope = InstrumentationScope::builder("goldstream")
            .with_version(env!("CARGO_PKG_VERSION"))
            .build();
        Ok(Self { processor, scope, system, fates })
    }

    /// Has it sent with others.
    pub(crate) fn tell(&self, told: Told) {
        let Told { step, trace_id, id, parent, from, to, mut attributes } = told;
        if !self.fates.has_room() {
            return;
        }
        attributes.extend([
            KeyValue::new("messaging.system", self.system),
            KeyValue::new("messaging.operation.type", step.operation()),
        ]);
        let (flags, state) = (TraceFlags::SAMPLED, TraceState::NONE);
        let span_context =
            SpanContext::new(TraceId::from(trace_id), SpanId::from(id), flags, false, state);
        self.processor.on_end(SpanData {
            span_context,
            parent_span_id: SpanId::from(parent),
            parent_span_is_remote: true,
            span_kind: step.kind(),
            name: step.name(),
            start_time: from.min(to),
            end_time: to,
            attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: self.scope.clone(),
        });
    }

    /// Sends what waits, and ends; gives up in time. Blocks.
    pub(crate) fn end(&self) {
        // What it says is what is counted below.
        self.processor.shutdown_with_timeout(TRACES_END_MAX).unwrap_or_default();
        self.fates.are("lost", self.fates.queued.swap(0, Ordering::Relaxed));
        let [sent, lost] =
            ["sent", "lost"].map(|outcome| self.fates.counted.with_label_values(&[outcome]).get());
        let reason = self.fates.reason.lock().unwrap_or_else(PoisonError::into_inner).take();
        let came_too_quick = self.fates.without_room.load(Ordering::Relaxed) > 0 && sent > 0;
        let hint = match reason {
            Some(reason) => reason,
            None if came_too_quick => {
                "they came quicker than the collector takes them: trace fewer rows (--otlp-one-in)"
                    .to_owned()
            }
            None => "the collector did not take them in time".to_owned(),
        };
        match lost {
            0 => tracing::info!(spans = sent, "traces are sent"),
            _ => tracing::warn!(lost, of = sent + lost, "spans were not sent: {hint}"),
        }
    }
}

/// Who tells it, as far as the environment does not say otherwise (`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`).
fn resource(prefix: &str, process: u64) -> Resource {
    let said = Resource::builder().build();
    let is_said = |key: &KeyValue| {
        let said = said.get(&key.key).map(|value| value.to_string()).unwrap_or_default();
        !said.is_empty() && !said.starts_with(UNKNOWN)
    };
    let ours = [
        KeyValue::new("service.name", "goldstream"),
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("service.instance.id", format!("{process:016x}")),
        KeyValue::new("process.pid", i64::from(std::process::id())),
        KeyValue::new("goldstream.prefix", prefix.to_owned()),
    ];
    let ours = ours.into_iter().filter(|key| !is_said(key));
    Resource::builder().with_attributes(ours).build()
}

/// An exporter that says when a collector begins to take nothing, and when it takes spans again; and once that it
/// refuses some.
#[derive(Debug)]
struct Watched {
    collector: Collector,
    fates: Arc<Fates>,
    is_away: AtomicBool,
    has_told_of_part: AtomicBool,
}

impl Watched {
    fn sent(&self, spans: usize, result: &Result<(), NotTaken>) {
        let lost = result.as_ref().map_or_else(|not_taken| not_taken.spans, |()| 0);
        self.fates.queued.fetch_sub(spans, Ordering::Relaxed);
        self.fates.are("sent", spans - lost);
        self.fates.are("lost", lost);
        let is_away = result.as_ref().is_err_and(|reason| reason.extent == Extent::Whole);
        let was_away = self.is_away.swap(is_away, Ordering::Relaxed);
        if was_away && !is_away {
            tracing::info!("{} takes traces again", self.collector.url());
        }
        let Err(reason) = result else { return };
        let is_told = match reason.extent {
            Extent::Whole => was_away,
            Extent::Part => self.has_told_of_part.swap(true, Ordering::Relaxed),
        };
        if !is_told {
            tracing::warn!("{reason}; these spans are lost, as are others until it takes them");
        }
        let kept = &self.fates.reason;
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.to_string());
    }
}

impl SpanExporter for Watched {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let result = self.collector.post(batch).await;
        self.sent(spans, &result);
        result.map_err(|reason| OTelSdkError::InternalFailure(reason.to_string()))
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.collector.shutdown(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.collector.set_resource(resource);
    }
}

//! The entry: what a process traces, and to whom that is told.

use crate::arrived::Arrived;
use crate::export::{Export, Told};
use crate::log::TracedLog;
use crate::span::{Sampling, Step};
use crate::store::TracedStore;
use goldstream_platform::clock::now;
use goldstream_platform::limits::{TRACES_SHOWN_MAX, TRACES_UNSHOWN_MAX};
use goldstream_platform::log::Log;
use goldstream_platform::metrics::{Metrics, MetricsError};
use goldstream_platform::settings::OtlpSettings;
use goldstream_platform::store::Store;
use goldstream_platform::trace::{Shown, TraceContext};
use opentelemetry::KeyValue;
use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Traces cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// There is no client for it.
    #[error("traces cannot be sent: {0}")]
    Client(String),
    /// There are numbers of that name.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
}

/// What a process traces; nothing where that is not wanted. Cheap to clone.
#[derive(Clone, Default)]
pub struct Traces(Option<Arc<Inner>>);

pub(crate) struct Inner {
    pub(crate) sampling: Sampling,
    /// By which spans of this process are told from those of others.
    process: u64,
    export: Export,
    unshown: Mutex<VecDeque<Unshown>>,
    has_unshown: AtomicBool,
    /// The newest version that a client was sent: it may be before the view says what is in it.
    sent: AtomicU64,
}

/// A row that a view has and no frame has shown.
struct Unshown {
    trace: TraceContext,
    version: u64,
    since: SystemTime,
}

impl Traces {
    /// Those of a process, told where the settings say. The log is of a system, such as `kafka`, under a prefix.
    ///
    /// # Errors
    /// [`TracesError`].
    pub fn new(
        settings: &OtlpSettings,
        (system, prefix): (&'static str, &str),
        metrics: &Metrics,
    ) -> Result<Self, TracesError> {
        let process = RandomState::new().build_hasher().finish();
        let export = Export::new(&settings.url, (system, prefix, process), metrics)?;
        Ok(Self(Some(Arc::new(Inner {
            sampling: Sampling::one_in(settings.one_in),
            process,
            export,
            unshown: Mutex::default(),
            has_unshown: AtomicBool::new(false),
            sent: AtomicU64::new(0),
        }))))
    }

    /// Log and store of a generation, looked at.
    #[must_use]
    pub fn over(
        &self,
        generation: u32,
        (log, store): (Arc<dyn Log>, Arc<dyn Store>),
    ) -> (Arc<dyn Log>, Arc<dyn Store>) {
        let Some(inner) = &self.0 else { return (log, store) };
        let side = Arc::new(Side {
            inner: Arc::clone(inner),
            generation,
            rows: Arrived::default(),
            events: Arrived::default(),
        });
        (Arc::new(TracedLog::new(log, Arc::clone(&side))), Arc::new(TracedStore::new(store, side)))
    }

    /// Who hears of what is shown; none where nobody wishes to.
    #[must_use]
    pub fn shown(&self) -> Option<Arc<dyn Shown>> {
        Some(Arc::clone(self.0.as_ref()?) as Arc<dyn Shown>)
    }

    /// Tells what waits to be told, and ends; gives up in time. Blocks.
    pub fn end(&self) {
        if let Some(inner) = &self.0 {
            inner.export.end();
        }
    }
}

impl Inner {
    fn unshown(&self) -> MutexGuard<'_, VecDeque<Unshown>> {
        self.unshown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown for Inner {
    fn is_in(&self, traces: &[TraceContext], version: u64) {
        let since = now();
        let mut unshown = self.unshown();
        // Another epoch counts its versions anew.
        if unshown.back().is_some_and(|last| last.version > version) {
            unshown.clear();
        }
        unshown.extend(traces.iter().map(|trace| Unshown { trace: *trace, version, since }));
        let over = unshown.len().saturating_sub(TRACES_UNSHOWN_MAX);
        unshown.drain(..over);
        self.has_unshown.store(true, Ordering::Release);
        drop(unshown);
        let sent = self.sent.load(Ordering::Acquire);
        if sent == version {
            self.is_sent(sent);
        }
    }

    fn is_sent(&self, version: u64) {
        self.sent.store(version, Ordering::Release);
        // Asked for every frame of every client.
        if !self.has_unshown.load(Ordering::Acquire) {
            return;
        }
        let to = now();
        let mut unshown = self.unshown();
        let count = unshown.partition_point(|row| row.version <= version);
        let shown: Vec<_> = unshown.drain(..count).collect();
        self.has_unshown.store(!unshown.is_empty(), Ordering::Release);
        drop(unshown);
        let in_time = |row: &Unshown| {
            to.duration_since(row.since).is_ok_and(|waited| waited <= TRACES_SHOWN_MAX)
        };
        for Unshown { trace, since, .. } in shown.into_iter().filter(in_time) {
            let TraceContext { trace_id, span_id } = trace;
            self.export.tell(Told {
                step: Step::SendFrame,
                trace_id,
                // The generation is in the number of what it followed from.
                id: (span_id ^ self.process).max(1),
                parent: span_id,
                from: since,
                to,
                attributes: Vec::new(),
            });
        }
    }
}

/// A generation, as a process works on it.
pub(crate) struct Side {
    pub(crate) inner: Arc<Inner>,
    generation: u32,
    /// What the silver stage has read.
    pub(crate) rows: Arrived,
    /// What the gold stage has read.
    pub(crate) events: Arrived,
}

impl Side {
    /// Where a step of this generation is in a trace.
    pub(crate) fn context(&self, step: Step, trace_id: u128) -> TraceContext {
        TraceContext { trace_id, span_id: step.id(trace_id, self.generation) }
    }

    /// Tells a step that is over, and what it followed from.
    pub(crate) fn tell(
        &self,
        (step, trace_id): (Step, u128),
        parent: Option<Step>,
        (from, to): (SystemTime, SystemTime),
        mut attributes: Vec<KeyValue>,
    ) {
        if self.generation > 0 {
            attributes.push(KeyValue::new("goldstream.generation", i64::from(self.generation)));
        }
        self.inner.export.tell(Told {
            step,
            trace_id,
            id: step.id(trace_id, self.generation),
            parent: parent.map_or(0, |parent| parent.id(trace_id, self.generation)),
            from,
            to,
            attributes,
        });
    }
}

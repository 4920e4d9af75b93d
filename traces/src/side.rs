//! A generation of the log and its store, as a process looks at it.

use crate::arrived::Arrived;
use crate::export::Told;
use crate::shown::Inner;
use crate::span::Step;
use goldstream_platform::trace::TraceContext;
use opentelemetry::KeyValue;
use std::sync::Arc;
use std::time::SystemTime;

/// A generation, as a process works on it.
pub(crate) struct Side {
    pub(crate) inner: Arc<Inner>,
    pub(crate) generation: u32,
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

//! What a process knows of its traces: which rows a view has that no frame has shown, and to whom steps are told.

use crate::export::{Export, Told};
use crate::span::{Sampling, Step};
use goldstream_platform::clock::now;
use goldstream_platform::limits::{TRACES_SHOWN_MAX, TRACES_UNSHOWN_MAX};
use goldstream_platform::trace::{Shown, TraceContext};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

pub(crate) struct Inner {
    pub(crate) sampling: Sampling,
    /// By which spans of this process are told from those of others.
    process: u64,
    pub(crate) export: Export,
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

impl Inner {
    pub(crate) fn new(sampling: Sampling, process: u64, export: Export) -> Self {
        Self {
            sampling,
            process,
            export,
            unshown: Mutex::default(),
            has_unshown: AtomicBool::new(false),
            sent: AtomicU64::new(0),
        }
    }

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

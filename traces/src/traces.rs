//! The entry: what a process traces, and to whom that is told.

use crate::arrived::Arrived;
use crate::error::TracesError;
use crate::export::Export;
use crate::log::TracedLog;
use crate::shown::Inner;
use crate::side::Side;
use crate::span::Sampling;
use crate::store::TracedStore;
use goldstream_platform::log::Log;
use goldstream_platform::metrics::Metrics;
use goldstream_platform::settings::OtlpSettings;
use goldstream_platform::store::Store;
use goldstream_platform::trace::Shown;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

/// What a process traces; nothing where that is not wanted. Cheap to clone.
#[derive(Clone, Default)]
pub struct Traces(Option<Arc<Inner>>);

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
        let sampling = Sampling::one_in(settings.one_in);
        Ok(Self(Some(Arc::new(Inner::new(sampling, process, export)))))
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

//! When the server calls itself ready, and why not yet.

use crate::view::state::State;
use crate::view::{BronzeEnds, View};
use goldstream_domain::gold::shard::SumOverflow;
use goldstream_domain::progress::BronzePartition;
use goldstream_platform::log::{Log, LogError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// When the server calls itself ready.
#[derive(Debug, Clone)]
pub struct Readiness {
    folded_to: BronzeEnds,
    /// It was ready once: later rows do not take that back.
    was_ready: Arc<AtomicBool>,
}

impl Readiness {
    /// Ready once the store is loaded, whatever the lag.
    #[must_use]
    pub fn when_loaded() -> Self {
        Self::when_folded(BronzeEnds::new())
    }

    /// Ready once every bronze row before these ends is in the numbers.
    #[must_use]
    pub fn when_folded(folded_to: BronzeEnds) -> Self {
        Self { folded_to, was_ready: Arc::default() }
    }

    /// Why it is not ready; empty where it is.
    #[must_use]
    pub fn reasons(&self, view: &View) -> Vec<String> {
        if view.read(State::is_overflown) {
            return vec![SumOverflow.to_string()];
        }
        if self.was_ready.load(Ordering::Relaxed) {
            return Vec::new();
        }
        if !view.read(State::is_loaded) {
            return vec!["the store is being loaded".to_owned()];
        }
        if !view.is_counted(&self.folded_to) {
            return vec!["the log as it stood at the start is being folded".to_owned()];
        }
        self.was_ready.store(true, Ordering::Relaxed);
        Vec::new()
    }
}

/// Where every bronze partition ends now.
///
/// # Errors
/// [`LogError`] where the log cannot tell.
pub async fn bronze_ends(log: &dyn Log, partitions: u32) -> Result<BronzeEnds, LogError> {
    let mut ends = BronzeEnds::new();
    for at in BronzePartition::all(partitions) {
        ends.insert(at, log.end(at.into()).await?);
    }
    Ok(ends)
}

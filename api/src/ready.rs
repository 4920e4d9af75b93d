//! When the server calls itself ready, and why not yet.

use crate::view::state::State;
use crate::view::{BronzeEnds, View};
use goldstream_domain::gold::shard::SumOverflow;
use goldstream_platform::log::{Log, LogError, Topic, TopicPartition, bronze_ends};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Mutex;

/// When the server calls itself ready.
#[derive(Debug, Clone)]
pub struct Readiness {
    when: When,
    /// It was ready once: later rows do not take that back.
    was_ready: Arc<AtomicBool>,
}

#[derive(Debug, Clone)]
enum When {
    /// Every bronze row before these ends is in the numbers.
    Folded(BronzeEnds),
    /// The store is loaded, whatever the lag; one that was emptied, once it has again what bronze had then.
    Loaded(Arc<Mutex<Option<Refold>>>),
}

/// An epoch that began with an empty store, and where bronze ended when that was seen.
#[derive(Debug)]
struct Refold {
    epoch: Arc<str>,
    ends: BronzeEnds,
    is_over: bool,
}

impl Refold {
    /// Where silver has nothing, nothing was ever counted, and nothing is lost: that is lag.
    async fn begun_in(epoch: Arc<str>, log: &dyn Log, partitions: u32) -> Result<Self, LogError> {
        let mut is_over = true;
        for partition in 0..partitions {
            is_over &= log.end(TopicPartition::new(Topic::Silver, partition)).await? == 0;
        }
        Ok(Self { epoch, ends: bronze_ends(log, partitions).await?, is_over })
    }
}

impl Readiness {
    /// Ready once the store is loaded, whatever the lag. Where it was emptied, its numbers are none before all
    /// rows are counted again.
    #[must_use]
    pub fn when_loaded() -> Self {
        Self { when: When::Loaded(Arc::default()), was_ready: Arc::default() }
    }

    /// Ready once every bronze row before these ends is in the numbers.
    #[must_use]
    pub fn when_folded(folded_to: BronzeEnds) -> Self {
        Self { when: When::Folded(folded_to), was_ready: Arc::default() }
    }

    /// Why it is not ready; empty where it is.
    pub async fn reasons(&self, view: &View, log: &dyn Log) -> Vec<String> {
        if view.read(State::is_overflown) {
            return vec![SumOverflow.to_string()];
        }
        if !view.read(State::is_loaded) {
            return vec!["the store is being loaded".to_owned()];
        }
        match &self.when {
            When::Loaded(refold) => refolding(refold, view, log).await.into_iter().collect(),
            When::Folded(ends) => {
                let is_folded = self.was_ready.load(Ordering::Relaxed) || view.is_counted(ends);
                self.was_ready.store(is_folded, Ordering::Relaxed);
                let reason = "the log as it stood at the start is being folded";
                if is_folded { Vec::new() } else { vec![reason.to_owned()] }
            }
        }
    }
}

/// Whether the rows of an emptied store are still being counted again.
async fn refolding(refold: &Mutex<Option<Refold>>, view: &View, log: &dyn Log) -> Option<String> {
    let epoch = view.read(State::epoch_begun_empty)?;
    let mut known = refold.lock().await;
    if known.as_ref().is_none_or(|known| known.epoch != epoch) {
        match Refold::begun_in(epoch, log, view.read(State::partitions)).await {
            Ok(begun) => *known = Some(begun),
            Err(error) => return Some(format!("the store was emptied, and {error}")),
        }
    }
    let known = known.as_mut()?;
    known.is_over |= view.is_counted(&known.ends);
    let rows: u64 = known.ends.values().sum();
    let counted = || view.read(|state| state.accounting().rows());
    (!known.is_over).then(|| {
        format!("the store was empty: {} of {rows} rows are counted again", counted().min(rows))
    })
}

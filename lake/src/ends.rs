//! How far the log is, and who waits until the lake is as far. The log is asked beside the loop, which nothing of it
//! holds up.

use crate::world::{Caught, Flush};
use futures::future::{BoxFuture, join_all};
use goldstream_platform::log::{Log, TopicPartition};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the log is asked.
const PACE: Duration = Duration::from_secs(1);

/// What the log said.
#[derive(Debug)]
pub(crate) struct Ends {
    /// Where partitions end; those of which it did not tell are left out.
    pub(crate) ends: Vec<(TopicPartition, u64)>,
    /// Whether it was asked after somebody began to wait: what was appended before that is among it.
    pub(crate) is_for_who_waits: bool,
}

/// Who waits, and when the log was asked.
#[derive(Debug)]
pub(crate) struct Waiting {
    flushes: Vec<Flush>,
    asked_at: Option<Instant>,
    is_asking: bool,
    /// Somebody has begun to wait since it was asked.
    is_new: bool,
}

impl Waiting {
    /// Those who waited already.
    pub(crate) fn of(flushes: Vec<Flush>) -> Self {
        let is_new = !flushes.is_empty();
        Self { flushes, asked_at: None, is_asking: false, is_new }
    }

    /// One more waits.
    pub(crate) fn add(&mut self, flush: Flush) {
        self.flushes.push(flush);
        self.is_new = true;
    }

    pub(crate) fn is_somebody(&self) -> bool {
        !self.flushes.is_empty()
    }

    /// Those who wait, for who goes on.
    pub(crate) fn hand_over(&mut self) -> Vec<Flush> {
        std::mem::take(&mut self.flushes)
    }

    /// What is to be asked of the log, where it is time.
    pub(crate) fn ask(
        &mut self,
        log: &Arc<dyn Log>,
        partitions: impl Iterator<Item = TopicPartition>,
    ) -> Option<BoxFuture<'static, Ends>> {
        let is_early = self.asked_at.is_some_and(|at| at.elapsed() < PACE);
        if self.is_asking || (is_early && !self.is_new) {
            return None;
        }
        (self.is_asking, self.asked_at, self.is_new) = (true, Some(Instant::now()), false);
        let is_for_who_waits = self.is_somebody();
        let ends = partitions.map(|at| {
            let end = log.end(at);
            async move { end.await.ok().map(|end| (at, end)) }
        });
        let ends: Vec<_> = ends.collect();
        Some(Box::pin(async move {
            let ends = join_all(ends).await.into_iter().flatten().collect();
            Ends { ends, is_for_who_waits }
        }))
    }

    /// It has answered.
    pub(crate) const fn asked(&mut self) {
        self.is_asking = false;
    }

    /// Tells those who wait what came of it.
    pub(crate) fn answer(&mut self, caught: &Caught) {
        for Flush(waits) in self.flushes.drain(..) {
            // Who asked may have gone.
            waits.send(caught.clone()).ok();
        }
    }
}

//! The stages over a file. Where a generation is folded beside the one that is served, each has its own pair of
//! stages, and this decides when the new one takes the place of the old: once it has counted every row that the
//! old one has. It counts nothing itself.

use super::pair::{Failed, Folded, Pair, StageKind};
use goldstream_consumers::interpreter::World;
use goldstream_consumers::reach::{counted, has_passed};
use goldstream_platform::embedded::Embedded;
use goldstream_platform::health::Health;
use goldstream_platform::limits::{KEPT_PACE, REBUILD_NEAR_MAX, REBUILD_PACE};
use goldstream_platform::log::{BronzeEnds, bronze_ends};
use goldstream_platform::metrics::Metrics;
use goldstream_platform::rebuilding::{Progress, Rebuilding, Wish};
use goldstream_platform::shutdown::Shutdown;
use goldstream_platform::telemetry::say;
use goldstream_platform::throttle::Throttle;
use goldstream_traces::Traces;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;

/// Under which the trouble is told.
const NAME: &str = "rebuild";

/// What the stages work on and tell.
pub(crate) struct Folding {
    pub(crate) file: Embedded,
    pub(crate) rebuilding: Rebuilding,
    pub(crate) wishes: watch::Receiver<Option<Wish>>,
    pub(crate) health: Health,
    pub(crate) metrics: Metrics,
    pub(crate) traces: Traces,
    pub(crate) throttle: Throttle,
}

/// The generation that is folded beside the served one.
struct Next {
    store: Embedded,
    pair: Pair,
    /// How far it was when it was begun here.
    begun: Progress,
    /// Where bronze ended when it was looked, and when that was: passed soon, it is near.
    target: (BronzeEnds, Instant),
}

/// Runs until the end is wished or a stage fails.
pub(crate) async fn run(folding: Folding, mut shutdown: Shutdown) -> anyhow::Result<()> {
    let (failed, mut failures) = mpsc::unbounded_channel();
    let mut wishes = folding.wishes.clone();
    let (served, store) = folding.file.served();
    // One of an older version is shown as it stands: nobody knows its rules any more.
    let mut live = match served.is_of_this_version() {
        true => Some(folding.start((served.number, &store), &failed)?),
        false => None,
    };
    let mut next = folding.begin_next(&failed).await?;
    let mut pace = tokio::time::interval(REBUILD_PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut expiry = tokio::time::interval(KEPT_PACE);
    expiry.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let ended = loop {
        let step = tokio::select! {
            () = shutdown.wished() => break Ok(()),
            Some(error) = failures.recv() => break Err(error),
            Ok(()) = wishes.changed() => {
                let wish = *wishes.borrow_and_update();
                folding.begin_wished(wish, &mut next, &failed).await
            }
            _ = expiry.tick() => folding.file.expire().await.map_err(anyhow::Error::msg),
            _ = pace.tick(), if next.is_some() => {
                folding.go_over_where_near(&mut live, &mut next, &shutdown).await
            }
        };
        if let Err(error) = step {
            break Err(error);
        }
    };
    let pairs = live.into_iter().chain(next.map(|next| next.pair));
    pairs.for_each(Pair::end);
    ended
}

impl Folding {
    /// Starts both stages over a generation.
    fn start(&self, (number, store): (u32, &Embedded), failed: &Failed) -> anyhow::Result<Pair> {
        let both = (Arc::new(store.clone()) as _, Arc::new(store.clone()) as _);
        let (over_log, over_store) = self.traces.over(number, both);
        let world = World {
            log: over_log,
            store: over_store,
            health: self.health.clone(),
            metrics: self.metrics.clone(),
            share: self.throttle.share(number),
            generation: number,
        };
        let folded = Folded { partitions: store.partitions(), rules: store.rules() };
        let file = store.clone();
        let over = move || {
            let file = file.clone();
            async move { drop(file.failure().await) }
        };
        Pair::start(&StageKind::ALL, folded, &world, failed, over)
    }

    /// Goes on with the generation that is folded beside the served one, if there is one; says which are there.
    async fn begin_next(&self, failed: &Failed) -> anyhow::Result<Option<Next>> {
        let Some((generation, store)) = self.file.next() else {
            self.rebuilding.tell(self.file.served().0, None);
            return Ok(None);
        };
        let rows_before = counted(&store, store.partitions()).await?.values().sum();
        let pair = self.start((generation.number, &store), failed)?;
        let begun = Progress { rows_before, ..Progress::begun(generation) };
        let next = Next {
            pair,
            begun,
            target: (bronze_ends(&store, store.partitions()).await?, Instant::now()),
            store,
        };
        say(&format!(
            "counting all rows again, beside what is served (generation {}, logic version {})",
            begun.generation, begun.logic_version
        ));
        self.tell(&next).await?;
        Ok(Some(next))
    }

    async fn tell(&self, next: &Next) -> anyhow::Result<()> {
        let progress = Progress {
            rows: counted(&next.store, next.store.partitions()).await?.values().sum(),
            of_rows: bronze_ends(&next.store, next.store.partitions()).await?.values().sum(),
            ..next.begun
        };
        self.rebuilding.tell(self.file.served().0, Some(progress));
        Ok(())
    }

    /// A wish: the next generation is begun, in the place of one that was begun before.
    async fn begin_wished(
        &self,
        wish: Option<Wish>,
        next: &mut Option<Next>,
        failed: &Failed,
    ) -> anyhow::Result<()> {
        if let Some(begun) = next.take() {
            begun.pair.end();
        }
        let begun = match wish {
            Some(Wish::Anew(anew)) => self.file.begin_rebuild(anew).await,
            Some(Wish::Back) => self.go_back().await,
            Some(Wish::Abandon) => self.file.abandon_rebuild().await,
            None => Ok(()),
        };
        match begun {
            Ok(()) => self.health.clear(NAME),
            // What is served, and what was under way, goes on.
            Err(reason) => self.health.report(NAME, reason),
        }
        *next = self.begin_next(failed).await?;
        Ok(())
    }

    /// What an older version folded is not served by this one, which would begin to count it again.
    async fn go_back(&self) -> Result<(), String> {
        match self.file.kept() {
            Some(kept) if !kept.generation.is_of_this_version() => {
                Err("end this one, give goldstream rebuild --back, and start the version of before"
                    .to_owned())
            }
            _ => self.file.begin_back().await,
        }
    }

    /// Puts the next generation in the place of the served one where it has nearly all.
    async fn go_over_where_near(
        &self,
        live: &mut Option<Pair>,
        next: &mut Option<Next>,
        shutdown: &Shutdown,
    ) -> anyhow::Result<()> {
        let Some(begun) = next else { return Ok(()) };
        if !self.is_near(begun).await? || begun.begun.is_shadow {
            return Ok(());
        }
        // What it has is not more from now on, so that it is soon passed.
        live.take().into_iter().for_each(Pair::end);
        *live = next.take().map(|begun| begun.pair);
        self.switch(shutdown).await
    }

    /// Whether it has counted all that was there a moment ago.
    async fn is_near(&self, next: &mut Next) -> anyhow::Result<bool> {
        self.tell(next).await?;
        if !has_passed(&next.store, &next.store, &next.target.0).await? {
            return Ok(false);
        }
        let is_near = next.target.1.elapsed() <= REBUILD_NEAR_MAX;
        next.target = (bronze_ends(&next.store, next.store.partitions()).await?, Instant::now());
        // Where it took long the next look is for what has come meanwhile.
        Ok(is_near || has_passed(&next.store, &next.store, &next.target.0).await?)
    }

    /// Puts the next generation in the place of the served one, which nobody folds any more, once it has
    /// counted every row that that one can have. A wish to end leaves it to the next start.
    async fn switch(&self, shutdown: &Shutdown) -> anyhow::Result<()> {
        let Some((generation, store)) = self.file.next() else { return Ok(()) };
        let target = bronze_ends(&store, store.partitions()).await?;
        while !has_passed(&store, &store, &target).await? {
            if shutdown.is_wished() {
                return Ok(());
            }
            tokio::time::sleep(REBUILD_PACE / 10).await;
        }
        self.file.switch().await.map_err(anyhow::Error::msg)?;
        self.throttle.serve(generation.number);
        say(&format!(
            "all rows are counted again: generation {} is served from now on",
            generation.number
        ));
        self.rebuilding.tell(generation, None);
        Ok(())
    }
}

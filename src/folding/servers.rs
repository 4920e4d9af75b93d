//! What this process does for the generations of a store on servers: it learns from the ledger which there are,
//! runs its stages over those whose rules it knows, shows the one that is served, and helps one to take the place
//! of another. It counts nothing itself.

use super::pair::{Failed, Folded, Pair, StageKind};
use crate::site::{OpenSide, Site};
use goldstream_consumers::interpreter::World;
use goldstream_consumers::switching::{Beside, Now, Step, Switching, lift_left_behind, silver};
use goldstream_platform::clock::now_ms;
use goldstream_platform::generations::{Generation, Generations};
use goldstream_platform::health::Health;
use goldstream_platform::ledger::{Found, Ledgers};
use goldstream_platform::limits::{LEDGER_PACE, SEALED_PACE, SEALS_PACE, STALE_MIN};
use goldstream_platform::log::bronze_ends;
use goldstream_platform::metrics::Metrics;
use goldstream_platform::rebuilding::{Progress, Rebuilding, Wish};
use goldstream_platform::secret::Secret;
use goldstream_platform::served::Served;
use goldstream_platform::shutdown::Shutdown;
use goldstream_platform::telemetry::say;
use goldstream_platform::throttle::Throttle;
use goldstream_traces::Traces;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

/// Under which troubles of it are told.
const NAME: &str = "rebuild";

/// What it works on and tells.
pub(crate) struct Folding {
    pub(crate) site: Site,
    pub(crate) served: Served,
    /// None for who only shows or appends.
    pub(crate) stages: Vec<StageKind>,
    pub(crate) rebuilding: Rebuilding,
    pub(crate) wishes: watch::Receiver<Option<Wish>>,
    pub(crate) health: Health,
    pub(crate) metrics: Metrics,
    pub(crate) traces: Traces,
    pub(crate) throttle: Throttle,
}

/// What it has begun.
struct Begun {
    /// By number; the one of that number may have become another.
    pairs: BTreeMap<u32, (Generation, Pair)>,
    /// Stages that were told to end.
    ending: Vec<JoinHandle<()>>,
    known: Option<Found>,
    /// Since when.
    known_at: Instant,
    switching: Switching,
    progress: Option<Progress>,
    began: Instant,
    seals_at: Instant,
    failed: Failed,
}

/// Runs until the end is wished or a stage fails.
pub(crate) async fn run(folding: Folding, mut shutdown: Shutdown) -> anyhow::Result<()> {
    let (failed, mut failures) = mpsc::unbounded_channel();
    let mut wishes = folding.wishes.clone();
    let mut begun = Begun {
        pairs: BTreeMap::new(),
        ending: Vec::new(),
        known: None,
        known_at: Instant::now(),
        switching: Switching::default(),
        progress: None,
        began: Instant::now(),
        seals_at: Instant::now(),
        failed,
    };
    let mut pause = Duration::ZERO;
    let ended = loop {
        let wish = tokio::select! {
            () = shutdown.wished() => break Ok(()),
            Some(error) = failures.recv() => break Err(error),
            Ok(()) = wishes.changed() => *wishes.borrow_and_update(),
            () = sleep(pause) => None,
        };
        // A server that does not answer keeps nobody from ending: what was begun here is begun again by the next.
        let step = tokio::select! {
            biased;
            () = shutdown.wished() => break Ok(()),
            step = folding.step(wish, &mut begun) => step,
        };
        if let Err(error) = step {
            // Either server may be away: others tell that, and the next look may do better.
            tracing::debug!(error = format!("{error:#}"), "generations");
        }
        pause = begun.pace();
    };
    let Begun { pairs, mut ending, .. } = begun;
    ending.extend(pairs.into_values().flat_map(|(_, pair)| pair.begin_to_end()));
    Pair::join(ending);
    ended
}

impl Begun {
    /// Until the next look. While what is served bears a seal, nothing is counted that anybody is shown.
    fn pace(&self) -> Duration {
        let is_sealed = self.known.as_ref().is_some_and(|known| known.ledger.seal.is_some());
        if is_sealed { SEALED_PACE } else { LEDGER_PACE }
    }
}

impl Folding {
    async fn step(&self, wish: Option<Wish>, begun: &mut Begun) -> anyhow::Result<()> {
        match wish {
            Some(wish) => self.wish(wish, begun).await,
            None => self.look(begun).await,
        }
    }

    async fn look(&self, begun: &mut Begun) -> anyhow::Result<()> {
        let Some(found) = self.site.redis().found().await? else {
            return self.begin_anew(begun).await;
        };
        if begun.known.as_ref().is_none_or(|known| known.ledger != found.ledger) {
            self.adopt(&found, begun).await?;
            (begun.known, begun.known_at) = (Some(found.clone()), Instant::now());
        }
        let tidied = match self.stages.is_empty() {
            true => Ok(()),
            false => self.tidy(&found, begun).await,
        };
        // What cannot be removed keeps nothing from being counted or switched.
        self.go_on(&found, begun).await?;
        tidied
    }

    /// Nothing is stored any more. Who folds begins anew; others wait for that.
    async fn begin_anew(&self, begun: &mut Begun) -> anyhow::Result<()> {
        match &begun.known {
            Some(known) if !self.stages.is_empty() => self.site.begin_anew(&known.ledger).await,
            _ => Ok(()),
        }
    }

    /// Does what a ledger that was not seen before asks for.
    async fn adopt(&self, found: &Found, begun: &mut Begun) -> anyhow::Result<()> {
        let Generations { served, next, .. } = &found.ledger.generations;
        if !served.topology.is_readable() {
            let version = served.topology.logic_version;
            let writer = &found.ledger.written_by;
            self.health.stop(NAME, format!("what is served now was folded by goldstream {writer} (logic version {version}), whose rows this version cannot read: start that version in its place"));
            return Ok(());
        }
        self.site.keep(&found.ledger.generations);
        let shown = self.site.side(served).await?;
        shown.health.is_served();
        self.throttle.serve(served.number);
        if self.served.generation() != served.number {
            say(&format!("generation {} is served from now on", served.number));
            self.served.tell(shown.side());
        }
        self.run_stages(&found.ledger.generations, begun).await?;
        let before = begun.progress.take();
        begun.progress = next.clone().map(|next| {
            // What changes around it, such as a seal, is no other beginning.
            let goes_on = before.filter(|before| before.generation == next.number);
            let is_shadow = next.is_shadow;
            Progress { is_shadow, ..goes_on.unwrap_or_else(|| Progress::begun(next)) }
        });
        begun.switching = Switching::default();
        self.rebuilding.tell(served.clone(), begun.progress);
        self.tell_idle(&found.ledger.generations);
        Ok(())
    }

    /// Starts and ends stages, so that they run over those of these generations whose rules they know.
    async fn run_stages(&self, generations: &Generations, begun: &mut Begun) -> anyhow::Result<()> {
        let wanted = generations.at_work().filter(|it| it.is_of_this_version());
        let wanted: Vec<_> = wanted.filter(|_| !self.stages.is_empty()).collect();
        let is_wanted = |of: &Generation| wanted.iter().any(|it| it.is_same(of));
        let over = begun.pairs.extract_if(.., |_, (of, _)| !is_wanted(of));
        begun.ending.extend(over.flat_map(|(_, (_, pair))| pair.begin_to_leave()));
        begun.ending.retain(|thread| !thread.is_finished());
        for generation in wanted {
            if begun.pairs.contains_key(&generation.number) {
                continue;
            }
            // Of the one that was served at the start they were looked at, and a missing one is not made anew.
            if begun.known.is_some() || generation.number != self.served.generation() {
                self.site.make_topics(generation).await?;
            }
            if generation.number != self.served.generation() {
                say(&format!(
                    "counting all rows again, beside what is served (generation {}, logic version {}{})",
                    generation.number,
                    generation.topology.logic_version,
                    if generation.is_shadow { ", a shadow" } else { "" }
                ));
            }
            let pair = self.start(&self.site.side(generation).await?, begun)?;
            begun.pairs.insert(generation.number, (generation.clone(), pair));
        }
        Ok(())
    }

    fn start(&self, side: &OpenSide, begun: &Begun) -> anyhow::Result<Pair> {
        let both = (Arc::new(side.log.clone()) as _, Arc::new(side.store.clone()) as _);
        let (log, store) = self.traces.over(side.generation.number, both);
        let world = World {
            log,
            store,
            health: side.health.clone(),
            metrics: self.metrics.clone(),
            share: self.throttle.share(side.generation.number),
            generation: side.generation.number,
        };
        let topology = &side.generation.topology;
        let folded = Folded { partitions: topology.partitions, rules: topology.rules() };
        Pair::start(&self.stages, folded, &world, &begun.failed, std::future::pending)
    }

    /// Says where stages have nothing to do, for the rules of what is served are not theirs.
    fn tell_idle(&self, generations: &Generations) {
        let has_work = generations.at_work().any(Generation::is_of_this_version);
        if self.stages.is_empty() || has_work {
            return self.health.clear(NAME);
        }
        let version = generations.served.topology.logic_version;
        let way = match &generations.kept {
            Some(kept) if kept.generation.is_of_this_version() => {
                "end these consumers, or give goldstream rebuild --back or goldstream rebuild"
            }
            _ => "end these consumers",
        };
        self.health.report(
            NAME,
            format!("the consumers of this process have nothing to do: what is served is folded by logic version {version}; {way}"),
        );
    }

    /// Removes what is nobody's any more, and seals that lead to no switch.
    async fn tidy(&self, found: &Found, begun: &mut Begun) -> anyhow::Result<()> {
        let redis = self.site.redis();
        if begun.seals_at.elapsed() >= SEALS_PACE {
            begun.seals_at = Instant::now();
            lift_left_behind(redis, found).await?;
        }
        if let Some(expired) = found.ledger.expired(now_ms()) {
            redis.change(found, &expired).await?;
            return Ok(());
        }
        // Those who show it learn in their own time that it is not served any more.
        let is_left = begun.known_at.elapsed() >= STALE_MIN;
        if let Some(number) = found.ledger.stale().first().copied().filter(|_| is_left) {
            self.site.remove(number).await?;
            redis.change(found, &found.ledger.without(number)).await?;
        }
        Ok(())
    }

    /// Tells how far the next one is, and helps it to take the place of the served one.
    async fn go_on(&self, found: &Found, begun: &mut Begun) -> anyhow::Result<()> {
        let (Some(next), Some(progress)) = (&found.ledger.generations.next, begun.progress) else {
            return Ok(());
        };
        let partitions = next.topology.partitions;
        // Its topics may not be made yet, and its shards not be begun.
        let rows = silver(&self.site.redis().seals(next).await?).values().sum();
        let of_rows = bronze_ends(&self.served.log(), partitions).await?.values().sum();
        let rows_before = if progress.of_rows == 0 { rows } else { progress.rows_before };
        let progress = Progress { rows, of_rows, rows_before, ..progress };
        begun.progress = Some(progress);
        self.rebuilding.tell(found.ledger.generations.served.clone(), Some(progress));
        let now = Now { steady_ms: begun.began.elapsed().as_millis() as u64, wall_ms: now_ms() };
        if !begun.pairs.contains_key(&next.number) {
            if !self.stages.is_empty() {
                begun.switching.mind_seal(self.site.redis(), found, now).await?;
            }
            return Ok(());
        }
        let side = self.site.side(next).await?;
        let beside = Beside { generation: next, log: &side.log, store: &side.store };
        let seal = Secret::random()?;
        let redis = self.site.redis();
        let step = begun.switching.step(redis, (found, &beside), seal.expose(), now).await?;
        match step {
            Step::Switched => say(&format!(
                "all rows are counted again: generation {} takes the place of {}",
                next.number, found.ledger.generations.served.number
            )),
            Step::Lifted => tracing::warn!("a switch did not come, and what is served goes on"),
            Step::Sealed | Step::Waits => {}
        }
        if step != Step::Waits {
            // What follows from it is done at once.
            Box::pin(self.look(begun)).await?;
        }
        Ok(())
    }

    /// What somebody wishes of this process is written into the ledger, for all.
    async fn wish(&self, wish: Wish, begun: &mut Begun) -> anyhow::Result<()> {
        match self.site.wish(wish).await {
            Ok(_) => self.health.clear(NAME),
            Err(error) => self.health.report(NAME, format!("{error:#}")),
        }
        // Told anew, also where nothing came of it.
        begun.known = None;
        self.look(begun).await
    }
}

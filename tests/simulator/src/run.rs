//! From a plan to what came of it: steps in which things go wrong, steps in which everything is well again
//! and must come to its end, and the checks behind them.

use crate::clock::Clock;
use crate::plan::Plan;
use crate::trace::{Keep, Trace};
use crate::world::World;

pub use crate::world::Tally;
use goldstream_platform::metrics::{Metrics, MetricsError};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tempfile::TempDir;

/// Steps within which everything must be well after the last fault …
pub const HEALING_STEPS_MAX: u64 = 30_000;
/// … and ticks of 50 ms: a minute and a half.
pub const HEALING_TICKS_MAX: u64 = 1_800;

/// Ticks after which every client has been told what changed: the slowest pace that one wishes.
const TELLING_TICKS: u64 = 10;

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The hash of everything that happened.
    pub hash: u64,
    /// Steps.
    pub steps: u64,
    /// Ticks until everything was well after the last fault.
    pub healing_ticks: u64,
    /// How often each fault struck.
    pub tally: Tally,
    /// How often another generation was served.
    pub switches: u64,
    /// What went wrong for good.
    pub failure: Option<String>,
    /// What happened, where it was kept.
    pub story: Vec<String>,
}

/// What runs need and may share.
pub struct Bench {
    folder: TempDir,
    metrics: Metrics,
}

/// No bench could be made.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// There is no room for the shop's files.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The metrics cannot be made.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
}

impl Bench {
    /// A bench.
    ///
    /// # Errors
    /// [`BenchError`].
    pub fn new() -> Result<Self, BenchError> {
        Ok(Self { folder: tempfile::tempdir()?, metrics: Metrics::new()? })
    }

    /// Runs a plan. A panic in what is simulated is a failure like any other.
    ///
    /// # Errors
    /// Where the shop's files cannot be written.
    pub fn run(&self, plan: &Plan, keep: Keep) -> io::Result<Outcome> {
        let clock = Clock::new()?;
        clock.under(|| {
            let (metrics, folder) = (&self.metrics, self.folder.path().to_owned());
            let mut world = World::new(plan, &clock, metrics, folder, Trace::new(keep))?;
            let mut healing_ticks = 0;
            let run = catch_unwind(AssertUnwindSafe(|| healing_ticks = world.run()));
            if let Err(panic) = run {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
                world.fail(format!("a panic: {text}"));
            }
            Ok(Outcome {
                hash: world.trace.hash(),
                steps: world.trace.step,
                healing_ticks,
                switches: world.switches,
                tally: std::mem::take(&mut world.tally),
                failure: world.failure.take(),
                story: std::mem::take(&mut world.trace).into_lines(),
            })
        })
    }
}

impl World<'_> {
    /// Runs to the end; gives how many ticks it took after the last fault.
    fn run(&mut self) -> u64 {
        self.tick();
        while self.failure.is_none()
            && (self.trace.step < self.plan.steps || !self.shop.has_written())
        {
            self.step();
        }
        self.heal()
    }

    fn heal(&mut self) -> u64 {
        self.armed.clear();
        (self.log_away_until, self.store_away_until) = (0, 0);
        let (step, tick) = (self.trace.step, self.clock.ticks());
        self.trace.note(format_args!("nothing goes wrong from here on"));
        for client in std::mem::take(&mut self.lossy) {
            self.lose_line(client);
        }
        self.decide_on_shadow();
        let mut settled_at = None;
        while self.failure.is_none() {
            self.step();
            let (steps, ticks) = (self.trace.step - step, self.clock.ticks() - tick);
            if steps.is_multiple_of(8) {
                settled_at = self.is_settled().then(|| settled_at.unwrap_or(ticks));
            }
            if let Some(since) = settled_at.filter(|since| since + TELLING_TICKS <= ticks) {
                if let Err(what) = self.must_be_whole() {
                    self.fail(what);
                }
                return since;
            }
            if steps > HEALING_STEPS_MAX || ticks > HEALING_TICKS_MAX {
                let why = self.what_is_open();
                self.fail(format!("not well after {steps} steps and {ticks} ticks: {why}"));
            }
        }
        self.clock.ticks() - tick
    }
}

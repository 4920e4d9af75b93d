//! Thousands of seeds: after whatever goes wrong, gold is the batch, every row has met its fate, and every
//! reader shows it. `make sim SEEDS=N` runs as many as one has a night for.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use goldstream_simulator::plan::{Fault, Plan, Strike};
use goldstream_simulator::run::{Bench, Outcome};
use goldstream_simulator::story;
use goldstream_simulator::trace::Keep;
use std::collections::BTreeMap;
use std::io::Write;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Seeds of every run of the tests.
const SEEDS: u64 = 6_000;

/// How often each fault strikes at least in so many seeds.
const STRIKES_MIN: u64 = 1_000;

/// The run that is broken off at each of its steps.
const CRASHED_SEED: u64 = 3;
/// Its steps before everything is well.
const STEPS_CRASHED: u64 = 400;

fn number(variable: &str, otherwise: u64) -> u64 {
    let told = std::env::var(variable).ok();
    told.map_or(otherwise, |text| text.parse().expect("a number of seeds"))
}

/// What all seeds of a run came to.
#[derive(Default)]
struct Sum {
    seeds: u64,
    steps: u64,
    healing_ticks_max: u64,
    switches: u64,
    tally: BTreeMap<Fault, u64>,
    failed: Option<u64>,
}

impl Sum {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.seeds += 1;
        self.steps += outcome.steps;
        self.switches += outcome.switches;
        self.healing_ticks_max = self.healing_ticks_max.max(outcome.healing_ticks);
        outcome.tally.into_iter().for_each(|(fault, n)| *self.tally.entry(fault).or_default() += n);
        if outcome.failure.is_some() {
            self.failed = Some(self.failed.map_or(seed, |other| other.min(seed)));
        }
    }
}

impl Sum {
    /// Not captured: who runs the tests sees it of those that pass, too.
    fn tell(&self, seconds: f64) {
        let Self { seeds, steps, healing_ticks_max, switches, tally, .. } = self;
        let rate = *seeds as f64 / seconds;
        let mut text =
            format!("{seeds} seeds, {steps} steps in {seconds:.1} s: {rate:.0} seeds/s\n");
        text += &format!("well again after at most {healing_ticks_max} ticks of 50 ms\n");
        text += &format!("{switches} times another generation was served\n");
        for fault in Fault::ALL {
            text += &format!("{:>8}  {fault:?}\n", tally.get(&fault).copied().unwrap_or(0));
        }
        std::io::stderr().write_all(text.as_bytes()).ok();
    }
}

/// Runs the seeds on all cores; each run is on one thread.
fn run(first: u64, count: u64) -> Sum {
    let (next, sum) = (AtomicU64::new(first), Mutex::new(Sum::default()));
    let work = || {
        let bench = Bench::new().unwrap();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count || sum.lock().unwrap().failed.is_some() {
                return;
            }
            let outcome = bench.run(&Plan::new(seed), Keep::Hash).unwrap();
            sum.lock().unwrap().add(seed, outcome);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    sum.into_inner().unwrap()
}

#[test]
fn whatever_goes_wrong_gold_is_the_batch_and_everybody_sees_it() {
    let (first, count) = (number("GOLDSTREAM_SIM_SEED", 1), number("GOLDSTREAM_SIM_SEEDS", SEEDS));
    let began = Instant::now();
    let sum = run(first, count);
    if let Some(seed) = sum.failed {
        let told = number("GOLDSTREAM_SIM_TOLD", story::STEPS_TOLD as u64) as usize;
        panic!("{}", story::of(&Bench::new().unwrap(), &Plan::new(seed), told).unwrap());
    }
    let seconds = began.elapsed().as_secs_f64();
    sum.tell(seconds);
    if count >= SEEDS {
        let seldom = |fault: &Fault| sum.tally.get(fault).copied().unwrap_or(0) < STRIKES_MIN;
        let seldom: Vec<_> = Fault::ALL.into_iter().filter(seldom).collect();
        assert!(seldom.is_empty(), "too seldom to show anything: {seldom:?}");
        assert!(sum.switches > STRIKES_MIN, "{} switches", sum.switches);
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    let bench = Bench::new().unwrap();
    for seed in 1..40 {
        let run = || bench.run(&Plan::new(seed), Keep::Text).unwrap();
        let (once, again) = (run(), run());
        let differs = once.story.iter().zip(&again.story).find(|(a, b)| a != b);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!((once.hash, once.steps), (again.hash, again.steps), "seed {seed}");
    }
}

/// Hashes of some seeds, as another process prints them.
fn hashes_elsewhere() -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "hashes_of_some_seeds", "--nocapture", "--ignored"]);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().filter(|line| line.starts_with("seed ")).collect::<Vec<_>>().join("\n")
}

#[test]
#[ignore = "the next test asks for it, in processes of its own"]
fn hashes_of_some_seeds() {
    let bench = Bench::new().unwrap();
    for seed in 1..20 {
        let outcome = bench.run(&Plan::new(seed), Keep::Hash).unwrap();
        println!("seed {seed}: {:016x} after {} steps", outcome.hash, outcome.steps);
    }
}

#[test]
fn the_same_seed_is_the_same_run_in_any_process() {
    let (once, again) = (hashes_elsewhere(), hashes_elsewhere());
    assert_eq!(once.lines().count(), 19, "{once}");
    assert_eq!(once, again);
}

/// A crash at every step of one run, so at every place where somebody waits.
#[test]
fn a_crash_at_any_step_is_recovered_from() {
    let bench = Bench::new().unwrap();
    for fault in [Fault::StageCrash, Fault::ProducerCrash, Fault::ServerCrash] {
        for step in 1..STEPS_CRASHED {
            let plan = Plan {
                strikes: vec![Strike { step, fault }],
                rows: Plan::new(CRASHED_SEED).rows,
                ..Plan::calm(CRASHED_SEED, STEPS_CRASHED)
            };
            let outcome = bench.run(&plan, Keep::Hash).unwrap();
            assert_eq!(outcome.failure, None, "{fault:?} at step {step}");
            assert!(outcome.tally.contains_key(&fault), "{fault:?} at step {step} did not strike");
        }
    }
}

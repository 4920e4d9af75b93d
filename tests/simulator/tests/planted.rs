//! Planted bugs: each mistake that could be made in the protocol is made once, and is caught within a
//! stated number of seeds. One that is not means that the simulator is too tame.
//!
//! `cargo test --profile ci --workspace --features goldstream-simulator/planted --test planted`

#![cfg(feature = "planted")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use goldstream_domain::planted::{Bug, plant};
use goldstream_simulator::plan::Plan;
use goldstream_simulator::run::Bench;
use goldstream_simulator::story;
use goldstream_simulator::switch;
use goldstream_simulator::trace::Keep;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Seeds within which every bug is caught.
const SEEDS_MAX: u64 = 1_000;

/// The same of bugs of a switch, whose runs are small.
const SWITCH_SEEDS_MAX: u64 = 40_000;

/// Those that are made where one generation takes the place of another: a world of its own.
const OF_SWITCHES: [Bug; 5] = [
    Bug::SwitchUnsealed,
    Bug::SwitchBeforeGold,
    Bug::SwitchUncompared,
    Bug::SealNotLifted,
    Bug::SealNotMinded,
];

/// The first seed that catches a bug, and how.
fn caught(bench: &Bench, bug: Bug) -> Option<(u64, String)> {
    plant(Some(bug));
    let failed = |seed| {
        let failure = match OF_SWITCHES.contains(&bug) {
            true => switch::run(seed).failure,
            false => bench.run(&Plan::new(seed), Keep::Hash).unwrap().failure,
        };
        Some((seed, failure?))
    };
    let seeds_max = if OF_SWITCHES.contains(&bug) { SWITCH_SEEDS_MAX } else { SEEDS_MAX };
    let found = (1..=seeds_max).find_map(failed);
    plant(None);
    found
}

#[test]
fn a_seed_that_fails_tells_its_shortest_story() {
    let bench = Bench::new().unwrap();
    let plan = Plan::new(1);
    plant(Some(Bug::ZeroRowKept));
    let story = story::of(&bench, &plan, story::STEPS_TOLD).unwrap();
    plant(None);
    assert!(story.starts_with("seed 1 fails: a row that counts nothing is stored"), "{story}");
    // It takes no fault at all, and few of the rows.
    assert!(!story.contains("from step"), "{story}");
    let (_, rows) = story.split_once("and these rows:\n").unwrap();
    let rows = rows.lines().take_while(|line| line.starts_with("  ")).count();
    assert!(rows < plan.rows.len() / 2, "{rows} of {}: {story}", plan.rows.len());
    assert!(story.contains("FAILED: a row that counts nothing is stored"), "{story}");
}

#[test]
fn every_planted_bug_is_caught_within_some_seeds() {
    // What a run panics with is told in the table.
    std::panic::set_hook(Box::new(|_| ()));
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        let bench = Bench::new().unwrap();
        while let Some(bug) = Bug::ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
            let caught = caught(&bench, *bug);
            found.lock().unwrap().push((*bug, caught));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    drop(std::panic::take_hook());
    let mut found = found.into_inner().unwrap();
    found.sort();
    let (mut table, mut missed) = (String::new(), Vec::new());
    for (bug, caught) in found {
        let Some((seeds, how)) = caught else {
            missed.push(bug);
            continue;
        };
        let bug = format!("{bug:?}");
        writeln!(table, "{bug:<32} {seeds:>5} seeds  {how:.110}").unwrap();
    }
    // Not captured: who runs the tests sees it of those that pass, too.
    std::io::stderr().write_all(table.as_bytes()).ok();
    assert!(missed.is_empty(), "not caught within {SEEDS_MAX} seeds: {missed:?}\n{table}");
}

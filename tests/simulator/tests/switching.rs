//! How one generation takes the place of another, whatever dies in between and whatever comes late.

use goldstream_simulator::switch::run;

/// Seeds of every run of the tests.
const SEEDS: u64 = 4_000;

#[test]
fn no_row_is_uncounted_by_a_switch_and_every_rebuild_ends() {
    let mut switches = 0;
    for seed in 1..=SEEDS {
        let outcome = run(seed);
        assert_eq!(outcome.failure, None, "seed {seed}");
        switches += outcome.switches;
    }
    assert!(switches > SEEDS / 2, "{switches} switches in {SEEDS} runs");
}

#[test]
fn the_same_seed_is_the_same_run() {
    assert_eq!(run(7), run(7));
}

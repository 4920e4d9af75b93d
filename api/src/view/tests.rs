//! The state over versions: commits in any order of shards, gaps, repeats and reloads.

use super::state::{Continuity, Installed, Loaded, State, Step};
use crate::testing::shop::{BRONZE, PARTITIONS, Shop, empty_store};
use goldstream_domain::progress::BronzePartition;
use goldstream_platform::store::{Changes, Commit, ShardId};

fn loaded() -> State {
    let mut state = State::new(PARTITIONS, 0);
    assert_eq!(state.install(empty_store(), Continuity::Same, 0), Installed::Shown);
    state
}

fn apply(state: &mut State, commit: &Commit) {
    assert_eq!(state.apply(commit, 2_000), Step::Applied);
}

#[test]
fn every_applied_commit_is_a_version_and_a_repeated_one_is_none() {
    let (mut state, mut shop) = (loaded(), Shop::default());
    let first = shop.buys("1", 500);
    apply(&mut state, &first);
    apply(&mut state, &shop.silver());
    assert_eq!(state.stamp().version, 2);
    assert_eq!(state.apply(&first, 0), Step::Skipped);
    assert_eq!(state.stamp().version, 2);
}

#[test]
fn a_commit_after_a_gap_is_not_applied() {
    let (mut state, mut shop) = (loaded(), Shop::default());
    shop.buys("1", 500);
    assert_eq!(state.apply(&shop.buys("1", 500), 0), Step::Gap);
    assert_eq!(state.summary().orders, 0);
}

#[test]
fn a_commit_that_overlaps_what_is_shown_is_applied_since_its_values_are_absolute() {
    let (mut state, mut shop) = (loaded(), Shop::default());
    apply(&mut state, &shop.buys("1", 500));
    let merged = Commit { from: 0, ..shop.buys("1", 700) };
    apply(&mut state, &merged);
    assert_eq!((state.summary().orders, state.summary().revenue_cents), (2, 1200));
}

#[test]
fn silver_counts_and_gold_counts_make_one_accounting() {
    let (mut state, mut shop) = (loaded(), Shop::default());
    apply(&mut state, &shop.buys("1", 500));
    apply(&mut state, &shop.lives_in("2", "France"));
    apply(&mut state, &shop.repeats());
    let accounting = state.accounting();
    assert_eq!((accounting.accepted_purchases, accounting.duplicate_purchases), (1, 1));
    assert_eq!((accounting.customer_versions, accounting.rows()), (1, 3));
    assert!(state.accounting_changed_since(2) && !state.summary_changed_since(2));
}

#[test]
fn a_customer_who_moves_deletes_his_old_country() {
    let (mut state, mut shop) = (loaded(), Shop::default());
    apply(&mut state, &shop.buys("1", 500));
    apply(&mut state, &shop.lives_in("1", "France"));
    let changes: Vec<_> = state.countries_since(1).collect();
    assert_eq!(changes.len(), 2);
    assert!(changes[0].0.is_none() && changes[0].1.is_none());
    assert_eq!(changes[1].1.as_ref().unwrap().revenue_cents, 500);
    assert_eq!(state.summary().countries, 1);
}

#[test]
fn after_a_reload_versions_go_on_but_what_changed_is_not_known() {
    let (mut state, mut shop) = (loaded(), Shop::default());
    let epoch = state.stamp().epoch;
    apply(&mut state, &shop.silver());
    let mut store = empty_store();
    store.silver.get_mut(&BRONZE).unwrap().position = 4;
    assert_eq!(state.install(store, Continuity::Same, 0), Installed::Shown);
    assert_eq!((state.stamp().version, state.stamp().epoch), (2, epoch));
    assert!(!state.knows_since(1) && state.knows_since(2) && !state.knows_since(3));
}

#[test]
fn a_store_that_lost_a_suffix_is_waited_for_and_an_emptied_one_is_a_new_epoch() {
    let (mut state, mut shop) = (loaded(), Shop::default());
    apply(&mut state, &shop.buys("1", 500));
    apply(&mut state, &shop.buys("1", 500));
    let mut behind = empty_store();
    behind.gold[1].0.position = 1;
    assert_eq!(state.install(behind, Continuity::Same, 0), Installed::Behind);
    assert_eq!(state.summary().orders, 2);
    let epoch = state.stamp().epoch;
    assert_eq!(state.install(empty_store(), Continuity::Same, 7), Installed::Shown);
    assert_ne!(state.stamp().epoch, epoch);
    assert_eq!(state.summary().orders, 0);
}

#[test]
fn another_store_is_a_new_epoch_however_far_it_is() {
    let (mut state, mut shop) = (loaded(), Shop::default());
    apply(&mut state, &shop.buys("1", 500));
    apply(&mut state, &shop.buys("1", 500));
    let epoch = state.stamp().epoch;
    let mut refolding = empty_store();
    refolding.gold[1].0.position = 1;
    assert_eq!(state.install(refolding, Continuity::Another, 7), Installed::Shown);
    assert_ne!(state.stamp().epoch, epoch);
    assert_eq!(state.summary().orders, 0);
}

#[test]
fn rows_are_counted_once_silver_and_gold_have_passed_them() {
    let mut state = State::new(PARTITIONS, 0);
    let ends = [(BRONZE, 3)].into();
    assert!(!state.is_counted(&ends), "nothing is loaded");
    let mut store: Loaded = empty_store();
    let silver = store.silver.get_mut(&BRONZE).unwrap();
    (silver.position, silver.head.tails) = (3, vec![0, 2]);
    state.install(store, Continuity::Same, 0);
    assert!(!state.is_counted(&ends));
    let mut commit = Shop::default().buys("1", 500);
    if let Changes::Gold { head, .. } = &mut commit.changes {
        head.chain.admit(&BRONZE.source_id(), 2, 0).unwrap();
    }
    assert_eq!(commit.shard, ShardId::Gold(1));
    apply(&mut state, &commit);
    assert!(state.is_counted(&ends));
    assert!(!state.is_counted(&[(BronzePartition { partition: 1, ..BRONZE }, 1)].into()));
}

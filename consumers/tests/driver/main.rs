//! The driver alone: which actions follow from which events.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod damage;
mod rig;

use crate::rig::{AT, Rig, block, fetched};
use goldstream_consumers::driver::{Action, Event, Trouble};
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::column::Names;
use goldstream_domain::progress::SilverHead;
use goldstream_domain::record::{Block, BlockBuilder, Headers, Origin};
use goldstream_platform::limits::{
    BLOCK_BYTES_MAX, COMMIT_PACE, HOLE_OPEN_MAX, STANDS_STILL_MAX, STILL_PACES,
};
use goldstream_platform::log::{Fetched, LogError};
use goldstream_platform::store::{CommitError, Content, Image, StoreError};
use std::sync::Arc;

/// One refused row that fills a block by itself.
fn long_row(number: u64, end: u64) -> Fetched {
    let (id, product) = (number.to_string(), "x".repeat(BLOCK_BYTES_MAX));
    let fields = [id.as_str(), "7", "soon", "1.00", product.as_str()];
    let row = BronzeRow::Columns { names: Names::default(), fields };
    let (source, mut builder) = ("file:/a@0".into(), BlockBuilder::default());
    let origin = Some(Origin { source_id: &source, origin: number + 1, prev: number });
    builder.push(Headers { origin, ingested_at_ms: 5, line: None }, |out| row.encode(out));
    Fetched { first: number, block: Arc::new(builder.take()), end }
}

#[test]
fn a_commit_waits_for_every_append_before_it_in_whatever_order_they_are_answered() {
    let mut rig = Rig::running();
    rig.handle(Event::Records(AT, fetched(0..1, 1)));
    let (run, first) = rig.append().map(|(run, append)| (run, append.number)).unwrap();
    rig.acknowledge(run, first);
    // The first commit is under way: what fills a block meanwhile is appended without one.
    rig.handle(Event::Records(AT, long_row(1, 3)));
    let long = rig.append().unwrap().1.number;
    rig.handle(Event::Records(AT, fetched(2..3, 3)));
    rig.handle(Event::Committed { at: AT, run, result: Ok(()) });
    let last = rig.append().unwrap().1.number;
    rig.acknowledge(run, last);
    assert!(rig.commit().is_none(), "an append before it is not acknowledged");
    rig.acknowledge(run, long);
    assert_eq!(rig.commit().map(|(_, commit)| commit.to), Some(3));
}

#[test]
fn a_commit_waits_for_the_appends_before_it_and_the_next_batch_is_folded_meanwhile() {
    let mut rig = Rig::running();
    assert_eq!(rig.reads_from(), Some(0));
    rig.handle(Event::Records(AT, fetched(0..3, 3)));
    assert!(rig.commit().is_none(), "the append is not acknowledged yet");
    let (run, number) = rig.append().map(|(run, append)| (run, append.number)).unwrap();
    assert_eq!(rig.reads_from(), Some(3));
    rig.acknowledge(run, number);
    let (run, commit) = rig.commit().unwrap();
    assert_eq!((commit.from, commit.to, commit.ingested_at_ms), (0, 3, Some(5)));
    rig.handle(Event::Records(AT, fetched(3..5, 5)));
    assert!(rig.commit().is_none(), "one commit is in flight at a time");
    assert_eq!(rig.reads_from(), Some(5));
    rig.handle(Event::Committed { at: AT, run, result: Ok(()) });
    let second = rig.append().map(|(_, append)| append.number).unwrap();
    rig.acknowledge(run, second);
    let (_, commit) = rig.commit().unwrap();
    assert_eq!((commit.from, commit.to), (3, 5));
}

#[test]
fn under_load_a_commit_comes_with_the_tick_and_when_idle_at_once() {
    let mut rig = Rig::running();
    rig.handle(Event::Records(AT, fetched(0..3, 100)));
    assert!(rig.append().is_none(), "more records are there to be folded first");
    rig.ticks(1);
    let (run, number) = rig.append().map(|(run, append)| (run, append.number)).unwrap();
    rig.acknowledge(run, number);
    assert_eq!(rig.commit().unwrap().1.to, 3);
}

#[test]
fn a_shard_as_quick_as_its_log_does_not_commit_with_every_read() {
    let mut rig = Rig::running();
    for read in 0..20 {
        rig.handle(Event::Records(AT, fetched(read * 700..(read + 1) * 700, (read + 1) * 700)));
        assert_eq!(rig.commits(), [], "it is at its end, and more comes");
        if read % 2 == 1 {
            rig.ticks(1);
            assert_eq!(rig.commits(), []);
        }
    }
    // One has passed since the last read.
    rig.ticks(STILL_PACES - 1);
    assert_eq!(rig.commits(), [(0, 14_000)], "what came last waits a moment and no longer");
    rig.handle(Event::Records(AT, fetched(14_000..14_001, 14_001)));
    assert_eq!(rig.commits(), [(14_000, 14_001)], "a single row does not wait");
}

#[test]
fn a_refused_commit_loads_the_shard_again_and_late_answers_are_ignored() {
    let mut rig = Rig::running();
    rig.handle(Event::Records(AT, fetched(0..3, 3)));
    let (old_run, number) = rig.append().map(|(run, append)| (run, append.number)).unwrap();
    rig.acknowledge(old_run, number);
    let refused = Err(CommitError::Refused { stored: 2 });
    rig.handle(Event::Committed { at: AT, run: old_run, result: refused });
    assert!(matches!(rig.trouble(), Some(Trouble::Retrying(_))));
    rig.handle(Event::Committed { at: AT, run: old_run, result: Ok(()) });
    assert!(rig.actions.is_empty());
    rig.ticks(2);
    rig.ticks(1);
    rig.load(Image { position: 0, content: Content::Empty });
    assert_eq!(rig.reads_from(), Some(0));
}

#[test]
fn a_commit_of_unknown_outcome_is_made_again_unchanged() {
    let mut rig = Rig::running();
    rig.handle(Event::Records(AT, fetched(0..3, 3)));
    let (run, number) = rig.append().map(|(run, append)| (run, append.number)).unwrap();
    rig.acknowledge(run, number);
    let first = rig.commit().unwrap().1;
    let away = || Err(CommitError::Store(StoreError::Unavailable("gone".into())));
    rig.handle(Event::Committed { at: AT, run, result: away() });
    let again = (0..20).find_map(|_| {
        rig.ticks(1);
        rig.commit()
    });
    assert_eq!(again.unwrap().1, first);
    rig.handle(Event::Committed { at: AT, run, result: Ok(()) });
    assert!(rig.actions.iter().any(|action| matches!(action, Action::Clear(_))));
}

#[test]
fn a_shard_whose_answer_never_comes_begins_anew_from_what_is_stored() {
    let mut rig = Rig::running();
    rig.handle(Event::Records(AT, fetched(0..3, 3)));
    let (lost, number) = rig.append().map(|(run, append)| (run, append.number)).unwrap();
    rig.handle(Event::Stuck(AT, STANDS_STILL_MAX));
    assert!(matches!(rig.trouble(), Some(Trouble::Retrying(reason)) if reason.contains("15 s")));
    // A second bark says nothing new, and an answer that was only late is of an earlier run.
    rig.handle(Event::Stuck(AT, STANDS_STILL_MAX));
    assert!(rig.actions.is_empty());
    rig.acknowledge(lost, number);
    assert!(rig.actions.is_empty());
    rig.ticks(3);
    rig.load(Image { position: 0, content: Content::Empty });
    assert_eq!(rig.reads_from(), Some(0));
    rig.handle(Event::Records(AT, fetched(0..3, 3)));
    assert_eq!(rig.commits(), [(0, 3)]);
}

#[test]
fn a_failed_append_folds_again_from_what_is_stored() {
    let mut rig = Rig::running();
    rig.handle(Event::Records(AT, fetched(0..3, 3)));
    let (run, number) = rig.append().map(|(run, append)| (run, append.number)).unwrap();
    let result = Err(LogError::Unavailable("gone".into()));
    rig.handle(Event::Appended { at: AT, run, number, result });
    assert!(matches!(rig.trouble(), Some(Trouble::Retrying(_))));
    rig.ticks(3);
    rig.load(Image { position: 0, content: Content::Empty });
    assert_eq!(rig.reads_from(), Some(0));
}

#[test]
fn an_idle_shard_notices_that_the_store_went_back() {
    let mut rig = Rig::running();
    rig.handle(Event::Records(AT, fetched(0..3, 3)));
    let (run, number) = rig.append().map(|(run, append)| (run, append.number)).unwrap();
    rig.acknowledge(run, number);
    rig.handle(Event::Committed { at: AT, run, result: Ok(()) });
    for (stored, goes_on) in [(3, true), (1, false)] {
        let checks = |rig: &Rig| rig.actions.iter().any(|it| matches!(it, Action::Check { .. }));
        while !checks(&rig) {
            rig.ticks(1);
        }
        rig.handle(Event::Checked { at: AT, run, result: Ok(stored) });
        assert_eq!(rig.trouble().is_none(), goes_on);
    }
    while !rig.actions.iter().any(|it| matches!(it, Action::Load { .. })) {
        rig.ticks(1);
    }
}

#[test]
fn positions_without_records_move_the_shard_on() {
    let mut rig = Rig::running();
    let gap = Fetched { first: 0, block: Arc::new(Block::gap(2)), end: 2 };
    rig.handle(Event::Records(AT, gap));
    let (run, commit) = rig.commit().unwrap();
    assert_eq!((commit.from, commit.to, rig.reads_from()), (0, 2, Some(2)));
    rig.handle(Event::Committed { at: AT, run, result: Ok(()) });
    // A state that has taken nothing in cannot be held against the log.
    let head = SilverHead::default();
    let mut rig = Rig::assigned();
    rig.load(Image { position: 2, content: Content::Silver { head, claims: Vec::new() } });
    assert_eq!(rig.reads_from(), Some(2));
}

#[test]
fn a_hole_that_stays_open_halts_its_shard_and_one_that_closes_does_not() {
    let patience = HOLE_OPEN_MAX.div_duration_f32(COMMIT_PACE) as u32;
    for closes in [false, true] {
        let mut rig = Rig::running();
        // The second record of the source comes before its first.
        let early = Fetched { first: 0, block: Arc::new(block(1..2)), end: 1 };
        rig.handle(Event::Records(AT, early));
        rig.ticks(patience);
        assert!(rig.trouble().is_none());
        if closes {
            let resent = Fetched { first: 1, block: Arc::new(block(0..2)), end: 3 };
            rig.handle(Event::Records(AT, resent));
        }
        rig.ticks(1);
        assert_eq!(matches!(rig.trouble(), Some(Trouble::Halted(_))), !closes);
    }
}

#[test]
fn a_source_with_another_history_halts_its_shard() {
    let mut rig = Rig::running();
    rig.handle(Event::Records(AT, fetched(0..3, 3)));
    let source = "file:/a@0".into();
    let mut builder = BlockBuilder::default();
    let origin = Some(Origin { source_id: &source, origin: 9, prev: 1 });
    builder.push(Headers { origin, ingested_at_ms: 0, line: None }, |out| out.push(0));
    let other = Fetched { first: 3, block: Arc::new(builder.take()), end: 4 };
    rig.handle(Event::Records(AT, other));
    assert!(matches!(rig.trouble(), Some(Trouble::Halted(why)) if why.contains("diverged")));
}

#[test]
fn stopping_commits_what_is_folded_and_hands_the_partition_back() {
    let mut rig = Rig::running();
    rig.handle(Event::Records(AT, fetched(0..3, 100)));
    rig.handle(Event::Stop);
    let (run, number) = rig.append().map(|(run, append)| (run, append.number)).unwrap();
    assert!(!rig.is_released());
    rig.acknowledge(run, number);
    assert_eq!(rig.commit().unwrap().1.to, 3);
    assert!(rig.reads_from().is_none());
    rig.handle(Event::Committed { at: AT, run, result: Ok(()) });
    assert!(rig.is_released() && rig.driver.is_done());
}

//! The driver alone: which actions follow from which events.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use goldstream_consumers::driver::{Action, Append, Driver, Event, Trouble};
use goldstream_consumers::silver::Silver;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::column::{Kind, Names};
use goldstream_domain::progress::{LastApplied, SilverHead};
use goldstream_domain::record::{Block, BlockBuilder, Headers, Origin, checksum};
use goldstream_platform::limits::{
    BLOCK_BYTES_MAX, COMMIT_PACE, DISCARDS_MAX, HOLE_OPEN_MAX, STILL_PACES,
};
use goldstream_platform::log::{Fetched, LogError, Topic, TopicPartition};
use goldstream_platform::store::{Commit, CommitError, Content, Image, StoreError};
use std::sync::Arc;

const AT: TopicPartition = TopicPartition::new(Topic::Bronze(Kind::Purchases), 0);

/// One purchase a number, its place in the file the number plus one.
fn block(numbers: std::ops::Range<u64>) -> Block {
    let source = "file:/a@0".into();
    let mut builder = BlockBuilder::default();
    for number in numbers {
        let id = number.to_string();
        let fields = [id.as_str(), "7", "2024-03-01", "1.00", "Souris"];
        let row = BronzeRow::Columns { names: Names::default(), fields };
        let origin = Some(Origin { source_id: &source, origin: number + 1, prev: number });
        builder.push(Headers { origin, ingested_at_ms: 5 }, |out| row.encode(out));
    }
    builder.take()
}

fn fetched(numbers: std::ops::Range<u64>, end: u64) -> Fetched {
    Fetched { first: numbers.start, block: Arc::new(block(numbers)), end }
}

/// A driver with one partition, and what it asked for last.
struct Rig {
    driver: Driver<Silver>,
    actions: Vec<Action>,
}

impl Rig {
    fn assigned() -> Self {
        let mut rig = Self { driver: Driver::new(Silver { partitions: 1 }), actions: Vec::new() };
        rig.handle(Event::Assigned(vec![AT]));
        rig
    }

    /// Assigned and loaded empty.
    fn running() -> Self {
        let mut rig = Self::assigned();
        rig.load(Image { position: 0, content: Content::Empty });
        rig
    }

    fn handle(&mut self, event: Event) {
        self.actions = self.driver.handle(event);
    }

    fn load(&mut self, image: Image) {
        let run = self.take_load();
        self.handle(Event::Loaded { at: AT, run, result: Ok(image) });
    }

    fn take_load(&self) -> u64 {
        let load = self.actions.iter().find_map(|action| match action {
            Action::Load { run, .. } => Some(*run),
            _ => None,
        });
        load.expect("a load was asked for")
    }

    fn append(&self) -> Option<(u64, &Append)> {
        self.actions.iter().find_map(|action| match action {
            Action::Append { run, append, .. } => Some((*run, append)),
            _ => None,
        })
    }

    fn commit(&self) -> Option<(u64, Arc<Commit>)> {
        self.actions.iter().find_map(|action| match action {
            Action::Commit { run, commit, .. } => Some((*run, Arc::clone(commit))),
            _ => None,
        })
    }

    fn reads_from(&self) -> Option<u64> {
        self.actions.iter().find_map(|action| match action {
            Action::Read { from, .. } => Some(*from),
            _ => None,
        })
    }

    fn trouble(&self) -> Option<&Trouble> {
        self.actions.iter().find_map(|action| match action {
            Action::Report { trouble, .. } => Some(trouble),
            _ => None,
        })
    }

    fn is_released(&self) -> bool {
        self.actions.iter().any(|action| matches!(action, Action::Release(_)))
    }

    fn acknowledge(&mut self, run: u64, number: u64) {
        self.handle(Event::Appended { at: AT, run, number, result: Ok(()) });
    }

    /// Makes every append and commit that it asks for; gives the commits.
    fn commits(&mut self) -> Vec<(u64, u64)> {
        let mut commits = Vec::new();
        loop {
            if let Some((run, number)) = self.append().map(|(run, append)| (run, append.number)) {
                self.acknowledge(run, number);
            } else if let Some((run, commit)) = self.commit() {
                commits.push((commit.from, commit.to));
                self.handle(Event::Committed { at: AT, run, result: Ok(()) });
            } else {
                return commits;
            }
        }
    }

    fn ticks(&mut self, count: u32) {
        for _ in 0..count {
            self.handle(Event::Tick);
        }
    }
}

/// One refused row that fills a block by itself.
fn long_row(number: u64, end: u64) -> Fetched {
    let (id, product) = (number.to_string(), "x".repeat(BLOCK_BYTES_MAX));
    let fields = [id.as_str(), "7", "soon", "1.00", product.as_str()];
    let row = BronzeRow::Columns { names: Names::default(), fields };
    let (source, mut builder) = ("file:/a@0".into(), BlockBuilder::default());
    let origin = Some(Origin { source_id: &source, origin: number + 1, prev: number });
    builder.push(Headers { origin, ingested_at_ms: 5 }, |out| row.encode(out));
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
        rig.handle(Event::Records(AT, fetched(read * 600..(read + 1) * 600, (read + 1) * 600)));
        assert_eq!(rig.commits(), [], "it is at its end, and more comes");
        if read % 2 == 1 {
            rig.ticks(1);
            assert_eq!(rig.commits(), []);
        }
    }
    // One has passed since the last read.
    rig.ticks(STILL_PACES - 1);
    assert_eq!(rig.commits(), [(0, 12_000)], "what came last waits a moment and no longer");
    rig.handle(Event::Records(AT, fetched(12_000..12_001, 12_001)));
    assert_eq!(rig.commits(), [(12_000, 12_001)], "a single row does not wait");
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

/// A silver shard stored after the records of `block(0..3)`.
fn stored(checksum: u64) -> Image {
    let last_applied = Some(LastApplied { position: 2, checksum });
    let mut head = SilverHead { last_applied, tails: vec![3], ..SilverHead::default() };
    head.chain.admit(&"file:/a@0".into(), 3, 0).unwrap();
    Image { position: 3, content: Content::Silver { head, claims: Vec::new() } }
}

#[test]
fn the_log_is_held_against_the_last_applied_record_before_anything_is_folded() {
    let records = block(0..3);
    let last = records.records().last().unwrap().unwrap();
    let right = checksum(last.payload);
    for (checksum, found, goes_on) in [
        (right, Some(fetched(0..3, 3)), true),
        (right ^ 1, Some(fetched(0..3, 3)), false),
        (right, None, false),
    ] {
        let mut rig = Rig::assigned();
        rig.load(stored(checksum));
        let [Action::Verify { run, position: 2, .. }] = rig.actions[..] else {
            panic!("{:?}", rig.actions)
        };
        rig.handle(Event::Verified { at: AT, run, result: Ok(found) });
        assert_eq!(rig.reads_from().is_some(), goes_on);
        let halted =
            matches!(rig.trouble(), Some(Trouble::Halted(why)) if why.contains("--data-dir"));
        assert_eq!(halted, !goes_on);
    }
}

#[test]
fn a_damaged_state_is_discarded_and_folded_again_but_not_for_ever() {
    let mut rig = Rig::assigned();
    for _ in 0..DISCARDS_MAX {
        let run = rig.take_load();
        rig.handle(Event::Loaded { at: AT, run, result: Err(StoreError::Torn("torn".into())) });
        let discard = rig.actions.iter().find_map(|action| match action {
            Action::Discard { run, .. } => Some(*run),
            _ => None,
        });
        rig.handle(Event::Discarded { at: AT, run: discard.unwrap(), result: Ok(()) });
    }
    let run = rig.take_load();
    rig.handle(Event::Loaded { at: AT, run, result: Err(StoreError::Torn("torn".into())) });
    assert!(matches!(rig.trouble(), Some(Trouble::Halted(why)) if why == "torn"));

    let mut rig = Rig::running();
    rig.handle(Event::Records(AT, fetched(0..3, 3)));
    let (run, number) = rig.append().map(|(run, append)| (run, append.number)).unwrap();
    rig.acknowledge(run, number);
    let result = Err(CommitError::Store(StoreError::Torn("torn".into())));
    rig.handle(Event::Committed { at: AT, run, result });
    assert!(matches!(rig.actions[..], [Action::Report { .. }, Action::Discard { .. }]));
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
    builder.push(Headers { origin, ingested_at_ms: 0 }, |out| out.push(0));
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

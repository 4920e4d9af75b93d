//! Logs and states that are not what they were: looked at before anything is folded, and not for ever.

use crate::rig::{AT, Rig, block, fetched};
use goldstream_consumers::driver::{Action, Event, Trouble};
use goldstream_domain::progress::{LastApplied, SilverHead};
use goldstream_domain::record::checksum;
use goldstream_platform::limits::{COMMIT_PACE, DAMAGED_READS_MAX, DISCARDS_MAX, RETRY_LAST};
use goldstream_platform::log::LogError;
use goldstream_platform::store::{CommitError, Content, Image, StoreError};

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
fn a_log_that_stays_damaged_stops_its_shard_and_one_that_is_well_again_does_not() {
    let waits = RETRY_LAST.div_duration_f32(COMMIT_PACE) as u32 + 1;
    let mut rig = Rig::running();
    let fail = |rig: &mut Rig| {
        rig.handle(Event::ReadFailed(AT, LogError::Damaged("it begins at 3".into())));
        rig.trouble().cloned()
    };
    let load_again = |rig: &mut Rig| {
        while !rig.actions.iter().any(|action| matches!(action, Action::Load { .. })) {
            rig.ticks(1);
        }
        rig.load(Image { position: 0, content: Content::Empty });
    };
    for _ in 0..DAMAGED_READS_MAX {
        assert!(matches!(fail(&mut rig), Some(Trouble::Retrying(_))));
        load_again(&mut rig);
    }
    // Records come: a leader that had fallen behind has caught up.
    rig.handle(Event::Records(AT, fetched(0..1, 1)));
    for _ in 0..DAMAGED_READS_MAX {
        assert!(matches!(fail(&mut rig), Some(Trouble::Retrying(_))));
        load_again(&mut rig);
    }
    let halted = fail(&mut rig);
    assert!(matches!(halted, Some(Trouble::Halted(why)) if why.contains("begins at 3")));
    rig.ticks(waits);
    assert!(rig.actions.is_empty(), "{:?}", rig.actions);
    // One that is away is waited for, however long.
    let mut rig = Rig::running();
    for _ in 0..3 * DAMAGED_READS_MAX {
        rig.handle(Event::ReadFailed(AT, LogError::Unavailable("away".into())));
        assert!(matches!(rig.trouble(), Some(Trouble::Retrying(_))));
        load_again(&mut rig);
    }
}

#[test]
fn a_log_that_must_not_be_worked_on_stops_its_shard_at_once_wherever_it_says_so() {
    let stopped = || LogError::Stopped("8 partitions".into());
    let halted =
        |rig: &Rig| matches!(rig.trouble(), Some(Trouble::Halted(why)) if why == "8 partitions");
    let mut rig = Rig::running();
    rig.handle(Event::ReadFailed(AT, stopped()));
    assert!(halted(&rig));

    let mut rig = Rig::running();
    rig.handle(Event::Records(AT, fetched(0..3, 3)));
    let (run, number) = rig.append().map(|(run, append)| (run, append.number)).unwrap();
    rig.handle(Event::Appended { at: AT, run, number, result: Err(stopped()) });
    assert!(halted(&rig));
    rig.ticks(1000);
    assert!(rig.commit().is_none() && rig.reads_from().is_none(), "nothing is committed or read");
}

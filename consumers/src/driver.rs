//! The driver of a stage: a state machine over closed events that returns actions.
//!
//! It has no thread, clock or socket, so tests and a simulator drive the code that runs in earnest.
//! Per shard: load → verify → (read → fold → append → commit)… Results of an earlier run of a
//! shard are told by its number and ignored.

pub use crate::message::{Action, Append, Event, Trouble};
use crate::slot::{Leaving, Phase, Running, is_same_log, must_reload, restored};
use crate::stage::Stage;
use goldstream_domain::planted::{self, Bug};
use goldstream_platform::limits::{
    COMMIT_PACE, DAMAGED_READS_MAX, DISCARDS_MAX, HOLE_OPEN_MAX, RETRY_FIRST, RETRY_LAST,
};
use goldstream_platform::log::{Fetched, LogError, TopicPartition};
use goldstream_platform::store::{CommitError, Image, StoreError};
use std::collections::BTreeMap;
use std::time::Duration;

struct Slot<S: Stage> {
    run: u64,
    failures: u32,
    discards: u32,
    /// Reads that found the log damaged since records came last. That the last applied record can be read
    /// is no end of it: the damage may lie behind that one.
    damaged_reads: u32,
    leaving: Leaving,
    phase: Phase<S>,
}

/// The driver of one stage.
pub struct Driver<S: Stage> {
    stage: S,
    slots: BTreeMap<TopicPartition, Slot<S>>,
    runs: u64,
    stopping: bool,
}

impl<S: Stage> Driver<S> {
    /// A driver without partitions.
    pub fn new(stage: S) -> Self {
        Self { stage, slots: BTreeMap::new(), runs: 0, stopping: false }
    }

    /// Whether it was asked to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping
    }

    /// Whether it has stopped and holds nothing.
    pub fn is_done(&self) -> bool {
        self.stopping && self.slots.is_empty()
    }

    /// Takes one event and gives what is to be done.
    pub fn handle(&mut self, event: Event) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::Assigned(partitions) => self.assign(&partitions, &mut actions),
            Event::Revoked(partitions) => self.leave(&partitions, &mut actions),
            Event::Loaded { at, run, result } => self.loaded(at, run, result, &mut actions),
            Event::Discarded { at, run, result } => self.discarded(at, run, result, &mut actions),
            Event::Checked { at, run, result } => self.checked(at, run, &result, &mut actions),
            Event::Verified { at, run, result } => self.verified(at, run, result, &mut actions),
            Event::Records(at, fetched) => self.records(at, &fetched, &mut actions),
            Event::ReadFailed(at, error) => self.read_failed(at, &error, &mut actions),
            Event::Appended { at, run, number, result } => {
                self.appended(at, run, number, result, &mut actions);
            }
            Event::Committed { at, run, result } => self.committed(at, run, result, &mut actions),
            Event::Stuck(at, waited) => self.stuck(at, waited, &mut actions),
            Event::Tick => self.tick(&mut actions),
            Event::Stop => {
                self.stopping = true;
                let all: Vec<_> = self.slots.keys().copied().collect();
                self.leave(&all, &mut actions);
            }
        }
        actions
    }

    /// How many partitions it holds, those included that it is handing back.
    pub fn partitions(&self) -> usize {
        self.slots.len()
    }

    /// How far a partition is committed; none while that is not known.
    pub fn position(&self, at: TopicPartition) -> Option<u64> {
        match &self.slots.get(&at)?.phase {
            Phase::Running(running) => Some(running.position()),
            _ => None,
        }
    }

    fn assign(&mut self, partitions: &[TopicPartition], actions: &mut Vec<Action>) {
        for at in partitions {
            if self.stopping {
                actions.push(Action::Release(*at));
                continue;
            }
            let slot = Slot {
                run: 0,
                failures: 0,
                discards: 0,
                damaged_reads: 0,
                leaving: Leaving::No,
                phase: Phase::Loading,
            };
            self.slots.insert(*at, slot);
            self.load(*at, actions);
        }
    }

    fn leave(&mut self, partitions: &[TopicPartition], actions: &mut Vec<Action>) {
        for at in partitions {
            if let Some(slot) = self.slots.get_mut(at) {
                slot.leaving = Leaving::Yes;
                self.advance(*at, actions);
            }
        }
    }

    fn load(&mut self, at: TopicPartition, actions: &mut Vec<Action>) {
        let Some(slot) = self.slots.get_mut(&at) else { return };
        self.runs += 1;
        slot.run = self.runs;
        slot.phase = Phase::Loading;
        actions.push(Action::Load { at, run: slot.run, shard: self.stage.shard(at) });
    }

    fn loaded(
        &mut self,
        at: TopicPartition,
        run: u64,
        result: Result<Image, StoreError>,
        actions: &mut Vec<Action>,
    ) {
        let Some(slot) = self.slots.get_mut(&at).filter(|slot| slot.run == run) else { return };
        match result.map(|image| restored(&self.stage, at, image)) {
            Ok(Ok(phase)) => {
                if let Phase::Verifying { last, .. } = &phase {
                    actions.push(Action::Verify { at, run, position: last.position });
                }
                slot.phase = phase;
                self.advance(at, actions);
            }
            Ok(Err(error)) => self.halt(at, error.to_string(), actions),
            Err(StoreError::Damaged(reason)) => self.halt(at, reason, actions),
            Err(StoreError::Torn(reason)) => self.discard(at, reason, actions),
            Err(error) => self.fail(at, &error.to_string(), actions),
        }
    }

    fn verified(
        &mut self,
        at: TopicPartition,
        run: u64,
        result: Result<Option<Fetched>, LogError>,
        actions: &mut Vec<Action>,
    ) {
        let Some(slot) = self.slots.get_mut(&at).filter(|slot| slot.run == run) else { return };
        let fetched = match result {
            Ok(fetched) => fetched,
            Err(error) => return self.read_failed(at, &error, actions),
        };
        let phase = std::mem::replace(&mut slot.phase, Phase::Halted);
        let Phase::Verifying { state, position, last } = phase else { return };
        if !is_same_log(last, position, fetched.as_ref()) {
            let reason = format!(
                "{at} is not the log that this state was made from: its record at {} is gone or \
                 another one; goldstream rebuild folds bronze again (give --abandon first, where one is under \
                 way), as does a new --data-dir or --prefix",
                last.position
            );
            return self.halt(at, reason, actions);
        }
        slot.phase = Phase::Running(Running::new(state, position));
        self.advance(at, actions);
    }

    fn records(&mut self, at: TopicPartition, fetched: &Fetched, actions: &mut Vec<Action>) {
        let Some(slot) = self.slots.get_mut(&at) else { return };
        let Phase::Running(running) = &mut slot.phase else { return };
        slot.damaged_reads = 0;
        match running.fold(&self.stage, fetched) {
            Ok(()) => self.advance(at, actions),
            Err(error) => self.halt(at, error.to_string(), actions),
        }
    }

    /// A log that is away comes back; one that goes on saying that it is damaged does not.
    fn read_failed(&mut self, at: TopicPartition, error: &LogError, actions: &mut Vec<Action>) {
        let Some(slot) = self.slots.get_mut(&at) else { return };
        match error {
            LogError::Damaged(reason) => {
                slot.damaged_reads += 1;
                if slot.damaged_reads > DAMAGED_READS_MAX {
                    return self.halt(at, reason.clone(), actions);
                }
            }
            LogError::Stopped(reason) => return self.halt(at, reason.clone(), actions),
            LogError::Unavailable(_) | LogError::TooLarge(_) => {}
        }
        self.fail(at, &error.to_string(), actions);
    }

    fn appended(
        &mut self,
        at: TopicPartition,
        run: u64,
        number: u64,
        result: Result<(), LogError>,
        actions: &mut Vec<Action>,
    ) {
        let Some(slot) = self.slots.get_mut(&at).filter(|slot| slot.run == run) else { return };
        match (result, &mut slot.phase) {
            (Ok(()), Phase::Running(running)) => {
                running.acknowledge(number);
                self.advance(at, actions);
            }
            (Err(_), Phase::Running(running)) if planted::is(Bug::FailedAppendForgotten) => {
                running.acknowledge(number);
                self.advance(at, actions);
            }
            (Err(LogError::Stopped(reason)), _) => self.halt(at, reason, actions),
            // What arrived is not known: load and append again, the chain drops the repeats.
            (Err(error), _) => self.fail(at, &error.to_string(), actions),
            (Ok(()), _) => {}
        }
    }

    fn committed(
        &mut self,
        at: TopicPartition,
        run: u64,
        result: Result<(), CommitError>,
        actions: &mut Vec<Action>,
    ) {
        let Some(slot) = self.slots.get_mut(&at).filter(|slot| slot.run == run) else { return };
        let Phase::Running(running) = &mut slot.phase else { return };
        match result {
            Ok(()) => {
                running.committed();
                if std::mem::take(&mut slot.failures) > 0 {
                    actions.push(Action::Clear(at));
                }
                self.advance(at, actions);
            }
            Err(CommitError::Refused { stored }) if planted::is(Bug::CommitOnLostPartition) => {
                running.force_commit(stored);
                self.advance(at, actions);
            }
            // Somebody else went on, or the store went back: its state is the truth.
            Err(error) if must_reload(&error) => self.fail(at, &error.to_string(), actions),
            Err(CommitError::Store(StoreError::Damaged(reason))) => self.halt(at, reason, actions),
            Err(CommitError::Store(StoreError::Torn(reason))) => self.discard(at, reason, actions),
            Err(error) => {
                running.retry_commit();
                slot.failures += 1;
                let trouble = Trouble::Retrying(error.to_string());
                actions.push(Action::Report { at, trouble });
            }
        }
    }

    /// What is stored is the truth; whatever was made of it since is made again.
    fn stuck(&mut self, at: TopicPartition, waited: Duration, actions: &mut Vec<Action>) {
        let is_running = |slot: &Slot<S>| matches!(slot.phase, Phase::Running(_));
        if self.slots.get(&at).is_some_and(is_running) {
            let waited = waited.as_secs();
            self.fail(at, &format!("no answer has come for {waited} s, it begins anew"), actions);
        }
    }

    fn tick(&mut self, actions: &mut Vec<Action>) {
        let hole_ticks_max = HOLE_OPEN_MAX.div_duration_f32(COMMIT_PACE) as u32;
        let all: Vec<_> = self.slots.keys().copied().collect();
        for at in all {
            let Some(slot) = self.slots.get_mut(&at) else { continue };
            match &mut slot.phase {
                Phase::Waiting { ticks_left } if *ticks_left == 0 => self.load(at, actions),
                Phase::Waiting { ticks_left } => *ticks_left -= 1,
                Phase::Running(running) => {
                    if running.tick() > hole_ticks_max {
                        let reason = "records of a source are missing and were not sent again";
                        self.halt(at, reason.to_owned(), actions);
                    } else if running.must_check() {
                        let shard = self.stage.shard(at);
                        actions.push(Action::Check { at, run: slot.run, shard });
                    }
                }
                Phase::Loading | Phase::Verifying { .. } | Phase::Halted => {}
            }
            self.advance(at, actions);
        }
    }

    /// Drops the shard's state and loads it again after a while.
    fn fail(&mut self, at: TopicPartition, reason: &str, actions: &mut Vec<Action>) {
        let Some(slot) = self.slots.get_mut(&at) else { return };
        self.runs += 1;
        slot.run = self.runs;
        slot.phase = Phase::Waiting { ticks_left: retry_ticks(slot.failures) };
        slot.failures += 1;
        actions.push(Action::Report { at, trouble: Trouble::Retrying(reason.to_owned()) });
        self.advance(at, actions);
    }

    fn checked(
        &mut self,
        at: TopicPartition,
        run: u64,
        result: &Result<u64, StoreError>,
        actions: &mut Vec<Action>,
    ) {
        let Some(slot) = self.slots.get_mut(&at).filter(|slot| slot.run == run) else { return };
        let Phase::Running(running) = &mut slot.phase else { return };
        // A store that is away is noticed by who needs it.
        let Ok(stored) = result else { return running.checked() };
        if running.is_at_odds_with(*stored) {
            return self.fail(at, &format!("position {stored} is stored"), actions);
        }
        running.checked();
    }

    /// Forgets a damaged state: it follows from the log, which has everything. A store that goes on
    /// damaging it is not trusted for ever.
    fn discard(&mut self, at: TopicPartition, reason: String, actions: &mut Vec<Action>) {
        let Some(slot) = self.slots.get_mut(&at) else { return };
        slot.discards += 1;
        if slot.discards > DISCARDS_MAX {
            return self.halt(at, reason, actions);
        }
        self.runs += 1;
        slot.run = self.runs;
        slot.phase = Phase::Loading;
        slot.failures += 1;
        let reason = format!("{reason}; its state is discarded and folded again from the log");
        actions.push(Action::Report { at, trouble: Trouble::Retrying(reason) });
        actions.push(Action::Discard { at, run: slot.run, shard: self.stage.shard(at) });
        self.advance(at, actions);
    }

    fn discarded(
        &mut self,
        at: TopicPartition,
        run: u64,
        result: Result<(), StoreError>,
        actions: &mut Vec<Action>,
    ) {
        if self.slots.get(&at).is_none_or(|slot| slot.run != run) {
            return;
        }
        match result {
            Ok(()) => self.load(at, actions),
            Err(StoreError::Damaged(reason)) => self.halt(at, reason, actions),
            Err(error) => self.fail(at, &error.to_string(), actions),
        }
    }

    fn halt(&mut self, at: TopicPartition, reason: String, actions: &mut Vec<Action>) {
        if let Some(slot) = self.slots.get_mut(&at) {
            slot.phase = Phase::Halted;
            actions.push(Action::Report { at, trouble: Trouble::Halted(reason) });
            self.advance(at, actions);
        }
    }

    /// Lets the shard do what it can, and hands it back if that was wanted and nothing is left.
    fn advance(&mut self, at: TopicPartition, actions: &mut Vec<Action>) {
        let Some(slot) = self.slots.get_mut(&at) else { return };
        let settled = match &mut slot.phase {
            Phase::Running(running) => {
                running.advance(&self.stage, (at, slot.run), slot.leaving, actions);
                running.is_settled()
            }
            Phase::Loading | Phase::Waiting { .. } | Phase::Verifying { .. } | Phase::Halted => {
                true
            }
        };
        if slot.leaving == Leaving::Yes && settled {
            self.slots.remove(&at);
            actions.push(Action::Release(at));
        }
    }
}

/// Doubles from the first wait to the last.
fn retry_ticks(failures: u32) -> u32 {
    let wait = RETRY_FIRST.saturating_mul(1 << failures.min(10)).min(RETRY_LAST);
    (wait.as_millis() / COMMIT_PACE.as_millis()) as u32
}

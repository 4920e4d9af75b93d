//! One shard under the driver: what it is doing, and what it may do next.
//!
//! While a commit is in flight the next batch is being folded; one commit is in flight at a time.
//! A commit waits for every append that came before it.

use crate::message::{Action, Append};
use crate::stage::{Amount, Stage, StageError, Taken};
use goldstream_domain::planted::{self, Bug};
use goldstream_domain::progress::LastApplied;
use goldstream_domain::record::checksum;
use goldstream_platform::limits::{
    APPENDS_IN_FLIGHT_MAX, BACKLOG_PACES, BACKLOG_ROWS, FEW_ROWS, STILL_PACES, UNCOMMITTED_ROWS_MAX,
};
use goldstream_platform::log::{Fetched, TopicPartition};
use goldstream_platform::store::{Commit, CommitError, Image};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a shard is doing.
pub(crate) enum Phase<S: Stage> {
    /// Its image is being loaded.
    Loading,
    /// Something failed; it is loaded again after so many ticks.
    Waiting { ticks_left: u32 },
    /// The last applied record is being held against the log.
    Verifying { state: S::State, position: u64, last: LastApplied },
    /// It folds.
    Running(Running<S>),
    /// It must not go on.
    Halted,
}

/// A shard that folds.
pub(crate) struct Running<S: Stage> {
    state: S::State,
    committed: u64,
    folded: u64,
    end: u64,
    reading: bool,
    appends_made: u64,
    /// Numbers of the appends that are not acknowledged: answers come in any order.
    appends_open: BTreeSet<u64>,
    commit: Option<Sealed>,
    /// Ticks since the last commit or check.
    ticks: u32,
    /// Ticks since records came.
    still_ticks: u32,
    /// The position that must be stored where a check is under way.
    checked_at: Option<u64>,
    pub(crate) hole_ticks: u32,
}

/// A commit that is decided but not made.
struct Sealed {
    commit: Arc<Commit>,
    /// Appends that must be acknowledged first.
    after_appends: u64,
    attempt: Attempt,
}

enum Attempt {
    NotYet,
    InFlight,
    AgainAfter { ticks_left: u32 },
}

/// Ticks that a shard is idle before it looks at the store: a second.
const CHECK_TICKS: u32 = 20;

/// Ticks before a commit that failed is made again.
const COMMIT_RETRY_TICKS: u32 = 10;

impl<S: Stage> Running<S> {
    pub(crate) fn new(state: S::State, position: u64) -> Self {
        Self {
            state,
            committed: position,
            folded: position,
            end: position,
            reading: false,
            appends_made: 0,
            appends_open: BTreeSet::new(),
            commit: None,
            ticks: 0,
            still_ticks: 0,
            checked_at: None,
            hole_ticks: 0,
        }
    }

    /// How far it is committed.
    pub(crate) const fn position(&self) -> u64 {
        self.committed
    }

    /// Folds records.
    pub(crate) fn fold(&mut self, stage: &S, fetched: &Fetched) -> Result<(), StageError> {
        self.reading = false;
        self.end = self.end.max(fetched.end);
        let next = fetched.first + fetched.block.len();
        // Records that do not continue what is folded were asked for by an earlier run.
        if next <= self.folded || fetched.first > self.folded {
            return Ok(());
        }
        let twice = planted::is(Bug::RecordsFoldedTwice);
        stage.fold(&mut self.state, if twice { fetched.first } else { self.folded }, fetched)?;
        self.folded = next;
        self.still_ticks = 0;
        if !S::has_holes(&self.state) {
            self.hole_ticks = 0;
        }
        Ok(())
    }

    pub(crate) fn acknowledge(&mut self, number: u64) {
        self.appends_open.remove(&number);
        if planted::is(Bug::AnyAnswerAcknowledges) {
            self.appends_open.retain(|open| *open > number);
        }
    }

    pub(crate) fn committed(&mut self) {
        if let Some(sealed) = self.commit.take() {
            self.committed = sealed.commit.to;
        }
    }

    /// A bug that can be planted: the commit is to be made over whatever is stored.
    pub(crate) fn force_commit(&mut self, stored: u64) {
        if let Some(sealed) = &mut self.commit {
            let commit = Commit { from: stored, ..(*sealed.commit).clone() };
            *sealed = Sealed { commit: Arc::new(commit), attempt: Attempt::NotYet, ..*sealed };
        }
    }

    /// The commit may or may not have been made; it is made again later, which is harmless.
    pub(crate) fn retry_commit(&mut self) {
        if let Some(sealed) = &mut self.commit {
            sealed.attempt = Attempt::AgainAfter { ticks_left: COMMIT_RETRY_TICKS };
        }
    }

    /// Time passes. Gives whether a hole has been open for that many ticks.
    pub(crate) fn tick(&mut self) -> u32 {
        self.ticks = self.ticks.saturating_add(1);
        self.still_ticks = self.still_ticks.saturating_add(1);
        if let Some(Sealed { attempt, .. }) = &mut self.commit
            && let Attempt::AgainAfter { ticks_left } = attempt
        {
            *ticks_left = ticks_left.saturating_sub(1);
            if *ticks_left == 0 {
                *attempt = Attempt::NotYet;
            }
        }
        if S::has_holes(&self.state) {
            self.hole_ticks += 1;
        }
        self.hole_ticks
    }

    /// Whether the store should be looked at, which is then under way.
    pub(crate) fn must_check(&mut self) -> bool {
        let is_idle = self.is_settled() && self.checked_at.is_none();
        if !is_idle || self.ticks < CHECK_TICKS {
            return false;
        }
        self.ticks = 0;
        self.checked_at = Some(self.committed);
        true
    }

    /// Whether the stored position is another than it was when it was asked for, without our doing.
    pub(crate) fn is_at_odds_with(&self, stored: u64) -> bool {
        self.commit.is_none() && self.checked_at == Some(self.committed) && stored != self.committed
    }

    /// The check is over.
    pub(crate) fn checked(&mut self) {
        self.checked_at = None;
    }

    /// Whether nothing is left to do for a shard that is to be handed back.
    pub(crate) fn is_settled(&self) -> bool {
        self.commit.is_none() && self.folded == self.committed && self.appends_open.is_empty()
    }

    /// What can be done now.
    pub(crate) fn advance(
        &mut self,
        stage: &S,
        (at, run): (TopicPartition, u64),
        leaving: Leaving,
        actions: &mut Vec<Action>,
    ) {
        if self.commit.is_none() && self.is_due(leaving) {
            self.append(stage, (at, run), Amount::Everything, actions);
            self.seal(stage, at);
        } else {
            self.append(stage, (at, run), Amount::FullBlocks, actions);
        }
        let first_open = self.appends_open.first().copied().unwrap_or(u64::MAX);
        if let Some(sealed) = &mut self.commit
            && matches!(sealed.attempt, Attempt::NotYet)
            && (first_open > sealed.after_appends || planted::is(Bug::CommitBeforeAppends))
        {
            sealed.attempt = Attempt::InFlight;
            actions.push(Action::Commit { at, run, commit: Arc::clone(&sealed.commit) });
        }
        let room = self.folded - self.committed < UNCOMMITTED_ROWS_MAX
            && self.appends_open.len() < APPENDS_IN_FLIGHT_MAX;
        if leaving == Leaving::No && !self.reading && room {
            self.reading = true;
            actions.push(Action::Read { at, from: self.folded });
        }
    }

    /// At once when the log is read to its end and little has gathered or nothing more comes, else when
    /// time has passed or enough has gathered. A shard that is as quick as its log comes to the end with
    /// every read: were that enough, it would make the same rows again and again under full load.
    fn is_due(&self, leaving: Leaving) -> bool {
        let gathered = self.folded - self.committed;
        let (paces, still_paces) = paces(gathered, self.ticks);
        let is_at_rest = self.folded >= self.end && self.still_ticks >= still_paces;
        let now = is_at_rest || self.ticks >= paces || leaving == Leaving::Yes;
        gathered > 0 && (now || gathered >= UNCOMMITTED_ROWS_MAX)
    }

    fn append(
        &mut self,
        stage: &S,
        (at, run): (TopicPartition, u64),
        amount: Amount,
        actions: &mut Vec<Action>,
    ) {
        let blocks = stage.take_outputs(&mut self.state, amount);
        if !blocks.is_empty() {
            self.appends_made += 1;
            self.appends_open.insert(self.appends_made);
            let append = Append { blocks, number: self.appends_made };
            actions.push(Action::Append { at, run, append });
        }
    }

    fn seal(&mut self, stage: &S, at: TopicPartition) {
        let Taken { changes, ingested_at_ms } = stage.take_changes(&mut self.state);
        let (from, to) = (self.committed, self.folded);
        let shard = stage.shard(at);
        self.ticks = 0;
        self.commit = Some(Sealed {
            commit: Arc::new(Commit {
                shard,
                from,
                to,
                ingested_at_ms,
                traces: Vec::new(),
                changes,
            }),
            after_appends: self.appends_made,
            attempt: Attempt::NotYet,
        });
    }
}

/// How many ticks rows may gather in, and how many they may have stood still, until they are committed. It goes by rows
/// a pace: what came at once after a pause is no backlog for longer than it takes to be spread over the paces.
fn paces(gathered: u64, ticks: u32) -> (u32, u32) {
    let is_backlog = gathered > BACKLOG_ROWS * u64::from(ticks.max(1));
    match is_backlog {
        _ if gathered <= FEW_ROWS => (1, 0),
        false => (1, 1),
        true => (BACKLOG_PACES, STILL_PACES),
    }
}

/// Whether a shard is to be handed back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaving {
    No,
    Yes,
}

/// The phase after an image was loaded.
pub(crate) fn restored<S: Stage>(
    stage: &S,
    at: TopicPartition,
    image: Image,
) -> Result<Phase<S>, StageError> {
    let Image { position, content } = image;
    let state = stage.restore(at, content)?;
    match S::last_applied(&state) {
        Some(last) => Ok(Phase::Verifying { state, position, last }),
        // Nothing was taken in: positions without records say nothing of their log.
        None => Ok(Phase::Running(Running::new(state, position))),
    }
}

/// Whether the record that the state took in last stands where it did.
pub(crate) fn is_same_log(last: LastApplied, position: u64, fetched: Option<&Fetched>) -> bool {
    let Some(fetched) = fetched else { return false };
    if last.position >= position || last.position < fetched.first {
        return false;
    }
    let record = fetched.block.records().nth((last.position - fetched.first) as usize);
    record.is_some_and(|record| record.is_ok_and(|r| checksum(r.payload) == last.checksum))
}

/// What a commit's failure means for its shard.
pub(crate) fn must_reload(error: &CommitError) -> bool {
    matches!(error, CommitError::Refused { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tick at which a shard commits that folds `at_once` rows and then so many more in each pace.
    fn commits_at(at_once: u64, a_pace: u64) -> u32 {
        let due = |ticks: &u32| *ticks >= paces(at_once + a_pace * u64::from(*ticks), *ticks).0;
        (1..=BACKLOG_PACES).find(due).unwrap()
    }

    #[test]
    fn a_steady_load_is_committed_at_every_pace() {
        for a_pace in [1, FEW_ROWS, BACKLOG_ROWS] {
            assert_eq!(commits_at(0, a_pace), 1, "{a_pace} rows a pace");
        }
    }

    #[test]
    fn a_backlog_gathers_for_many_paces() {
        assert_eq!(commits_at(0, BACKLOG_ROWS * 2), BACKLOG_PACES);
    }

    #[test]
    fn rows_that_came_at_once_after_a_pause_hold_a_steady_load_up_no_longer_than_the_pause() {
        let (a_pace, pause) = (BACKLOG_ROWS / 4, 6);
        let waited = commits_at(a_pace * u64::from(pause), a_pace);
        assert!(waited <= pause, "{waited} paces after a pause of {pause}");
    }
}

//! Bugs that the simulator's tests plant, one at a time, to see that they are caught.
//!
//! Nothing is ever planted without the feature of that name, which nothing shipped has: the question
//! is then a constant, and the compiler drops what follows from it.

/// A mistake that somebody could make in the protocol between log, stages, store and readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bug {
    /// A commit is made whatever position is stored.
    NoCompareAndSet,
    /// A store that fails has a position whose state it lost.
    PositionBeforeState,
    /// A commit that is made again counts again.
    IncrementsNotAbsolute,
    /// A store that goes back keeps the ids that were taken later.
    DedupeNotRolledBack,
    /// A feed entry is found by a number of its own, which a store that goes back gives again.
    FeedIdNotPosition,
    /// A record is applied though records before it are missing.
    HighWaterMarkWithoutPrev,
    /// A record that was applied is applied again.
    RepeatsApplied,
    /// A restored silver shard has taken no ids.
    ClaimsNotRestored,
    /// A restored silver shard does not know what it sent last.
    TailsNotRestored,
    /// A refused commit is made again from whatever is stored.
    CommitOnLostPartition,
    /// A commit does not wait for the appends before it.
    CommitBeforeAppends,
    /// The answer to an append counts for those before it.
    AnyAnswerAcknowledges,
    /// A failed append is forgotten.
    FailedAppendForgotten,
    /// Records that were read before are folded again.
    RecordsFoldedTwice,
    /// A row that counts nothing any more stays.
    ZeroRowKept,
    /// A customer who moves still counts where he was.
    RetractionForgotten,
    /// What an unknown customer bought does not move with him when he becomes known.
    PurchasesLeftBehind,
    /// A purchase counts in the hour of its customer's latest one.
    HourOfAnotherMoment,
    /// Where a new row is put depends on rows that are gone.
    SlotsOfHistory,
    /// A restarted producer takes the row after the last one for sent.
    ResumeOffByOne,
    /// A producer notes rows as sent that were not acknowledged.
    CheckpointBeforeAcknowledgement,
    /// The torn last line of a followed file is taken for a row.
    TornLineIsRow,
    /// The view applies a commit though commits before it are missing.
    GapsNotSeen,
    /// The view goes back with its store.
    ViewGoesBack,
    /// A store that was emptied goes on under the same epoch.
    EpochKept,
    /// The feed tells changes since a version whose changes are not known.
    ForgottenChangesTold,
    /// A row counts as counted before gold has taken it in.
    CountedTooEarly,
    /// A client that comes back is not told what it missed.
    MissedNotTold,
    /// What is served is replaced while it goes on.
    SwitchUnsealed,
    /// A generation is served whose gold has not all that its silver has.
    SwitchBeforeGold,
    /// Which generation is served is said without looking at what was said meanwhile.
    SwitchUncompared,
    /// A seal that led to no switch stays.
    SealNotLifted,
    /// Commits are made to what bears a seal.
    SealNotMinded,
    /// All generations write and read one silver.
    SilverShared,
    /// What is shown is loaded from the generation that was served before.
    LoadedFromBefore,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 35] = [
        Self::NoCompareAndSet,
        Self::PositionBeforeState,
        Self::IncrementsNotAbsolute,
        Self::DedupeNotRolledBack,
        Self::FeedIdNotPosition,
        Self::HighWaterMarkWithoutPrev,
        Self::RepeatsApplied,
        Self::ClaimsNotRestored,
        Self::TailsNotRestored,
        Self::CommitOnLostPartition,
        Self::CommitBeforeAppends,
        Self::AnyAnswerAcknowledges,
        Self::FailedAppendForgotten,
        Self::RecordsFoldedTwice,
        Self::ZeroRowKept,
        Self::RetractionForgotten,
        Self::PurchasesLeftBehind,
        Self::HourOfAnotherMoment,
        Self::SlotsOfHistory,
        Self::ResumeOffByOne,
        Self::CheckpointBeforeAcknowledgement,
        Self::TornLineIsRow,
        Self::GapsNotSeen,
        Self::ViewGoesBack,
        Self::EpochKept,
        Self::ForgottenChangesTold,
        Self::CountedTooEarly,
        Self::MissedNotTold,
        Self::SwitchUnsealed,
        Self::SwitchBeforeGold,
        Self::SwitchUncompared,
        Self::SealNotLifted,
        Self::SealNotMinded,
        Self::SilverShared,
        Self::LoadedFromBefore,
    ];
}

#[cfg(feature = "planted")]
mod active {
    use super::Bug;
    use std::cell::Cell;

    thread_local! {
        static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// Plants a bug on this thread, or none.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.set(bug);
    }

    /// Whether this bug is planted.
    #[must_use]
    pub fn is(bug: Bug) -> bool {
        PLANTED.get() == Some(bug)
    }
}

#[cfg(feature = "planted")]
pub use active::{is, plant};

/// Whether this bug is planted: never.
#[cfg(not(feature = "planted"))]
#[must_use]
pub const fn is(_: Bug) -> bool {
    false
}

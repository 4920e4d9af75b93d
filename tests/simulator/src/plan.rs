//! What a seed stands for: the shop's rows, the faults and when they strike. All of it is data, so that a
//! failing run can be repeated with less of it.

use crate::draw::Draw;
use crate::rows::{self, PlannedRow};

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// An append never arrives.
    AppendLost,
    /// An append arrives and is reported as failed.
    AppendAnswerLost,
    /// An append is reported as failed and arrives later, perhaps after its process has died.
    AppendLate,
    /// Of an append, the first part arrives.
    AppendTorn,
    /// An append never arrives, and those behind it do.
    AppendHole,
    /// An append arrives once more, later.
    AppendTwice,
    /// An append is acknowledged late.
    AppendSlow,
    /// The log is away for a while.
    LogAway,
    /// Records that were read come again.
    ReadAgain,
    /// Positions without a record, such as marks of transactions.
    Gap,
    /// A commit never arrives.
    CommitLost,
    /// A commit is made and reported as failed.
    CommitAnswerLost,
    /// A commit is reported as failed and arrives later, perhaps after its process has died.
    CommitLate,
    /// A commit arrives once more, later.
    CommitTwice,
    /// The store is away for a while.
    StoreAway,
    /// The store fails over and loses its last commits.
    StoreLosesSuffix,
    /// The store comes back empty.
    StoreEmptied,
    /// Half of a commit is made.
    StoreTorn,
    /// The feed loses its oldest entries.
    FeedTrimmed,
    /// Who follows the feed loses his connection.
    FeedBroken,
    /// A process with both stages dies at once.
    StageCrash,
    /// The producer dies at once and begins again with its file.
    ProducerCrash,
    /// The server dies at once.
    ServerCrash,
    /// A partition moves to another process.
    Rebalance,
    /// A partition moves, and who had it learns it late.
    TwoOwners,
    /// A process is given up by its group and goes on.
    Zombie,
    /// A client loses its connection.
    LineBroken,
    /// A frame does not reach its client.
    FrameLost,
    /// A frame reaches its client twice.
    FrameTwice,
    /// The last line of a followed file is there in part.
    TornLine,
    /// An answer that a shard waits for is taken for lost.
    AnswerMissed,
    /// All rows are wished to be counted again: by a new version, by other rules, or as a shadow.
    Rebuild,
    /// Who counts all rows again is told to give it up.
    RebuildAbandoned,
    /// What was served before is wished back.
    RebuildBack,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 34] = [
        Self::AppendLost,
        Self::AppendAnswerLost,
        Self::AppendLate,
        Self::AppendTorn,
        Self::AppendHole,
        Self::AppendTwice,
        Self::AppendSlow,
        Self::LogAway,
        Self::ReadAgain,
        Self::Gap,
        Self::CommitLost,
        Self::CommitAnswerLost,
        Self::CommitLate,
        Self::CommitTwice,
        Self::StoreAway,
        Self::StoreLosesSuffix,
        Self::StoreEmptied,
        Self::StoreTorn,
        Self::FeedTrimmed,
        Self::FeedBroken,
        Self::StageCrash,
        Self::ProducerCrash,
        Self::ServerCrash,
        Self::Rebalance,
        Self::TwoOwners,
        Self::Zombie,
        Self::LineBroken,
        Self::FrameLost,
        Self::FrameTwice,
        Self::TornLine,
        Self::AnswerMissed,
        Self::Rebuild,
        Self::RebuildAbandoned,
        Self::RebuildBack,
    ];

    /// How often it strikes a run at most: where each strike costs a stage one of its few chances, or
    /// makes most of what came before meaningless.
    const fn strikes_max(self) -> u64 {
        match self {
            Self::StoreEmptied | Self::StoreTorn | Self::RebuildAbandoned => 1,
            Self::StoreLosesSuffix | Self::Zombie | Self::LogAway | Self::StoreAway => 2,
            Self::TornLine | Self::Rebalance | Self::CommitLate | Self::StageCrash => 4,
            _ => 3,
        }
    }
}

/// Steps that a rebuild may take, where one is to come to its end before nothing goes wrong any more.
const STEPS_OF_REBUILD: u64 = 1_500;

/// A fault and the step from which on it strikes at the first occasion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Strike {
    /// From this step on.
    pub step: u64,
    /// What.
    pub fault: Fault,
}

/// One run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where it comes from; the schedule is drawn from it as well.
    pub seed: u64,
    /// Whether what stands there at the beginning was folded by the version before.
    pub is_of_before: bool,
    /// Partitions of every topic.
    pub partitions: u32,
    /// Processes with both stages.
    pub processes: usize,
    /// Clients of the feed.
    pub clients: usize,
    /// Entries that each feed keeps.
    pub feed_entries_max: usize,
    /// What the shop writes, in this order.
    pub rows: Vec<PlannedRow>,
    /// How many of them come at once.
    pub rows_at_once: usize,
    /// What goes wrong, by step.
    pub strikes: Vec<Strike>,
    /// Steps before nothing goes wrong any more.
    pub steps: u64,
}

impl Plan {
    /// The run of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut draw = Draw::new(seed);
        let drawn = draw.between(300, 1_200);
        let mut strikes = strikes(&mut draw, drawn);
        strikes.extend(answers_missed(seed, drawn));
        strikes.sort();
        let goes_back = strikes.iter().any(|strike| strike.fault == Fault::RebuildBack);
        let steps = if goes_back { drawn + STEPS_OF_REBUILD } else { drawn };
        Self {
            strikes,
            rows: rows::draw(&mut draw),
            rows_at_once: draw.between(1, 30) as usize,
            is_of_before: draw.once_in(2),
            feed_entries_max: if draw.once_in(3) { draw.between(1, 6) as usize } else { 10_000 },
            ..Self::calm(seed, steps)
        }
    }

    /// A run without rows and without faults.
    #[must_use]
    pub fn calm(seed: u64, steps: u64) -> Self {
        let mut draw = Draw::new(seed ^ 0xca1f);
        Self {
            seed,
            is_of_before: false,
            partitions: draw.between(1, 3) as u32,
            processes: draw.between(1, 3) as usize,
            clients: 2,
            feed_entries_max: 10_000,
            rows: Vec::new(),
            rows_at_once: 1,
            strikes: Vec::new(),
            steps,
        }
    }
}

/// Drawn apart, so that a seed's other faults are those that it had before there were these.
fn answers_missed(seed: u64, steps: u64) -> Vec<Strike> {
    let mut draw = Draw::new(!seed);
    let count = if draw.once_in(3) { draw.between(1, 3) } else { 0 };
    let strike = |_| Strike { step: draw.between(1, steps), fault: Fault::AnswerMissed };
    (0..count).map(strike).collect()
}

/// Some kinds of faults, each a few times: a run in which everything fails at once shows less.
fn strikes(draw: &mut Draw, steps: u64) -> Vec<Strike> {
    let one_in = draw.between(2, 5) as usize;
    let mut strikes = Vec::new();
    for fault in Fault::ALL.into_iter().filter(|fault| *fault != Fault::AnswerMissed) {
        if !draw.once_in(one_in) {
            continue;
        }
        for _ in 0..draw.between(1, fault.strikes_max()) {
            strikes.push(Strike { step: draw.between(1, steps), fault });
        }
    }
    // Who goes back has gone before.
    if strikes.iter().any(|strike| strike.fault >= Fault::RebuildAbandoned) {
        strikes.push(Strike { step: draw.between(1, steps / 4), fault: Fault::Rebuild });
    }
    strikes.sort();
    strikes
}

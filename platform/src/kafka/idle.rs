//! Partitions whose stage waits while nothing comes, and what is to be done about it. Pure: it counts rounds
//! of housekeeping.

use crate::log::TopicPartition;
use std::collections::BTreeMap;

/// Rounds in which a client may be about to give what the broker has; then it is taken to have lost the
/// partition.
const STALLED_ROUNDS: u32 = 4;

/// Where beginning anew was of no use, the client itself is taken to be lost after so many times that.
const BEGINNINGS_MAX: u32 = 2;

/// What is to be done about a partition that gives nothing though the broker has more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// It may be on its way.
    Wait,
    /// It is looked at: where there is no record, it is stepped over.
    Look,
    /// There are records: the client is told to read the partition anew.
    BeginAnew,
    /// A new client is made.
    NewClient,
}

/// How long partitions have stood still, in rounds.
#[derive(Debug, Default)]
pub(super) struct Idle {
    rounds: BTreeMap<TopicPartition, (u64, u32)>,
}

impl Idle {
    /// A round begins, in which these partitions wait at these offsets. Gives those that no longer stand
    /// where they had stalled.
    pub(super) fn round(&mut self, waiting: &BTreeMap<TopicPartition, u64>) -> Vec<TopicPartition> {
        let before = std::mem::take(&mut self.rounds);
        self.rounds = waiting
            .iter()
            .map(|(at, from)| {
                let stood = before.get(at).filter(|(was, _)| was == from);
                (*at, (*from, stood.map_or(0, |(_, rounds)| rounds.saturating_add(1))))
            })
            .collect();
        let moves = |(at, (_, rounds)): (TopicPartition, (u64, u32))| {
            let had_stalled = rounds >= STALLED_ROUNDS;
            (had_stalled && self.remedy(at) == Remedy::Wait).then_some(at)
        };
        before.into_iter().filter_map(moves).collect()
    }

    /// What is to be done where the broker has more.
    pub(super) fn remedy(&self, at: TopicPartition) -> Remedy {
        match self.rounds.get(&at).map_or(0, |(_, rounds)| *rounds) {
            0 => Remedy::Wait,
            rounds if rounds % (STALLED_ROUNDS * BEGINNINGS_MAX) == 0 => Remedy::NewClient,
            rounds if rounds % STALLED_ROUNDS == 0 => Remedy::BeginAnew,
            _ => Remedy::Look,
        }
    }

    /// All are looked at anew.
    pub(super) fn forget(&mut self) {
        self.rounds.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Topic;

    const AT: TopicPartition = TopicPartition::new(Topic::Silver, 0);

    fn waits_at(from: u64) -> BTreeMap<TopicPartition, u64> {
        [(AT, from)].into()
    }

    #[test]
    fn what_stands_still_is_looked_at_then_begun_anew_and_at_last_given_a_new_client() {
        use Remedy::{BeginAnew, Look, NewClient, Wait};
        let mut idle = Idle::default();
        let rounds = (0..=8).map(|_| {
            assert_eq!(idle.round(&waits_at(7)), []);
            idle.remedy(AT)
        });
        let mut expected = vec![Wait];
        for stalled in [BeginAnew, NewClient] {
            expected.extend([Look, Look, Look, stalled]);
        }
        assert_eq!(rounds.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_moves_again_is_told_once() {
        let mut idle = Idle::default();
        for _ in 0..=STALLED_ROUNDS {
            idle.round(&waits_at(7));
        }
        assert_eq!(idle.round(&waits_at(8)), [AT]);
        assert_eq!(idle.round(&waits_at(9)), []);
        assert_eq!(idle.remedy(AT), Remedy::Wait);
    }

    #[test]
    fn what_waits_for_nothing_any_more_moves() {
        let mut idle = Idle::default();
        for _ in 0..=STALLED_ROUNDS {
            idle.round(&waits_at(7));
        }
        assert_eq!(idle.round(&BTreeMap::new()), [AT]);
    }
}

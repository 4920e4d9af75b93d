//! How far each bronze partition is in the numbers. A row is counted once gold has taken in what its
//! silver shard had sent by then; silver goes on meanwhile, so what it had sent is remembered.

use crate::limits::MARKS_MAX;
use goldstream_domain::progress::{BronzePartition, GoldHead, are_counted};
use std::collections::VecDeque;

/// What is known of one bronze partition.
#[derive(Debug, Default)]
pub(super) struct Counted {
    /// Positions of its silver shard that gold has not passed yet, with the tails that it had there.
    marks: VecDeque<(u64, Vec<u64>)>,
    /// Rows before this position are counted.
    to: u64,
}

impl Counted {
    /// Its silver shard has come to `position`.
    pub(super) fn mark(&mut self, position: u64, tails: &[u64]) {
        // The same tails: nothing was sent in between, so the later position says more.
        if let Some((last, _)) = self.marks.back_mut().filter(|(_, known)| known == tails) {
            *last = position;
            return;
        }
        self.marks.push_back((position, tails.to_vec()));
        if self.marks.len() > MARKS_MAX {
            // Its rows count as counted with those of the next mark: later, never too early.
            self.marks.pop_front();
        }
    }

    /// Gold may have gone on.
    pub(super) fn settle<'a>(
        &mut self,
        at: BronzePartition,
        gold: &(impl Iterator<Item = &'a GoldHead> + Clone),
    ) {
        while let Some((position, tails)) = self.marks.front() {
            if !are_counted(at, tails, gold.clone()) {
                return;
            }
            self.to = *position;
            self.marks.pop_front();
        }
    }

    /// Rows before this position are counted.
    pub(super) const fn to(&self) -> u64 {
        self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_domain::column::Kind;

    const AT: BronzePartition = BronzePartition { kind: Kind::Purchases, partition: 0 };

    fn gold_at(origin: u64) -> [GoldHead; 1] {
        let mut head = GoldHead::default();
        head.chain.admit(&AT.source_id(), origin, 0).unwrap();
        [head]
    }

    #[test]
    fn rows_are_counted_though_silver_is_always_ahead_of_gold() {
        let mut counted = Counted::default();
        for position in 1..=10 {
            counted.mark(position * 10, &[position * 10 - 1]);
            counted.settle(AT, &gold_at(position * 10 - 10).iter());
            assert_eq!(counted.to(), (position - 1) * 10);
        }
    }

    #[test]
    fn rows_that_sent_nothing_are_counted_with_what_was_sent_before() {
        let mut counted = Counted::default();
        counted.mark(4, &[3]);
        counted.mark(9, &[3]);
        counted.settle(AT, &gold_at(2).iter());
        assert_eq!(counted.to(), 0);
        counted.settle(AT, &gold_at(3).iter());
        assert_eq!(counted.to(), 9);
    }

    #[test]
    fn of_too_many_marks_the_oldest_are_told_late_and_none_early() {
        let mut counted = Counted::default();
        let last = MARKS_MAX as u64 + 5;
        for position in 1..=last {
            counted.mark(position, &[position]);
        }
        counted.settle(AT, &gold_at(5).iter());
        assert_eq!(counted.to(), 0);
        counted.settle(AT, &gold_at(6).iter());
        assert_eq!(counted.to(), 6);
    }
}

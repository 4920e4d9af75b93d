//! What it means that a static member was fenced: its own second try, or another process under its
//! name. Pure: it is told the time.
//!
//! The broker does not tell who has the name: it keeps what it knew of a static member when it takes
//! another for it.

use crate::limits::SESSION_MAX;
use std::time::{Duration, Instant};

/// Two processes under one name fence each other at their next heartbeats, again and again.
const DUEL_MAX: Duration = SESSION_MAX.saturating_mul(2);

/// So often within that time.
const FENCES_MIN: u32 = 3;

/// The fences of a member on a steady line.
#[derive(Debug, Default)]
pub(super) struct Fences {
    last: Option<Instant>,
    number: u32,
}

impl Fences {
    /// Whether another process must be at work. Where the line to the brokers was cut not long before, the answer
    /// to a join may have been lost, and the broker takes the next try under the same name for a new member.
    pub(super) fn betray_another(&mut self, cut_at: Option<Instant>, now: Instant) -> bool {
        let is_recent = |at: Instant| now.saturating_duration_since(at) <= DUEL_MAX;
        if cut_at.is_some_and(is_recent) {
            *self = Self::default();
            return false;
        }
        let goes_on = self.last.replace(now).is_some_and(is_recent);
        self.number = if goes_on { self.number + 1 } else { 1 };
        self.number >= FENCES_MIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fenced_at(fences: &mut Fences, cut_at: Option<Instant>, times: &[Instant]) -> Vec<bool> {
        times.iter().map(|now| fences.betray_another(cut_at, *now)).collect()
    }

    #[test]
    fn fences_after_a_cut_line_are_the_members_own_tries() {
        let (mut fences, cut) = (Fences::default(), Instant::now());
        let times: Vec<_> = (0..5).map(|n| cut + DUEL_MAX * n / 5).collect();
        assert_eq!(fenced_at(&mut fences, Some(cut), &times), [false; 5]);
    }

    #[test]
    fn fences_on_a_steady_line_are_another_process() {
        let (mut fences, cut) = (Fences::default(), Instant::now());
        let now = cut + 2 * DUEL_MAX;
        let times = [now, now + SESSION_MAX, now + 2 * SESSION_MAX];
        assert_eq!(fenced_at(&mut fences, Some(cut), &times), [false, false, true]);
        assert_eq!(fenced_at(&mut Fences::default(), None, &times), [false, false, true]);
    }

    #[test]
    fn fences_far_apart_are_no_duel() {
        let (mut fences, now) = (Fences::default(), Instant::now());
        let times: Vec<_> = (0..5).map(|n| now + (DUEL_MAX + SESSION_MAX) * n).collect();
        assert_eq!(fenced_at(&mut fences, None, &times), [false; 5]);
    }

    #[test]
    fn a_cut_begins_the_count_anew() {
        let (mut fences, now) = (Fences::default(), Instant::now());
        assert_eq!(fenced_at(&mut fences, None, &[now, now]), [false; 2]);
        assert_eq!(fenced_at(&mut fences, Some(now), &[now]), [false]);
        assert_eq!(fenced_at(&mut fences, None, &[now]), [false]);
    }
}

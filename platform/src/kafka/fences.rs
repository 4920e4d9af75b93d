//! What it means that a static member was fenced: its own second try, or another process under its
//! name. Pure: it is told the time.

use crate::limits::SESSION_MAX;
use std::time::{Duration, Instant};

/// Two processes under one name fence each other at their next heartbeats, again and again.
const DUEL_MAX: Duration = SESSION_MAX.saturating_mul(2);

/// How the line to the brokers was since the member joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Steady,
    /// It was cut: the answer to a join may have been lost, and the broker takes the next try under
    /// the same name for a new member.
    Cut,
}

/// The fences of a member.
#[derive(Debug, Default)]
pub(super) struct Fences {
    last: Option<Instant>,
}

impl Fences {
    /// Whether another process must be at work.
    pub(super) fn betray_another(&mut self, line: Line, now: Instant) -> bool {
        if line == Line::Cut {
            return false;
        }
        let before = self.last.replace(now);
        before.is_some_and(|before| now.duration_since(before) <= DUEL_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_after_a_cut_line_is_the_members_own_second_try() {
        let (mut fences, now) = (Fences::default(), Instant::now());
        for seconds in 0..5 {
            let now = now + Duration::from_secs(seconds);
            assert!(!fences.betray_another(Line::Cut, now));
        }
    }

    #[test]
    fn a_second_fence_on_a_steady_line_is_another_process() {
        let (mut fences, now) = (Fences::default(), Instant::now());
        assert!(!fences.betray_another(Line::Steady, now));
        assert!(fences.betray_another(Line::Steady, now + SESSION_MAX));
    }

    #[test]
    fn fences_far_apart_are_no_duel() {
        let (mut fences, now) = (Fences::default(), Instant::now());
        assert!(!fences.betray_another(Line::Steady, now));
        assert!(!fences.betray_another(Line::Steady, now + DUEL_MAX + SESSION_MAX));
    }
}

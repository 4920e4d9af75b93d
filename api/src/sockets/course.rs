//! What one socket is about, as far as its limits need it, and until when it may go on like that. It
//! knows no clock and closes nothing.

use crate::limits::{HEAD_MAX, IDLE_MAX, STREAM_STALL_MAX};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What a socket is about. One task writes, others read: neither waits for the other.
#[derive(Debug)]
pub(super) struct Course {
    /// [`Doing`], and since when: milliseconds, in one number.
    state: AtomicU64,
    /// Since when nothing can be written; 0 where nothing waits.
    blocked_ms: AtomicU64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Doing {
    /// A head is awaited, or has come in part.
    Head,
    /// Nothing, between two requests.
    Nothing,
    /// A request is answered, or something else than requests goes over it.
    Answering,
}

/// How readily a socket is given up for another: the least one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Worth {
    is_between_requests: bool,
    since_ms: u64,
}

impl Course {
    /// A socket that has just come. Milliseconds begin at 1.
    pub(super) const fn begin(now_ms: u64) -> Self {
        Self { state: AtomicU64::new(pack(Doing::Head, now_ms)), blocked_ms: AtomicU64::new(0) }
    }

    /// Bytes came.
    pub(super) fn heard(&self, now_ms: u64) {
        if self.state().0 == Doing::Nothing {
            self.set(Doing::Head, now_ms);
        }
    }

    /// A whole head is there.
    pub(super) fn asked(&self, now_ms: u64) {
        self.set(Doing::Answering, now_ms);
    }

    /// The answer is made; the rest of it may still have to be written.
    pub(super) fn answered(&self, now_ms: u64) {
        self.set(Doing::Nothing, now_ms);
    }

    /// Bytes were written.
    pub(super) fn wrote(&self, now_ms: u64) {
        self.blocked_ms.store(0, Ordering::Relaxed);
        if self.state().0 == Doing::Nothing {
            self.set(Doing::Nothing, now_ms);
        }
    }

    /// There is something to write, and the other side does not take it.
    pub(super) fn blocked(&self, now_ms: u64) {
        if self.blocked_ms.load(Ordering::Relaxed) == 0 {
            self.blocked_ms.store(now_ms, Ordering::Relaxed);
        }
    }

    /// Until when it may go on like that; none where that has no end.
    pub(super) fn deadline_ms(&self) -> Option<u64> {
        let (doing, since_ms) = self.state();
        let may_take = match doing {
            Doing::Head => Some(HEAD_MAX),
            Doing::Nothing => Some(IDLE_MAX),
            Doing::Answering => None,
        };
        let blocked_ms = self.blocked_ms.load(Ordering::Relaxed);
        let stalled = (blocked_ms > 0).then(|| blocked_ms + ms(STREAM_STALL_MAX));
        may_take.map(|most| since_ms + ms(most)).into_iter().chain(stalled).min()
    }

    /// What it is worth; none where it is in use.
    pub(super) fn worth(&self) -> Option<Worth> {
        let (doing, since_ms) = self.state();
        let is_between_requests = match doing {
            Doing::Head => false,
            Doing::Nothing if self.blocked_ms.load(Ordering::Relaxed) == 0 => true,
            Doing::Nothing | Doing::Answering => return None,
        };
        Some(Worth { is_between_requests, since_ms })
    }

    fn set(&self, doing: Doing, now_ms: u64) {
        self.state.store(pack(doing, now_ms), Ordering::Relaxed);
    }

    fn state(&self) -> (Doing, u64) {
        let packed = self.state.load(Ordering::Relaxed);
        let doing = match packed & 3 {
            0 => Doing::Head,
            1 => Doing::Nothing,
            _ => Doing::Answering,
        };
        (doing, packed >> 2)
    }
}

const fn pack(doing: Doing, now_ms: u64) -> u64 {
    now_ms << 2 | doing as u64
}

const fn ms(duration: Duration) -> u64 {
    duration.as_millis() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD_MS: u64 = ms(HEAD_MAX);
    const IDLE_MS: u64 = ms(IDLE_MAX);
    const STALL_MS: u64 = ms(STREAM_STALL_MAX);

    #[test]
    fn the_first_head_has_its_time_from_the_beginning_however_it_dribbles() {
        let course = Course::begin(5);
        for now_ms in (5..9_000).step_by(500) {
            course.heard(now_ms);
        }
        assert_eq!(course.deadline_ms(), Some(5 + HEAD_MS));
    }

    #[test]
    fn a_later_head_has_its_time_from_its_first_byte() {
        let course = Course::begin(1);
        course.asked(10);
        course.answered(20);
        assert_eq!(course.deadline_ms(), Some(20 + IDLE_MS));
        course.heard(50_000);
        course.heard(55_000);
        assert_eq!(course.deadline_ms(), Some(50_000 + HEAD_MS));
    }

    #[test]
    fn an_answer_may_take_as_long_as_it_takes_but_not_stand_still() {
        let course = Course::begin(1);
        course.asked(2);
        // The client may send what comes next.
        course.heard(3);
        assert_eq!(course.deadline_ms(), None);
        course.blocked(100);
        course.blocked(900);
        assert_eq!(course.deadline_ms(), Some(100 + STALL_MS));
        course.wrote(1_000);
        assert_eq!(course.deadline_ms(), None);
    }

    #[test]
    fn a_reader_that_takes_the_rest_of_an_answer_is_not_idle() {
        let course = Course::begin(1);
        course.asked(2);
        course.blocked(3);
        course.answered(4);
        assert_eq!(course.worth(), None);
        course.wrote(20_000);
        course.blocked(20_000);
        assert_eq!(course.deadline_ms(), Some(20_000 + STALL_MS));
        course.wrote(40_000);
        assert_eq!(course.deadline_ms(), Some(40_000 + IDLE_MS));
    }

    #[test]
    fn half_a_head_is_given_up_before_an_idle_socket_and_the_oldest_first() {
        let [old, half, idle, busy] = [1, 2, 3, 4].map(Course::begin);
        idle.asked(5);
        idle.answered(6);
        busy.asked(7);
        assert!(old.worth() < half.worth() && half.worth() < idle.worth());
        assert_eq!(busy.worth(), None);
    }
}

//! A stage that holds partitions and waits for an answer that does not come, though its servers answer others: which
//! shard it is, and when it is to begin anew. Pure: it is told the time. It asks for nothing itself.
//!
//! Every request to log and store has a limit of its own, or waits for a broker that is known to be away. So this finds
//! what should not be: an answer that was lost on its way.

use goldstream_platform::limits::{STANDS_STILL_LAST, STANDS_STILL_MAX};
use goldstream_platform::log::TopicPartition;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What a shard waits for.
#[derive(Debug)]
struct Waiting {
    requests: u32,
    /// Since an answer came last, or the first of them was made.
    since: Instant,
    /// How often it began anew without one.
    restarts: u32,
}

/// The shards of a stage that wait for answers to appends and commits.
#[derive(Debug, Default)]
pub(crate) struct Watchdog(BTreeMap<TopicPartition, Waiting>);

impl Watchdog {
    /// Something was asked for.
    pub(crate) fn asked(&mut self, at: TopicPartition, now: Instant) {
        let waiting = self.0.entry(at);
        let waiting = waiting.or_insert(Waiting { requests: 0, since: now, restarts: 0 });
        if waiting.requests == 0 {
            waiting.since = now;
        }
        waiting.requests += 1;
    }

    /// An answer came, perhaps a late one.
    pub(crate) fn answered(&mut self, at: TopicPartition, now: Instant) {
        if let Some(waiting) = self.0.get_mut(&at) {
            *waiting =
                Waiting { requests: waiting.requests.saturating_sub(1), since: now, restarts: 0 };
        }
    }

    /// The shard is another's.
    pub(crate) fn forget(&mut self, at: TopicPartition) {
        self.0.remove(&at);
    }

    /// A server is away, so nothing can be said of anyone.
    pub(crate) fn excuse(&mut self, now: Instant) {
        for waiting in self.0.values_mut() {
            waiting.since = now;
        }
    }

    /// The shards that are to begin anew, each with how long it has waited. The next time the limit is twice as long,
    /// for what is asked twice of a slow server makes it slower.
    pub(crate) fn stuck(&mut self, now: Instant) -> Vec<(TopicPartition, Duration)> {
        let mut stuck = Vec::new();
        for (at, waiting) in &mut self.0 {
            let waited = now.saturating_duration_since(waiting.since);
            let limit = STANDS_STILL_MAX.saturating_mul(1 << waiting.restarts.min(10));
            if waiting.requests > 0 && waited >= limit.min(STANDS_STILL_LAST) {
                stuck.push((*at, waited));
                *waiting = Waiting { requests: 0, since: now, restarts: waiting.restarts + 1 };
            }
        }
        stuck
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_platform::log::Topic;

    const AT: TopicPartition = TopicPartition::new(Topic::Silver, 1);
    const OTHER: TopicPartition = TopicPartition::new(Topic::Silver, 2);

    fn names(stuck: Vec<(TopicPartition, Duration)>) -> Vec<TopicPartition> {
        stuck.into_iter().map(|(at, _)| at).collect()
    }

    #[test]
    fn who_waits_too_long_for_an_answer_is_named_and_who_has_none_to_wait_for_is_not() {
        let (mut watchdog, now) = (Watchdog::default(), Instant::now());
        watchdog.asked(AT, now);
        watchdog.asked(OTHER, now);
        watchdog.answered(OTHER, now + STANDS_STILL_MAX / 2);
        assert!(watchdog.stuck(now + STANDS_STILL_MAX / 2).is_empty());
        assert_eq!(names(watchdog.stuck(now + STANDS_STILL_MAX)), [AT]);
        assert!(watchdog.stuck(now + 3 * STANDS_STILL_MAX).is_empty(), "it asks anew first");
    }

    #[test]
    fn each_answer_gives_time_for_those_that_are_still_out() {
        let (mut watchdog, now) = (Watchdog::default(), Instant::now());
        (0..3).for_each(|_| watchdog.asked(AT, now));
        watchdog.answered(AT, now + STANDS_STILL_MAX * 3 / 4);
        assert!(watchdog.stuck(now + STANDS_STILL_MAX).is_empty());
        assert_eq!(names(watchdog.stuck(now + 2 * STANDS_STILL_MAX)), [AT]);
    }

    #[test]
    fn a_server_that_is_away_excuses_all() {
        let (mut watchdog, now) = (Watchdog::default(), Instant::now());
        watchdog.asked(AT, now);
        watchdog.excuse(now + STANDS_STILL_MAX);
        assert!(watchdog.stuck(now + STANDS_STILL_MAX * 3 / 2).is_empty());
        assert_eq!(names(watchdog.stuck(now + 2 * STANDS_STILL_MAX)), [AT]);
    }

    #[test]
    fn one_that_begins_anew_in_vain_is_given_more_time_until_an_answer_comes() {
        let (mut watchdog, mut now) = (Watchdog::default(), Instant::now());
        for doubled in [1, 2, 4] {
            watchdog.asked(AT, now);
            let limit = STANDS_STILL_MAX * doubled;
            assert!(watchdog.stuck(now + limit / 2).is_empty(), "{doubled}");
            now += limit;
            assert_eq!(names(watchdog.stuck(now)), [AT], "{doubled}");
        }
        watchdog.asked(AT, now);
        watchdog.answered(AT, now);
        watchdog.asked(AT, now);
        assert_eq!(names(watchdog.stuck(now + STANDS_STILL_MAX)), [AT]);
    }

    #[test]
    fn a_shard_that_was_handed_back_is_nobodys_concern() {
        let (mut watchdog, now) = (Watchdog::default(), Instant::now());
        watchdog.asked(AT, now);
        watchdog.forget(AT);
        watchdog.answered(AT, now);
        assert!(watchdog.stuck(now + STANDS_STILL_LAST).is_empty());
    }
}

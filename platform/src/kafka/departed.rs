//! Members of a group that died on this host: their partitions need not wait for the end of their session, for the
//! lock of a name is free as soon as its process is gone. Whoever gets that lock joins under the name, so that the
//! broker knows no other member by it, and leaves.
//!
//! A process that is started again within a moment has its name back, and its partitions without any sharing out:
//! so it is waited for a little. Of other hosts nothing is known here; their sessions end.

use super::group::{Group, Terms};
use super::member_state::MemberState;
use crate::instance::{Instance, Instances};
use crate::limits::{DEPARTED_FOR, POLL_MAX};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long joining and leaving may take.
const LEAVE_FOR_IT_MAX: Duration = Duration::from_secs(5);

/// Who seems to be gone, and since when.
#[derive(Debug, Default)]
pub(super) struct Departed(BTreeMap<String, Instant>);

impl Departed {
    /// The names of a group that nobody has any more for long enough. Each is given once, and again only where it
    /// was somebody's meanwhile or that came to nothing.
    pub(super) fn look(
        &mut self,
        members: &[String],
        is_left_behind: impl Fn(&str) -> bool,
        now: Instant,
    ) -> Vec<String> {
        self.0.retain(|name, _| members.contains(name));
        let mut due = Vec::new();
        for name in members {
            if !is_left_behind(name) {
                self.0.remove(name);
                continue;
            }
            let since = self.0.entry(name.clone()).or_insert(now);
            if now.saturating_duration_since(*since) >= DEPARTED_FOR {
                *since = now + LEAVE_FOR_IT_MAX;
                due.push(name.clone());
            }
        }
        due
    }
}

/// Leaves the group in the place of a member that is gone, on a thread of its own. Nothing happens where the name is
/// somebody's again.
pub(super) fn leave_for(name: &str, terms: &Terms, (instances, prefix): (&Instances, &str)) {
    let Some(instance) = instances.take_left_behind(prefix, name) else { return };
    tracing::info!(name, group = terms.group, "leaving the group for a consumer that died here");
    let terms = terms.under(name);
    let leave = move || leave_at_once(&terms, instance);
    let started = std::thread::Builder::new().name("kafka-leave".to_owned()).spawn(leave);
    if let Err(error) = started {
        tracing::warn!(%error, "no thread to leave the group by; the session ends by itself");
    }
}

fn leave_at_once(terms: &Terms, _instance: Instance) {
    let group = match Group::join(terms, Arc::new(MemberState::default())) {
        Ok(group) => group,
        Err(error) => return tracing::warn!(%error, "a consumer that died here keeps its session"),
    };
    let until = Instant::now() + LEAVE_FOR_IT_MAX;
    while Instant::now() < until && !group.leaves_once_it_is_in() {
        std::thread::sleep(POLL_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_stays_away_is_left_for_and_once() {
        let (mut departed, begun) = (Departed::default(), Instant::now());
        let members = ["a".to_owned(), "b".to_owned()];
        let gone = |name: &str| name == "b";
        assert!(departed.look(&members, gone, begun).is_empty(), "it may come back in a moment");
        let later = begun + DEPARTED_FOR;
        assert_eq!(departed.look(&members, gone, later), ["b"]);
        assert!(departed.look(&members, gone, later).is_empty(), "that is under way");
        let again = later + LEAVE_FOR_IT_MAX + DEPARTED_FOR;
        assert_eq!(departed.look(&members, gone, again), ["b"], "it came to nothing");
    }

    #[test]
    fn who_comes_back_or_left_is_forgotten() {
        let (mut departed, begun) = (Departed::default(), Instant::now());
        let members = ["a".to_owned()];
        departed.look(&members, |_| true, begun);
        departed.look(&members, |_| false, begun + DEPARTED_FOR / 2);
        assert!(departed.look(&members, |_| true, begun + DEPARTED_FOR).is_empty());
        departed.look(&[], |_| true, begun + DEPARTED_FOR);
        assert!(departed.look(&members, |_| true, begun + 3 * DEPARTED_FOR).is_empty());
    }
}

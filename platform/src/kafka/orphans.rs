//! Partitions that no member of a group works on though the group is at rest, and what is to be done about it.
//! Pure: it is told what the group has, and the time.
//!
//! A cooperative rebalance takes a partition from one member and gives it to another in two steps. A static member
//! that dies between them and comes back is given what it had after the first, and nobody begins the second: its
//! partition would be nobody's until any member comes or goes. So one leaves and comes back.

use crate::limits::REVOKE_MAX;
use rdkafka::groups::{GroupInfo, GroupMemberInfo};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// So long a group may be between the two steps, while a stage hands its partitions back.
const ORPHANED_MAX: Duration = REVOKE_MAX.saturating_add(Duration::from_secs(1));

/// The state of a group that is at rest.
const AT_REST: &str = "Stable";

/// The partitions of each member of a group; none while it is being shared out anew, or is written in a form that is
/// not known here.
pub(super) fn shares(group: &GroupInfo, topic: &str) -> Option<Vec<BTreeSet<u32>>> {
    if group.state() != AT_REST {
        return None;
    }
    // One that has none is told without an assignment.
    let share =
        |member: &GroupMemberInfo| partitions_in(member.assignment().unwrap_or_default(), topic);
    group.members().iter().map(share).collect()
}

/// Since when partitions have been nobody's.
#[derive(Debug, Default)]
pub(super) struct Orphans(Option<Instant>);

impl Orphans {
    /// Whether a member that has so many partitions is to leave and come back: one of those that lose least by it.
    pub(super) fn must_rejoin(
        &mut self,
        shares: Option<Vec<BTreeSet<u32>>>,
        (own, partitions): (usize, u32),
        now: Instant,
    ) -> bool {
        // Where nothing is known, and where nobody is a member, nothing is to be done.
        let shares = shares.unwrap_or_default();
        let fewest = shares.iter().map(BTreeSet::len).min();
        let all: BTreeSet<u32> = shares.into_iter().flatten().collect();
        if fewest.is_none() || (0..partitions).all(|at| all.contains(&at)) {
            self.0 = None;
            return false;
        }
        let since = *self.0.get_or_insert(now);
        let is_over = now.saturating_duration_since(since) > ORPHANED_MAX && fewest == Some(own);
        if is_over {
            self.0 = None;
        }
        is_over
    }
}

/// The partitions of a topic in an assignment, as the consumer protocol writes it: a version, then each topic with
/// its partitions, then what the assignor adds. None where it ends too early.
fn partitions_in(mut assignment: &[u8], topic: &str) -> Option<BTreeSet<u32>> {
    if assignment.is_empty() {
        return Some(BTreeSet::new());
    }
    let rest = &mut assignment;
    let _version: [u8; 2] = take(rest)?;
    let mut partitions = BTreeSet::new();
    for _ in 0..i32::from_be_bytes(take(rest)?) {
        let length = usize::try_from(i16::from_be_bytes(take(rest)?)).ok()?;
        let (name, behind) = rest.split_at_checked(length)?;
        *rest = behind;
        for _ in 0..i32::from_be_bytes(take(rest)?) {
            let partition = u32::from_be_bytes(take(rest)?);
            if name == topic.as_bytes() {
                partitions.insert(partition);
            }
        }
    }
    Some(partitions)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, behind) = rest.split_first_chunk()?;
    *rest = behind;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(of: &[u32]) -> BTreeSet<u32> {
        of.iter().copied().collect()
    }

    #[test]
    fn who_has_least_comes_back_once_a_partition_is_nobodys_for_long() {
        let began = Instant::now();
        let at = |more| began + ORPHANED_MAX + Duration::from_secs(more);
        let orphaned = || Some(vec![share(&[2, 3]), share(&[])]);
        let (mut poor, mut rich) = (Orphans::default(), Orphans::default());
        for (now, expected) in [(began, false), (at(0), false), (at(1), true), (at(2), false)] {
            assert_eq!(poor.must_rejoin(orphaned(), (0, 4), now), expected);
            assert!(!rich.must_rejoin(orphaned(), (2, 4), now));
        }
    }

    #[test]
    fn a_group_that_is_shared_out_or_all_of_whose_partitions_are_somebodys_is_left_alone() {
        let began = Instant::now();
        let later = began + ORPHANED_MAX.saturating_mul(2);
        let orphaned = || Some(vec![share(&[0])]);
        for healthy in [None, Some(vec![]), Some(vec![share(&[0]), share(&[1])])] {
            let mut orphans = Orphans::default();
            assert!(!orphans.must_rejoin(orphaned(), (1, 2), began));
            assert!(!orphans.must_rejoin(healthy, (1, 2), later));
            assert!(!orphans.must_rejoin(orphaned(), (1, 2), later), "it begins anew");
        }
    }

    #[test]
    fn an_assignment_is_read_and_one_that_is_cut_is_not() {
        let topic = |name: &str, partitions: &[u32]| {
            let length = (name.len() as u16).to_be_bytes();
            let count = (partitions.len() as u32).to_be_bytes();
            let partitions = partitions.iter().flat_map(|it| it.to_be_bytes());
            let head = length.into_iter().chain(name.bytes()).chain(count);
            head.chain(partitions).collect::<Vec<u8>>()
        };
        let written = [&[0, 1, 0, 0, 0, 2][..], &topic("other", &[7]), &topic("ours", &[3, 1])];
        let written = written.concat();
        assert_eq!(partitions_in(&written, "ours"), Some(share(&[1, 3])));
        assert_eq!(partitions_in(&[written.clone(), vec![9]].concat(), "none"), Some(share(&[])));
        assert_eq!(partitions_in(&[], "ours"), Some(share(&[])));
        for end in 1..written.len() {
            assert_eq!(partitions_in(&written[..end], "ours"), None, "cut at {end}");
        }
    }
}

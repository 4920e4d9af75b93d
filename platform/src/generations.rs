//! Generations of what follows from bronze: the one that is served, and the one that is being folded beside it.
//! Decided here, and stored elsewhere. The rows, and how far their files were read, belong to none.

use crate::topology::{PARTITIONS_DEFAULT, Topology, logic_version};
use serde::{Deserialize, Serialize};

/// Under which number stands what no fold changes: the rows, and how far their files were read.
pub const ROWS: u32 = 0;

/// One of them, with the rules under which it is folded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generation {
    /// Its number; later ones have higher ones.
    pub number: u32,
    /// What its stored form and its numbers depend on.
    pub topology: Topology,
    /// Whether it stands beside the served one to be compared, and takes its place only when that is wished.
    #[serde(default, skip_serializing_if = "is_to_be_served")]
    pub is_shadow: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
const fn is_to_be_served(is_shadow: &bool) -> bool {
    !*is_shadow
}

impl Generation {
    /// One that is served, or will be.
    #[must_use]
    pub const fn new(number: u32, topology: Topology) -> Self {
        Self { number, topology, is_shadow: false }
    }

    /// Whether it is that one, whatever it is for. Where a store has lost its last changes another one may have
    /// its number.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.number == other.number && self.topology == other.topology
    }

    /// Whether this version can fold it on.
    #[must_use]
    pub fn is_of_this_version(&self) -> bool {
        self.topology.logic_version == logic_version()
    }
}

/// One that was served before, and may be again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Which.
    pub generation: Generation,
    /// It is removed then: milliseconds since 1970 UTC.
    pub until_ms: i64,
}

/// How long the one before is kept after a switch, where nothing else is said.
pub const KEEP_OLD_MS: i64 = 24 * 60 * 60 * 1000;

/// The longest: ten years.
pub const KEEP_OLD_MAX_MS: i64 = 3653 * KEEP_OLD_MS;

/// How the next one is begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Begun {
    /// Its rules.
    pub(crate) topology: Topology,
    /// How long the one before is kept once it is served.
    pub(crate) keep_old_ms: i64,
    /// Whether it is only to be compared.
    pub(crate) is_shadow: bool,
}

impl Begun {
    /// One that is to be served.
    pub(crate) const fn new(topology: Topology, keep_old_ms: i64) -> Self {
        Self { topology, keep_old_ms, is_shadow: false }
    }
}

/// All that a store has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generations {
    /// The one that is shown.
    pub served: Generation,
    /// The one that is folded beside it.
    pub next: Option<Generation>,
    /// How long the served one is kept once the next one is served.
    pub(crate) keep_old_ms: i64,
    /// The one that was served before, and may be again.
    pub kept: Option<Kept>,
    /// Where the next one is the one that was kept: until when it was.
    pub(crate) returning_until_ms: Option<i64>,
    /// Those that are nobody's any more, and still to be removed.
    pub(crate) stale: Vec<u32>,
}

/// What somebody asks for who opens a store; none takes what is stored.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// Of every topic.
    pub partitions: Option<u32>,
    /// How far ahead of its ingestion a purchase may lie.
    pub future_days: Option<u32>,
}

/// Why a store is not opened.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A later version made it.
    Newer(u32),
    /// It was made with other settings.
    Other(Box<(Topology, Topology)>),
}

impl Generations {
    /// Those of a new store.
    pub(crate) fn first(wanted: Wanted) -> Self {
        let partitions = wanted.partitions.unwrap_or(PARTITIONS_DEFAULT);
        let topology =
            Topology::of_this_version(partitions).with_future_days(wanted.future_days, None);
        Self::of(Generation::new(ROWS, topology))
    }

    /// Nothing but this one.
    pub(crate) fn of(served: Generation) -> Self {
        Self {
            served,
            next: None,
            keep_old_ms: KEEP_OLD_MS,
            kept: None,
            returning_until_ms: None,
            stale: Vec::new(),
        }
    }

    /// Those that are worked on: the served one, and the next.
    pub fn at_work(&self) -> impl Iterator<Item = &Generation> {
        std::iter::once(&self.served).chain(&self.next)
    }

    /// The numbers of those that are worked on.
    #[must_use]
    pub fn numbers(&self) -> Vec<u32> {
        self.at_work().map(|it| it.number).collect()
    }

    pub(crate) fn find(&self, number: u32) -> Option<&Generation> {
        self.at_work().find(|it| it.number == number)
    }

    /// What they are once this version has opened the store: where it cannot fold the served one on, the next
    /// one is begun. One that was begun by another version is of no use.
    pub(crate) fn opened(mut self, wanted: Wanted, now_ms: i64) -> Result<Self, Refusal> {
        self.expire(now_ms);
        if self.served.topology.logic_version > logic_version() {
            return Err(Refusal::Newer(self.served.topology.logic_version));
        }
        if self.next.as_ref().is_some_and(|next| !next.is_of_this_version()) {
            self.abandon();
        }
        let asked = self.asked(wanted)?;
        if self.next.is_none() && !self.served.is_of_this_version() {
            self.begin(Begun::new(asked, KEEP_OLD_MS));
        }
        Ok(self)
    }

    /// How this version would fold them, where that is what they were made with but for the version.
    pub(crate) fn asked(&self, wanted: Wanted) -> Result<Topology, Refusal> {
        // What is only compared says nothing of what is wanted.
        let next = self.next.as_ref().filter(|next| !next.is_shadow);
        let newest = &next.unwrap_or(&self.served).topology;
        let asked = Topology::of_this_version(wanted.partitions.unwrap_or(newest.partitions))
            .with_future_days(wanted.future_days, Some(newest));
        match asked == newest.clone().by_this_version() {
            true => Ok(asked),
            false => Err(Refusal::Other(Box::new((newest.clone(), asked)))),
        }
    }

    /// Begins another one beside the served one, under these rules. Two at a time are enough.
    pub(crate) fn begin(&mut self, begun: Begun) {
        let Begun { topology, keep_old_ms, is_shadow } = begun;
        self.abandon();
        if !is_shadow {
            self.stale.extend(self.kept.take().map(|kept| kept.generation.number));
        }
        let kept = self.kept.iter().map(|kept| kept.generation.number);
        let highest = self.stale.iter().copied().chain([self.served.number]).chain(kept).max();
        let number = highest.unwrap_or_default() + 1;
        self.next = Some(Generation { number, topology, is_shadow });
        self.keep_old_ms = keep_old_ms;
    }

    /// Begins to go back to the kept one: it is folded on beside the served one, by who knows its rules.
    pub(crate) fn begin_back(&mut self) {
        let Some(Kept { generation, until_ms }) = self.kept.take() else { return };
        self.abandon();
        self.returning_until_ms = Some(until_ms);
        self.keep_old_ms = KEEP_OLD_MS;
        self.next = Some(generation);
    }

    /// The same where nobody else folds: one of an older version is served as it stands.
    pub(crate) fn go_back(&mut self, now_ms: i64) {
        self.begin_back();
        if self.next.as_ref().is_some_and(|next| !next.is_of_this_version()) {
            self.switch(now_ms);
        }
    }

    /// A kept one whose time is over is to be removed.
    pub(crate) fn expire(&mut self, now_ms: i64) {
        let is_over = |kept: &mut Kept| kept.until_ms <= now_ms;
        self.stale.extend(self.kept.take_if(is_over).map(|kept| kept.generation.number));
    }

    /// The next one is not wanted any more. One that was kept is kept again.
    pub(crate) fn abandon(&mut self) {
        let Some(generation) = self.next.take() else { return };
        match self.returning_until_ms.take() {
            Some(until_ms) => self.kept = Some(Kept { generation, until_ms }),
            None => self.stale.push(generation.number),
        }
    }

    /// A shadow is to be served once it has all that the served one has. What is kept goes, as at any beginning.
    pub(crate) fn unveil(&mut self, keep_old_ms: i64) {
        let Some(next) = &mut self.next else { return };
        next.is_shadow = false;
        self.keep_old_ms = keep_old_ms;
        self.stale.extend(self.kept.take().map(|kept| kept.generation.number));
    }

    /// The next one is served from now on. A shadow is not.
    pub(crate) fn switch(&mut self, now_ms: i64) {
        let Some(next) = self.next.take_if(|next| !next.is_shadow) else { return };
        self.returning_until_ms = None;
        let generation = std::mem::replace(&mut self.served, next);
        let until_ms = now_ms.saturating_add(self.keep_old_ms);
        self.stale.extend(
            self.kept.replace(Kept { generation, until_ms }).map(|it| it.generation.number),
        );
        self.expire(now_ms);
        self.keep_old_ms = KEEP_OLD_MS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::LOGIC_VERSION;

    const NOW_MS: i64 = 1_700_000_000_000;

    fn of(logic_version: u32, number: u32) -> Generation {
        let topology = Topology { logic_version, ..Topology::of_this_version(3) };
        Generation::new(number, topology)
    }

    fn stored(served: Generation, next: Option<Generation>) -> Generations {
        Generations { next, ..Generations::of(served) }
    }

    #[test]
    fn one_of_this_version_is_opened_as_it_is() {
        let of_now = stored(of(LOGIC_VERSION, 4), None);
        assert_eq!(of_now.clone().opened(Wanted::default(), NOW_MS), Ok(of_now.clone()));
        let begun = stored(of(LOGIC_VERSION, 4), Some(of(LOGIC_VERSION, 5)));
        assert_eq!(begun.clone().opened(Wanted::default(), NOW_MS), Ok(begun));
    }

    #[test]
    fn beside_one_of_an_older_version_the_next_one_is_begun_once() {
        let opened = stored(of(1, 4), None).opened(Wanted::default(), NOW_MS).unwrap();
        assert_eq!(opened, stored(of(1, 4), Some(of(LOGIC_VERSION, 5))));
        assert_eq!(opened.clone().opened(Wanted::default(), NOW_MS), Ok(opened));
    }

    #[test]
    fn what_another_version_began_is_left_and_its_number_not_used_again() {
        let begun = stored(of(LOGIC_VERSION, 4), Some(of(LOGIC_VERSION + 1, 5)));
        let mut opened = begun.opened(Wanted::default(), NOW_MS).unwrap();
        assert_eq!((opened.next.clone(), opened.stale.clone()), (None, vec![5]));
        opened.begin(Begun::new(Topology::of_this_version(3), 0));
        assert_eq!(opened.numbers(), [4, 6]);
    }

    #[test]
    fn one_of_a_later_version_or_of_other_settings_is_refused() {
        let later = stored(of(LOGIC_VERSION + 1, 4), None).opened(Wanted::default(), NOW_MS);
        assert_eq!(later, Err(Refusal::Newer(LOGIC_VERSION + 1)));
        for wanted in [
            Wanted { partitions: Some(4), future_days: None },
            Wanted { partitions: None, future_days: Some(9) },
        ] {
            for logic_version in [1, LOGIC_VERSION] {
                let other = stored(of(logic_version, 0), None).opened(wanted, NOW_MS);
                assert!(matches!(other, Err(Refusal::Other(_))), "{other:?}");
            }
        }
    }

    #[test]
    fn while_other_rules_are_folded_they_are_the_ones_that_are_set() {
        let mut begun = stored(of(LOGIC_VERSION, 0), None);
        begun.begin(Begun::new(Topology { future_days: 9, ..Topology::of_this_version(3) }, 0));
        let set = |days| Wanted { partitions: None, future_days: days };
        assert_eq!(begun.clone().opened(set(None), NOW_MS), Ok(begun.clone()));
        assert_eq!(begun.clone().opened(set(Some(9)), NOW_MS), Ok(begun.clone()));
        let before = begun.served.topology.future_days;
        assert!(begun.opened(set(Some(before)), NOW_MS).is_err());
    }

    #[test]
    fn after_the_switch_the_one_before_is_kept_for_a_while_and_then_removed() {
        let mut begun = stored(of(1, 4), Some(of(LOGIC_VERSION, 5)));
        begun.switch(NOW_MS);
        let until_ms = NOW_MS + KEEP_OLD_MS;
        let kept = Some(Kept { generation: of(1, 4), until_ms });
        assert_eq!(begun, Generations { kept, ..stored(of(LOGIC_VERSION, 5), None) });
        begun.expire(until_ms - 1);
        assert!(begun.kept.is_some());
        let opened = begun.opened(Wanted::default(), until_ms).unwrap();
        assert_eq!((opened.kept, opened.stale), (None, vec![4]));
    }

    #[test]
    fn one_that_is_not_to_be_kept_is_removed_at_once() {
        let mut begun = stored(of(LOGIC_VERSION, 4), None);
        begun.begin(Begun::new(Topology::of_this_version(3), 0));
        begun.switch(NOW_MS);
        assert_eq!((begun.served.number, begun.kept, begun.stale), (5, None, vec![4]));
    }

    #[test]
    fn the_way_back_is_folded_on_beside_the_served_one_and_leaves_a_way_forth() {
        let mut begun = stored(of(LOGIC_VERSION, 4), Some(of(LOGIC_VERSION, 5)));
        begun.switch(NOW_MS);
        begun.go_back(NOW_MS);
        assert_eq!((begun.numbers(), begun.kept.clone()), (vec![5, 4], None));
        begun.switch(NOW_MS);
        assert_eq!(begun.served.number, 4);
        assert_eq!(begun.kept.clone().map(|kept| kept.generation.number), Some(5));
        // Another one has a number that none had.
        begun.begin(Begun::new(Topology::of_this_version(3), 0));
        assert_eq!((begun.numbers(), begun.stale), (vec![4, 6], vec![5]));
    }

    #[test]
    fn a_way_back_that_is_given_up_leaves_what_was_kept() {
        let mut begun = stored(of(LOGIC_VERSION, 4), Some(of(LOGIC_VERSION, 5)));
        begun.switch(NOW_MS);
        let switched = begun.clone();
        begun.go_back(NOW_MS);
        begun.abandon();
        assert_eq!(begun, switched);
    }

    #[test]
    fn the_way_back_to_an_older_version_is_served_as_it_stands() {
        let mut begun = stored(of(1, 4), Some(of(LOGIC_VERSION, 5)));
        begun.switch(NOW_MS);
        begun.go_back(NOW_MS);
        assert_eq!((begun.served.number, begun.next.clone()), (4, None));
        assert_eq!(begun.kept.map(|kept| kept.generation.number), Some(5));
    }

    #[test]
    fn a_shadow_is_not_served_before_it_is_wished_and_leaves_what_is_kept() {
        let mut begun = stored(of(1, 4), Some(of(LOGIC_VERSION, 5)));
        begun.switch(NOW_MS);
        let topology = Topology { future_days: 9, ..Topology::of_this_version(3) };
        begun.begin(Begun { topology, keep_old_ms: 0, is_shadow: true });
        assert_eq!((begun.numbers(), begun.kept.is_some()), (vec![5, 6], true));
        let before = begun.clone();
        begun.switch(NOW_MS);
        assert_eq!(begun, before);
        begun.unveil(7);
        begun.switch(NOW_MS);
        assert_eq!((begun.served.number, begun.stale.clone()), (6, vec![4]));
        assert_eq!(begun.kept.map(|kept| kept.until_ms), Some(NOW_MS + 7));
    }
}

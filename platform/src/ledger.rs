//! Which generations a store on servers has, as all its processes agree on it: one value, changed by
//! compare-and-set. What follows from a wish, a start or a look is decided here; it asks and writes nothing.
//!
//! ```text
//! begun ─► folded beside ─► near: sealed, so that nothing is added to the served one ─► passed: switched
//!   ▲            │                    │
//!   └── wished   └─► abandoned        └─► lifted again, where the switch does not come
//! ```

use crate::generations::{Begun, Generation, Generations, ROWS, Refusal, Wanted};
use crate::rebuilding::{Anew, NotBegun, Wish};
use crate::store::{ShardId, StoreError};
use crate::topology::{Topology, logic_version};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

/// All that is agreed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Grows with every change, so that no value comes twice.
    pub revision: u64,
    /// Which there are.
    #[serde(flatten)]
    pub generations: Generations,
    /// Where the served one is to be replaced in a moment: what its shards bear meanwhile. No two are alike.
    pub seal: Option<String>,
    /// The version that changed it last.
    pub written_by: String,
    /// The highest number that a generation ever had: a late process never finds another one under its own.
    #[serde(default)]
    pub highest: u32,
}

/// One as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it says.
    pub ledger: Ledger,
    /// Its bytes, which another version may have written; empty where none was written yet.
    pub text: String,
}

/// What the head of a shard says of itself, beside its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which shard.
    pub shard: ShardId,
    /// Its position.
    pub position: u64,
    /// The seal that it bears: no commit is made to it.
    pub seal: Option<String>,
}

/// Where the ledger and the seals are kept.
pub trait Ledgers: Send + Sync {
    /// What stands there; none where nothing is stored at all. One that was never written is that of the first
    /// generation.
    fn found(&self) -> BoxFuture<'static, Result<Option<Found>, StoreError>>;

    /// Writes `to` where `from` is what stands there, and says whether it was. After an error that is not known.
    fn change(&self, from: &Found, to: &Ledger) -> BoxFuture<'static, Result<bool, StoreError>>;

    /// Puts a seal on every shard of a generation that bears none. After an error some may bear it.
    fn seal(&self, of: &Generation, seal: &str) -> BoxFuture<'static, Result<(), StoreError>>;

    /// Positions and seals of all shards of a generation.
    fn seals(&self, of: &Generation) -> BoxFuture<'static, Result<Vec<Sealed>, StoreError>>;

    /// Takes this seal off the shards of a generation, and no other. After an error some may bear it still.
    fn lift(&self, of: &Generation, seal: &str) -> BoxFuture<'static, Result<(), StoreError>>;
}

impl Found {
    /// That of a store that nobody has rebuilt.
    #[must_use]
    pub fn of_before(topology: Topology) -> Self {
        Self { ledger: Ledger::of_before(topology), text: String::new() }
    }
}

impl Ledger {
    /// That of a store that nobody has rebuilt: it is not written.
    #[must_use]
    pub fn of_before(topology: Topology) -> Self {
        Self::new(0, Generations::of(Generation::new(ROWS, topology)))
    }

    /// That of a store whose keys are gone while numbered topics of it are there: what stands in them was folded
    /// by who knows what rules, so it begins with a number that none of them has.
    #[must_use]
    pub fn after_loss(topology: Topology, highest: u32) -> Self {
        Self::new(0, Generations::of(Generation::new(highest + 1, topology))).changed(|_| {})
    }

    fn new(revision: u64, generations: Generations) -> Self {
        let written_by = env!("CARGO_PKG_VERSION").to_owned();
        let highest = generations.numbers().into_iter().max().unwrap_or_default();
        Self { revision, generations, seal: None, written_by, highest }
    }

    /// The next one, which says otherwise.
    fn changed(&self, change: impl FnOnce(&mut Generations)) -> Self {
        let mut generations = self.generations.clone();
        change(&mut generations);
        let changed = Self::new(self.revision + 1, generations);
        Self { highest: changed.highest.max(self.highest), ..changed }
    }

    /// Whether somebody works on that one.
    #[must_use]
    pub fn is_at_work(&self, number: u32) -> bool {
        self.generations.find(number).is_some()
    }

    /// Fails where this version cannot show what is served, or it was made with other settings.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn shown(&self, wanted: Wanted) -> Result<(), Refusal> {
        let served = &self.generations.served.topology;
        if !served.is_readable() {
            return Err(Refusal::Newer(served.logic_version));
        }
        self.generations.asked(wanted).map(drop)
    }

    /// What it is once this version has come to fold: where it cannot fold what is served, the next one is begun.
    /// None where nothing changes. What a newer version has begun is its own, and what was gone back from is not
    /// begun again by itself.
    ///
    /// # Errors
    /// [`Refusal`], also where nothing is left for this version to do.
    pub fn joined(&self, wanted: Wanted) -> Result<Option<Self>, Refusal> {
        let Generations { served, next, kept, .. } = &self.generations;
        let has_own = self.generations.at_work().any(Generation::is_of_this_version);
        if served.topology.logic_version > logic_version() && !has_own {
            return Err(Refusal::Newer(served.topology.logic_version));
        }
        let asked = self.generations.asked(wanted)?;
        let is_newer = |it: &Generation| it.topology.logic_version > logic_version();
        let was_left = kept.as_ref().is_some_and(|kept| kept.generation.is_of_this_version());
        if has_own || was_left || next.as_ref().is_some_and(is_newer) {
            return Ok(None);
        }
        let keep_old_ms = crate::generations::KEEP_OLD_MS;
        let mut begun = self.changed(|it| it.begin(Begun::new(asked, keep_old_ms)));
        begun.not_below(self.highest);
        Ok(Some(begun))
    }

    /// What it is after a wish. None where it has no effect; topics are there with numbers up to `highest`.
    ///
    /// # Errors
    /// [`NotBegun`].
    pub fn wished(&self, wish: Wish, highest: u32) -> Result<Option<Self>, NotBegun> {
        let Generations { next, kept, .. } = &self.generations;
        match wish {
            Wish::Anew(anew) => self.anew(anew, highest),
            Wish::Back if next.is_some() => Err(NotBegun::UnderWay),
            Wish::Back if kept.is_none() => Err(NotBegun::NothingKept),
            Wish::Back => Ok(Some(self.changed(Generations::begin_back))),
            Wish::Abandon if next.is_none() => Ok(None),
            Wish::Abandon => Ok(Some(self.changed(Generations::abandon))),
        }
    }

    /// A shadow by the same rules is served; one by others is begun anew.
    fn anew(&self, anew: Anew, highest: u32) -> Result<Option<Self>, NotBegun> {
        let Anew { keep_old_ms, future_days, is_shadow } = anew;
        let Generations { served, next, .. } = &self.generations;
        if served.topology.logic_version > logic_version() {
            return Err(NotBegun::Newer);
        }
        let newest = next.as_ref().filter(|next| !is_shadow && next.is_shadow).unwrap_or(served);
        let topology = Topology::of_this_version(served.topology.partitions)
            .with_future_days(future_days, Some(&newest.topology));
        match next {
            Some(next) if !next.is_shadow => return Ok(None),
            Some(next) if next.topology == topology => {
                return Ok((!is_shadow).then(|| self.changed(|it| it.unveil(keep_old_ms))));
            }
            _ => {}
        }
        let mut begun = self.changed(|it| it.begin(Begun { topology, keep_old_ms, is_shadow }));
        begun.not_below(highest.max(self.highest));
        Ok(Some(begun))
    }

    /// A next one that was just begun gets a number that no topic has.
    pub fn not_below(&mut self, highest: u32) {
        if let Some(next) = &mut self.generations.next {
            next.number = next.number.max(highest + 1);
            self.highest = self.highest.max(next.number);
        }
    }

    /// With the served one sealed.
    #[must_use]
    pub fn sealed(&self, seal: String) -> Self {
        Self { seal: Some(seal), ..self.changed(|_| {}) }
    }

    /// The same without a seal.
    #[must_use]
    pub fn lifted(&self) -> Self {
        self.changed(|_| {})
    }

    /// With the next one served.
    #[must_use]
    pub fn switched(&self, now_ms: i64) -> Self {
        self.changed(|generations| generations.switch(now_ms))
    }

    /// Without what is kept, where its time is over. None where it is not.
    #[must_use]
    pub fn expired(&self, now_ms: i64) -> Option<Self> {
        let expired = self.changed(|generations| generations.expire(now_ms));
        // A seal is for who is about to switch: what changes meanwhile waits.
        (expired.generations != self.generations && self.seal.is_none()).then_some(expired)
    }

    /// Those that are nobody's any more.
    #[must_use]
    pub fn stale(&self) -> &[u32] {
        &self.generations.stale
    }

    /// After one of them is gone for good.
    #[must_use]
    pub fn without(&self, number: u32) -> Self {
        let gone = self.changed(|generations| generations.stale.retain(|it| *it != number));
        Self { seal: self.seal.clone(), ..gone }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generations::KEEP_OLD_MS;
    use crate::topology::LOGIC_VERSION;

    const NOW_MS: i64 = 1_700_000_000_000;
    const ANY: Wanted = Wanted { partitions: None, future_days: None };

    fn of(logic_version: u32) -> Topology {
        Topology { logic_version, ..Topology::of_this_version(3) }
    }

    fn anew(future_days: Option<u32>) -> Wish {
        Wish::Anew(Anew { future_days, ..Anew::served(0) })
    }

    fn numbers(ledger: &Ledger) -> (u32, Option<u32>, Option<u32>) {
        let Generations { served, next, kept, .. } = &ledger.generations;
        let next = next.as_ref().map(|next| next.number);
        (served.number, next, kept.as_ref().map(|kept| kept.generation.number))
    }

    #[test]
    fn the_stored_form_is_json_and_names_what_there_is() {
        let ledger = Ledger::of_before(of(2)).sealed("s1".to_owned());
        let json = serde_json::to_string(&ledger).unwrap();
        assert_eq!(
            json,
            r#"{"revision":1,"served":{"number":0,"topology":{"partitions":3,"hash":"murmur2","logic_version":2,"future_days":366}},"next":null,"keep_old_ms":86400000,"kept":null,"returning_until_ms":null,"stale":[],"seal":"s1","written_by":"0.1.0","highest":0}"#
        );
        assert_eq!(serde_json::from_str::<Ledger>(&json).unwrap(), ledger);
    }

    #[test]
    fn who_comes_with_newer_rules_begins_the_next_one_once() {
        let older = Ledger::of_before(of(1));
        let begun = older.joined(ANY).unwrap().unwrap();
        assert_eq!(numbers(&begun), (0, Some(1), None));
        assert_eq!(begun.joined(ANY), Ok(None));
        assert_eq!(Ledger::of_before(of(LOGIC_VERSION)).joined(ANY), Ok(None));
    }

    #[test]
    fn who_comes_with_older_rules_is_refused_once_newer_ones_are_served_and_begins_nothing_before()
    {
        let newer = Ledger::of_before(of(LOGIC_VERSION + 1));
        assert_eq!(newer.joined(ANY), Err(Refusal::Newer(LOGIC_VERSION + 1)));
        assert_eq!(newer.shown(ANY), Ok(()), "it can be looked at, for the form is the same");
        let other_form = Topology { form_version: 99, ..of(LOGIC_VERSION + 1) };
        assert!(Ledger::of_before(other_form).shown(ANY).is_err());
        let mut beside = Ledger::of_before(of(LOGIC_VERSION));
        beside = beside.changed(|it| it.begin(Begun::new(of(LOGIC_VERSION + 1), 0)));
        assert_eq!(beside.joined(ANY), Ok(None), "what a newer version folds is left alone");
    }

    #[test]
    fn what_was_gone_back_from_is_not_begun_again_by_itself() {
        let switched = Ledger::of_before(of(1)).joined(ANY).unwrap().unwrap().switched(NOW_MS);
        assert_eq!(numbers(&switched), (1, None, Some(0)));
        let back = switched.wished(Wish::Back, 1).unwrap().unwrap();
        assert_eq!(numbers(&back), (1, Some(0), None), "the old one is folded on by who knows it");
        let gone_back = back.switched(NOW_MS);
        assert_eq!(numbers(&gone_back), (0, None, Some(1)));
        assert_eq!(gone_back.joined(ANY), Ok(None));
        let wish = Wish::Anew(Anew::served(KEEP_OLD_MS));
        let again = gone_back.wished(wish, 1).unwrap().unwrap();
        assert_eq!(numbers(&again), (0, Some(2), None));
    }

    #[test]
    fn a_wish_for_what_is_not_there_is_refused() {
        let ledger = Ledger::of_before(of(LOGIC_VERSION));
        assert_eq!(ledger.wished(Wish::Back, 0), Err(NotBegun::NothingKept));
        assert_eq!(ledger.wished(Wish::Abandon, 0), Ok(None));
        let begun = ledger.wished(anew(Some(9)), 0).unwrap().unwrap();
        assert_eq!(begun.generations.next.as_ref().unwrap().topology.future_days, 9);
        assert_eq!(begun.wished(Wish::Back, 0), Err(NotBegun::UnderWay));
        assert_eq!(begun.wished(anew(None), 0), Ok(None));
        let abandoned = begun.wished(Wish::Abandon, 0).unwrap().unwrap();
        assert_eq!((numbers(&abandoned), abandoned.stale()), ((0, None, None), &[1][..]));
        let again = abandoned.without(1).wished(anew(None), 0).unwrap().unwrap();
        assert_eq!(numbers(&again), (0, Some(2), None), "a number is used once");
        let newer = Ledger::of_before(of(LOGIC_VERSION + 1));
        assert_eq!(newer.wished(anew(None), 0), Err(NotBegun::Newer));
    }

    #[test]
    fn no_number_is_used_whose_topics_are_there() {
        let ledger = Ledger::of_before(of(LOGIC_VERSION));
        let begun = ledger.wished(anew(None), 7).unwrap().unwrap();
        assert_eq!(numbers(&begun), (0, Some(8), None));
        assert_eq!(numbers(&Ledger::after_loss(of(LOGIC_VERSION), 7)), (8, None, None));
    }

    #[test]
    fn whatever_changes_takes_the_seal_away_but_that_something_is_gone() {
        let begun = Ledger::of_before(of(1)).joined(ANY).unwrap().unwrap();
        let sealed = begun.sealed("s".to_owned());
        assert_eq!(sealed.without(9).seal.as_deref(), Some("s"));
        for changed in [sealed.lifted(), sealed.switched(NOW_MS)] {
            assert_eq!((changed.seal.clone(), changed.revision), (None, sealed.revision + 1));
        }
        let abandoned = sealed.wished(Wish::Abandon, 0).unwrap().unwrap();
        assert_eq!(abandoned.seal, None);
    }

    #[test]
    fn a_shadow_is_served_when_that_is_wished_by_the_same_rules() {
        let ledger = Ledger::of_before(of(LOGIC_VERSION));
        let shadow =
            |days| Wish::Anew(Anew { future_days: days, is_shadow: true, ..Anew::served(0) });
        let beside = ledger.wished(shadow(Some(9)), 0).unwrap().unwrap();
        assert_eq!(
            (numbers(&beside), numbers(&beside.switched(NOW_MS)).0),
            ((0, Some(1), None), 0)
        );
        assert_eq!(beside.wished(shadow(Some(9)), 1), Ok(None));
        let other = beside.wished(shadow(Some(8)), 1).unwrap().unwrap();
        assert_eq!((numbers(&other), other.stale()), ((0, Some(2), None), &[1][..]));
        let served = beside.wished(anew(None), 1).unwrap().unwrap();
        assert_eq!(served.generations.next.as_ref().map(|next| next.is_shadow), Some(false));
        assert_eq!(numbers(&served.switched(NOW_MS)).0, 1);
    }
}

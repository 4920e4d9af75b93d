//! How one generation takes the place of another where many processes work on both: by anyone who folds the new
//! one, in steps of which each may be the last. It folds nothing and shows nothing.
//!
//! ```text
//! near: it has what bronze had a moment ago
//!   └─► the ledger names a seal ─► every shard of the served one bears it: nothing is added to it any more
//!         └─► the new one has all that the served one has ─► the ledger is switched
//! ```
//!
//! So no row that was counted is uncounted by a switch, and no late commit is made to what was served. A seal
//! that leads to no switch is taken back by whoever sees it for too long.

use crate::reach::{ReachError, has_passed};
use goldstream_domain::planted::{self, Bug};
use goldstream_platform::generations::Generation;
use goldstream_platform::ledger::{Found, Ledgers, Sealed};
use goldstream_platform::limits::{REBUILD_NEAR_MAX, SEAL_MAX};
use goldstream_platform::log::{BronzeEnds, Log, bronze_ends};
use goldstream_platform::store::{ShardId, Store, StoreError};

/// The generation that is folded beside the served one, as its own log and store have it.
pub struct Beside<'a> {
    /// Which.
    pub generation: &'a Generation,
    /// With its topics.
    pub log: &'a dyn Log,
    /// With its shards.
    pub store: &'a dyn Store,
}

/// The time at a look.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// That never goes back.
    pub steady_ms: u64,
    /// Milliseconds since 1970 UTC.
    pub wall_ms: i64,
}

/// What came of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There is nothing to be done, or somebody else was quicker.
    Waits,
    /// The served one is to be sealed.
    Sealed,
    /// A seal that led to nothing is taken back.
    Lifted,
    /// The new one is served.
    Switched,
}

/// What a process has seen of it.
#[derive(Debug, Default)]
pub struct Switching {
    /// Where bronze ended when it was looked, and when that was.
    target: Option<(BronzeEnds, u64)>,
    /// It was passed at the last look, but long after it was seen.
    passed_late: bool,
    /// The seal that stands, and since when it is seen here.
    seal_seen: Option<(String, u64)>,
}

impl Switching {
    /// One look at both, and at most one step. `seal` is one that nobody has named before.
    ///
    /// # Errors
    /// [`ReachError`]: it is to be looked again.
    pub async fn step(
        &mut self,
        ledgers: &dyn Ledgers,
        (found, beside): (&Found, &Beside<'_>),
        seal: &str,
        now: Now,
    ) -> Result<Step, ReachError> {
        let Some(standing) = found.ledger.seal.as_deref() else {
            self.seal_seen = None;
            if beside.generation.is_shadow {
                return Ok(Step::Waits);
            }
            if !self.is_near(ledgers, (found, beside), now).await? {
                return Ok(Step::Waits);
            }
            let is_changed = ledgers.change(found, &found.ledger.sealed(seal.to_owned())).await?;
            return Ok(if is_changed { Step::Sealed } else { Step::Waits });
        };
        if let Some(served) = sealed(ledgers, found, standing).await?
            && has_passed(beside.log, beside.store, &served).await?
        {
            let switched = found.ledger.switched(now.wall_ms);
            let is_changed = ledgers.change(found, &switched).await?;
            self.target = None;
            return Ok(if is_changed { Step::Switched } else { Step::Waits });
        }
        self.lift_where_late(ledgers, (found, standing), now).await
    }

    /// Whether the new one has counted all that was there a moment ago, and all that the served one has.
    async fn is_near(
        &mut self,
        ledgers: &dyn Ledgers,
        (found, Beside { generation, log, store }): (&Found, &Beside<'_>),
        now: Now,
    ) -> Result<bool, ReachError> {
        let partitions = generation.topology.partitions;
        let served = ledgers.seals(&found.ledger.generations.served).await?;
        if !has_passed(*log, *store, &silver(&served)).await? {
            return Ok(false);
        }
        let fresh =
            || async { Ok::<_, ReachError>((bronze_ends(*log, partitions).await?, now.steady_ms)) };
        let (target, seen_at) = match self.target.take() {
            Some(target) => target,
            None => fresh().await?,
        };
        if !has_passed(*log, *store, &target).await? {
            self.target = Some((target, seen_at));
            self.passed_late = false;
            return Ok(false);
        }
        // Where it took long the next look is for what has come meanwhile. Where looks themselves take long, as
        // over a slow line, two of them suffice.
        let is_late = now.steady_ms.saturating_sub(seen_at) > millis(REBUILD_NEAR_MAX);
        let is_near = !is_late || self.passed_late;
        self.passed_late = is_late;
        self.target = Some(fresh().await?);
        Ok(is_near)
    }

    /// Takes back a seal that has stood for too long, also where this process does not fold the new one: those that
    /// do may all be gone.
    ///
    /// # Errors
    /// [`ReachError`]: it is to be looked again.
    pub async fn mind_seal(
        &mut self,
        ledgers: &dyn Ledgers,
        found: &Found,
        now: Now,
    ) -> Result<Step, ReachError> {
        match found.ledger.seal.as_deref() {
            Some(standing) => self.lift_where_late(ledgers, (found, standing), now).await,
            None => Ok(Step::Waits),
        }
    }

    /// Takes back a seal that has stood for too long: whoever named it may be gone, and nothing is counted meanwhile.
    async fn lift_where_late(
        &mut self,
        ledgers: &dyn Ledgers,
        (found, standing): (&Found, &str),
        now: Now,
    ) -> Result<Step, ReachError> {
        let seen_at = match &self.seal_seen {
            Some((seal, seen_at)) if seal == standing => *seen_at,
            _ => now.steady_ms,
        };
        self.seal_seen = Some((standing.to_owned(), seen_at));
        if now.steady_ms.saturating_sub(seen_at) <= millis(SEAL_MAX) {
            return Ok(Step::Waits);
        }
        let is_changed = ledgers.change(found, &found.ledger.lifted()).await?;
        Ok(if is_changed { Step::Lifted } else { Step::Waits })
    }
}

fn millis(time: std::time::Duration) -> u64 {
    time.as_millis() as u64
}

/// How far the served one has read, once every shard of it bears the seal. None as long as one does not.
async fn sealed(
    ledgers: &dyn Ledgers,
    found: &Found,
    seal: &str,
) -> Result<Option<BronzeEnds>, StoreError> {
    let served = &found.ledger.generations.served;
    if planted::is(Bug::SwitchUnsealed) {
        return Ok(Some(silver(&ledgers.seals(served).await?)));
    }
    ledgers.seal(served, seal).await?;
    let shards = ledgers.seals(served).await?;
    let other = shards.iter().find(|shard| shard.seal.as_deref() != Some(seal));
    match other.map(|shard| shard.seal.as_deref()) {
        None => Ok(Some(silver(&shards))),
        // Of somebody who came too late. The next look finds it gone.
        Some(Some(late)) => ledgers.lift(served, late).await.map(|()| None),
        Some(None) => Ok(None),
    }
}

/// The positions of silver among them.
#[must_use]
pub fn silver(shards: &[Sealed]) -> BronzeEnds {
    let silver = shards.iter().filter_map(|shard| match &shard.shard {
        ShardId::Silver(at) => Some((*at, shard.position)),
        ShardId::Gold(_) | ShardId::Source(_) => None,
    });
    silver.collect()
}

/// Takes seals off what is worked on that the ledger does not name: of a switch that did not come, or of one that
/// was gone back from.
///
/// # Errors
/// [`StoreError`]
pub async fn lift_left_behind(ledgers: &dyn Ledgers, found: &Found) -> Result<(), StoreError> {
    if planted::is(Bug::SealNotLifted) {
        return Ok(());
    }
    for of in found.ledger.generations.at_work() {
        let shards = ledgers.seals(of).await?;
        let Some(seal) = shards.into_iter().find_map(|shard| shard.seal) else { continue };
        // A seal stands in the ledger before any shard bears it: one that is not there now is over for good.
        let Some(now) = ledgers.found().await? else { return Ok(()) };
        let is_served = now.ledger.generations.served.number == of.number;
        if !(is_served && now.ledger.seal.as_ref() == Some(&seal)) {
            ledgers.lift(of, &seal).await?;
        }
    }
    Ok(())
}

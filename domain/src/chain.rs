//! The position chain (law 3): every record names its source, its origin there and the origin
//! that the same source sent to the same place before. The reader keeps a high-water mark per
//! source, inside its state, and so reads at-least-once writing exactly once.
//!
//! Origins count from 1; 0 is "nothing before". Time is not known here: how long a hole may stay
//! open is decided by who reads.

use crate::planted::{self, Bug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The name of a source: a file with its generation, or a partition that a stage reads.
pub type SourceId = Arc<str>;

/// What to do with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// The next of its source: apply it.
    Apply,
    /// Already applied: drop it.
    Repeat,
    /// Records before it are missing; their re-send must follow: do not apply, read on.
    Hole,
}

/// The source sent something else under a position that was read before: stop, never guess.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "source {source_id} diverged: it continues at {origin} from {prev}, but {hwm} was read from it; \
     its log is not the one that this state was made from"
)]
pub struct Diverged {
    /// The source.
    pub source_id: SourceId,
    /// Origin of the record.
    pub origin: u64,
    /// What the record says came before it.
    pub prev: u64,
    /// What was read last.
    pub hwm: u64,
}

/// The high-water marks of one reader.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// Per source: the origin applied last.
    hwm: BTreeMap<SourceId, u64>,
    /// Sources that have an open hole, with the number of records it has kept from being applied.
    #[serde(skip)]
    holes: BTreeMap<SourceId, u64>,
}

impl Chain {
    /// The origin applied last from `source`, 0 if none.
    #[must_use]
    pub fn hwm(&self, source: &str) -> u64 {
        self.hwm.get(source).copied().unwrap_or(0)
    }

    /// Sources with an open hole.
    #[must_use]
    pub fn holes(&self) -> &BTreeMap<SourceId, u64> {
        &self.holes
    }

    /// Judges one record and moves the mark of its source if it is applied.
    ///
    /// # Errors
    /// [`Diverged`] where the source's history is another than the one read.
    pub fn admit(
        &mut self,
        source: &SourceId,
        origin: u64,
        prev: u64,
    ) -> Result<Admission, Diverged> {
        let Some(hwm) = self.hwm.get_mut(source) else {
            if prev == 0 || planted::is(Bug::HighWaterMarkWithoutPrev) {
                self.hwm.insert(Arc::clone(source), origin);
                return Ok(Admission::Apply);
            }
            return Ok(self.note_hole(source));
        };
        if origin <= *hwm {
            let is_applied = planted::is(Bug::RepeatsApplied);
            return Ok(if is_applied { Admission::Apply } else { Admission::Repeat });
        }
        if prev > *hwm && !planted::is(Bug::HighWaterMarkWithoutPrev) {
            return Ok(self.note_hole(source));
        }
        if prev < *hwm {
            let source_id = Arc::clone(source);
            return Err(Diverged { source_id, origin, prev, hwm: *hwm });
        }
        *hwm = origin;
        if !self.holes.is_empty() {
            self.holes.remove(source);
        }
        Ok(Admission::Apply)
    }

    fn note_hole(&mut self, source: &SourceId) -> Admission {
        *self.holes.entry(Arc::clone(source)).or_default() += 1;
        Admission::Hole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(chain: &mut Chain, origin: u64, prev: u64) -> Admission {
        chain.admit(&"a".into(), origin, prev).unwrap()
    }

    #[test]
    fn records_in_order_are_applied_and_repeats_dropped() {
        let mut chain = Chain::default();
        assert_eq!(admit(&mut chain, 3, 0), Admission::Apply);
        assert_eq!(admit(&mut chain, 7, 3), Admission::Apply);
        assert_eq!(admit(&mut chain, 3, 0), Admission::Repeat);
        assert_eq!(admit(&mut chain, 7, 3), Admission::Repeat);
        assert_eq!(chain.hwm("a"), 7);
        assert_eq!(chain.hwm("b"), 0);
    }

    #[test]
    fn a_hole_is_not_applied_and_closes_when_the_resend_follows() {
        let mut chain = Chain::default();
        assert_eq!(admit(&mut chain, 5, 2), Admission::Hole);
        assert_eq!(admit(&mut chain, 6, 5), Admission::Hole);
        assert_eq!(chain.holes().get("a"), Some(&2));
        for (origin, prev) in [(2, 0), (5, 2), (6, 5)] {
            assert_eq!(admit(&mut chain, origin, prev), Admission::Apply);
        }
        assert!(chain.holes().is_empty());
        assert_eq!(admit(&mut chain, 9, 8), Admission::Hole);
        assert_eq!(chain.hwm("a"), 6);
    }

    #[test]
    fn a_source_with_another_history_is_refused() {
        let mut chain = Chain::default();
        admit(&mut chain, 4, 0);
        let error = chain.admit(&"a".into(), 6, 3).unwrap_err();
        assert_eq!((error.origin, error.prev, error.hwm), (6, 3, 4));
        assert_eq!(chain.hwm("a"), 4);
    }
}

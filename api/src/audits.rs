//! The proofs of one server, as they were made last.

use crate::verify::Verdict;
use std::sync::{Arc, Mutex, PoisonError};

/// The last proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Audited {
    /// When it was made: milliseconds since 1970 UTC.
    pub(crate) at_ms: i64,
    /// What it found.
    pub(crate) verdict: Verdict,
}

/// The proofs of one server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Audits {
    last: Arc<Mutex<Option<Audited>>>,
    /// That somebody asked for.
    asked: Arc<Mutex<Option<Audited>>>,
}

impl Audits {
    /// The last one, if one was made.
    pub(crate) fn last(&self) -> Option<Audited> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The latest of all, whoever wished it.
    pub(crate) fn latest(&self) -> Option<Audited> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.last().into_iter().chain(asked).max_by_key(|audited| audited.at_ms)
    }

    /// One that somebody asked for: status goes on telling those that are made on their own.
    pub(crate) fn note_asked(&self, audited: Audited) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(audited);
    }

    pub(crate) fn note(&self, audited: Audited) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(audited);
    }
}

//! What is wrong right now, by name: halted shards, a log or store that is away.
//! Written by the roles, read by status and readiness. It decides nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A shared list of troubles.
#[derive(Debug, Clone, Default)]
pub struct Health {
    troubles: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Health {
    /// Notes a trouble under its name, in place of an earlier one.
    pub fn report(&self, name: impl Into<String>, trouble: impl Into<String>) {
        self.lock().insert(name.into(), trouble.into());
    }

    /// The trouble is over.
    pub fn clear(&self, name: &str) {
        self.lock().remove(name);
    }

    /// All current troubles by name.
    #[must_use]
    pub fn troubles(&self) -> BTreeMap<String, String> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

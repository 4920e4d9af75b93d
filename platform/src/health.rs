//! What is wrong right now, by name: halted shards, a log or store that is away, loops that stand still,
//! inputs that cannot be read.
//! Written by the roles, read by status and readiness. It decides nothing.

use crate::hearts::Hearts;
use crate::inputs::{InputStatus, Inputs};
use crate::reports::Told;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;

/// A shared list of troubles.
#[derive(Debug, Clone)]
pub struct Health {
    troubles: Arc<watch::Sender<BTreeMap<String, Trouble>>>,
    hearts: Hearts,
    inputs: Inputs,
}

/// One trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Trouble {
    /// It is being dealt with.
    Passing(String),
    /// It stays until a person acts.
    Halted(String),
    /// All that writes stands still, so the numbers are not to be relied upon.
    Stopped(String),
}

impl Trouble {
    fn reason(&self) -> &str {
        match self {
            Self::Passing(reason) | Self::Halted(reason) | Self::Stopped(reason) => reason,
        }
    }

    /// Why something stands still.
    fn standstill(&self) -> Option<&str> {
        match self {
            Self::Passing(_) => None,
            Self::Halted(reason) | Self::Stopped(reason) => Some(reason),
        }
    }
}

impl Default for Health {
    fn default() -> Self {
        let troubles = Arc::new(watch::Sender::new(BTreeMap::new()));
        Self { troubles, hearts: Hearts::default(), inputs: Inputs::default() }
    }
}

impl Health {
    /// Notes a trouble that is being dealt with, in place of an earlier one of that name.
    pub fn report(&self, name: impl Into<String>, reason: impl Into<String>) {
        self.note(name.into(), Trouble::Passing(reason.into()));
    }

    /// Notes that something stands still until a person acts.
    pub fn halt(&self, name: impl Into<String>, reason: impl Into<String>) {
        self.note(name.into(), Trouble::Halted(reason.into()));
    }

    /// Notes that all that writes stands still, and with it how far the numbers can be relied upon.
    pub fn stop(&self, name: impl Into<String>, reason: impl Into<String>) {
        self.note(name.into(), Trouble::Stopped(reason.into()));
    }

    /// Why all that writes stands still; empty where it does not.
    #[must_use]
    pub fn stops(&self) -> Vec<String> {
        let reason = |trouble: &Trouble| match trouble {
            Trouble::Stopped(reason) => Some(reason.clone()),
            Trouble::Passing(_) | Trouble::Halted(_) => None,
        };
        self.troubles.borrow().values().filter_map(reason).collect()
    }

    /// The trouble is over.
    pub fn clear(&self, name: &str) {
        self.troubles.send_modify(|troubles| {
            troubles.remove(name);
        });
    }

    /// All current troubles by name.
    #[must_use]
    pub fn troubles(&self) -> BTreeMap<String, String> {
        self.told().into_iter().map(|(name, told)| (name, told.words())).collect()
    }

    /// The same, as they are told to other processes.
    #[must_use]
    pub fn told(&self) -> BTreeMap<String, Told> {
        let own = |(name, trouble): (&String, &Trouble)| {
            let halted = trouble.standstill().is_some();
            (name.clone(), Told { reason: trouble.reason().to_owned(), halted })
        };
        let of_inputs = self.inputs.all();
        let of_inputs = of_inputs.iter().filter_map(InputStatus::trouble);
        let of_inputs = of_inputs.map(|(name, reason)| (name, Told { reason, halted: false }));
        self.troubles.borrow().iter().map(own).chain(of_inputs).collect()
    }

    /// What stands still until a person acts, each with its reason.
    #[must_use]
    pub fn halts(&self) -> Vec<String> {
        let halted = |(name, trouble): (&String, &Trouble)| {
            Some(format!("{name}: {}", trouble.standstill()?))
        };
        self.troubles.borrow().iter().filter_map(halted).collect()
    }

    /// How the inputs fare. Those in trouble are among the troubles, too.
    #[must_use]
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The hearts of the loops.
    #[must_use]
    pub fn hearts(&self) -> &Hearts {
        &self.hearts
    }

    /// Resolves with name and reason once something stands still.
    pub async fn halted(&self) -> String {
        let mut troubles = self.troubles.subscribe();
        loop {
            troubles.borrow_and_update();
            if let Some(halted) = self.halts().into_iter().next() {
                return halted;
            }
            if troubles.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    fn note(&self, name: String, trouble: Trouble) {
        self.troubles.send_modify(|troubles| {
            troubles.insert(name, trouble);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn troubles_stand_until_they_are_cleared_and_halts_are_heard() {
        let health = Health::default();
        health.report("log", "away");
        assert_eq!(health.troubles()["log"], "away");
        health.clear("log");
        assert!(health.troubles().is_empty());
        health.halt("gold of silver/0", "sum too large");
        assert_eq!(health.halted().await, "gold of silver/0: sum too large");
        assert_eq!(health.troubles()["gold of silver/0"], "halted: sum too large");
        assert!(health.stops().is_empty(), "the other shards go on");
    }

    #[tokio::test]
    async fn what_stops_all_writers_is_a_halt_of_its_own_kind() {
        let health = Health::default();
        health.stop("topics", "8 partitions");
        assert_eq!(health.halted().await, "topics: 8 partitions");
        assert_eq!(health.stops(), ["8 partitions"]);
        health.clear("topics");
        assert!(health.stops().is_empty() && health.troubles().is_empty());
    }
}

//! What is wrong right now, by name: halted shards, a log or store that is away, loops that stand still,
//! inputs that cannot be read.
//! Written by the roles, read by status and readiness. It decides nothing.

use crate::hearts::Hearts;
use crate::inputs::{InputStatus, Inputs};
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

    /// The trouble is over.
    pub fn clear(&self, name: &str) {
        self.troubles.send_modify(|troubles| {
            troubles.remove(name);
        });
    }

    /// All current troubles by name.
    #[must_use]
    pub fn troubles(&self) -> BTreeMap<String, String> {
        let words = |(name, trouble): (&String, &Trouble)| match trouble {
            Trouble::Passing(reason) => (name.clone(), reason.clone()),
            Trouble::Halted(reason) => (name.clone(), format!("halted: {reason}")),
        };
        let of_inputs = self.inputs.all();
        let of_inputs = of_inputs.iter().filter_map(InputStatus::trouble);
        self.troubles.borrow().iter().map(words).chain(of_inputs).collect()
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
            let halted =
                troubles.borrow_and_update().iter().find_map(|(name, trouble)| match trouble {
                    Trouble::Halted(reason) => Some(format!("{name}: {reason}")),
                    Trouble::Passing(_) => None,
                });
            if let Some(halted) = halted {
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
    }
}

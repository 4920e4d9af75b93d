//! What is wrong right now, by name: halted shards, a log or store that is away, loops that stand still,
//! inputs that cannot be read.
//! Written by the roles, read by status and readiness. It decides nothing.

use crate::hearts::Hearts;
use crate::inputs::{InputStatus, Inputs};
use crate::lakes::LakeBoard;
use crate::reports::Told;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The trouble of a Kafka that does not answer, …
pub const KAFKA: &str = "kafka";
/// … that lets its user do less than is needed, …
pub const KAFKA_RIGHTS: &str = "rights on kafka";
/// … and of a Redis that does not answer.
pub const STORE: &str = "store";

/// A shared list of troubles.
#[derive(Debug, Clone)]
pub struct Health {
    troubles: Arc<watch::Sender<BTreeMap<String, Trouble>>>,
    hearts: Hearts,
    inputs: Inputs,
    lake: LakeBoard,
    /// Where it is of something that is not served: what its troubles begin with.
    beside: Option<Arc<Beside>>,
}

/// Work beside what is served.
#[derive(Debug, Default)]
struct Beside {
    name: String,
    is_served: AtomicBool,
    /// Nobody works on it any more; who is about to end may still say so.
    is_over: AtomicBool,
    /// Under which names it has told troubles.
    told: Mutex<BTreeSet<String>>,
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
        Self {
            troubles,
            hearts: Hearts::default(),
            inputs: Inputs::default(),
            lake: LakeBoard::default(),
            beside: None,
        }
    }
}

impl Health {
    /// Notes a trouble that is being dealt with, in place of an earlier one of that name.
    pub fn report(&self, name: impl AsRef<str>, reason: impl Into<String>) {
        self.note(name.as_ref(), Trouble::Passing(reason.into()));
    }

    /// Notes that something stands still until a person acts.
    pub fn halt(&self, name: impl AsRef<str>, reason: impl Into<String>) {
        self.note(name.as_ref(), Trouble::Halted(reason.into()));
    }

    /// Notes that all that writes stands still, and with it how far the numbers can be relied upon.
    pub fn stop(&self, name: impl AsRef<str>, reason: impl Into<String>) {
        self.note(name.as_ref(), Trouble::Stopped(reason.into()));
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

    /// Whether a server is known to be away: who waits for it waits rightly.
    #[must_use]
    pub fn is_a_server_away(&self) -> bool {
        [KAFKA, KAFKA_RIGHTS, STORE].iter().any(|name| self.has(name))
    }

    /// Whether that is a trouble now.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.troubles.borrow().contains_key(&self.named(name))
    }

    /// The trouble is over.
    pub fn clear(&self, name: &str) {
        let name = self.named(name);
        self.troubles.send_modify(|troubles| {
            troubles.remove(&name);
        });
    }

    /// The same list for work beside what is served: its troubles bear that name, and none of them makes the
    /// served numbers less reliable.
    #[must_use]
    pub fn beside(&self, name: impl Into<String>) -> Self {
        let beside = Beside { name: name.into(), ..Beside::default() };
        Self { beside: Some(Arc::new(beside)), ..self.clone() }
    }

    /// The work beside is what is served from now on, and its troubles those of the process.
    pub fn is_served(&self) {
        self.forget();
        if let Some(beside) = &self.beside {
            beside.is_served.store(true, Ordering::Relaxed);
        }
    }

    /// The work is over, and so are its troubles, also those that are told after this.
    pub fn end(&self) {
        if let Some(beside) = &self.beside {
            beside.is_over.store(true, Ordering::SeqCst);
        }
        self.forget();
    }

    fn forget(&self) {
        let Some(beside) = &self.beside else { return };
        let told = std::mem::take(&mut *beside.told());
        self.troubles.send_modify(|troubles| troubles.retain(|name, _| !told.contains(name)));
    }

    fn now_beside(&self) -> Option<&Beside> {
        self.beside.as_deref().filter(|beside| !beside.is_served.load(Ordering::Relaxed))
    }

    fn named(&self, name: &str) -> String {
        match self.now_beside() {
            Some(beside) => format!("{}: {name}", beside.name),
            None => name.to_owned(),
        }
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

    /// How the lake is that this process writes.
    #[must_use]
    pub fn lake(&self) -> &LakeBoard {
        &self.lake
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

    fn note(&self, name: &str, trouble: Trouble) {
        let trouble = match (self.now_beside(), trouble) {
            (Some(_), Trouble::Halted(reason) | Trouble::Stopped(reason)) => {
                Trouble::Passing(reason)
            }
            (_, trouble) => trouble,
        };
        let name = self.named(name);
        if let Some(beside) = &self.beside {
            beside.told().insert(name.clone());
        }
        self.troubles.send_modify(|troubles| {
            troubles.insert(name, trouble);
        });
        // Told while it ended.
        if self.beside.as_ref().is_some_and(|beside| beside.is_over.load(Ordering::SeqCst)) {
            self.forget();
        }
    }
}

impl Beside {
    fn told(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
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

    #[test]
    fn what_goes_wrong_beside_what_is_served_halts_nothing_until_it_is_served() {
        let health = Health::default();
        let beside = health.beside("generation 2");
        beside.halt("gold of silver/0", "garbage");
        beside.stop("topics", "gone");
        assert!(health.halts().is_empty() && health.stops().is_empty());
        assert_eq!(health.troubles()["generation 2: gold of silver/0"], "garbage");
        beside.clear("topics");
        assert_eq!(health.troubles().len(), 1);
        beside.is_served();
        assert!(health.troubles().is_empty());
        beside.halt("gold of silver/0", "garbage");
        assert_eq!(health.halts(), ["gold of silver/0: garbage"]);
        health.report("log", "away");
        beside.end();
        assert_eq!(health.troubles().into_keys().collect::<Vec<_>>(), ["log"]);
        // Its stages are about to end, and tell of what they meet.
        beside.report("silver of bronze.purchases/0", "commit refused: position 0 is stored");
        assert_eq!(health.troubles().into_keys().collect::<Vec<_>>(), ["log"]);
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

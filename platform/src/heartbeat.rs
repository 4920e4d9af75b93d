//! The heartbeat that a running goldstream leaves in a file, for who may look at its files and ask
//! nothing: the health check of a container whose process has no port.

use crate::limits::SILENCE_MAX;
use serde::{Deserialize, Serialize};
use std::io;
use std::net::SocketAddr;
use std::path::Path;

/// One beat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// When: milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Where it serves, if it does.
    pub address: Option<SocketAddr>,
    /// Its loops that do not turn.
    pub silent: Vec<String>,
    /// What of it stands still until a person acts.
    #[serde(default)]
    pub halted: Vec<String>,
}

impl Heartbeat {
    /// Leaves it in the place of the one before.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let unfinished = path.with_extension("new");
        std::fs::write(&unfinished, serde_json::to_vec(self)?)?;
        // Who reads it sees all of it or the one before.
        std::fs::rename(&unfinished, path)
    }

    /// The last one.
    ///
    /// # Errors
    /// Where there is none, or another file.
    pub fn read(path: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }

    /// Why this is no sign of life at `now_ms`; none where it is one.
    #[must_use]
    pub fn objection(&self, now_ms: i64) -> Option<String> {
        let age_ms = now_ms.saturating_sub(self.at_ms);
        if u128::from(age_ms.unsigned_abs()) > SILENCE_MAX.as_millis() && age_ms > 0 {
            return Some(format!("the last heartbeat was {} s ago", age_ms / 1000));
        }
        if !self.silent.is_empty() {
            return Some(format!("it does not go on: {}", self.silent.join(", ")));
        }
        (!self.halted.is_empty()).then(|| format!("it is halted: {}", self.halted.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_sign_of_life_while_it_is_young_and_all_loops_turn() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("heartbeat");
        assert!(Heartbeat::read(&path).is_err());
        let first = Heartbeat { at_ms: 0, address: None, silent: Vec::new(), halted: Vec::new() };
        first.write(&path).unwrap();
        let beat = Heartbeat { at_ms: 50_000, ..first };
        beat.write(&path).unwrap();
        let read = Heartbeat::read(&path).unwrap();
        assert_eq!(read, beat);
        assert_eq!((read.objection(50_900), read.objection(0)), (None, None));
        assert!(read.objection(75_000).unwrap().contains("25 s"));
        let halted = Heartbeat { halted: vec!["gold of silver/0: why".to_owned()], ..beat };
        assert!(halted.objection(50_900).unwrap().contains("gold of silver/0: why"));
        let silent = Heartbeat { silent: vec!["gold".to_owned(), "view".to_owned()], ..halted };
        assert!(silent.objection(50_900).unwrap().contains("gold, view"));
    }
}

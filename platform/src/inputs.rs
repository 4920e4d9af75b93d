//! What becomes of the inputs that a process reads: how far each is read, what it waits for, why it
//! stands still. Written by the producer, read by status, metrics and page. It decides nothing.

use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is done with an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InputState {
    /// It is being read to its end for the first time in this process.
    Reading,
    /// It was read to its end and is looked at for more.
    Following,
    /// A quote is open at its end: what follows waits for its end, for a while.
    OpenQuote,
    /// It cannot be read; it is looked at again every second.
    Failing,
    /// It was read to its end and does not grow.
    Finished,
}

impl InputState {
    /// All states.
    pub const ALL: [Self; 5] =
        [Self::Reading, Self::Following, Self::OpenQuote, Self::Failing, Self::Finished];

    /// The word used in JSON and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Following => "following",
            Self::OpenQuote => "open_quote",
            Self::Failing => "failing",
            Self::Finished => "finished",
        }
    }
}

/// One input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InputStatus {
    /// The name that it keeps over restarts: `file:` and the path.
    pub source: String,
    /// What is done with it.
    pub state: InputState,
    /// Why, where that needs words.
    pub detail: Option<String>,
    /// What a person should know of its rows, though nothing is wrong with them.
    pub warnings: Vec<String>,
    /// Rows read.
    pub rows: u64,
    /// Bytes read, as they stand on disk.
    pub read_bytes: u64,
    /// Bytes that there are.
    pub size_bytes: u64,
}

impl InputStatus {
    /// Bytes that are there and not read.
    #[must_use]
    pub fn behind_bytes(&self) -> u64 {
        self.size_bytes.saturating_sub(self.read_bytes)
    }

    /// The trouble that a person should know of, with its name.
    #[must_use]
    pub fn trouble(&self) -> Option<(String, String)> {
        let is_trouble = matches!(self.state, InputState::OpenQuote | InputState::Failing);
        let words = self.detail.clone().filter(|_| is_trouble)?;
        Some((format!("input {}", self.source), words))
    }
}

/// The inputs of a process, shared.
#[derive(Debug, Clone, Default)]
pub struct Inputs(Arc<Mutex<BTreeMap<String, InputStatus>>>);

impl Inputs {
    /// Notes how an input fares, in place of what was noted before.
    pub fn note(&self, status: InputStatus) {
        self.locked().insert(status.source.clone(), status);
    }

    /// Nobody wants an input read any more.
    pub fn forget(&self, source: &str) {
        self.locked().remove(source);
    }

    /// Notes how far an input is read that was noted before.
    pub fn note_progress(&self, source: &str, rows: u64, read_bytes: u64) {
        if let Some(status) = self.locked().get_mut(source) {
            (status.rows, status.read_bytes) = (rows, read_bytes);
        }
    }

    /// Notes what a person should know of an input that was noted before.
    pub fn note_warnings(&self, source: &str, warnings: Vec<String>) {
        if let Some(status) = self.locked().get_mut(source) {
            status.warnings = warnings;
        }
    }

    /// What a person should know of an input.
    #[must_use]
    pub fn warnings_of(&self, source: &str) -> Vec<String> {
        self.locked().get(source).map_or_else(Vec::new, |status| status.warnings.clone())
    }

    /// All of them by name.
    #[must_use]
    pub fn all(&self) -> Vec<InputStatus> {
        self.locked().values().cloned().collect()
    }

    /// One whose holder panicked is whole: a note is one insertion.
    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, InputStatus>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_that_stands_still_is_a_trouble_and_one_that_is_followed_is_none() {
        let inputs = Inputs::default();
        let following = InputStatus {
            source: "file:/a".to_owned(),
            state: InputState::Following,
            detail: None,
            warnings: Vec::new(),
            rows: 1,
            read_bytes: 10,
            size_bytes: 12,
        };
        inputs.note(following.clone());
        assert_eq!(inputs.all()[0].trouble(), None);
        assert_eq!(inputs.all()[0].behind_bytes(), 2);
        let detail = Some("no header".to_owned());
        inputs.note(InputStatus { state: InputState::Failing, detail, ..following });
        let trouble = inputs.all()[0].trouble();
        assert_eq!(trouble, Some(("input file:/a".to_owned(), "no header".to_owned())));
    }
}

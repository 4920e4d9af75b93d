//! What happened, step by step: a hash of all of it, and the text where somebody wants to read it.

use std::fmt::{Arguments, Write as _};
use xxhash_rust::xxh3::Xxh3;

/// The trace of one run.
#[derive(Default)]
pub struct Trace {
    hasher: Xxh3,
    line: String,
    kept: Option<Vec<String>>,
    /// The step under way.
    pub step: u64,
}

/// Whether the text of a trace is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Only its hash.
    Hash,
    /// All of it.
    Text,
}

impl Trace {
    /// An empty trace.
    #[must_use]
    pub fn new(keep: Keep) -> Self {
        let kept = (keep == Keep::Text).then(Vec::new);
        Self { kept, ..Self::default() }
    }

    /// Something happened.
    pub fn note(&mut self, what: Arguments<'_>) {
        self.line.clear();
        // Writing to a string does not fail.
        let _always = write!(self.line, "{:>5}  {what}", self.step);
        self.hasher.update(self.line.as_bytes());
        self.hasher.update(b"\n");
        if let Some(kept) = &mut self.kept {
            kept.push(self.line.clone());
        }
    }

    /// The hash of everything so far.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hasher.digest()
    }

    /// The lines, where they were kept.
    #[must_use]
    pub fn into_lines(self) -> Vec<String> {
        self.kept.unwrap_or_default()
    }
}

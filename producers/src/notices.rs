//! What a person should know of the rows of one file, though no rule refuses any of them. It changes no row.

use crate::csv::Row;
use crate::look_alikes::LookAlikes;
use crate::undecided::Undecided;
use goldstream_domain::column::Kind;

/// Whether all rows of a file were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Its beginning: what is missing may still come.
    Some,
    /// All of them, to its end.
    All,
}

/// What was noticed so far.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    look_alikes: LookAlikes,
    undecided: Undecided,
}

impl Notices {
    /// Looks at a row. What is to be told of it at once, if anything is.
    pub(crate) fn take(&mut self, kind: Kind, row: &Row<'_>) -> Option<String> {
        self.undecided.take(kind, row.line, &row.content);
        let is_first = kind == Kind::Purchases && self.look_alikes.take(row.line, &row.content);
        if is_first { self.look_alikes.warning() } else { None }
    }

    /// What the file never decided.
    pub(crate) fn undecided(&self) -> Vec<String> {
        self.undecided.warnings()
    }

    /// All that there is to be told.
    pub(crate) fn warnings(&self, seen: Seen) -> Vec<String> {
        let undecided = if seen == Seen::All { self.undecided() } else { Vec::new() };
        self.look_alikes.warning().into_iter().chain(undecided).collect()
    }
}

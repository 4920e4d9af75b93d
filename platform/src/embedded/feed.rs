//! The newest commits in the order in which they were made, for readers of the change feed.

use crate::limits::FEED_BYTES_MAX;
use crate::store::{Changes, Commit};
use std::collections::VecDeque;
use std::sync::Arc;

/// Estimated size of one changed row.
const ROW_BYTES: usize = 200;

/// A window of commits, bounded by their estimated size.
#[derive(Debug, Default)]
pub(super) struct Window {
    commits: VecDeque<Arc<Commit>>,
    /// Number of the first commit in the window.
    first: u64,
    size_bytes: usize,
}

/// What stands at a number.
#[derive(Debug)]
pub(super) enum Entry {
    Commit(Arc<Commit>),
    NotYet,
    Gone,
}

impl Window {
    pub(super) fn push(&mut self, commit: Arc<Commit>) {
        self.size_bytes += size_bytes(&commit);
        self.commits.push_back(commit);
        while self.size_bytes > FEED_BYTES_MAX && self.commits.len() > 1 {
            if let Some(oldest) = self.commits.pop_front() {
                self.size_bytes -= size_bytes(&oldest);
                self.first += 1;
            }
        }
    }

    /// The number that the next commit will get.
    pub(super) fn next(&self) -> u64 {
        self.first + self.commits.len() as u64
    }

    pub(super) fn get(&self, number: u64) -> Entry {
        let Some(place) = number.checked_sub(self.first) else { return Entry::Gone };
        match self.commits.get(place as usize) {
            Some(commit) => Entry::Commit(Arc::clone(commit)),
            None => Entry::NotYet,
        }
    }
}

fn size_bytes(commit: &Commit) -> usize {
    match &commit.changes {
        Changes::Gold { rows, accepted, .. } => ROW_BYTES * (1 + rows.len() + accepted.len()),
        Changes::Silver { .. } | Changes::Source(_) => ROW_BYTES,
    }
}

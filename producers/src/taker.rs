//! Where the rows of a source go as they come: to their partitions, and past who notices what no rule refuses.

use crate::csv::Row;
use crate::notices::{Notices, Seen};
use crate::route::Router;

/// Where rows go as they come.
pub(crate) struct Taker {
    pub(crate) router: Router,
    /// None where the beginning of the file was read before: what it decides is not known.
    notices: Option<Notices>,
    seen: Seen,
}

impl Taker {
    /// For a source of which no row was read.
    pub(crate) fn from_start(router: Router) -> Self {
        Self { router, notices: Some(Notices::default()), seen: Seen::Some }
    }

    /// For one of which so many rows were read before.
    pub(crate) fn behind(rows: u64, router: Router) -> Self {
        let notices = (rows == 0).then(Notices::default);
        Self { router, notices, seen: Seen::Some }
    }

    pub(crate) fn take(&mut self, row: &Row<'_>, now_ms: i64) {
        let notices = self.notices.as_mut();
        if let Some(warning) = notices.and_then(|notices| notices.take(self.router.kind(), row)) {
            self.warn([warning]);
        }
        self.router.take(row, now_ms);
    }

    /// All of the file was looked at: what it has not decided is told, once.
    pub(crate) fn end(&mut self) {
        if std::mem::replace(&mut self.seen, Seen::All) == Seen::Some {
            let undecided = self.notices.as_ref().map(Notices::undecided);
            self.warn(undecided.unwrap_or_default());
        }
    }

    fn warn(&self, warnings: impl IntoIterator<Item = String>) {
        let source = &**self.router.source_id();
        warnings.into_iter().for_each(|warning| tracing::warn!(source, "{warning}"));
    }

    /// What a person should know; none where that is not known here.
    pub(crate) fn warnings(&self) -> Option<Vec<String>> {
        self.notices.as_ref().map(|notices| notices.warnings(self.seen))
    }
}

//! Where the rows of a source go as they come: to their partitions, and past those who notice what no rule refuses.

use crate::csv::Row;
use crate::look_alikes::LookAlikes;
use crate::route::Router;
use crate::undecided::Undecided;
use goldstream_domain::column::Kind;

/// Where rows go as they come.
pub(crate) struct Taker {
    pub(crate) router: Router,
    look_alikes: LookAlikes,
    undecided: Undecided,
    is_read_once: bool,
}

impl Taker {
    pub(crate) fn new(router: Router) -> Self {
        Self {
            router,
            look_alikes: LookAlikes::default(),
            undecided: Undecided::default(),
            is_read_once: false,
        }
    }

    pub(crate) fn take(&mut self, row: &Row<'_>, now_ms: i64) {
        if self.router.kind() == Kind::Purchases {
            if self.look_alikes.take(row.line, &row.content) {
                self.warn(self.look_alikes.warning());
            }
            self.undecided.take(row.line, &row.content);
        }
        self.router.take(row, now_ms);
    }

    /// All of the file was looked at: what it has not decided is told, once.
    pub(crate) fn end(&mut self) {
        if !std::mem::replace(&mut self.is_read_once, true) {
            self.warn(self.undecided.warnings());
        }
    }

    fn warn(&self, warnings: impl IntoIterator<Item = String>) {
        let source = &**self.router.source_id();
        warnings.into_iter().for_each(|warning| tracing::warn!(source, "{warning}"));
    }

    pub(crate) fn warnings(&self) -> Vec<String> {
        let undecided = self.is_read_once.then(|| self.undecided.warnings());
        self.look_alikes.warning().into_iter().chain(undecided.into_iter().flatten()).collect()
    }
}

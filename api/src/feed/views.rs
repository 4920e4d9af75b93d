//! The views of the feed: how each is read from the state, whole or as what changed.
//! A new view is one more variant here and one more stamp in the state.

use super::message::{RowChanges, ViewBody, Views};
use crate::view::state::State;

/// A view that can be subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FeedView {
    /// The totals.
    Summary,
    /// Every row's fate.
    Accounting,
    /// All countries.
    Countries,
}

impl FeedView {
    /// All views.
    pub(crate) const ALL: [Self; 3] = [Self::Summary, Self::Accounting, Self::Countries];

    /// The name in messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Accounting => "accounting",
            Self::Countries => "countries",
        }
    }

    /// The view of this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.name() == name)
    }

    fn whole(self, state: &State) -> ViewBody {
        match self {
            Self::Summary => ViewBody::Summary(state.summary().clone()),
            Self::Accounting => ViewBody::Accounting(state.accounting().clone()),
            Self::Countries => ViewBody::Countries(state.countries()),
        }
    }

    /// What changed after `version`, none where nothing did.
    fn since(self, state: &State, version: u64) -> Option<ViewBody> {
        match self {
            Self::Summary => state.summary_changed_since(version).then(|| self.whole(state)),
            Self::Accounting => state.accounting_changed_since(version).then(|| self.whole(state)),
            Self::Countries => {
                let mut changes = RowChanges { upsert: Vec::new(), delete: Vec::new() };
                for (key, row) in state.countries_since(version) {
                    match row {
                        Some(row) => changes.upsert.push(row),
                        None => changes.delete.push(key),
                    }
                }
                let is_empty = changes.upsert.is_empty() && changes.delete.is_empty();
                (!is_empty).then_some(ViewBody::CountryChanges(changes))
            }
        }
    }

    /// When bronze took in the oldest row that moved this view after `version`.
    fn ingested_since(self, state: &State, version: u64) -> Option<i64> {
        let gold = state.gold_ingested_since(version);
        match self {
            Self::Summary | Self::Countries => gold,
            // It moves with both stages: the older of the two, where there are two.
            Self::Accounting => {
                [gold, state.silver_ingested_since(version)].into_iter().flatten().min()
            }
        }
    }
}

/// What the views changed by, and when bronze took in the oldest row behind it.
#[derive(Debug, Default)]
pub(crate) struct Delta {
    pub(crate) views: Views,
    pub(crate) ingested_at_ms: Option<i64>,
}

/// All that these views show.
pub(crate) fn snapshot(views: &[FeedView], state: &State) -> Views {
    views.iter().map(|view| (view.name(), view.whole(state))).collect()
}

/// What changed in these views after `version`, which the state must know.
pub(crate) fn delta(views: &[FeedView], state: &State, version: u64) -> Delta {
    let mut delta = Delta::default();
    for view in views {
        let Some(body) = view.since(state, version) else { continue };
        delta.views.insert(view.name(), body);
        let ingested = view.ingested_since(state, version);
        delta.ingested_at_ms = [delta.ingested_at_ms, ingested].into_iter().flatten().min();
    }
    delta
}

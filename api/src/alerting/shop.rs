//! What changed in the view since it was looked at last, as events for the rules. It judges nothing.

use crate::view::View;
use crate::view::state::State;
use goldstream_alerts::facts::{Counted, Event};
use goldstream_domain::gold::merge::Sales;
use goldstream_domain::gold::rows::CustomerRow;
use goldstream_domain::moment::{Hour, Moment};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Up to where the view was looked at.
#[derive(Debug, Default)]
pub(super) struct Seen {
    epoch: Option<Arc<str>>,
    version: u64,
}

/// Whoever has bought within this time is as good as the last one.
const RECENT_SECONDS: i64 = 60;

impl Seen {
    /// The version, for people.
    pub(super) fn stamp(&self) -> String {
        format!("{}/{}", self.epoch.as_deref().unwrap_or_default(), self.version)
    }

    /// What changed since. `now` is the shop's time: a purchase that is dated ahead of it says nothing of
    /// whether somebody buys. `hours` are those that rules ask for.
    pub(super) fn look(&mut self, view: &View, now: Moment, hours: &[Hour]) -> Vec<Event> {
        let (mut events, customers) = view.read(|state| {
            let (mut events, customers) = self.look_at(state, now);
            events.push(Event::Hours(sales_of(state, hours)));
            (events, customers)
        });
        // Customers are many and shared: they are looked through while writers go on.
        let last = customers.iter().filter_map(|row| row.last_purchase).filter(|at| *at <= now);
        events.extend(last.max().map(Event::Purchased));
        events
    }

    fn look_at(&mut self, state: &State, now: Moment) -> (Vec<Event>, Vec<Arc<CustomerRow>>) {
        let stamp = state.stamp();
        let is_same = self.epoch.as_deref() == Some(&*stamp.epoch);
        if is_same && self.version == stamp.version {
            return (Vec::new(), Vec::new());
        }
        let is_known = is_same && state.knows_since(self.version);
        let (mut events, mut customers) = (Vec::new(), Vec::new());
        if is_known {
            let changed = state.days_since(self.version);
            events.extend(
                changed.map(|(day, row)| Event::Day(day, row.map(|row| row.revenue_cents))),
            );
        } else {
            events.push(Event::Reloaded);
            events.extend(state.days().map(|row| Event::Day(row.day, Some(row.revenue_cents))));
        }
        let bought = state.last_purchases().map(|purchase| purchase.purchased_at);
        let newest = bought.filter(|at| *at <= now).max();
        if !is_known || may_be_missed(newest, now) {
            customers = state.tables().customers().map(Arc::clone).collect();
        }
        events.extend(newest.map(Event::Purchased));
        let accounting = state.accounting();
        let refused_rows = accounting.quarantined.values().sum();
        events.push(Event::Counted(Counted { rows: accounting.rows(), refused_rows }));
        (self.epoch, self.version) = (Some(stamp.epoch), stamp.version);
        (events, customers)
    }
}

/// Whether a newer purchase than this may have come, and it matters. The view keeps a few: of many that bronze took
/// in at once, those whose ids come last.
fn may_be_missed(newest: Option<Moment>, now: Moment) -> bool {
    newest.is_none_or(|at| now.0 - at.0 > RECENT_SECONDS)
}

/// An hour without a purchase has sold nothing, unless hours are not known at all.
fn sales_of(state: &State, hours: &[Hour]) -> BTreeMap<Hour, Sales> {
    let known = hours.iter().filter(|_| state.knows_hours());
    let of_all = &state.tables().hours;
    known.map(|hour| (*hour, of_all.get(hour).copied().unwrap_or_default())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_purchase_is_looked_for_unless_one_was_made_just_now() {
        let now = Moment(1_796_000_000);
        assert!(may_be_missed(None, now));
        assert!(may_be_missed(Some(Moment(now.0 - RECENT_SECONDS - 1)), now));
        assert!(!may_be_missed(Some(Moment(now.0 - RECENT_SECONDS)), now));
    }
}

//! Where a row stands follows from the events alone: two owners of a shard, or one that folds again what
//! it lost, put every row at the same place, however they commit and restart.

use super::rows::{PlacedRow, Row, RowFate, Table};
use super::shard::{GoldCounts, GoldShard};
use crate::clean::{Customer, Purchase};
use crate::moment::Moment;
use crate::silver::SilverEvent;
use std::collections::BTreeMap;

fn buys(purchase_id: &'static str, customer_id: &'static str) -> SilverEvent<'static> {
    let purchased_at = Moment(5);
    let (amount_cents, product) = (100, "a");
    SilverEvent::Purchase(Purchase {
        purchase_id,
        customer_id,
        purchased_at,
        amount_cents,
        product,
    })
}

fn lives_in(customer_id: &'static str, country: &'static str) -> SilverEvent<'static> {
    SilverEvent::Customer(Customer {
        customer_id,
        name: None,
        email: None,
        signup_date: None,
        country: Some(country),
    })
}

/// A customer empties countries and comes back; another begins new ones meanwhile.
fn events() -> Vec<SilverEvent<'static>> {
    let mut events = vec![buys("1", "c"), buys("2", "d")];
    for country in ["A", "B", "A", "C", "B"] {
        events.extend([lives_in("c", country), lives_in("d", &country.repeat(2).leak()[1..])]);
        events.push(lives_in("d", "D"));
    }
    events
}

#[derive(Default)]
struct Stored {
    counts: GoldCounts,
    rows: BTreeMap<(Table, u32), Row>,
}

impl Stored {
    fn commit(&mut self, shard: &mut GoldShard) {
        for change in shard.take_changes() {
            let place = (change.row.table(), change.slot);
            match change.fate {
                RowFate::Stands => self.rows.insert(place, change.row),
                RowFate::Deleted => self.rows.remove(&place),
            };
        }
        self.counts = shard.counts();
    }

    fn restored(&self) -> GoldShard {
        let rows = self.rows.iter();
        let rows = rows.map(|((_, slot), row)| PlacedRow { slot: *slot, row: row.clone() });
        GoldShard::restore(self.counts.clone(), rows.collect())
    }
}

/// The rows after all events, with a commit after every so many and a restart after every so many commits.
fn placed(commit_every: usize, restart_every: usize) -> BTreeMap<(Table, u32), Row> {
    let (mut stored, mut shard) = (Stored::default(), GoldShard::default());
    for (n, event) in (1..).zip(events()) {
        shard.apply(&event).unwrap();
        if n % commit_every == 0 {
            stored.commit(&mut shard);
        }
        if n % (commit_every * restart_every) == 0 {
            shard = stored.restored();
        }
    }
    stored.commit(&mut shard);
    stored.rows
}

#[test]
fn a_row_stands_at_the_same_place_however_its_shard_commits_and_restarts() {
    let expected = placed(100, 100);
    assert!(expected.keys().any(|(table, slot)| *table == Table::Countries && *slot > 4));
    for commit_every in 1..8 {
        for restart_every in 1..4 {
            let found = placed(commit_every, restart_every);
            assert_eq!(found, expected, "{commit_every}, {restart_every}");
        }
    }
}

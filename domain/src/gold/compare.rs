//! Two golds held against each other: in how many rows they differ, and the first of these, in one fixed
//! order: rows come before the totals that follow from them. It judges values only; how they came about is
//! not known here.

pub use super::difference::Difference;
use super::report::{CountryReport, Gold};
use serde::Serialize;
use serde_json::Value;
use std::cmp::Ordering;

/// So many differing rows are told one by one.
pub const DIFFERING_MAX: usize = 20;

/// How two golds differ.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Differences {
    /// In how many rows, the totals and each count of the accounting being one; 0 where they are equal.
    pub total: u64,
    /// The first of them, up to [`DIFFERING_MAX`].
    pub first: Vec<Difference>,
}

impl Differences {
    /// Between what is stored and what the batch says.
    #[must_use]
    pub fn between(stored: &Gold, batch: &Gold) -> Self {
        let mut found = Self::default();
        if stored == batch {
            return found;
        }
        found.rows("customers", &stored.customers, &batch.customers, |row| &row.customer_id);
        found.rows("products", &stored.products, &batch.products, |row| &row.product);
        found.rows("days", &stored.days, &batch.days, |row| row.day);
        found.rows("months", &stored.months, &batch.months, |row| row.month);
        let country = |row: &CountryReport| UnknownLast(row.country.clone());
        found.rows("countries", &stored.countries, &batch.countries, country);
        found.rows("hours", &stored.hours, &batch.hours, |row| row.hour);
        if stored.summary != batch.summary {
            let sides = (&stored.summary, &batch.summary);
            found.note(|| Difference::of_rows("summary", &Value::Null, sides));
        }
        found.counts("", &to_value(&stored.accounting), &to_value(&batch.accounting));
        found
    }

    fn note(&mut self, difference: impl FnOnce() -> Difference) {
        self.total += 1;
        if self.first.len() < DIFFERING_MAX {
            self.first.push(difference());
        }
    }

    /// Rows that are not the same in both, or stand in one only. Both sides are sorted by key.
    fn rows<'a, R: Serialize + PartialEq, K: Ord + Serialize>(
        &mut self,
        table: &'static str,
        stored: &'a [R],
        batch: &'a [R],
        key: impl Fn(&'a R) -> K,
    ) {
        let (mut stored, mut batch) = (stored.iter().peekable(), batch.iter().peekable());
        loop {
            let order = match (stored.peek(), batch.peek()) {
                (None, None) => return,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(ours), Some(theirs)) => key(ours).cmp(&key(theirs)),
            };
            let ours = if order.is_le() { stored.next() } else { None };
            let theirs = if order.is_ge() { batch.next() } else { None };
            match (ours, theirs) {
                (Some(ours), Some(theirs)) if ours == theirs => {}
                (Some(ours), Some(theirs)) => {
                    self.note(|| Difference::of_rows(table, &to_value(&key(ours)), (ours, theirs)));
                }
                (ours, theirs) => self.note(|| {
                    let key = to_value(&ours.or(theirs).map(&key));
                    Difference::of_one(table, &key, to_value(&ours), to_value(&theirs))
                }),
            }
        }
    }

    /// Each count that is not the same in both, nested ones under their path.
    fn counts(&mut self, path: &str, stored: &Value, batch: &Value) {
        let (Value::Object(ours), Value::Object(theirs)) = (stored, batch) else { return };
        let others = theirs.keys().filter(|name| !ours.contains_key(*name));
        for name in ours.keys().chain(others) {
            let [gold, batch] = [ours, theirs].map(|side| side.get(name).unwrap_or(&Value::Null));
            let field = format!("{path}{name}");
            if gold.is_object() && batch.is_object() {
                self.counts(&format!("{field}."), gold, batch);
            } else if gold != batch {
                let sides = (gold, batch);
                self.note(|| Difference::of_field("accounting", &Value::Null, &field, sides));
            }
        }
    }
}

/// A key of which the null one comes last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
struct UnknownLast<K>(Option<K>);

impl<K: Ord> Ord for UnknownLast<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        let unknown = self.0.is_none().cmp(&other.0.is_none());
        unknown.then_with(|| self.0.cmp(&other.0))
    }
}

impl<K: Ord> PartialOrd for UnknownLast<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn to_value<T: Serialize>(value: &T) -> Value {
    // Reports have text keys only, so they always have a JSON form.
    serde_json::to_value(value).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gold::report::{DayReport, HourReport};
    use crate::moment::{Day, Hour};
    use serde_json::json;

    fn country(name: Option<&str>, orders: u64, revenue_cents: i64) -> CountryReport {
        CountryReport {
            country: name.map(Into::into),
            buyers: 1,
            orders,
            revenue_cents,
            average_basket_cents: Some(revenue_cents),
        }
    }

    fn day(n: u32) -> DayReport {
        DayReport { day: Day(n), orders: 1, revenue_cents: 5 }
    }

    fn places(stored: &Gold, batch: &Gold) -> Vec<(String, Value, Option<String>)> {
        let found = Differences::between(stored, batch);
        assert_eq!(found.total, found.first.len() as u64);
        found.first.into_iter().map(|it| (it.table.into_owned(), it.key, it.field)).collect()
    }

    #[test]
    fn equal_golds_have_no_difference() {
        let gold = Gold { countries: vec![country(None, 1, 5)], ..Gold::default() };
        assert_eq!(Differences::between(&gold, &gold.clone()), Differences::default());
    }

    #[test]
    fn a_row_comes_before_the_totals_that_follow_from_it() {
        let mut stored = Gold {
            countries: vec![country(Some("France"), 1, 6), country(None, 1, 5)],
            ..Gold::default()
        };
        let mut batch = stored.clone();
        batch.countries[0] = country(Some("France"), 1, 5);
        stored.summary.revenue_cents = 11;
        batch.summary.revenue_cents = 10;
        batch.accounting.accepted_purchases = 1;
        batch.accounting.quarantined.insert("purchases.bad_date".to_owned(), 3);
        let field = |name: &str| Some(name.to_owned());
        let expected = [
            ("countries".to_owned(), json!("France"), field("revenue_cents")),
            ("summary".to_owned(), Value::Null, field("revenue_cents")),
            ("accounting".to_owned(), Value::Null, field("accepted_purchases")),
            ("accounting".to_owned(), Value::Null, field("quarantined.purchases.bad_date")),
        ];
        assert_eq!(places(&stored, &batch), expected);
        let first = &Differences::between(&stored, &batch).first[0];
        assert_eq!((&first.gold, &first.batch), (&json!(6), &json!(5)));
        assert_eq!(first.also, ["average_basket_cents"]);
    }

    #[test]
    fn rows_that_only_one_side_has_are_told_whole_under_their_own_keys() {
        let stored = Gold { days: vec![day(0), day(2)], ..Gold::default() };
        let batch = Gold { days: vec![day(1), day(2), day(3)], ..Gold::default() };
        let expected = ["1970-01-01", "1970-01-02", "1970-01-04"]
            .map(|key| ("days".to_owned(), json!(key), None));
        assert_eq!(places(&stored, &batch), expected);
        let found = Differences::between(&stored, &batch).first;
        assert!(found[0].batch.is_null() && found[0].gold["orders"] == 1);
        assert!(found[1].gold.is_null() && found[1].batch["orders"] == 1);
    }

    #[test]
    fn hours_are_held_against_each_other_though_no_reader_of_gold_gets_them() {
        let hour = |revenue_cents| HourReport { hour: Hour(25), orders: 1, revenue_cents };
        let stored = Gold { hours: vec![hour(5)], ..Gold::default() };
        let batch = Gold { hours: vec![hour(6)], ..Gold::default() };
        let expected =
            ("hours".to_owned(), json!("1970-01-02T01"), Some("revenue_cents".to_owned()));
        assert_eq!(places(&stored, &batch), [expected]);
        assert_eq!(to_value(&stored), to_value(&Gold::default()));
    }

    #[test]
    fn the_unknown_country_comes_last() {
        let stored = Gold {
            countries: vec![country(Some("Z"), 1, 5), country(None, 1, 5)],
            ..Gold::default()
        };
        let batch = Gold { countries: vec![country(None, 1, 5)], ..Gold::default() };
        assert_eq!(places(&stored, &batch), [("countries".to_owned(), json!("Z"), None)]);
    }

    #[test]
    fn the_first_are_told_and_all_are_counted() {
        let stored = Gold { days: (0..100).map(day).collect(), ..Gold::default() };
        let batch = Gold { days: (0..100).step_by(2).map(day).collect(), ..Gold::default() };
        let found = Differences::between(&stored, &batch);
        assert_eq!((found.total, found.first.len()), (50, DIFFERING_MAX));
        assert_eq!(found.first[DIFFERING_MAX - 1].key, "1970-02-09");
    }

    #[test]
    fn what_is_not_in_its_order_is_not_equal() {
        let stored = Gold { days: vec![day(1), day(0)], ..Gold::default() };
        let batch = Gold { days: vec![day(0), day(1)], ..Gold::default() };
        assert!(Differences::between(&stored, &batch).total > 0);
    }
}

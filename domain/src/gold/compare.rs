//! Two golds held against each other: in how many places they differ, and where first, in one fixed order.
//! It judges values only; how they came about is not known here.

use super::report::Gold;
use serde::Serialize;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The first place where two golds differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The table, `accounting` or `summary`.
    pub table: &'static str,
    /// The row's key, or the name of the count.
    pub key: Value,
    /// What the stream holds; null where it has no such row.
    pub stored: Value,
    /// What the batch says; null where it has no such row.
    pub batch: Value,
}

/// In how many rows and counts they differ, and the first difference.
#[must_use]
pub fn differences(stored: &Gold, batch: &Gold) -> (u64, Option<Difference>) {
    if stored == batch {
        return (0, None);
    }
    let objects =
        fields(&stored.accounting, &batch.accounting) + fields(&stored.summary, &batch.summary);
    let tables = unequal(&stored.customers, &batch.customers, |row| &row.customer_id)
        + unequal(&stored.products, &batch.products, |row| &row.product)
        + unequal(&stored.months, &batch.months, |row| &row.month)
        + unequal(&stored.days, &batch.days, |row| &row.day)
        + unequal(&stored.countries, &batch.countries, |row| &row.country);
    (objects + tables, first_difference(stored, batch))
}

/// Fields that differ, each nested one by itself.
fn fields<T: Serialize>(stored: &T, batch: &T) -> u64 {
    fn count(stored: &Value, batch: &Value) -> u64 {
        let (Value::Object(ours), Value::Object(theirs)) = (stored, batch) else {
            return u64::from(stored != batch);
        };
        let others = theirs.iter().filter(|(key, _)| !ours.contains_key(*key)).count() as u64;
        let own = ours.iter().map(|(key, value)| theirs.get(key).map_or(1, |it| count(value, it)));
        others + own.sum::<u64>()
    }
    count(&to_value(stored), &to_value(batch))
}

/// Rows that are not the same in both, or stand in one only.
fn unequal<R: PartialEq, K: Ord>(stored: &[R], batch: &[R], key: impl Fn(&R) -> &K) -> u64 {
    let theirs: BTreeMap<_, _> = batch.iter().map(|row| (key(row), row)).collect();
    let same = stored.iter().filter(|row| theirs.get(key(row)) == Some(row)).count();
    let known = stored.iter().filter(|row| theirs.contains_key(key(row))).count();
    (stored.len() - same + batch.len() - known) as u64
}

/// The first difference, none where they are equal.
#[must_use]
pub fn first_difference(stored: &Gold, batch: &Gold) -> Option<Difference> {
    if stored == batch {
        return None;
    }
    object("accounting", &stored.accounting, &batch.accounting)
        .or_else(|| object("summary", &stored.summary, &batch.summary))
        .or_else(|| {
            let key = |row: &super::report::CustomerReport| row.customer_id.clone();
            rows("customers", &stored.customers, &batch.customers, key)
        })
        .or_else(|| {
            let key = |row: &super::report::ProductReport| row.product.clone();
            rows("products", &stored.products, &batch.products, key)
        })
        .or_else(|| rows("months", &stored.months, &batch.months, |row| row.month))
        .or_else(|| rows("days", &stored.days, &batch.days, |row| row.day))
        .or_else(|| {
            let key = |row: &super::report::CountryReport| UnknownLast(row.country.clone());
            rows("countries", &stored.countries, &batch.countries, key)
        })
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

/// The first field that differs, nested objects by their own first difference.
fn object<T: Serialize + PartialEq>(
    table: &'static str,
    stored: &T,
    batch: &T,
) -> Option<Difference> {
    if stored == batch {
        return None;
    }
    first_field(table, "", &to_value(stored), &to_value(batch))
}

fn first_field(
    table: &'static str,
    prefix: &str,
    stored: &Value,
    batch: &Value,
) -> Option<Difference> {
    let (Value::Object(ours), Value::Object(theirs)) = (stored, batch) else { return None };
    let others = theirs.keys().filter(|key| !ours.contains_key(*key));
    for name in ours.keys().chain(others) {
        let ours = ours.get(name).unwrap_or(&Value::Null);
        let theirs = theirs.get(name).unwrap_or(&Value::Null);
        if ours == theirs {
            continue;
        }
        let key = format!("{prefix}{name}");
        let nested = first_field(table, &format!("{key}."), ours, theirs);
        return nested.or_else(|| {
            let (stored, batch) = (ours.clone(), theirs.clone());
            Some(Difference { table, key: key.into(), stored, batch })
        });
    }
    None
}

/// The first row that differs. Both sides are sorted by key.
fn rows<R: Serialize + PartialEq, K: Ord + Serialize>(
    table: &'static str,
    stored: &[R],
    batch: &[R],
    key: impl Fn(&R) -> K,
) -> Option<Difference> {
    let longest = stored.len().max(batch.len());
    let place = (0..longest).find(|place| stored.get(*place) != batch.get(*place))?;
    let (ours, theirs) = (stored.get(place), batch.get(place));
    let (ours, theirs) = match (ours.map(&key), theirs.map(&key)) {
        (Some(a), Some(b)) if a < b => (ours, None),
        (Some(a), Some(b)) if b < a => (None, theirs),
        _ => (ours, theirs),
    };
    let key = ours.or(theirs).map(key);
    Some(Difference {
        table,
        key: to_value(&key),
        stored: to_value(&ours),
        batch: to_value(&theirs),
    })
}

fn to_value<T: Serialize>(value: &T) -> Value {
    // Reports have text keys only, so they always have a JSON form.
    serde_json::to_value(value).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gold::report::{CountryReport, DayReport};
    use crate::moment::Day;
    use serde_json::json;

    fn country(name: Option<&str>, orders: u64) -> CountryReport {
        CountryReport {
            country: name.map(Into::into),
            buyers: 1,
            orders,
            revenue_cents: 5,
            average_basket_cents: Some(5),
        }
    }

    #[test]
    fn equal_golds_have_no_difference() {
        let gold = Gold { countries: vec![country(None, 1)], ..Gold::default() };
        assert_eq!(first_difference(&gold, &gold.clone()), None);
    }

    #[test]
    fn a_count_is_named_with_its_path() {
        let stored = Gold::default();
        let mut batch = Gold::default();
        batch.accounting.quarantined.insert("purchases.bad_date".to_owned(), 3);
        let difference = first_difference(&stored, &batch).unwrap();
        assert_eq!(difference.table, "accounting");
        assert_eq!(difference.key, "quarantined.purchases.bad_date");
        assert_eq!((difference.stored, difference.batch), (Value::Null, json!(3)));
    }

    #[test]
    fn a_row_that_only_one_side_has_is_named_by_its_own_key() {
        let day = |n| DayReport { day: Day(n), orders: 1, revenue_cents: 5 };
        let stored = Gold { days: vec![day(0), day(2)], ..Gold::default() };
        let batch = Gold { days: vec![day(0), day(1), day(2)], ..Gold::default() };
        let difference = first_difference(&stored, &batch).unwrap();
        assert_eq!((difference.table, difference.key), ("days", json!("1970-01-02")));
        assert!(difference.stored.is_null() && difference.batch["orders"] == 1);
        let difference = first_difference(&batch, &stored).unwrap();
        assert!(difference.batch.is_null() && difference.stored["orders"] == 1);
    }

    #[test]
    fn the_unknown_country_comes_last() {
        let stored =
            Gold { countries: vec![country(Some("Z"), 1), country(None, 1)], ..Gold::default() };
        let batch = Gold { countries: vec![country(None, 1)], ..Gold::default() };
        let difference = first_difference(&stored, &batch).unwrap();
        assert_eq!((difference.key, difference.batch), (json!("Z"), Value::Null));
    }
}

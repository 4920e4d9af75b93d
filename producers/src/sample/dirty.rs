//! What dirt does to the files: every kind of bad row comes, and the good ones stay.

use super::{Plan, Shop};
use crate::csv::RowReader;
use goldstream_domain::clean::{Route, Rules, clean_customer, clean_purchase};
use goldstream_domain::column::Kind;
use goldstream_domain::reason::Reason;
use std::collections::{BTreeMap, BTreeSet};

const RULES: Rules = Rules { future_days: 366 };
const ALONE: Route = Route { partition: 0, partitions: 1, ingested_at_ms: 0, rules: RULES };

/// A purchase as it is told apart: customer, second, cents, product.
type Content = (String, i64, i64, String);

/// What became of the rows of one file.
#[derive(Debug, Default)]
struct Fates {
    rows: u64,
    accepted: BTreeMap<String, Content>,
    duplicates: u64,
    reasons: BTreeMap<&'static str, u64>,
}

fn purchases(plan: Plan) -> Fates {
    let mut file = Vec::new();
    let written = Shop::new(plan).write_purchases(&mut file).unwrap();
    let mut fates = Fates::default();
    RowReader::new(Kind::Purchases)
        .push(&file, &mut |row| {
            fates.rows = row.number;
            let Ok(fields) = row.content.fields(Kind::Purchases) else {
                *fates.reasons.entry(Reason::Malformed.code()).or_default() += 1;
                return;
            };
            let purchase = match clean_purchase(&fields, ALONE) {
                Ok(purchase) => purchase,
                Err(rejection) => {
                    *fates.reasons.entry(rejection.reason.code()).or_default() += 1;
                    return;
                }
            };
            let content = (
                purchase.customer_id.to_owned(),
                purchase.purchased_at.0,
                purchase.amount_cents,
                purchase.product.to_owned(),
            );
            match fates.accepted.get(purchase.purchase_id) {
                None => {
                    fates.accepted.insert(purchase.purchase_id.to_owned(), content);
                }
                Some(first) if *first == content => fates.duplicates += 1,
                Some(_) => {
                    let code = Reason::ConflictingDuplicate.code();
                    *fates.reasons.entry(code).or_default() += 1;
                }
            }
        })
        .unwrap();
    assert_eq!(fates.rows, written);
    fates
}

#[test]
fn dirt_exercises_every_reason_that_a_file_can_give() {
    for (dirt_percent, purchase_count) in [(20, 23_663), (20, 400), (100, 24)] {
        let plan = Plan { dirt_percent, purchases: purchase_count, ..Plan::default() };
        let fates = purchases(plan);
        // A second header is no dirt of a row, and partitions are not the file's.
        let others = [Reason::Misrouted, Reason::RepeatedHeader];
        for reason in Reason::ALL.into_iter().filter(|reason| !others.contains(reason)) {
            assert!(fates.reasons.contains_key(reason.code()), "{reason:?} in {fates:?}");
        }
        assert!(fates.duplicates > 0);
    }
}

#[test]
fn the_clean_rows_are_all_still_there_and_mean_the_same() {
    let clean = purchases(Plan::default());
    let dirty = purchases(Plan { dirt_percent: 20, ..Plan::default() });
    assert_eq!((clean.duplicates, clean.reasons.len(), clean.accepted.len()), (0, 0, 23_663));
    for (id, content) in &clean.accepted {
        assert_eq!(dirty.accepted.get(id), Some(content), "{id}");
    }
    let strangers = dirty.accepted.keys().filter(|id| id.starts_with("EXT-")).count();
    assert!(strangers > 50 && strangers + 23_663 == dirty.accepted.len());
    let added = dirty.rows - clean.rows;
    assert!((2500..5200).contains(&added), "{added}");
}

#[test]
fn customers_move_repeat_and_come_without_id() {
    let plan = Plan { dirt_percent: 20, ..Plan::default() };
    let mut file = Vec::new();
    let written = Shop::new(plan).write_customers(&mut file).unwrap();
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    let (mut unchanged, mut moves) = (0, 0);
    let mut reasons = BTreeSet::new();
    let mut reader = RowReader::new(Kind::Customers);
    reader
        .push(&file, &mut |row| {
            let Ok(fields) = row.content.fields(Kind::Customers) else {
                reasons.insert(Reason::Malformed);
                return;
            };
            let customer = match clean_customer(&fields, ALONE) {
                Ok(customer) => customer,
                Err(rejection) => {
                    reasons.insert(rejection.reason);
                    return;
                }
            };
            let country = customer.country.unwrap_or_default().to_owned();
            let before = last.insert(customer.customer_id.to_owned(), country.clone());
            match before {
                Some(before) if before == country => unchanged += 1,
                Some(_) => moves += 1,
                None => {}
            }
        })
        .unwrap();
    assert_eq!(reader.position().rows, written);
    assert_eq!(last.len(), 1500);
    assert!(last.values().all(|country| !country.is_empty()));
    assert!(unchanged > 20 && moves > 40, "{unchanged} {moves}");
    assert!(reasons.into_iter().eq([Reason::Malformed, Reason::MissingCustomerId]));
}

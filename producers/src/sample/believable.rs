//! What the clean files of the default shop must be like.

use super::{Plan, Shop};
use crate::csv::RowReader;
use goldstream_domain::clean::{Route, Rules, clean_customer, clean_purchase};
use goldstream_domain::column::Kind;
use goldstream_domain::moment::{Day, Moment};
use std::collections::{BTreeMap, BTreeSet};
use xxhash_rust::xxh3::xxh3_64;

const RULES: Rules = Rules { future_days: 366 };
const ALONE: Route = Route { partition: 0, partitions: 1, ingested_at_ms: 0, rules: RULES };

struct Bought {
    id: String,
    customer: u32,
    at: Moment,
    cents: i64,
    product: String,
}

fn customers_csv(plan: Plan) -> Vec<u8> {
    let mut out = Vec::new();
    Shop::new(plan).write_customers(&mut out).unwrap();
    out
}

fn purchases_csv(plan: Plan) -> Vec<u8> {
    let mut out = Vec::new();
    Shop::new(plan).write_purchases(&mut out).unwrap();
    out
}

/// Sign-up day and country of each customer; every row must be clean.
fn customers(plan: Plan) -> Vec<(Day, String)> {
    let mut customers = Vec::new();
    let mut reader = RowReader::new(Kind::Customers);
    let file = customers_csv(plan);
    reader
        .push(&file, &mut |row| {
            let fields = row.content.fields(Kind::Customers).unwrap();
            let customer = clean_customer(&fields, ALONE).unwrap();
            assert_eq!(customer.customer_id, row.number.to_string());
            assert!(fields[2].is_ascii() && customer.email.as_deref() == Some(&*fields[2]));
            let country = customer.country.unwrap().to_owned();
            customers.push((customer.signup_date.unwrap(), country));
        })
        .unwrap();
    assert!(!reader.ended_unfinished());
    customers
}

/// All purchases; every row must be clean.
fn purchases(plan: Plan) -> Vec<Bought> {
    let mut purchases = Vec::new();
    let mut reader = RowReader::new(Kind::Purchases);
    let file = purchases_csv(plan);
    reader
        .push(&file, &mut |row| {
            let fields = row.content.fields(Kind::Purchases).unwrap();
            let purchase = clean_purchase(&fields, ALONE).unwrap();
            purchases.push(Bought {
                id: purchase.purchase_id.to_owned(),
                customer: purchase.customer_id.parse().unwrap(),
                at: purchase.purchased_at,
                cents: purchase.amount_cents,
                product: purchase.product.to_owned(),
            });
        })
        .unwrap();
    purchases
}

#[test]
fn the_default_shop_has_the_same_bytes_for_ever() {
    let hashes =
        (xxh3_64(&customers_csv(Plan::default())), xxh3_64(&purchases_csv(Plan::default())));
    assert_eq!(hashes, (0xe1f7_71dd_349f_22fd, 0xbb56_6e34_5ed5_72e5));
}

#[test]
fn another_seed_is_another_shop() {
    let other = Plan { seed: 43, ..Plan::default() };
    assert_ne!(customers_csv(other), customers_csv(Plan::default()));
    assert_ne!(purchases_csv(other), purchases_csv(Plan::default()));
}

#[test]
fn the_counts_are_exact_and_told() {
    for (customer_count, purchase_count) in [(1500, 23_663), (1, 3), (7, 0), (0, 0)] {
        let plan = Plan { customers: customer_count, purchases: purchase_count, ..Plan::default() };
        assert_eq!(customers(plan).len(), customer_count as usize);
        assert_eq!(purchases(plan).len() as u64, purchase_count);
        let shop = Shop::new(plan);
        assert_eq!(shop.write_customers(&mut std::io::sink()).unwrap(), u64::from(customer_count));
        assert_eq!(shop.write_purchases(&mut std::io::sink()).unwrap(), purchase_count);
    }
    let nobody = Plan { customers: 0, ..Plan::default() };
    assert_eq!(purchases(nobody).len(), 0);
}

#[test]
fn purchases_come_in_the_order_of_time_within_the_period() {
    let plan = Plan::default();
    let purchases = purchases(plan);
    assert!(purchases.is_sorted_by_key(|bought| bought.at));
    assert!(purchases.iter().zip(1..).all(|(bought, id)| bought.id == id.to_string()));
    let days: BTreeSet<Day> = purchases.iter().map(|bought| bought.at.day()).collect();
    assert_eq!(days.first(), Some(&plan.first_day()));
    assert_eq!(days.last(), Some(&plan.last_day));
    assert_eq!(days.len(), 396);
}

#[test]
fn nobody_buys_before_he_signed_up() {
    let plan = Plan::default();
    let customers = customers(plan);
    for bought in purchases(plan) {
        let (signup, _) = customers[bought.customer as usize - 1];
        assert!(signup <= bought.at.day(), "purchase {}", bought.id);
    }
    assert!(customers[0].0 < plan.first_day());
    assert!(customers.iter().all(|(signup, _)| *signup <= plan.last_day));
    assert!(customers[1499].0 > plan.first_day());
}

#[test]
fn all_countries_and_products_appear_and_france_leads() {
    let customers = customers(Plan::default());
    let mut countries: BTreeMap<&str, u32> = BTreeMap::new();
    let mut products = BTreeSet::new();
    let purchases = purchases(Plan::default());
    for bought in &purchases {
        *countries.entry(&customers[bought.customer as usize - 1].1).or_default() += 1;
        products.insert(&bought.product);
    }
    assert_eq!((countries.len(), products.len()), (9, 10));
    let most = countries.iter().max_by_key(|(_, orders)| **orders).unwrap();
    assert_eq!(*most.0, "France");
}

#[test]
fn december_is_better_than_august() {
    let mut months: BTreeMap<String, i64> = BTreeMap::new();
    for bought in purchases(Plan::default()) {
        *months.entry(bought.at.day().month().to_string()).or_default() += bought.cents;
    }
    assert_eq!(months.len(), 13);
    assert!(months["2025-12"] > 2 * months["2025-08"], "{months:?}");
    assert!(months["2024-12"] > months["2025-08"]);
}

#[test]
fn a_few_customers_spend_much() {
    let mut revenues: BTreeMap<u32, i64> = BTreeMap::new();
    for bought in purchases(Plan::default()) {
        *revenues.entry(bought.customer).or_default() += bought.cents;
    }
    let mut revenues: Vec<i64> = revenues.into_values().collect();
    revenues.sort_unstable_by_key(|cents| std::cmp::Reverse(*cents));
    let total: i64 = revenues.iter().sum();
    let top: i64 = revenues[..15].iter().sum();
    assert!(top * 100 > total * 5 && top * 100 < total * 30, "{top} of {total}");
}

//! Generated shops with dirt: stream, batch reference and an oracle written apart agree.

use crate::harness::home::Home;
use crate::harness::oracle::Oracle;
use crate::harness::shop::rows;
use goldstream_domain::column::Kind;
use goldstream_domain::reason::Reason;
use serde_json::Value;

fn check(plan: &str, partitions: u32) {
    let home = Home::new();
    home.ok(&format!("generate --out shop {plan}"));
    home.ok(&format!("run shop --once --partitions {partitions}"));
    home.verify_equal();
    let (customers, purchases) = (home.path("shop/clients.csv"), home.path("shop/achats.csv"));
    let accounting = home.accounting();
    assert_eq!(accounting.rows(), rows(&customers) + rows(&purchases), "{plan}: {accounting:?}");
    // A second header is no dirt of a row, and partitions are not the file's.
    let others = [Reason::Misrouted, Reason::RepeatedHeader];
    for reason in Reason::ALL.into_iter().filter(|reason| !others.contains(reason)) {
        let account = reason.account(Kind::Purchases);
        assert!(accounting.quarantined.contains_key(&account), "{plan}: no {account}");
    }
    assert!(accounting.duplicate_purchases > 0 && accounting.unchanged_customers > 0, "{plan}");
    let oracle = Oracle::of(&customers, &purchases);
    for (table, expected) in [
        ("accounting", oracle.accounting()),
        ("summary", oracle.summary()),
        ("countries", oracle.countries()),
    ] {
        let stored: Value = serde_json::from_str(&home.ok(&format!("export {table}"))).unwrap();
        assert_eq!(stored, expected, "{plan}: {table}");
    }
}

#[test]
fn dirty_shops_of_any_size_are_counted_as_an_oracle_written_apart_counts_them() {
    check("--dirt 20", 4);
    check("--dirt 20 --seed 7 --customers 300 --purchases 1000", 4);
    check("--dirt 20 --seed 8 --customers 5000 --purchases 60000", 4);
    check("--dirt 100 --seed 9 --customers 200 --purchases 3000", 4);
    check("--dirt 20 --seed 10 --customers 300 --purchases 5000", 7);
    check("--dirt 20 --seed 11 --customers 300 --purchases 5000", 1);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let home = Home::new();
    let plan = "--dirt 20 --customers 200 --purchases 2000";
    home.ok(&format!("generate --out a {plan} --seed 3"));
    home.ok(&format!("generate --out b {plan} --seed 3"));
    home.ok(&format!("generate --out c {plan} --seed 4"));
    for file in ["clients.csv", "achats.csv"] {
        let bytes = |dir: &str| std::fs::read(home.path(dir).join(file)).unwrap();
        assert!(bytes("a") == bytes("b"), "{file} differs under one seed");
        assert!(bytes("a") != bytes("c"), "{file} is the same under two seeds");
    }
}

#[test]
fn a_clean_shop_has_nothing_in_quarantine() {
    let home = Home::new();
    home.ok("generate --out shop --customers 300 --purchases 2000");
    home.ok("run shop --once");
    let accounting = home.accounting();
    assert_eq!((accounting.customer_versions, accounting.accepted_purchases), (300, 2000));
    assert_eq!(accounting.rows(), 2300);
}

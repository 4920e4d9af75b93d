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
        ("weekdays", oracle.weekdays()),
    ] {
        let stored: Value = serde_json::from_str(&home.ok(&format!("export {table}"))).unwrap();
        assert_eq!(stored, expected, "{plan}: {table}");
    }
}

#[test]
fn dirty_shops_of_any_size_are_counted_as_an_oracle_written_apart_counts_them() {
    check("--dirt 20", 4);
    check("--dirt 20 --seed 7 --customer-count 300 --purchase-count 1000", 4);
    check("--dirt 20 --seed 8 --customers 5000 --purchases 60000", 4);
    check("--dirt 100 --seed 9 --customer-count 200 --purchase-count 3000", 4);
    check("--dirt 20 --seed 10 --customer-count 300 --purchase-count 5000", 7);
    check("--dirt 20 --seed 11 --customer-count 300 --purchase-count 5000", 1);
}

#[test]
fn the_earlier_names_of_the_counts_are_the_same_counts() {
    let home = Home::new();
    home.ok("generate --out new --customer-count 30 --purchase-count 200");
    home.ok("generate --out old --customers 30 --purchases 200");
    for file in ["clients.csv", "achats.csv"] {
        let bytes = |dir: &str| std::fs::read(home.path(dir).join(file)).unwrap();
        assert!(bytes("new") == bytes("old"), "{file} differs");
    }
    assert_eq!(rows(&home.path("new/clients.csv")), 30);
    let help = home.ok("generate --help");
    assert!(help.contains("--customer-count <COUNT>") && !help.contains("--customers"), "{help}");
    let help = home.ok("run --help");
    assert!(help.contains("--customers <FILE>") && !help.contains("-count"), "{help}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let home = Home::new();
    let plan = "--dirt 20 --customer-count 200 --purchase-count 2000";
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
    home.ok("generate --out shop --customer-count 300 --purchase-count 2000");
    home.ok("run shop --once");
    let accounting = home.accounting();
    assert_eq!((accounting.customer_versions, accounting.accepted_purchases), (300, 2000));
    assert_eq!(accounting.rows(), 2300);
}

//! The real shop through every role as a process of its own.

use super::team::Team;
use crate::harness::broker::{ForeignRecord, consume};
use crate::harness::home::Home;
use crate::harness::shop::{expected_gold, online_retail};
use goldstream_domain::gold::report::Gold;
use serde_json::Value;
use std::collections::BTreeMap;

/// Rows of its two files.
fn all_rows() -> u64 {
    let expected: Gold = serde_json::from_str(&expected_gold()).unwrap();
    expected.accounting.rows()
}

#[test]
fn five_processes_give_the_expected_gold_and_that_of_one_process_byte_for_byte() {
    let home = Home::on_servers("retail");
    let lines = ["consume silver", "consume silver", "consume gold", "consume gold", "serve"];
    let mut team = Team::start(&home, &lines);
    home.ok(&format!("produce {}", online_retail().display()));
    team.server().counts(all_rows());
    let mut served: Value = serde_json::from_str(&team.server().get("/api/v1/gold")).unwrap();
    for added in ["epoch", "version", "as_of"] {
        served.as_object_mut().unwrap().remove(added).expect("the API adds it");
    }
    let expected: Value = serde_json::from_str(&expected_gold()).unwrap();
    assert!(served == expected, "another gold than an independent batch computed");
    home.verify_equal();

    let embedded = Home::new();
    embedded.ok(&format!("run {} --once", online_retail().display()));
    assert!(home.gold_text() == embedded.gold_text(), "another text than one process gives");

    // Sent again: nothing counts twice.
    home.ok(&format!("produce {}", online_retail().display()));
    assert_eq!(team.server().accounting().rows(), all_rows());
    records_stand_as_the_contract_says(&home, &served["accounting"]);
    team.end();
}

fn records_stand_as_the_contract_says(home: &Home, accounting: &Value) {
    let prefix = home.variable("GOLDSTREAM_PREFIX");
    let take = |topic: &str| consume(&format!("{prefix}.{topic}"), 2000);
    for record in take("bronze.purchases") {
        let row = fields(&record);
        assert_eq!(record.key.as_deref(), row["id_achat"].as_str().map(str::trim), "{record:?}");
        let columns: Vec<_> = row.keys().map(String::as_str).collect();
        let expected = ["date_achat", "id_achat", "id_client", "montant", "produit"];
        assert_eq!(columns, expected);
        assert!(row.values().all(Value::is_string), "text as it was: {record:?}");
        assert_origin(&record, "file:");
    }
    for record in take("bronze.customers") {
        assert_eq!(record.key.as_deref(), fields(&record)["id_client"].as_str(), "{record:?}");
    }
    for record in take("silver") {
        let event = fields(&record);
        assert_eq!(record.key.as_deref(), event["customer_id"].as_str(), "{record:?}");
        let columns: Vec<_> = event.keys().map(String::as_str).collect();
        let expected: &[&str] = match event["kind"].as_str() {
            Some("purchase") => &[
                "amount_cents",
                "customer_id",
                "kind",
                "month",
                "product",
                "purchase_id",
                "purchased_at",
                "weekday",
                "year",
            ],
            _ => &["country", "customer_id", "email", "kind", "name", "signup_date"],
        };
        assert_eq!(columns, expected);
        assert_origin(&record, "bronze.");
    }
    for record in take("quarantine") {
        let refused = fields(&record);
        let columns: Vec<_> = refused.keys().map(String::as_str).collect();
        assert_eq!(columns, ["at", "detail", "position", "raw", "reason", "source"]);
        let reason = refused["reason"].as_str().unwrap();
        assert!(accounting["quarantined"][reason].as_u64() > Some(0), "{reason}");
    }
}

fn fields(record: &ForeignRecord) -> BTreeMap<String, Value> {
    serde_json::from_str(&record.value).unwrap()
}

/// The header tells source, origin, the one before it, and when the row came in.
fn assert_origin(record: &ForeignRecord, source: &str) {
    let (name, value) = record.headers.split_once(':').unwrap();
    assert_eq!(name, "goldstream");
    let origin: Value = serde_json::from_str(value).unwrap();
    assert!(origin["source"].as_str().unwrap().starts_with(source), "{origin}");
    assert!(origin["origin"].as_u64() > origin["prev"].as_u64(), "{origin}");
    assert!(origin["ingested_at_ms"].as_u64() > Some(0), "{origin}");
}

#[test]
fn one_process_on_the_servers_gives_the_same_and_answers_every_command() {
    let home = Home::on_servers("together");
    home.ok("generate --out shop --customer-count 300 --purchase-count 5000 --dirt 20");
    home.ok("run shop --once --partitions 3");
    home.verify_equal();
    let embedded = Home::new();
    embedded.ok(&format!("run {} --once", home.path("shop").display()));
    assert!(home.gold_text() == embedded.gold_text(), "another text than the embedded one");
    let status = home.ok("status");
    assert!(status.contains("silver/2") && !status.contains("silver/3"), "{status}");
    assert!(status.contains("0 records"), "{status}");
    let csv = home.ok("export countries --format csv");
    assert!(csv.starts_with("country,buyers,"), "{csv}");
    let doctor = home.ok("doctor");
    for word in ["redis 7", "Kafka answers", "have 3 partitions"] {
        assert!(doctor.contains(word), "no {word:?} in {doctor}");
    }
    home.ask("reset --yes").expect(0).says(&["bronze.purchases", "keys"]);
    home.ask("export gold").expect(1).says(&["no store", "prefix"]);
    home.ok("run shop --once");
    assert!(home.gold_text() == embedded.gold_text(), "another text after a reset");
}

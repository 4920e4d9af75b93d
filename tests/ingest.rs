//! Rows posted to the real binary: counted once, told by their receipt, whoever is asked.

use crate::harness::home::Home;
use crate::harness::http;
use crate::harness::process::Running;
use crate::harness::shop::write;
use serde_json::{Value, json};

/// The receipt for these rows.
fn post(running: &mut Running, kind: &str, rows: &Value) -> String {
    let url = format!("http://{}/api/v1/{kind}", running.address());
    let (status, body) = http::post(&url, "application/json", &rows.to_string()).unwrap();
    assert_eq!(status, 202, "{body}");
    serde_json::from_str::<Value>(&body).unwrap()["receipt"].as_str().unwrap().to_owned()
}

/// What the receipt says once its rows are counted.
fn counted(running: &mut Running, receipt: &str) -> Value {
    let told = running.get(&format!("/api/v1/receipts/{receipt}?wait_ms=60000"));
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["state"], "counted", "{told}");
    told
}

fn purchase(id: &str, amount: &str) -> Value {
    json!({"id_achat": id, "id_client": "1", "date_achat": "2024-03-01 14:03:22", "montant": amount,
        "produit": "Souris"})
}

#[test]
fn posted_rows_are_in_the_numbers_when_their_receipt_says_so() {
    let home = Home::new();
    write(&home, 2, 10);
    let mut running = home.start("run shop").ready();
    running.counts(12);
    let rows = json!([purchase("P1", "12,50"), purchase("P2", "7"), purchase("P3", "dear")]);
    let receipt = post(&mut running, "purchases", &rows);
    let told = counted(&mut running, &receipt);
    let gold: Value = serde_json::from_str(&running.get("/api/v1/gold")).unwrap();
    assert_eq!(gold["epoch"], told["epoch"]);
    assert!(gold["version"].as_u64() >= told["version"].as_u64());
    let accounting = running.accounting();
    assert_eq!(accounting.accepted_purchases, 12);
    assert_eq!(accounting.quarantined.values().sum::<u64>(), 1, "a bad value is taken and refused");
}

#[test]
fn a_repeated_post_counts_once_and_a_receipt_outlives_its_server() {
    let home = Home::new();
    write(&home, 2, 10);
    let mut running = home.start("run shop").ready();
    running.counts(12);
    let purchases = json!([purchase("P1", "12,50"), purchase("P2", "7")]);
    let customer = json!({"id_client": "new", "nom": "Anne", "email": "a@b.fr",
        "date_inscription": "2024-01-01", "pays": "France"});
    for _ in 0..2 {
        for (kind, rows) in [("purchases", &purchases), ("customers", &customer)] {
            let receipt = post(&mut running, kind, rows);
            counted(&mut running, &receipt);
        }
    }
    let receipt = post(&mut running, "purchases", &purchases);
    running.kill();
    let mut again = home.start("run shop").ready();
    counted(&mut again, &receipt);
    let accounting = again.accounting();
    assert_eq!((accounting.accepted_purchases, accounting.duplicate_purchases), (12, 4));
    assert_eq!((accounting.customer_versions, accounting.unchanged_customers), (4, 1));
    again.end("TERM");
    home.verify_equal();
}

#[test]
fn two_servers_take_rows_at_once_and_each_knows_the_receipts_of_the_other() {
    let home = Home::on_servers("ingest");
    let _consuming = home.start("consume all");
    let mut servers = [home.start("serve").ready(), home.start("serve").ready()];
    let mut receipts = Vec::new();
    for n in 0..20 {
        let rows = json!([purchase(&format!("P{n}"), "1"), purchase(&format!("P{}", n / 2), "1")]);
        receipts.push(post(&mut servers[n % 2], "purchases", &rows));
    }
    for (n, receipt) in receipts.iter().enumerate() {
        counted(&mut servers[(n + 1) % 2], receipt);
    }
    for server in &mut servers {
        let accounting = server.counts(40);
        assert_eq!((accounting.accepted_purchases, accounting.duplicate_purchases), (20, 20));
    }
}

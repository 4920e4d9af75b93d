//! What became of posted rows, told by the real binary: each row's fate, in the order of the body.

use crate::harness::home::Home;
use crate::harness::http;
use crate::harness::process::Running;
use crate::harness::shop::write;
use serde_json::{Value, json};

/// The fates of these rows once they are counted.
fn fates(running: &mut Running, kind: &str, (form, body): (&str, &str)) -> Vec<Value> {
    let url = format!("http://{}/api/v1/{kind}", running.address());
    let (status, answer) = http::post(&url, form, body).unwrap();
    assert_eq!(status, 202, "{answer}");
    let receipt = serde_json::from_str::<Value>(&answer).unwrap()["receipt"].clone();
    told(running, receipt.as_str().unwrap())
}

fn told(running: &mut Running, receipt: &str) -> Vec<Value> {
    let told = running.get(&format!("/api/v1/receipts/{receipt}?wait_ms=60000"));
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["state"], "counted", "{told}");
    told["rows"].as_array().unwrap().clone()
}

/// Purchases with every fate, as a spreadsheet in French would give them.
const PURCHASES: &str = "id_achat;id_client;date_achat;montant;produit\r\n\
    P1;1;2024-03-01 14:03:22;12,50;Souris\r\n\
    P2;1;2024-03-01 14:03:22;cher;Souris\r\n\
    P1;1;2024-03-01 14:03:22;12,50;Souris\r\n\
    P1;1;2024-03-01 14:03:22;13;Souris\r\n\
    P3;2;jamais;1;Souris\r\n\
    P4;2;2024-03-02 10:00:00;1;Clavier\r\n\
    P5;2\r\n";

fn are_the_fates(rows: &[Value]) {
    let of = |row: &Value| (row["fate"].clone(), row["reason"].clone());
    let refused = |reason: &str| (json!("quarantined"), json!(format!("purchases.{reason}")));
    let expected = [
        (json!("accepted"), Value::Null),
        refused("bad_amount"),
        (json!("duplicate"), Value::Null),
        refused("conflicting_duplicate"),
        refused("bad_date"),
        (json!("accepted"), Value::Null),
        refused("malformed"),
    ];
    assert_eq!(rows.iter().map(of).collect::<Vec<_>>(), expected);
    assert!(rows[1]["detail"].as_str().unwrap().contains("cher"), "{}", rows[1]);
}

#[test]
fn a_receipt_tells_the_fate_of_each_row_and_still_after_a_restart() {
    let home = Home::new();
    write(&home, 2, 500);
    let mut running = home.start("run shop").ready();
    running.counts(502);
    are_the_fates(&fates(&mut running, "purchases", ("text/csv", PURCHASES)));
    let misspelt = r#"{"purchaseId":"P9","customer_id":"1","purchased_at":"2024-03-01","amount":1,"product":"x"}"#;
    let misspelt = fates(&mut running, "purchases", ("application/json", misspelt));
    assert_eq!(misspelt[0]["fate"], "quarantined");
    let customers = r#"[{"customer_id":"1","name":"Anne"},{"customer_id":"","name":"Nobody"}]"#;
    let customers = fates(&mut running, "customers", ("application/json", customers));
    assert_eq!(
        (&customers[0]["fate"], &customers[1]["fate"]),
        (&json!("customer_version"), &json!("quarantined"))
    );
    // Again, all that was accepted is a duplicate; the receipt says so in another process, too.
    let url = format!("http://{}/api/v1/purchases", running.address());
    let (_, answer) = http::post(&url, "text/csv", PURCHASES).unwrap();
    let receipt = serde_json::from_str::<Value>(&answer).unwrap()["receipt"].clone();
    running.kill();
    let mut again = home.start("run shop").ready();
    let rows = told(&mut again, receipt.as_str().unwrap());
    let fates: Vec<_> = rows.iter().map(|row| row["fate"].as_str().unwrap()).collect();
    let [duplicate, quarantined] = ["duplicate", "quarantined"];
    assert_eq!(
        fates,
        [duplicate, quarantined, duplicate, quarantined, quarantined, duplicate, quarantined]
    );
    again.end("TERM");
    home.verify_equal();
}

#[test]
fn fates_are_told_on_servers_as_in_one_process() {
    let home = Home::on_servers("fates");
    let _consuming = home.start("consume all");
    let mut running = home.start("serve").ready();
    are_the_fates(&fates(&mut running, "purchases", ("text/csv", PURCHASES)));
    home.verify_equal();
}

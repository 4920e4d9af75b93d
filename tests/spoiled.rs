//! A stored row that somebody changed: `verify` says "no" and names it.

use crate::harness::home::{DATA, Home};
use crate::harness::process::Running;
use crate::harness::shop::write;
use crate::harness::wait::eventually;
use goldstream_domain::gold::rows::CustomerRow;
use redb::{Database, ReadableTable, TableDefinition};
use serde_json::json;

/// generation, gold shard, table, chunk → rows
const CHUNKS: TableDefinition<'_, (u32, u32, u8, u32), &[u8]> = TableDefinition::new("chunks");
const CUSTOMERS: u8 = 0;

/// Adds a cent to the first customer of the file: his id.
fn spoil(home: &Home) -> String {
    let database = Database::open(home.path(DATA).join("goldstream.redb")).unwrap();
    let write = database.begin_write().unwrap();
    let spoiled = {
        let mut chunks = write.open_table(CHUNKS).unwrap();
        let all: Vec<_> = chunks.iter().unwrap().map(Result::unwrap).collect();
        let of_customers = all.iter().find(|(key, _)| key.value().2 == CUSTOMERS);
        let (key, stored) = of_customers.expect("a chunk of customers is stored");
        let key = key.value();
        let mut rows: Vec<Option<CustomerRow>> = postcard::from_bytes(stored.value()).unwrap();
        drop(all);
        let row = rows.iter_mut().flatten().next().expect("the chunk holds a customer");
        row.revenue_cents += 1;
        let customer_id = row.customer_id.to_string();
        chunks.insert(key, postcard::to_allocvec(&rows).unwrap().as_slice()).unwrap();
        customer_id
    };
    write.commit().unwrap();
    spoiled
}

/// The audit of a running goldstream, once one was made.
fn audit(running: &mut Running) -> serde_json::Value {
    eventually("an audit was made", || {
        let status: serde_json::Value =
            serde_json::from_str(&running.get("/api/v1/status")).unwrap();
        Some(status["verified"].clone()).filter(|it| !it.is_null()).ok_or(status.to_string())
    })
}

#[test]
fn a_running_goldstream_finds_out_by_itself_and_says_so_wherever_one_looks() {
    let home = Home::new();
    write(&home, 10, 30);
    let mut running = home.start("run shop").ready();
    running.counts(40);
    let proven = eventually("all rows are proven", || match audit(&mut running) {
        proven if proven["rows"] == 40 => Ok(proven),
        other => Err(other.to_string()),
    });
    assert_eq!((&proven["differences"], &proven["difference"]), (&json!(0), &json!(null)));
    assert_eq!(running.end("TERM"), Some(0));
    let customer = spoil(&home);
    let mut running = home.start("run shop --audit-cpu-percent 100").ready();
    let found = audit(&mut running);
    assert!(found["differences"].as_u64() >= Some(1), "{found}");
    assert_eq!(found["difference"]["table"], "customers");
    assert_eq!(found["difference"]["key"], json!(customer));
    let status = running.get("/api/v1/status");
    assert!(status.contains("gold is not what the batch says"), "{status}");
    assert!(running.get("/metrics").contains("goldstream_troubles 1"));
    assert_eq!(running.end("TERM"), Some(0));
    // Who does not want it has none.
    let mut running = home.start("run shop --audit-cpu-percent 0").ready();
    assert!(running.get("/api/v1/status").contains(r#""verified":null"#));
    home.ask("run shop --once --audit-cpu-percent 101").expect(2).says(&["101"]);
}

#[test]
fn verify_names_the_first_key_that_differs_and_ends_with_3() {
    let home = Home::new();
    write(&home, 10, 30);
    home.ok("run shop --once");
    home.verify_equal();
    let customer = spoil(&home);
    let answer = home.ask("verify").expect(3);
    assert!(answer.stdout.starts_with("different"), "{}", answer.stdout);
    let named = format!("first in customers, key \"{customer}\"");
    assert!(answer.stdout.contains(&named), "{named} in {}", answer.stdout);
}

//! Stored rows that somebody changed: `verify` says "no" and names them.

use crate::harness::home::{DATA, Home};
use crate::harness::process::Running;
use crate::harness::shop::write;
use crate::harness::wait::eventually;
use goldstream_domain::gold::rows::CustomerRow;
use redb::{Database, ReadableTable, TableDefinition};
use serde_json::{Value, json};

/// generation, gold shard, table, chunk → rows
const CHUNKS: TableDefinition<'_, (u32, u32, u8, u32), &[u8]> = TableDefinition::new("chunks");
const TABLE_CUSTOMERS: u8 = 0;

/// Adds a cent to so many customers of the file: their ids.
pub(crate) fn spoil(home: &Home, customers: usize) -> Vec<String> {
    let database = Database::open(home.path(DATA).join("goldstream.redb")).unwrap();
    let write = database.begin_write().unwrap();
    let mut spoiled = Vec::new();
    {
        let mut chunks = write.open_table(CHUNKS).unwrap();
        let all = chunks.iter().unwrap().map(Result::unwrap);
        let all: Vec<_> = all.map(|(key, rows)| (key.value(), rows.value().to_vec())).collect();
        for (key, stored) in all.into_iter().filter(|(key, _)| key.2 == TABLE_CUSTOMERS) {
            let mut rows: Vec<Option<CustomerRow>> = postcard::from_bytes(&stored).unwrap();
            for row in rows.iter_mut().flatten().take(customers - spoiled.len()) {
                row.revenue_cents += 1;
                spoiled.push(row.customer_id.to_string());
            }
            chunks.insert(key, postcard::to_allocvec(&rows).unwrap().as_slice()).unwrap();
        }
    }
    write.commit().unwrap();
    assert_eq!(spoiled.len(), customers);
    spoiled.sort();
    spoiled
}

/// The audit of a running goldstream, once one was made.
fn audit(running: &mut Running) -> Value {
    eventually("an audit was made", || {
        let status = running.status();
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
    assert_eq!((&proven["differences"], &proven["differing"]), (&json!(0), &json!([])));
    assert_eq!(running.end("TERM"), Some(0));
    let customers = spoil(&home, 1);
    let mut running = home.start("run shop --audit-cpu-percent 100").ready();
    let found = audit(&mut running);
    assert_eq!(found["differences"], 1, "{found}");
    let first = &found["differing"][0];
    assert_eq!((&first["table"], &first["key"]), (&json!("customers"), &json!(customers[0])));
    assert_eq!(first["gold"].as_i64(), first["batch"].as_i64().map(|cents| cents + 1));
    let status = running.get("/api/v1/status");
    let alarm = format!(
        "gold is not what the batch says in 1 places; the first: customers {} revenue_cents: gold ",
        customers[0]
    );
    assert!(status.contains(&alarm), "{status}");
    assert!(running.get("/metrics").contains("goldstream_troubles 1"));
    assert_eq!(running.end("TERM"), Some(0));
    // Who does not want it has none.
    let mut running = home.start("run shop --audit-cpu-percent 0").ready();
    assert!(running.get("/api/v1/status").contains(r#""verified":null"#));
    home.ask("run shop --once --audit-cpu-percent 101").expect(2).says(&["101"]);
}

#[test]
fn verify_names_each_row_that_differs_and_ends_with_3() {
    let home = Home::new();
    write(&home, 30, 300);
    home.ok("run shop --once");
    home.verify_equal();
    let verdict: Value = serde_json::from_str(&home.ok("verify --json")).unwrap();
    let equal = json!({ "equal": true, "rows": 330, "differences": 0, "differing": [] });
    assert_eq!(verdict, equal);
    let customers = spoil(&home, 25);
    let told = home.ask("verify").expect(3).stdout;
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines[0], "different: gold is not the batch over its 330 rows");
    for (line, customer) in lines[1..=20].iter().zip(&customers) {
        assert!(line.starts_with(&format!("customers {customer} revenue_cents: gold ")), "{line}");
    }
    assert_eq!(lines[21..], ["and 5 more"]);
    let verdict = home.ask("verify --json").expect(3).stdout;
    let verdict: Value = serde_json::from_str(&verdict).unwrap();
    assert_eq!((&verdict["equal"], &verdict["differences"]), (&json!(false), &json!(25)));
    let differing = verdict["differing"].as_array().unwrap();
    assert!(differing.iter().map(|row| &row["key"]).eq(customers[..20].iter()));
}

//! A stored row that somebody changed: `verify` says "no" and names it.

use crate::harness::home::{DATA, Home};
use crate::harness::shop::write;
use redb::{Database, ReadableTable, TableDefinition};

/// generation, gold shard, table, chunk → rows, a line of JSON each
const CHUNKS: TableDefinition<'_, (u32, u32, u8, u32), &str> = TableDefinition::new("chunks");
const CUSTOMERS: u8 = 0;

/// Adds a cent to the first customer of the file: his id.
fn spoil(home: &Home) -> String {
    let database = Database::open(home.path(DATA).join("goldstream.redb")).unwrap();
    let write = database.begin_write().unwrap();
    let spoiled = {
        let mut chunks = write.open_table(CHUNKS).unwrap();
        let all: Vec<_> = chunks.iter().unwrap().map(Result::unwrap).collect();
        let of_customers = all.iter().find(|(key, _)| key.value().2 == CUSTOMERS);
        let (key, text) = of_customers.expect("a chunk of customers is stored");
        let (key, text) = (key.value(), text.value().to_owned());
        drop(all);
        let (row, _) = text.split_once('\n').unwrap();
        let mut row: serde_json::Value = serde_json::from_str(row).unwrap();
        let cents = row["revenue_cents"].as_i64().unwrap();
        let whole = format!("\"revenue_cents\":{cents}");
        let changed = text.replacen(&whole, &format!("\"revenue_cents\":{}", cents + 1), 1);
        assert_ne!(changed, text);
        chunks.insert(key, changed.as_str()).unwrap();
        row["customer_id"].take().as_str().unwrap().to_owned()
    };
    write.commit().unwrap();
    spoiled
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

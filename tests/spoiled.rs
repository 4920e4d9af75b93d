//! A stored row that somebody changed: `verify` says "no" and names it.

use crate::harness::home::{DATA, Home};
use crate::harness::shop::write;
use goldstream_domain::gold::rows::CustomerRow;
use redb::{Database, ReadableTable, TableDefinition};

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

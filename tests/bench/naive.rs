//! The naive one-pass program: reads the two files and keeps the sums in hash maps. No log, no
//! store, no feed, no correction: what the rows cost at the very least.

use anyhow::Result;
use std::collections::{HashMap, HashSet};
use std::path::Path;

#[derive(Default, Clone, Copy)]
struct Sums {
    orders: u64,
    cents: i64,
}

impl Sums {
    fn add(&mut self, cents: i64) {
        self.orders += 1;
        self.cents += cents;
    }
}

/// Computes the sums and prints the total.
pub(crate) fn run(dir: &Path) -> Result<()> {
    let mut countries_of: HashMap<Vec<u8>, Vec<u8>> = HashMap::new();
    let mut record = csv::ByteRecord::new();
    let mut customers = csv::Reader::from_path(dir.join("clients.csv"))?;
    while customers.read_byte_record(&mut record)? {
        countries_of.insert(record[0].to_vec(), record[4].to_vec());
    }
    let mut seen: HashSet<Vec<u8>> = HashSet::new();
    let mut tables: [HashMap<Vec<u8>, Sums>; 5] = Default::default();
    let mut purchases = csv::Reader::from_path(dir.join("achats.csv"))?;
    while purchases.read_byte_record(&mut record)? {
        let Some(cents) = cents(&record[3]) else { continue };
        if !seen.insert(record[0].to_vec()) {
            continue;
        }
        let customer = &record[1];
        let country = countries_of.get(customer).map_or(&b""[..], Vec::as_slice);
        let keys = [customer, &record[4], &record[2][..7], &record[2][..10], country];
        for (table, key) in tables.iter_mut().zip(keys) {
            match table.get_mut(key) {
                Some(sums) => sums.add(cents),
                None => table.entry(key.to_vec()).or_default().add(cents),
            }
        }
    }
    let total: i64 = tables[0].values().map(|sums| sums.cents).sum();
    let orders: u64 = tables[0].values().map(|sums| sums.orders).sum();
    eprintln!("{orders} orders, {total} cents");
    Ok(())
}

fn cents(text: &[u8]) -> Option<i64> {
    let mut cents = 0i64;
    for byte in text {
        match byte {
            b'0'..=b'9' => cents = cents * 10 + i64::from(byte - b'0'),
            b'.' => {}
            _ => return None,
        }
    }
    Some(cents)
}

//! The rows of the benchmark: 50,000 customers to a million purchases, 5 % duplicates, 1 % bad amounts.

use anyhow::Result;
use goldstream_platform::conformance::draw::Draw;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

const COUNTRIES: [&str; 9] = [
    "France",
    "Allemagne",
    "Belgique",
    "Espagne",
    "Italie",
    "Suisse",
    "Pays-Bas",
    "Royaume-Uni",
    "Portugal",
];
const PRODUCTS: usize = 200;
/// Purchases a customer makes.
const PURCHASES_EACH: u64 = 20;
/// Ids of purchases that are added to a written shop, and their customers.
const NEW_IDS_FROM: u64 = 1_000_000_000;
const NEW_CUSTOMERS: u64 = 1_000;
/// Lines kept to be written again.
const KEPT_LINES: usize = 1000;

/// Writes clients.csv and achats.csv and gives the rows of both.
pub(crate) fn write(dir: &Path, purchases: u64) -> Result<u64> {
    let mut numbers = Draw::new(42);
    let customers = (purchases / PURCHASES_EACH).max(1);
    let mut out = BufWriter::new(File::create(dir.join("clients.csv"))?);
    writeln!(out, "id_client,nom,email,date_inscription,pays")?;
    for id in 1..=customers {
        let country = numbers.one_of(&COUNTRIES);
        writeln!(
            out,
            "{id},Client {id},client{id}@shop.example,2023-01-{:02},{country}",
            id % 28 + 1
        )?;
    }
    out.flush()?;
    let mut out = BufWriter::new(File::create(dir.join("achats.csv"))?);
    writeln!(out, "id_achat,id_client,date_achat,montant,produit")?;
    let mut kept: Vec<String> = Vec::new();
    for id in 1..=purchases {
        if !kept.is_empty() && numbers.below(100) < 5 {
            let again = numbers.below(kept.len());
            out.write_all(kept[again].as_bytes())?;
            continue;
        }
        let line = purchase(&mut numbers, id, customers);
        out.write_all(line.as_bytes())?;
        if kept.len() < KEPT_LINES {
            kept.push(line);
        } else {
            let place = numbers.below(KEPT_LINES);
            kept[place] = line;
        }
    }
    out.flush()?;
    Ok(customers + purchases)
}

/// A purchase that is not among those of [`write`]; each number is another one.
pub(crate) fn one_more(number: u64) -> String {
    purchase(&mut Draw::new(number), NEW_IDS_FROM + number, NEW_CUSTOMERS)
}

fn purchase(numbers: &mut Draw, id: u64, customers: u64) -> String {
    let customer = numbers.below(customers as usize) + 1;
    let (month, day) = (numbers.below(12) + 1, numbers.below(28) + 1);
    let (hour, minute, second) = (numbers.below(14) + 8, numbers.below(60), numbers.below(60));
    let amount = match numbers.below(100) {
        0 => "abc".to_owned(),
        _ => format!("{}.{:02}", numbers.below(999) + 1, numbers.below(100)),
    };
    let product = numbers.below(PRODUCTS);
    format!(
        "{id},{customer},2024-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02},{amount},Produit {product}\n"
    )
}

//! Shops to work on: the real one, generated ones, and small ones written by hand.

use super::home::Home;
use serde_json::Value;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

pub(crate) const CUSTOMERS: &str = "id_client,nom,email,date_inscription,pays\n";
pub(crate) const PURCHASES: &str = "id_achat,id_client,date_achat,montant,produit\n";

/// The folder of the real shop.
pub(crate) fn online_retail() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/online_retail")
}

/// The gold that an independent batch computed for it, as text.
pub(crate) fn expected_gold() -> String {
    let file = std::fs::File::open(online_retail().join("expected.json.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

/// Rows of countries as gold has them: without their codes, of which each row of a list and of the feed has one.
pub(crate) fn without_codes(rows: &Value) -> Value {
    let mut rows = rows.clone();
    for row in rows.as_array_mut().unwrap() {
        let code =
            row.as_object_mut().unwrap().remove("code").expect("a code, or that there is none");
        assert!(code.is_null() || code.as_str().unwrap().len() == 2, "{code}");
    }
    rows
}

/// Customer `number` as a line.
pub(crate) fn customer(number: u64) -> String {
    format!("C{number},Client {number},c{number}@exemple.fr,2024-01-05,France\n")
}

/// Purchase `number` as a line, by one of ten customers.
pub(crate) fn purchase(number: u64) -> String {
    let (customer, minute, euros) = (number % 10, number % 60, number + 1);
    format!("A{number},C{customer},2024-03-01 10:{minute:02}:00,{euros}.50,Souris\n")
}

/// Lines of these numbers, one after another.
pub(crate) fn lines(of: fn(u64) -> String, numbers: std::ops::Range<u64>) -> String {
    numbers.map(of).collect()
}

/// Writes `shop/` with `customers` and `purchases` rows.
pub(crate) fn write(home: &Home, customers: u64, purchases: u64) {
    home.write("shop/clients.csv", CUSTOMERS.to_owned() + &lines(customer, 0..customers));
    home.write("shop/achats.csv", PURCHASES.to_owned() + &lines(purchase, 0..purchases));
}

/// The content of a `.gz` file.
pub(crate) fn gzipped(content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(content.as_ref()).unwrap();
    packed.finish().unwrap()
}

/// Appends to a file that may be followed.
pub(crate) fn append(path: &Path, bytes: impl AsRef<[u8]>) {
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(bytes.as_ref()).unwrap();
}

/// How many rows a CSV file has, counted by a reader of its own.
pub(crate) fn rows(path: &Path) -> u64 {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).unwrap();
    reader.byte_records().map(Result::unwrap).count() as u64
}

//! The real shop: 541,909 invoice lines, whose gold another program computed.

use crate::harness::home::Home;
use crate::harness::shop::{expected_gold, online_retail};
use goldstream_domain::gold::compare::Differences;
use goldstream_domain::gold::report::Gold;
use serde_json::Value;

#[test]
fn the_real_shop_gives_the_expected_gold_in_every_value_and_nothing_counts_twice() {
    let home = Home::new();
    let run = format!("run {} --once", online_retail().display());
    home.ask(&run).expect(0).says(&["rows counted"]);
    let text = home.gold_text();
    let (gold, expected): (Gold, Gold) =
        (serde_json::from_str(&text).unwrap(), serde_json::from_str(&expected_gold()).unwrap());
    assert_eq!(Differences::between(&gold, &expected), Differences::default());
    // The typed comparison cannot see a field that only one side has.
    let values: [Value; 2] = [&text, &expected_gold()].map(|t| serde_json::from_str(t).unwrap());
    assert!(values[0] == values[1], "the same rows, but not the same fields");
    home.verify_equal();
    home.ok(&run);
    assert!(home.gold_text() == text, "a second run changed gold");
    every_export_agrees(&home, &values[0]);
}

fn every_export_agrees(home: &Home, gold: &Value) {
    for table in ["customers", "products", "months", "days", "countries", "summary"] {
        let json: Value = serde_json::from_str(&home.ok(&format!("export {table}"))).unwrap();
        assert!(json == gold[table], "export {table}");
        let rows = match &gold[table] {
            Value::Array(rows) => rows.clone(),
            one => vec![one.clone()],
        };
        let lines = home.ok(&format!("export {table} --format ndjson"));
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        assert!(lines.eq(rows.iter().cloned()), "export {table} --format ndjson");
        home.ok(&format!("export {table} --format csv --output {table}.csv"));
        csv_agrees(&std::fs::read(home.path(format!("{table}.csv"))).unwrap(), &rows, table);
    }
    let accounting: Value = serde_json::from_str(&home.ok("export accounting")).unwrap();
    assert_eq!(accounting, gold["accounting"]);
    for table in ["gold", "accounting"] {
        let asked = home.ask(&format!("export {table} --format csv"));
        asked.expect(2).says(&["one JSON object"]);
    }
}

/// Every cell is the row's value as text, null is empty.
fn csv_agrees(csv: &[u8], rows: &[Value], table: &str) {
    let mut reader = csv::Reader::from_reader(csv);
    let header = reader.headers().unwrap().clone();
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), rows.len(), "rows of {table}.csv");
    for (record, row) in records.iter().zip(rows) {
        assert_eq!(header.len(), row.as_object().unwrap().len(), "columns of {table}.csv");
        for (name, cell) in header.iter().zip(record) {
            let expected = match &row[name] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(cell, expected, "{name} of {row} in {table}.csv");
        }
    }
}

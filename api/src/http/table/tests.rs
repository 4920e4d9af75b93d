//! Described tables: their JSON is that of the rows that the feed and the whole gold hold.

use super::gold::GoldCountry;
use super::tabular::Tabular;
use goldstream_domain::gold::report::{
    CountryReport, CustomerReport, DayReport, MonthReport, ProductReport, Summary,
};
use serde::Serialize;

fn check<R: Tabular + Serialize>() {
    let row = (R::TABLE.example)();
    let mut json = Vec::new();
    row.write_json(&mut json);
    assert_eq!(String::from_utf8(json).unwrap(), serde_json::to_string(&row).unwrap());
    assert!(!R::TABLE.about.is_empty());
    assert!(R::TABLE.columns.iter().all(|column| !column.about.is_empty()));
    let sort = R::TABLE.default_sort.trim_start_matches('-');
    assert!(R::TABLE.columns.iter().any(|column| column.name == sort));
}

#[test]
fn a_described_row_is_the_row_that_everything_else_shows() {
    check::<CustomerReport>();
    check::<ProductReport>();
    check::<MonthReport>();
    check::<DayReport>();
    check::<GoldCountry>();
    check::<Summary>();
}

#[test]
fn a_country_is_that_of_gold_with_its_code() {
    let json = |row: &dyn Fn(&mut Vec<u8>)| -> serde_json::Value {
        let mut json = Vec::new();
        row(&mut json);
        serde_json::from_slice(&json).unwrap()
    };
    let row = (CountryReport::TABLE.example)();
    let mut expected = json(&|out| GoldCountry(row.clone()).write_json(out));
    expected["code"] = "FR".into();
    assert_eq!(json(&|out| row.write_json(out)), expected);
}

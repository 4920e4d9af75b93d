//! Described tables: their JSON is that of the rows that the feed and the whole gold hold.

use super::Tabular;
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
    check::<CountryReport>();
    check::<Summary>();
}

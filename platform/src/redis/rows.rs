//! Gold rows as readable JSON with their slot first: `{"slot":12,"customer_id":"7",…}`.
//! What a row means is not known here; its own serde form is kept as it is.

use goldstream_domain::gold::rows::{PlacedRow, Row, Table};
use goldstream_domain::json;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::io::Write;
use std::sync::Arc;

const SLOT: &[u8] = b"{\"slot\":";

/// The field of its table's hash under which a row stands: its key as text, empty for the unknown country.
pub(super) fn field(row: &Row) -> Cow<'_, str> {
    match row {
        Row::Customer(row) => row.customer_id.as_str().into(),
        Row::Product(row) => Cow::Borrowed(&row.product),
        Row::Month(row) => row.month.to_string().into(),
        Row::Day(row) => row.day.to_string().into(),
        Row::Country(row) => row.country.as_deref().unwrap_or_default().into(),
        Row::Hour(row) => row.hour.to_string().into(),
    }
}

/// Appends a row to `out`.
pub(super) fn write(out: &mut Vec<u8>, slot: u32, row: &Row) -> Result<(), serde_json::Error> {
    out.extend_from_slice(SLOT);
    write!(out, "{slot}").map_err(serde_json::Error::io)?;
    let brace = out.len();
    serde_json::to_writer(&mut *out, row)?;
    // The slot becomes the first member of the row's own object.
    if let Some(brace) = out.get_mut(brace) {
        *brace = b',';
    }
    Ok(())
}

/// Reads a row back. The text is used up: the slot is cut off in place, so that the rest is the
/// row's own form and costs no second look at its members.
pub(super) fn read(table: Table, text: &mut [u8]) -> Option<PlacedRow> {
    let digits = text.strip_prefix(SLOT)?;
    let comma = SLOT.len() + digits.iter().position(|byte| *byte == b',')?;
    let slot = std::str::from_utf8(&text[SLOT.len()..comma]).ok()?.parse().ok()?;
    text[comma] = b'{';
    let json = &text[comma..];
    let row = match table {
        Table::Customers => Row::Customer(Arc::new(parse(json)?)),
        Table::Products => Row::Product(parse(json)?),
        Table::Months => Row::Month(parse(json)?),
        Table::Days => Row::Day(parse(json)?),
        Table::Countries => Row::Country(parse(json)?),
        Table::Hours => Row::Hour(parse(json)?),
    };
    Some(PlacedRow { slot, row })
}

/// The table of that name.
pub(super) fn table_named(name: &[u8]) -> Option<Table> {
    Table::ALL.into_iter().find(|table| table.name().as_bytes() == name)
}

fn parse<R: DeserializeOwned>(json: &[u8]) -> Option<R> {
    json::read(json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_domain::gold::rows::{CountryRow, CustomerRow, HourRow, ProductRow, Profile};
    use goldstream_domain::moment::{Hour, Moment, Month};

    fn customer() -> Row {
        Row::Customer(Arc::new(CustomerRow {
            customer_id: "00007".into(),
            profile: Some(Arc::new(Profile {
                name: Some("Zoé \"Z\"\n".into()),
                email: None,
                signup_date: None,
            })),
            country: Some("Côte d'Ivoire".into()),
            orders: u64::MAX,
            revenue_cents: 9_007_199_254_740_993,
            first_purchase: Some(Moment(1)),
            last_purchase: None,
            months: [Month(3), Month(700)].into_iter().collect(),
        }))
    }

    fn written(slot: u32, row: &Row) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut out, slot, row).unwrap();
        out
    }

    #[test]
    fn rows_are_read_back_exactly() {
        let product = ProductRow {
            product: "{,}".into(),
            orders: 1,
            revenue_cents: i64::MIN,
            min_cents: 0,
            max_cents: i64::MAX,
        };
        let unknown = CountryRow { country: None, buyers: 1, orders: 2, revenue_cents: -3 };
        let hour = HourRow { hour: Hour(500_000), orders: 3, revenue_cents: 7 };
        for row in [customer(), Row::Product(product), Row::Country(unknown), Row::Hour(hour)] {
            let mut text = written(4_000_000_000, &row);
            let read = read(row.table(), &mut text).unwrap();
            assert_eq!(read, PlacedRow { slot: 4_000_000_000, row });
        }
    }

    #[test]
    fn rows_are_one_line_of_json_with_the_slot_first() {
        let text = String::from_utf8(written(12, &customer())).unwrap();
        assert!(text.starts_with("{\"slot\":12,\"customer_id\":\"00007\","), "{text}");
        assert!(!text.contains('\n'));
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["revenue_cents"], 9_007_199_254_740_993_i64);
    }

    #[test]
    fn an_hour_is_found_by_its_day_and_hour() {
        let hour = Hour::parse("2026-11-30T14").unwrap();
        let row = Row::Hour(HourRow { hour, orders: 3, revenue_cents: 7 });
        assert_eq!(field(&row), "2026-11-30T14");
        let text = String::from_utf8(written(2, &row)).unwrap();
        assert_eq!(text, r#"{"slot":2,"hour":"2026-11-30T14","orders":3,"revenue_cents":7}"#);
    }

    #[test]
    fn anything_else_is_no_row() {
        for text in ["", "{}", "{\"slot\":", "{\"slot\":x,", "{\"slot\":1,\"country\":7}"] {
            assert_eq!(read(Table::Countries, &mut text.as_bytes().to_vec()), None, "{text}");
        }
    }
}

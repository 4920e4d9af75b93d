//! Rows that a log does not take for their size: what stands in their place there, made of the row alone.
//!
//! It keeps the row's beginning for people, and its checksum for who reads the file again: a row and what
//! stands in its place have one digest, so a restart does not take the file for another one.

use super::fault::LineFault;
use super::object::RawLine;
use super::row::BronzeRow;
use crate::column::Kind;
use crate::json;
use crate::record::checksum;

/// Of a row that is too large, so much of its JSON is kept. Escaped twice, and in a quarantine record, it is
/// small enough for any log that takes ordinary rows.
pub const KEPT_BYTES: usize = 4 * 1024;

/// What is written where the row of this JSON is not taken.
#[derive(Debug)]
pub struct TooLarge {
    fault: LineFault,
    text: String,
}

impl TooLarge {
    /// In place of the row with this JSON.
    #[must_use]
    pub fn of(json: &[u8]) -> Self {
        let text = String::from_utf8_lossy(&json[..json.len().min(KEPT_BYTES)]);
        // A character that was cut is none.
        let text = text.trim_end_matches('\u{FFFD}').to_owned();
        let fault = LineFault::TooLarge { bytes: json.len() as u64, checksum: checksum(json) };
        Self { fault, text }
    }

    /// As a row.
    #[must_use]
    pub fn row(&self) -> BronzeRow<'_> {
        BronzeRow::Broken { fault: self.fault, text: &self.text }
    }
}

/// The checksum of the row that this JSON is of, also where something stands in its place.
#[must_use]
pub fn row_checksum(row_json: &[u8]) -> u64 {
    if row_json.starts_with(b"{\"raw\":")
        && let Ok(line) = json::read::<RawLine<'_>>(row_json)
        && let Some(BronzeRow::Broken { fault: LineFault::TooLarge { checksum, .. }, .. }) =
            line.row()
    {
        return checksum;
    }
    checksum(row_json)
}

/// The JSON of what stands in the place of the row with this JSON.
#[must_use]
pub fn cut_json(row_json: &[u8], kind: Kind) -> String {
    TooLarge::of(row_json).row().to_json(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_place_of_a_row_is_small_and_has_its_digest() {
        for char in ["\u{1}", "\"", "é", "x"] {
            let fields = ["1", "7", "2024-03-01", "10", &char.repeat(100_000)];
            let row = BronzeRow::Columns { names: crate::column::Names(0), fields };
            let json = row.to_json(Kind::Purchases);
            let cut = cut_json(json.as_bytes(), Kind::Purchases);
            assert!(cut.len() < 8 * KEPT_BYTES && cut.contains("2024-03-01"), "{}", cut.len());
            assert_eq!(row_checksum(cut.as_bytes()), checksum(json.as_bytes()));
            assert_eq!(row_checksum(json.as_bytes()), checksum(json.as_bytes()));
            let again = BronzeRow::Json(cut.as_bytes());
            let why = again.fields(Kind::Purchases).unwrap_err();
            assert!(why.contains(&json.len().to_string()), "{why}");
            assert_eq!(again.id(Kind::Purchases), None);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_cut_too() {
        let cut = cut_json(&[0xff; 100_000], Kind::Customers);
        assert!(cut.contains("\"fault\":\"too_large\",\"bytes\":100000"), "{cut}");
    }
}

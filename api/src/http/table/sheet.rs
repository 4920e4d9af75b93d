//! CSV for the spreadsheet of a person: with the signs of his language, amounts in units instead of
//! cents, and no cell that a spreadsheet would run as a formula. The page makes the same of what it shows.

use super::column::{Cell, Column};
use super::error::EncodeError;
use super::tabular::Tabular;
use super::text::csv_text;
use std::borrow::Cow;
use std::io::Write;

/// By it a spreadsheet knows UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();
/// The end of a name whose column is in cents.
const CENTS: &str = "_cents";

/// Whose signs a CSV has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Locale {
    /// A comma in numbers, hence semicolons between fields.
    French,
    /// A point in numbers, commas between fields.
    English,
}

impl Locale {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::French, Self::English];

    /// The name in `?locale=`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }

    /// The one of this name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.name() == name)
    }

    const fn delimiter(self) -> u8 {
        match self {
            Self::French => b';',
            Self::English => b',',
        }
    }

    const fn decimal(self) -> char {
        match self {
            Self::French => ',',
            Self::English => '.',
        }
    }
}

/// Writes the mark and the header.
pub(super) fn begin<R: Tabular, W: Write>(
    locale: Locale,
    mut out: W,
) -> Result<csv::Writer<W>, EncodeError> {
    out.write_all(MARK)?;
    let mut csv = csv::WriterBuilder::new()
        .delimiter(locale.delimiter())
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    csv.write_record(R::TABLE.columns.iter().map(heading))?;
    Ok(csv)
}

/// Writes a row.
pub(super) fn write<R: Tabular, W: Write>(
    locale: Locale,
    csv: &mut csv::Writer<W>,
    row: &R,
) -> Result<(), EncodeError> {
    for column in R::TABLE.columns {
        csv.write_field(&*text(locale, column, (column.cell)(row)))?;
    }
    Ok(csv.write_record(None::<&[u8]>)?)
}

fn heading<R>(column: &Column<R>) -> &'static str {
    column.name.strip_suffix(CENTS).unwrap_or(column.name)
}

fn text<'a, R>(locale: Locale, column: &Column<R>, cell: Cell<'a>) -> Cow<'a, str> {
    match cell {
        Cell::Integer(cents) if column.name.ends_with(CENTS) => Cow::Owned(units(locale, cents)),
        Cell::Text(text) => harmless(text),
        other => csv_text(other),
    }
}

/// `-1234` as `-12,34`.
fn units(locale: Locale, cents: i64) -> String {
    let (sign, cents) = (if cents < 0 { "-" } else { "" }, cents.unsigned_abs());
    format!("{sign}{}{}{:02}", cents / 100, locale.decimal(), cents % 100)
}

/// A text that would be run gets a sign before it that says that it is text.
fn harmless(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_are_units_with_two_digits_in_either_language() {
        for (cents, french, english) in [
            (0, "0,00", "0.00"),
            (5, "0,05", "0.05"),
            (-5, "-0,05", "-0.05"),
            (123_456, "1234,56", "1234.56"),
            (i64::MIN, "-92233720368547758,08", "-92233720368547758.08"),
        ] {
            assert_eq!(units(Locale::French, cents), french);
            assert_eq!(units(Locale::English, cents), english);
        }
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for text in ["=1+1", "+33 1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(harmless(text.into()), format!("'{text}"));
        }
        for text in ["", "a=1", " =1", "Jean-Pierre", "'=1"] {
            assert_eq!(harmless(text.into()), text);
        }
    }
}

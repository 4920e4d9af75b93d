//! Reads a posted CSV: the header in either language, whatever parts its fields, and its rows as files
//! have them. Pure.

use super::error::BodyError;
use csv::{ReaderBuilder, StringRecord};
use goldstream_domain::bronze::{BronzeRow, ROW_BYTES_MAX};
use goldstream_domain::column::{COLUMNS, Kind, Names};
use goldstream_domain::text::trim;

/// What may stand between two fields, as in files.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// The line by which some spreadsheets name the delimiter.
const SEPARATOR: &str = "sep=";

/// Where the known columns stand.
struct Header {
    delimiter: u8,
    fields: usize,
    places: [usize; COLUMNS],
    names: Names,
}

/// Hands every row over, in their order.
pub(super) fn each(
    text: &str,
    kind: Kind,
    mut take: impl FnMut(&BronzeRow<'_>),
) -> Result<usize, BodyError> {
    let text = behind_preamble(text);
    let header = header(text, kind)?;
    let mut reader = ReaderBuilder::new()
        .delimiter(header.delimiter)
        .flexible(true)
        .from_reader(text.as_bytes());
    let refused = |error: csv::Error| BodyError::Table(error.to_string());
    reader.headers().map_err(refused)?;
    let (mut record, mut rows) = (StringRecord::new(), 0);
    loop {
        let begin = place(reader.position(), text);
        if !reader.read_record(&mut record).map_err(refused)? {
            break;
        }
        let raw = text.get(begin..place(reader.position(), text)).unwrap_or_default();
        let raw = raw.trim_matches(['\r', '\n']);
        if record.iter().all(|field| trim(field).is_empty()) && record.len() == 1 {
            continue;
        }
        rows += 1;
        must_be_closed(raw, rows)?;
        take(&row(&record, raw, &header));
    }
    if rows == 0 { Err(BodyError::Empty) } else { Ok(rows) }
}

fn place(position: &csv::Position, text: &str) -> usize {
    usize::try_from(position.byte()).unwrap_or(usize::MAX).min(text.len())
}

/// The text from its header on.
fn behind_preamble(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(['\u{feff}', '\r', '\n']);
        let line = rest.split(['\r', '\n']).next().unwrap_or_default();
        let is_blank = !line.is_empty() && trim(line).is_empty();
        if !(is_blank || line.starts_with('#') || line.trim_matches('"').starts_with(SEPARATOR)) {
            return rest;
        }
        rest = rest.get(line.len()..).unwrap_or_default();
    }
}

/// The header under the delimiter that finds all columns, else what is missing under the one that
/// finds most.
fn header(text: &str, kind: Kind) -> Result<Header, BodyError> {
    if text.is_empty() {
        return Err(BodyError::Empty);
    }
    let mut best: Option<(usize, BodyError)> = None;
    for delimiter in DELIMITERS {
        let mut reader =
            ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
        let names = reader.headers().map_err(|error| BodyError::Table(error.to_string()))?;
        match resolve(kind, delimiter, names) {
            Ok(header) => return Ok(header),
            Err((known, error)) => {
                if best.as_ref().is_none_or(|(most, _)| known > *most) {
                    best = Some((known, error));
                }
            }
        }
    }
    Err(best.map_or(BodyError::Empty, |(_, error)| error))
}

/// Places the columns; an error comes with how many were found.
fn resolve(kind: Kind, delimiter: u8, found: &StringRecord) -> Result<Header, (usize, BodyError)> {
    let (mut places, mut names) = ([None; COLUMNS], Names::default());
    let mut is_repeated = false;
    for (place, name) in found.iter().enumerate() {
        let Some((index, language)) = kind.find_column(&trim(name).to_lowercase()) else {
            continue;
        };
        is_repeated |= places[index].replace(place).is_some();
        names.set(index, language);
    }
    let known = places.iter().flatten().count();
    if known == COLUMNS && !is_repeated {
        let places = places.map(Option::unwrap_or_default);
        return Ok(Header { delimiter, fields: found.len(), places, names });
    }
    let columns = kind.columns().iter().zip(places).filter(|(_, place)| place.is_none());
    let missing: Vec<_> =
        columns.map(|(column, _)| format!("{} ({})", column.english, column.french)).collect();
    let wrong = if is_repeated { "a column stands twice".to_owned() } else { missing.join(", ") };
    let names = found.iter().map(trim).collect::<Vec<_>>().join(", ");
    let found: String = names.chars().take(FOUND_CHARS_MAX).collect();
    Err((known, BodyError::Header { kind, wrong, found }))
}

/// How much of a header that is none is repeated.
const FOUND_CHARS_MAX: usize = 200;

/// The row as a file would give it.
fn row<'a>(record: &'a StringRecord, raw: &'a str, header: &Header) -> BronzeRow<'a> {
    if record.len() != header.fields || raw.len() > ROW_BYTES_MAX {
        let end = (0..=raw.len().min(ROW_BYTES_MAX)).rev().find(|end| raw.is_char_boundary(*end));
        return BronzeRow::Line(&raw[..end.unwrap_or(0)]);
    }
    let fields = header.places.map(|place| record.get(place).unwrap_or_default());
    BronzeRow::Columns { names: header.names, fields }
}

/// Behind a quote that nobody closes the rest would be one field.
fn must_be_closed(raw: &str, number: usize) -> Result<(), BodyError> {
    let is_odd = raw.bytes().filter(|byte| *byte == b'"').count() % 2 == 1;
    if is_odd && raw.contains(['\n', '\r']) {
        let why = "a quote opens in it that is not closed".to_owned();
        return Err(BodyError::Row { number, why });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, kind: Kind) -> Result<Vec<String>, BodyError> {
        let mut rows = Vec::new();
        each(text, kind, |row| rows.push(row.to_json(kind)))?;
        Ok(rows)
    }

    #[test]
    fn rows_are_those_of_a_file_whatever_its_language_and_delimiter() {
        let french = r#"{"id_achat":"1","id_client":"7","date_achat":"2024-03-01 14:03:22","montant":"12,50","produit":"a \"b\""}"#;
        let text = "\u{feff}\r\nsep=;\r\nProduit;id_achat;note;montant;date_achat;id_client\r\n\
                    \"a \"\"b\"\"\";1;x;12,50;2024-03-01 14:03:22;7\r\n\r\n  \r\n";
        assert_eq!(rows(text, Kind::Purchases).unwrap(), [french]);
        for delimiter in [",", ";", "\t", "|"] {
            let head = ["customer_id", "name", "email", "signup_date", "country"].join(delimiter);
            let text = format!("{head}\n7{delimiter}A{delimiter}{delimiter}{delimiter}FR");
            let expected =
                r#"{"customer_id":"7","name":"A","email":"","signup_date":"","country":"FR"}"#;
            assert_eq!(rows(&text, Kind::Customers).unwrap(), [expected], "{delimiter:?}");
        }
    }

    #[test]
    fn a_line_that_is_no_row_is_kept_as_it_came() {
        let head = "customer_id,name,email,signup_date,country";
        let text = format!("{head}\r\n1,2\r\n2,\"B, C\",\"x\ny\",,\r\n5\" screen,,,,\r\n");
        let rows = rows(&text, Kind::Customers).unwrap();
        assert_eq!(rows[0], r#"{"raw":"1,2"}"#);
        assert!(rows[1].contains("B, C") && rows[1].contains("x\\ny"), "{}", rows[1]);
        assert!(rows[2].contains("5\\\" screen"), "{}", rows[2]);
        let long = format!("{head}\n{},,,,\n", "x".repeat(ROW_BYTES_MAX));
        let mut lengths = Vec::new();
        each(&long, Kind::Customers, |row| {
            let BronzeRow::Line(text) = row else { panic!() };
            lengths.push(text.len());
        })
        .unwrap();
        assert_eq!(lengths, [ROW_BYTES_MAX]);
    }

    #[test]
    fn what_has_no_header_names_the_columns_and_an_open_quote_its_row() {
        let purchases = "purchase_id,customer_id,amount\n1,2,3\n";
        let error = rows(purchases, Kind::Purchases).unwrap_err().to_string();
        assert!(error.contains("purchased_at (date_achat), product (produit)"), "{error}");
        assert!(error.contains("found: purchase_id, customer_id, amount"), "{error}");
        for text in ["", "\n\n", "customer_id,name,email,signup_date,country\n"] {
            assert_eq!(rows(text, Kind::Customers), Err(BodyError::Empty), "{text:?}");
        }
        let open = "customer_id,name,email,signup_date,country\n1,a,,,\n2,\"b,,,\n3,c,,,\n";
        let error = rows(open, Kind::Customers).unwrap_err();
        assert!(matches!(error, BodyError::Row { number: 2, .. }), "{error}");
    }
}

//! Bronze: a row as it came, whatever is in it. Nothing is cleaned here.
//!
//! A row has two forms: the compact one that logs of our own keep, and the JSON object of the
//! contract that stands on Kafka topics, in exports and in the quarantine.

pub mod cut;
mod digest;
mod fault;
mod object;

pub use fault::LineFault;

use crate::codec::{CodecError, Reader, put_texts, put_varint};
use crate::column::{COLUMNS, Kind, Names};
use crate::json;
use crate::text::canonical;
use std::borrow::Cow;

/// Longest row that is read as one: 256 KiB.
pub const ROW_BYTES_MAX: usize = 256 * 1024;

/// Longest JSON object that is looked at: a row of the longest text has room in it, escapes included.
pub const JSON_BYTES_MAX: usize = 7 * ROW_BYTES_MAX;

const TAG_COLUMNS: u8 = 0;
const TAG_JSON: u8 = 1;
const TAG_LINE: u8 = 2;
const TAG_OPEN_QUOTE: u8 = 3;
const TAG_TOO_LONG: u8 = 4;
const TAG_TOO_LARGE: u8 = 5;

/// A row as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BronzeRow<'a> {
    /// The five known columns of a CSV row, in canonical order.
    Columns {
        /// Under which names they came.
        names: Names,
        /// Their text, untouched.
        fields: [&'a str; COLUMNS],
    },
    /// A record that a program sent: meant to be a JSON object.
    Json(&'a [u8]),
    /// A line that is no row: another number of fields than the header.
    Line(&'a str),
    /// A line that is no row for a reason that its text does not tell.
    Broken {
        /// The reason.
        fault: LineFault,
        /// The line, or the beginning of one that is too long.
        text: &'a str,
    },
}

/// The text of the five columns in canonical order; missing ones are empty.
pub type Fields<'a> = [Cow<'a, str>; COLUMNS];

impl<'a> BronzeRow<'a> {
    /// Appends the compact form.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Columns { names, fields } => {
                out.extend_from_slice(&[TAG_COLUMNS, names.0]);
                put_texts(out, fields);
            }
            Self::Json(json) => {
                out.push(TAG_JSON);
                out.extend_from_slice(json);
            }
            Self::Line(text) => {
                out.push(TAG_LINE);
                out.extend_from_slice(text.as_bytes());
            }
            Self::Broken { fault, text } => {
                match *fault {
                    LineFault::OpenQuote { line } => {
                        out.push(TAG_OPEN_QUOTE);
                        put_varint(out, line);
                    }
                    LineFault::TooLong { line, from_bytes, to_bytes } => {
                        out.push(TAG_TOO_LONG);
                        [line, from_bytes, to_bytes].iter().for_each(|n| put_varint(out, *n));
                    }
                    LineFault::TooLarge { bytes, checksum } => {
                        out.push(TAG_TOO_LARGE);
                        [bytes, checksum].iter().for_each(|n| put_varint(out, *n));
                    }
                }
                out.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// Reads the compact form.
    ///
    /// # Errors
    /// [`CodecError`] where the bytes are no row of this version.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes);
        match reader.byte()? {
            TAG_COLUMNS => {
                let names = Names(reader.byte()?);
                Ok(Self::Columns { names, fields: reader.texts()? })
            }
            TAG_JSON => Ok(Self::Json(reader.rest())),
            TAG_LINE => rest_text(reader).map(Self::Line),
            TAG_OPEN_QUOTE => {
                let fault = LineFault::OpenQuote { line: reader.varint()? };
                Ok(Self::Broken { fault, text: rest_text(reader)? })
            }
            TAG_TOO_LONG => {
                let (line, from_bytes) = (reader.varint()?, reader.varint()?);
                let fault = LineFault::TooLong { line, from_bytes, to_bytes: reader.varint()? };
                Ok(Self::Broken { fault, text: rest_text(reader)? })
            }
            TAG_TOO_LARGE => {
                let bytes = reader.varint()?;
                let fault = LineFault::TooLarge { bytes, checksum: reader.varint()? };
                Ok(Self::Broken { fault, text: rest_text(reader)? })
            }
            tag => Err(CodecError::UnknownTag(tag)),
        }
    }

    /// The text of the columns.
    ///
    /// # Errors
    /// Why this is not a row of its kind, in words.
    pub fn fields(&self, kind: Kind) -> Result<Fields<'a>, String> {
        match self {
            Self::Columns { fields, .. } => {
                if fields.iter().map(|field| field.len()).sum::<usize>() > ROW_BYTES_MAX {
                    return Err(too_long());
                }
                Ok(fields.map(Cow::Borrowed))
            }
            Self::Json(json) => object::fields(json, kind),
            Self::Line(text) if text.len() >= ROW_BYTES_MAX => Err(too_long()),
            Self::Line(_) => Err("another number of fields than the header".to_owned()),
            Self::Broken { fault, .. } => Err(fault.to_string()),
        }
    }

    /// The id of the row, which is the key of its record, in its canonical form; none where the row has
    /// none or is none.
    #[must_use]
    pub fn id(&self, kind: Kind) -> Option<Cow<'a, str>> {
        let id = match self {
            Self::Columns { fields, .. } => canonical(fields[0]),
            Self::Json(_) => match self.fields(kind).ok()? {
                [Cow::Borrowed(id), ..] => canonical(id),
                [Cow::Owned(id), ..] => Cow::Owned(canonical(&id).into_owned()),
            },
            Self::Line(_) | Self::Broken { .. } => return None,
        };
        (!id.is_empty()).then_some(id)
    }

    /// Appends the JSON object of the contract; for a record that came as JSON, its bytes.
    pub fn write_json(&self, kind: Kind, out: &mut Vec<u8>) {
        match self {
            Self::Columns { names, fields } => columns_to_json(*names, fields, kind, out),
            Self::Json(json) => out.extend_from_slice(json),
            Self::Line(text) => {
                out.extend_from_slice(b"{\"raw\":");
                json::write_text(text, out);
                out.push(b'}');
            }
            Self::Broken { fault, text } => {
                // Plain structs of text and numbers always have a JSON form.
                serde_json::to_writer(out, &object::RawLine::broken(*fault, text)).ok();
            }
        }
    }

    /// The same as text; bytes that are none are replaced.
    #[must_use]
    pub fn to_json(&self, kind: Kind) -> String {
        let mut json = Vec::with_capacity(160);
        self.write_json(kind, &mut json);
        String::from_utf8(json)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

fn rest_text(reader: Reader<'_>) -> Result<&str, CodecError> {
    std::str::from_utf8(reader.rest()).map_err(|_| CodecError::NotUtf8)
}

fn too_long() -> String {
    format!("row over {} KiB", ROW_BYTES_MAX / 1024)
}

fn columns_to_json(names: Names, fields: &[&str; COLUMNS], kind: Kind, out: &mut Vec<u8>) {
    for (index, field) in fields.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"{\"" } else { b",\"" });
        out.extend_from_slice(names.name(kind, index).as_bytes());
        out.extend_from_slice(b"\":");
        json::write_text(field, out);
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::Language;

    fn fields(json: &str) -> Result<Vec<String>, String> {
        let row = BronzeRow::Json(json.as_bytes());
        row.fields(Kind::Purchases).map(|fields| fields.map(Cow::into_owned).to_vec())
    }

    #[test]
    fn json_rows_take_both_names_numbers_as_written_and_null_as_empty() {
        let row =
            fields(r#"{"amount":12.50,"id_achat":1,"customer_id":null,"x":3,"produit":"a\"b"}"#);
        assert_eq!(row.unwrap(), ["1", "", "", "12.50", "a\"b"]);
        assert_eq!(fields(" {} ").unwrap(), ["", "", "", "", ""]);
        // Names in any case; what unknown columns hold is nobody's business.
        let row = fields(r#"{"Purchase_ID":"1","AMOUNT":2,"gift":true,"address":{"city":["x"]}}"#);
        assert_eq!(row.unwrap(), ["1", "", "", "2", ""]);
        let long = fields(r#"{"amount":123456789012345678901234567890.5e1}"#);
        assert_eq!(long.unwrap()[3], "123456789012345678901234567890.5e1");
    }

    #[test]
    fn what_is_no_flat_object_is_malformed() {
        for json in [
            "",
            "[]",
            "1",
            "\"x\"",
            "{",
            r#"{"id_achat":1} x"#,
            r#"{"id_achat":true}"#,
            r#"{"produit":{}}"#,
            r#"{"montant":[1]}"#,
            r#"{"Montant":1,"amount":2}"#,
            r#"{"x":1,"x":1}"#,
            r#"{"id_achat":1,"id_achat":1}"#,
            r#"{"id_achat":1,"purchase_id":1}"#,
            r#"{"id_achat":"\ud800"}"#,
            "{\"a\":\"\u{1}\"}",
        ] {
            assert!(fields(json).is_err(), "{json}");
        }
        assert!(BronzeRow::Json(b"{\"a\":\"\xff\"}").fields(Kind::Purchases).is_err());
    }

    #[test]
    fn a_row_over_the_limit_is_malformed() {
        let text = "x".repeat(ROW_BYTES_MAX + 1);
        assert!(fields(&format!("{{\"produit\":\"{text}\"}}")).is_err());
        assert!(BronzeRow::Line(&text).fields(Kind::Customers).unwrap_err().contains("256 KiB"));
    }

    #[test]
    fn the_json_form_names_the_columns_as_they_came() {
        let mut names = Names::default();
        names.set(3, Language::English);
        let row = BronzeRow::Columns { names, fields: ["1", "7", "2024-03-01", "12,50", "É\"\n"] };
        let json = row.to_json(Kind::Purchases);
        assert_eq!(
            json,
            r#"{"id_achat":"1","id_client":"7","date_achat":"2024-03-01","amount":"12,50","produit":"É\"\n"}"#
        );
        assert_eq!(
            BronzeRow::Json(json.as_bytes()).fields(Kind::Purchases),
            row.fields(Kind::Purchases)
        );
        assert_eq!(BronzeRow::Line("a\"b").to_json(Kind::Purchases), r#"{"raw":"a\"b"}"#);
    }

    #[test]
    fn a_row_means_the_same_as_json_however_it_came() {
        let long = "\u{1}".repeat(ROW_BYTES_MAX - 10);
        let too_long = "x".repeat(ROW_BYTES_MAX);
        for row in [
            BronzeRow::Columns { names: Names(0), fields: [" 1 ", "7", "", "\"", &long] },
            BronzeRow::Columns { names: Names(0), fields: ["1", "7", "", "1", &too_long] },
            BronzeRow::Line("a,b,\"c"),
            BronzeRow::Line(&too_long),
            BronzeRow::Broken { fault: LineFault::OpenQuote { line: 3 }, text: "1,\"x" },
            BronzeRow::Broken { fault: TOO_LONG, text: "1,x" },
            BronzeRow::Broken { fault: TOO_LARGE, text: "{\"id_achat\":" },
        ] {
            let json = row.to_json(Kind::Purchases);
            let again = BronzeRow::Json(json.as_bytes());
            assert_eq!(again.fields(Kind::Purchases), row.fields(Kind::Purchases));
            assert_eq!(again.to_json(Kind::Purchases), json);
            if row.fields(Kind::Purchases).is_ok() {
                assert_eq!(again.id(Kind::Purchases), row.id(Kind::Purchases));
            }
        }
        let row = BronzeRow::Json(br#"{"raw":"x","id_achat":"1"}"#);
        assert_eq!(row.id(Kind::Purchases).as_deref(), Some("1"));
        assert_eq!(BronzeRow::Line("x").id(Kind::Purchases), None);
        assert_eq!(BronzeRow::Json(br#"{"id_achat":"  "}"#).id(Kind::Purchases), None);
    }

    const TOO_LARGE: LineFault = LineFault::TooLarge { bytes: 1_536_000, checksum: u64::MAX };
    const TOO_LONG: LineFault = LineFault::TooLong { line: 2, from_bytes: 46, to_bytes: 400_000 };

    #[test]
    fn a_broken_line_says_what_is_wrong_with_it_and_where() {
        let row = BronzeRow::Broken { fault: LineFault::OpenQuote { line: 3 }, text: "1,\"x" };
        assert_eq!(
            row.fields(Kind::Purchases),
            Err("the quote opened at line 3 is not closed".into())
        );
        assert_eq!(
            row.to_json(Kind::Purchases),
            r#"{"raw":"1,\"x","fault":"open_quote","line":3}"#
        );
        let row = BronzeRow::Broken { fault: TOO_LONG, text: "1" };
        let why = row.fields(Kind::Purchases).unwrap_err();
        assert_eq!(why, "row over 256 KiB: line 2, bytes 46 to 400000");
        // A row of another program that has such members is a row.
        let foreign = BronzeRow::Json(br#"{"raw":"x","fault":"open_quote","id_achat":"1"}"#);
        assert_eq!(foreign.id(Kind::Purchases).as_deref(), Some("1"));
    }

    #[test]
    fn the_compact_form_comes_back() {
        for row in [
            BronzeRow::Columns { names: Names(9), fields: ["1", "", "é", "4", "5"] },
            BronzeRow::Json(b"{\"a\":1}"),
            BronzeRow::Line("a,b,c"),
            BronzeRow::Broken { fault: LineFault::OpenQuote { line: 300 }, text: "\"é" },
            BronzeRow::Broken { fault: TOO_LONG, text: "x" },
            BronzeRow::Broken { fault: TOO_LARGE, text: "x" },
        ] {
            let mut out = Vec::new();
            row.encode(&mut out);
            assert_eq!(BronzeRow::decode(&out), Ok(row));
        }
        assert!(BronzeRow::decode(&[7]).is_err());
    }
}

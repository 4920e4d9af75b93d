//! What the columns of a row hold, and its JSON object.

use super::limits::{ROW_BYTES_MAX, too_long};
use super::object;
use super::row::{BronzeRow, Fields};
use crate::column::{COLUMNS, Kind, Names};
use crate::json;
use crate::text::canonical;
use std::borrow::Cow;

impl<'a> BronzeRow<'a> {
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
            Self::Line(_) | Self::Broken { .. } => Err(self.why_none().unwrap_or_default()),
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
    use super::super::fault::LineFault;
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

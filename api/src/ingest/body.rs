//! Reads a posted body: which rows are in it, as they came, or why it is none. Pure.

use super::error::BodyError;
use super::table;
use goldstream_domain::bronze::{BronzeRow, JSON_BYTES_MAX, ROW_BYTES_MAX};
use goldstream_domain::column::Kind;
use serde::de::{DeserializeSeed, Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// How the rows stand in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// One object, or an array of them.
    Json,
    /// An object a line.
    Ndjson,
    /// A header and a row a line.
    Csv,
}

/// The content types of rows, the preferred name of each.
pub(crate) const MEDIA_TYPES: [&str; 3] = ["application/json", "application/x-ndjson", "text/csv"];

impl Form {
    /// The form that a content type names; none where it names no form of rows.
    pub(crate) fn of(content_type: &str) -> Option<Self> {
        let (media, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
        if !parameters.split(';').all(is_utf8) {
            return None;
        }
        match media.trim().to_ascii_lowercase().as_str() {
            "application/json" => Some(Self::Json),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => {
                Some(Self::Ndjson)
            }
            "text/csv" => Some(Self::Csv),
            _ => None,
        }
    }
}

/// Whether a parameter leaves the text what JSON says that it is.
fn is_utf8(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return true };
    !name.trim().eq_ignore_ascii_case("charset")
        || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
}

/// Hands the rows of a body over, in their order; says how many there are.
pub(crate) fn each(
    body: &[u8],
    (form, kind): (Form, Kind),
    mut take: impl FnMut(&BronzeRow<'_>),
) -> Result<usize, BodyError> {
    let text = std::str::from_utf8(body).map_err(|_| BodyError::NotUtf8)?;
    if form == Form::Csv {
        return table::each(text, kind, take);
    }
    let rows = rows(text, form, kind)?;
    rows.iter().for_each(|row| take(&of_json(row)));
    Ok(rows.len())
}

/// The row as bronze keeps it. Of one that is too long for any record its beginning is kept, as of
/// such a line of a file.
fn of_json(text: &str) -> BronzeRow<'_> {
    if text.len() <= JSON_BYTES_MAX {
        return BronzeRow::Json(text.as_bytes());
    }
    let end = (0..=ROW_BYTES_MAX).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    BronzeRow::Line(&text[..end])
}

/// The rows of a body of JSON, each the text of one object of scalar values.
fn rows(text: &str, form: Form, kind: Kind) -> Result<Vec<&str>, BodyError> {
    let text = text.trim_start_matches('\u{feff}');
    let rows = match form {
        Form::Json => json(text)?,
        Form::Ndjson | Form::Csv => {
            text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
        }
    };
    if rows.is_empty() {
        return Err(BodyError::Empty);
    }
    let mut is_known = false;
    for (number, row) in (1..).zip(&rows) {
        let refused = |why: serde_json::Error| BodyError::Row { number, why: why.to_string() };
        is_known |= check(row, kind).map_err(refused)?;
    }
    if is_known { Ok(rows) } else { Err(BodyError::Unknown { kind }) }
}

fn json(text: &str) -> Result<Vec<&str>, BodyError> {
    let text = text.trim_ascii();
    match text.as_bytes().first() {
        None => Err(BodyError::Empty),
        Some(b'{') => Ok(vec![text]),
        Some(b'[') => {
            let items: Vec<&RawValue> =
                serde_json::from_str(text).map_err(|error| BodyError::Body(error.to_string()))?;
            Ok(items.into_iter().map(RawValue::get).collect())
        }
        Some(_) => Err(BodyError::Body("it begins with something else".to_owned())),
    }
}

/// Refuses what is not one object of scalar values; tells whether it has a column of the kind, or is
/// a line that was none.
fn check(row: &str, kind: Kind) -> Result<bool, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(row);
    let is_known = deserializer.deserialize_map(Scalars(kind))?;
    deserializer.end()?;
    Ok(is_known)
}

struct Scalars(Kind);

impl<'de> Visitor<'de> for Scalars {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object of scalar values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut is_known = false;
        while let Some(is_column) = map.next_key_seed(Name(self.0))? {
            is_known |= is_column;
            let value = map.next_value::<&'de RawValue>()?.get();
            if value.starts_with(['{', '[']) {
                return Err(serde::de::Error::custom("a value is nested"));
            }
            if value.starts_with('"') {
                serde_json::from_str::<Text>(value).map_err(serde::de::Error::custom)?;
            }
        }
        Ok(is_known)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<bool, A::Error> {
        Err(serde::de::Error::custom("an array where an object should be"))
    }
}

/// A name, of which only that is of interest: whether it is one of a column.
struct Name(Kind);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = bool;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(self.0.names_column(name) || name == RAW)
    }
}

/// The name under which a line stands that was no row.
const RAW: &str = "raw";

/// A valid JSON text, of which only that is of interest.
struct Text;

impl<'de> serde::Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyText;
        impl Visitor<'_> for AnyText {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_str<E>(self, _: &str) -> Result<Text, E> {
                Ok(Text)
            }
        }
        deserializer.deserialize_str(AnyText)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts of JSON rows.
    fn rows(body: &[u8], form: Form) -> Result<Vec<String>, BodyError> {
        let mut rows = Vec::new();
        each(body, (form, Kind::Purchases), |row| rows.push(row.to_json(Kind::Purchases)))?;
        Ok(rows)
    }

    #[test]
    fn an_object_an_array_and_lines_give_their_rows_as_they_came() {
        let one = br#" {"id_achat": 1, "montant": 12.50} "#;
        assert_eq!(
            rows(one, Form::Json),
            Ok(vec![r#"{"id_achat": 1, "montant": 12.50}"#.to_owned()])
        );
        let two = br#"[{"montant":"1"}, {"produit":null}]"#;
        assert_eq!(
            rows(two, Form::Json),
            Ok(texts(&[r#"{"montant":"1"}"#, r#"{"produit":null}"#]))
        );
        let lines = "\u{feff}{\"montant\":true}\r\n\r\n  {\"produit\":1e400}".as_bytes();
        assert_eq!(
            rows(lines, Form::Ndjson),
            Ok(texts(&[r#"{"montant":true}"#, r#"{"produit":1e400}"#]))
        );
    }

    fn texts(rows: &[&str]) -> Vec<String> {
        rows.iter().map(|row| (*row).to_owned()).collect()
    }

    #[test]
    fn a_body_in_which_nothing_is_a_column_is_refused_and_names_them() {
        for body in ["{}", r#"{"purchaseId":1}"#, r#"[{"id":1},{"price":2}]"#] {
            let error = rows(body.as_bytes(), Form::Json).unwrap_err();
            assert_eq!(error, BodyError::Unknown { kind: Kind::Purchases });
            let told = "purchase_id (id_achat), customer_id (id_client), purchased_at (date_achat)";
            assert!(error.to_string().contains(told), "{error}");
        }
        // One row that is known takes the others with it: they are bad rows, and a line is a line.
        for body in [r#"[{"id":1},{"AMOUNT":2}]"#, r#"{"raw":"1,2"}"#] {
            assert!(rows(body.as_bytes(), Form::Json).is_ok(), "{body}");
        }
    }

    #[test]
    fn one_bad_row_refuses_the_whole_body_and_is_named() {
        for (body, form) in [
            (r#"[{"montant":1},{"produit":[1]}]"#, Form::Json),
            (r#"[{"montant":1},2]"#, Form::Json),
            (r#"[{"montant":1},[{"produit":1}]]"#, Form::Json),
            ("{\"montant\":1}\n{\"produit\":{}}", Form::Ndjson),
            ("{\"montant\":1}\n{\"produit\":1}{\"x\":1}", Form::Ndjson),
            ("{\"montant\":1}\n{\"produit\":\"\\ud800\"}", Form::Ndjson),
        ] {
            let error = rows(body.as_bytes(), form).unwrap_err();
            assert!(matches!(error, BodyError::Row { number: 2, .. }), "{body}: {error}");
        }
    }

    #[test]
    fn what_is_no_json_or_holds_nothing_is_refused() {
        for (body, form) in [
            ("", Form::Json),
            (" \n ", Form::Json),
            ("[]", Form::Json),
            ("\n\n", Form::Ndjson),
            ("", Form::Ndjson),
        ] {
            assert_eq!(rows(body.as_bytes(), form), Err(BodyError::Empty), "{body:?}");
        }
        for body in
            ["1", "null", "\"x\"", "[{\"montant\":1}", "{\"montant\":1", "{\"montant\":1} x", "a=1"]
        {
            assert!(rows(body.as_bytes(), Form::Json).is_err(), "{body}");
        }
        assert_eq!(rows(b"{\"montant\":\"\xff\"}", Form::Json), Err(BodyError::NotUtf8));
    }

    #[test]
    fn nesting_without_end_is_refused_without_breaking() {
        let deep = format!("[{}", "[".repeat(200_000));
        assert!(rows(deep.as_bytes(), Form::Json).is_err());
        let deep = format!("{{\"montant\":{}", "[".repeat(200_000));
        assert!(rows(deep.as_bytes(), Form::Json).is_err());
    }

    #[test]
    fn a_content_type_names_its_form() {
        for (name, form) in [
            ("application/json", Some(Form::Json)),
            ("Application/JSON; charset=\"UTF-8\"", Some(Form::Json)),
            ("application/x-ndjson", Some(Form::Ndjson)),
            ("application/json; charset=latin1", None),
            ("text/csv; header=present", Some(Form::Csv)),
            ("text/csv;charset=windows-1252", None),
            ("text/plain", None),
            ("application/x-www-form-urlencoded", None),
            ("", None),
        ] {
            assert_eq!(Form::of(name), form, "{name}");
        }
    }
}

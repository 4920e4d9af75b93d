//! Reads a posted body: which rows are in it, as they came, or why it is none. Pure.

use serde::de::{Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// How the rows stand in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// One object, or an array of them.
    Json,
    /// An object a line.
    Ndjson,
}

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

/// Why a body is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// JSON is UTF-8.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// Nothing is in it.
    #[error("the body has no rows")]
    Empty,
    /// A part of it is no row.
    #[error("row {number}: {why}")]
    Row { number: usize, why: String },
    /// It is neither an object nor an array.
    #[error("the body must be a JSON object, an array of objects, or NDJSON: {0}")]
    Body(String),
}

/// The rows of a body in their order, each the text of one JSON object of scalar values.
pub(crate) fn rows(body: &[u8], form: Form) -> Result<Vec<&str>, BodyError> {
    let text = std::str::from_utf8(body).map_err(|_| BodyError::NotUtf8)?;
    let text = text.trim_start_matches('\u{feff}');
    let rows = match form {
        Form::Json => json(text)?,
        Form::Ndjson => text.lines().map(str::trim).filter(|line| !line.is_empty()).collect(),
    };
    if rows.is_empty() {
        return Err(BodyError::Empty);
    }
    for (number, row) in (1..).zip(&rows) {
        check(row).map_err(|why| BodyError::Row { number, why: why.to_string() })?;
    }
    Ok(rows)
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

/// Refuses what is not one object of scalar values.
fn check(row: &str) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(row);
    deserializer.deserialize_map(Scalars)?;
    deserializer.end()
}

struct Scalars;

impl<'de> Visitor<'de> for Scalars {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object of scalar values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key::<Text>()?.is_some() {
            let value = map.next_value::<&'de RawValue>()?.get();
            if value.starts_with(['{', '[']) {
                return Err(serde::de::Error::custom("a value is nested"));
            }
            if value.starts_with('"') {
                serde_json::from_str::<Text>(value).map_err(serde::de::Error::custom)?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(serde::de::Error::custom("an array where an object should be"))
    }
}

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

    #[test]
    fn an_object_an_array_and_lines_give_their_rows_as_they_came() {
        let one = br#" {"id_achat": 1, "montant": 12.50} "#;
        assert_eq!(rows(one, Form::Json), Ok(vec![r#"{"id_achat": 1, "montant": 12.50}"#]));
        let two = br#"[{"a":"1"}, {"b":null}]"#;
        assert_eq!(rows(two, Form::Json), Ok(vec![r#"{"a":"1"}"#, r#"{"b":null}"#]));
        let lines = "\u{feff}{\"a\":true}\r\n\r\n  {\"b\":1e400}".as_bytes();
        assert_eq!(rows(lines, Form::Ndjson), Ok(vec![r#"{"a":true}"#, r#"{"b":1e400}"#]));
    }

    #[test]
    fn one_bad_row_refuses_the_whole_body_and_is_named() {
        for (body, form) in [
            (r#"[{"a":1},{"b":[1]}]"#, Form::Json),
            (r#"[{"a":1},2]"#, Form::Json),
            (r#"[{"a":1},[{"b":1}]]"#, Form::Json),
            ("{\"a\":1}\n{\"b\":{}}", Form::Ndjson),
            ("{\"a\":1}\n{\"b\":1}{\"c\":1}", Form::Ndjson),
            ("{\"a\":1}\n{\"b\":\"\\ud800\"}", Form::Ndjson),
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
        for body in ["1", "null", "\"x\"", "[{\"a\":1}", "{\"a\":1", "{\"a\":1} x", "a=1"] {
            assert!(rows(body.as_bytes(), Form::Json).is_err(), "{body}");
        }
        assert_eq!(rows(b"{\"a\":\"\xff\"}", Form::Json), Err(BodyError::NotUtf8));
    }

    #[test]
    fn nesting_without_end_is_refused_without_breaking() {
        let deep = format!("[{}", "[".repeat(200_000));
        assert!(rows(deep.as_bytes(), Form::Json).is_err());
        let deep = format!("{{\"a\":{}", "[".repeat(200_000));
        assert!(rows(deep.as_bytes(), Form::Json).is_err());
    }

    #[test]
    fn a_content_type_names_its_form() {
        for (name, form) in [
            ("application/json", Some(Form::Json)),
            ("Application/JSON; charset=\"UTF-8\"", Some(Form::Json)),
            ("application/x-ndjson", Some(Form::Ndjson)),
            ("application/json; charset=latin1", None),
            ("text/plain", None),
            ("application/x-www-form-urlencoded", None),
            ("", None),
        ] {
            assert_eq!(Form::of(name), form, "{name}");
        }
    }
}

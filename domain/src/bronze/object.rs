//! Rows that are JSON: objects of programs, and lines that are no row as records carry them.

use super::fault::LineFault;
use super::limits::{JSON_BYTES_MAX, ROW_BYTES_MAX, too_long};
use super::row::{BronzeRow, Fields};
use crate::column::{COLUMNS, Kind, Language};
use crate::json;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A line that is no row, as records carry it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLine<'a> {
    #[serde(borrow)]
    raw: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<FaultName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FaultName {
    OpenQuote,
    TooLong,
    TooLarge,
}

impl<'a> RawLine<'a> {
    pub(super) fn broken(fault: LineFault, text: &'a str) -> Self {
        let bare = Self {
            raw: Cow::Borrowed(text),
            fault: None,
            line: None,
            from_bytes: None,
            to_bytes: None,
            bytes: None,
            checksum: None,
        };
        match fault {
            LineFault::OpenQuote { line } => {
                Self { fault: Some(FaultName::OpenQuote), line: Some(line), ..bare }
            }
            LineFault::TooLong { line, from_bytes, to_bytes } => Self {
                fault: Some(FaultName::TooLong),
                line: Some(line),
                from_bytes: Some(from_bytes),
                to_bytes: Some(to_bytes),
                ..bare
            },
            LineFault::TooLarge { bytes, checksum } => Self {
                fault: Some(FaultName::TooLarge),
                bytes: Some(bytes),
                checksum: Some(checksum),
                ..bare
            },
        }
    }

    /// The line; none where its members do not go together.
    pub(super) fn row(&self) -> Option<BronzeRow<'_>> {
        let text = &*self.raw;
        let place = (self.line, self.from_bytes, self.to_bytes);
        let fault = match (&self.fault, place, (self.bytes, self.checksum)) {
            (None, (None, None, None), (None, None)) => return Some(BronzeRow::Line(text)),
            (Some(FaultName::OpenQuote), (Some(line), None, None), (None, None)) => {
                LineFault::OpenQuote { line }
            }
            (
                Some(FaultName::TooLong),
                (Some(line), Some(from_bytes), Some(to_bytes)),
                (None, None),
            ) => LineFault::TooLong { line, from_bytes, to_bytes },
            (Some(FaultName::TooLarge), (None, None, None), (Some(bytes), Some(checksum))) => {
                LineFault::TooLarge { bytes, checksum }
            }
            _ => return None,
        };
        Some(BronzeRow::Broken { fault, text })
    }
}

/// The text of the columns of a row that is JSON.
pub(super) fn fields<'a>(json: &'a [u8], kind: Kind) -> Result<Fields<'a>, String> {
    if json.starts_with(b"{\"raw\":")
        && let Ok(line) = json::read::<RawLine<'_>>(json)
        && let Some(row) = line.row()
        && let Some(why) = row.why_none()
    {
        return Err(why);
    }
    if json.len() > JSON_BYTES_MAX {
        return Err(too_long());
    }
    let not_a_row = |error| format!("not a row: {error}");
    let text = json::text(json).map_err(not_a_row)?;
    let fields = match plain_fields(text, kind) {
        Some(fields) => fields,
        None => any_fields(text, kind).map_err(not_a_row)?,
    };
    // The same measure as for a row of a file: escapes and names do not count.
    if fields.iter().map(|field| field.len()).sum::<usize>() > ROW_BYTES_MAX {
        return Err(too_long());
    }
    Ok(fields)
}

/// The fields of a row as our own producer writes it: every value a text, and no other members.
fn plain_fields(json: &str, kind: Kind) -> Option<Fields<'_>> {
    let mut json = json::Plain::new(json);
    let mut fields: [Option<&str>; COLUMNS] = Default::default();
    json.skip("{")?;
    loop {
        let name = json.text()?;
        json.skip(":")?;
        let (index, _) = kind.find_column(name)?;
        if fields[index].replace(json.text()?).is_some() {
            return None;
        }
        if json.skip(",").is_none() {
            break;
        }
    }
    json.skip("}")?;
    json.end()?;
    Some(fields.map(|field| Cow::Borrowed(field.unwrap_or_default())))
}

fn any_fields(json: &str, kind: Kind) -> Result<Fields<'_>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let fields = deserializer.deserialize_map(RowVisitor { kind })?;
    deserializer.end()?;
    Ok(fields)
}

/// Reads one JSON object into the columns of its kind.
struct RowVisitor {
    kind: Kind,
}

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object of scalar values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields: [Option<Cow<'de, str>>; COLUMNS] = Default::default();
        let mut others = std::collections::BTreeSet::new();
        while let Some(json::Text(name)) = map.next_key::<json::Text<'de>>()? {
            let value = map.next_value::<&'de RawValue>()?.get();
            let Some((index, _)) = find_column(self.kind, &name) else {
                if !others.insert(name.clone().into_owned()) {
                    return Err(serde::de::Error::custom(format!("{name} stands twice")));
                }
                continue;
            };
            // What an unknown column holds is not looked at.
            let value = scalar_text(value)
                .map_err(|what| serde::de::Error::custom(format!("{name} is {what}")))?;
            if fields[index].replace(value).is_some() {
                return Err(serde::de::Error::custom(format!("{name} stands twice")));
            }
        }
        Ok(fields.map(Option::unwrap_or_default))
    }
}

/// The column of that name, in any case.
fn find_column(kind: Kind, name: &str) -> Option<(usize, Language)> {
    kind.find_column(name).or_else(|| kind.find_column(&name.to_ascii_lowercase()))
}

/// The text of one JSON value: strings as they are, numbers by their literal, null as nothing.
fn scalar_text(raw: &str) -> Result<Cow<'_, str>, &'static str> {
    match raw.as_bytes().first() {
        Some(b'"') => match serde_json::from_str::<json::Text<'_>>(raw) {
            Ok(json::Text(text)) => Ok(text),
            Err(_) => Err("not valid text"),
        },
        Some(b'n') => Ok(Cow::Borrowed("")),
        Some(b't' | b'f') => Err("a boolean"),
        Some(b'{' | b'[') => Err("nested"),
        _ => Ok(Cow::Borrowed(raw)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_as_we_write_it_is_read_as_any_json_is() {
        for (json, is_plain) in [
            (r#"{"id_achat":"1","montant":"12,5","produit":"é"}"#, true),
            (r#"{"purchase_id":""}"#, true),
            (r#"{"id_achat":"1","amount":12.5}"#, false),
            (r#"{"id_achat":"1","purchase_id":"1"}"#, false),
            (r#"{"id_achat":"1","x":"y"}"#, false),
            (r#"{"id_achat":"a\nb"}"#, false),
            (r#"{"id_achat":"1",}"#, false),
            (r#"{"id_achat":"1"}}"#, false),
            (r#"{"id_achat":"1" }"#, false),
            ("{}", false),
        ] {
            let plain = plain_fields(json, Kind::Purchases);
            assert_eq!(plain.is_some(), is_plain, "{json}");
            if plain.is_some() {
                assert_eq!(plain, any_fields(json, Kind::Purchases).ok(), "{json}");
            }
        }
    }
}

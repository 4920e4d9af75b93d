//! One row in which two golds differ: how it is told, in a bounded form and in words. Which rows differ is
//! not decided here.

use crate::text::Harmless;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::{self, Write};

/// So many characters of a text are told: a row may be of 256 KiB.
const TOLD_CHARS_MAX: usize = 200;
/// So many of them stand before the place where two long texts part.
const BEFORE_CHARS: usize = 20;

/// A row that is not the same in both, or stands in one of them only. Long texts in it are cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The table, `summary` or `accounting`.
    pub table: Cow<'static, str>,
    /// The row's key. Null for the unknown country, and where the table has no keys.
    pub key: Value,
    /// The first field that differs, in the order of the columns: averages follow from what stands before
    /// them. Null where one side has no such row.
    pub field: Option<String>,
    /// What the stream holds; without a field the whole row, or null where it has none.
    pub gold: Value,
    /// What the batch says, likewise.
    pub batch: Value,
    /// The row's other fields that differ.
    pub also: Vec<String>,
}

impl Difference {
    /// Two rows of one key.
    pub(super) fn of_rows<R: Serialize>(
        table: &'static str,
        key: &Value,
        (gold, batch): (&R, &R),
    ) -> Self {
        let (gold, batch) = (Fields::of(gold), Fields::of(batch));
        let pairs = gold.0.iter().zip(&batch.0);
        let mut differing = pairs.filter(|((_, gold), (_, batch))| gold != batch);
        let Some(((field, gold), (_, batch))) = differing.next() else {
            return Self::of_one(table, key, Value::Null, Value::Null);
        };
        let also = differing.map(|((field, _), _)| field.clone()).collect();
        Self { also, ..Self::of_field(table, key, field, (gold, batch)) }
    }

    /// One field.
    pub(super) fn of_field(
        table: &'static str,
        key: &Value,
        field: &str,
        (gold, batch): (&Value, &Value),
    ) -> Self {
        let place = match (gold, batch) {
            (Value::String(gold), Value::String(batch)) => {
                let common = gold.chars().zip(batch.chars()).take_while(|(a, b)| a == b);
                common.count()
            }
            _ => 0,
        };
        let field = Some(field.to_owned());
        let (gold, batch) = (cut(gold.clone(), place), cut(batch.clone(), place));
        Self { table: table.into(), key: cut(key.clone(), 0), field, gold, batch, also: Vec::new() }
    }

    /// A row that one of them has.
    pub(super) fn of_one(table: &'static str, key: &Value, gold: Value, batch: Value) -> Self {
        let (gold, batch) = (cut(gold, 0), cut(batch, 0));
        let key = cut(key.clone(), 0);
        Self { table: table.into(), key, field: None, gold, batch, also: Vec::new() }
    }
}

/// A row's fields in the order of its columns, which a JSON object does not keep.
struct Fields(Vec<(String, Value)>);

impl Fields {
    fn of(row: &impl Serialize) -> Self {
        // Reports have text keys only, so they always have a JSON form.
        let json = serde_json::to_string(row).unwrap_or_default();
        serde_json::from_str(&json).unwrap_or(Self(Vec::new()))
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// With its texts cut to what is told, around their character number `place`.
fn cut(value: Value, place: usize) -> Value {
    match value {
        Value::String(text) => cut_text(text, place).into(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, cut(value, place))).collect()
        }
        other => other,
    }
}

fn cut_text(text: String, place: usize) -> String {
    if text.chars().nth(TOLD_CHARS_MAX).is_none() {
        return text;
    }
    let first = if place < TOLD_CHARS_MAX { 0 } else { place - BEFORE_CHARS };
    let mut told = String::from(if first > 0 { "…" } else { "" });
    let mut rest = text.chars().skip(first);
    told.extend(rest.by_ref().take(TOLD_CHARS_MAX));
    if rest.next().is_some() {
        told.push('…');
    }
    told
}

/// One line: `countries France revenue_cents: gold 1251, batch 1250 (also average_basket_cents)`.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = Harmless(f);
        write!(line, "{}", self.table)?;
        match &self.key {
            Value::String(key) => write!(line, " {key}")?,
            Value::Null if self.table == "countries" => write!(line, " (unknown)")?,
            Value::Null => {}
            other => write!(line, " {other}")?,
        }
        let Self { gold, batch, also, .. } = self;
        match &self.field {
            Some(field) => write!(line, " {field}: gold {gold}, batch {batch}")?,
            None if batch.is_null() => write!(line, ": only gold has it: {gold}")?,
            None => write!(line, ": only the batch has it: {batch}")?,
        }
        if also.is_empty() { Ok(()) } else { write!(line, " (also {})", also.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_names_table_key_and_field_first() {
        let (gold, batch) = (json!(1251), json!(1250));
        let mut difference =
            Difference::of_field("countries", &json!("France"), "revenue_cents", (&gold, &batch));
        let line = "countries France revenue_cents: gold 1251, batch 1250";
        assert_eq!(difference.to_string(), line);
        difference.also = vec!["average_basket_cents".to_owned()];
        assert_eq!(difference.to_string(), format!("{line} (also average_basket_cents)"));
        difference.key = Value::Null;
        assert!(difference.to_string().starts_with("countries (unknown) revenue_cents: "));
        let row = json!({ "day": "2024-03-01" });
        let only = |gold, batch| Difference::of_one("days", &json!("2024-03-01"), gold, batch);
        let told = only(row.clone(), Value::Null).to_string();
        assert_eq!(told, r#"days 2024-03-01: only gold has it: {"day":"2024-03-01"}"#);
        assert!(only(Value::Null, row).to_string().contains(": only the batch has it: {"));
    }

    #[test]
    fn a_terminal_obeys_nothing_of_it() {
        let (gold, batch) = (json!("\u{1b}[2J\u{9b}"), json!("a\nb\u{202e}\u{7f}"));
        let difference = Difference::of_field("customers", &json!("\r7"), "name", (&gold, &batch));
        let line = r#"customers \u{d}7 name: gold "\u001b[2J\u{9b}", batch "a\nb\u{202e}\u{7f}""#;
        assert_eq!(difference.to_string(), line);
    }

    #[test]
    fn long_texts_are_cut_where_they_part() {
        let same = "é".repeat(100_000);
        let (gold, batch) = (json!(format!("{same}a{same}")), json!(format!("{same}b")));
        let told = Difference::of_field("products", &gold, "name", (&gold, &batch));
        let chars = |value: &Value| value.as_str().unwrap().chars().count();
        assert_eq!((chars(&told.key), chars(&told.gold)), (201, 202));
        assert_eq!(told.batch, format!("…{}b", "é".repeat(20)));
        assert!(told.gold.as_str().unwrap().starts_with(&format!("…{}a", "é".repeat(20))));
        let row = json!({ "product": same, "orders": 1 });
        let told = Difference::of_one("products", &json!(same), row, Value::Null);
        assert_eq!((chars(&told.gold["product"]), &told.gold["orders"]), (201, &json!(1)));
    }
}

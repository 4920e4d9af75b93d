//! Values in words: amounts exactly, from whole cents, and nothing from the data that a terminal would obey.

use goldstream_client::json::Json;
use goldstream_client::tables::{Change, Key, key_field};
use std::collections::BTreeMap;

/// One change as a line: `countries France: orders 12 → 13, revenue 230.00 → 243.50`.
pub(super) fn line(change: &Change) -> String {
    let mut line = plain(&change.view);
    match &change.key {
        None => {}
        Some(Key::Text(key)) => line.extend([" ", &plain(key)]),
        Some(Key::Unknown) => line.push_str(" (unknown)"),
    }
    let what = match (&change.before, &change.after) {
        (_, None) => "gone".to_owned(),
        (None, Some(after)) => facts(&change.view, after),
        (Some(before), Some(after)) => moves(before, after),
    };
    format!("{line}: {what}\n")
}

/// All of a row but its key.
fn facts(view: &str, row: &Json) -> String {
    let leaves =
        row.leaves().into_iter().filter(|(path, _)| Some(path.as_str()) != key_field(view));
    let facts = leaves.map(|(path, value)| format!("{} {}", name(&path), text(&path, value)));
    facts.collect::<Vec<_>>().join(", ")
}

/// What is other than before.
fn moves(before: &Json, after: &Json) -> String {
    let mut old: BTreeMap<_, _> = before.leaves().into_iter().collect();
    let mut moves = Vec::new();
    for (path, value) in after.leaves() {
        match old.remove(&path) {
            Some(known) if known == value => {}
            known => {
                let known = known.map_or_else(|| NONE.to_owned(), |known| text(&path, known));
                moves.push(format!("{} {known} → {}", name(&path), text(&path, value)));
            }
        }
    }
    let gone = old.into_iter();
    moves.extend(
        gone.map(|(path, known)| format!("{} {} → {NONE}", name(&path), text(&path, known))),
    );
    moves.join(", ")
}

/// What stands where nothing is.
const NONE: &str = "none";
const CENTS: &str = "_cents";

/// A field's name; amounts are shown in whole units, so theirs is without the cents.
pub(super) fn name(path: &str) -> String {
    plain(path.strip_suffix(CENTS).unwrap_or(path))
}

/// A field's value.
pub(super) fn text(path: &str, value: &Json) -> String {
    match value {
        Json::Number(number) => match value.whole() {
            Some(cents) if path.ends_with(CENTS) => amount(cents),
            _ => number.to_string(),
        },
        Json::Text(text) => plain(text),
        Json::Bool(truth) => truth.to_string(),
        Json::Null | Json::List(_) | Json::Object(_) => NONE.to_owned(),
    }
}

fn amount(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// Text without what a terminal would obey, in one line.
pub(super) fn plain(text: &str) -> String {
    let escaped =
        |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn change(view: &str, key: Option<Key>, before: &str, after: &str) -> Change {
        let json = |text: &str| serde_json::from_str(text).ok().map(Arc::<Json>::new);
        Change { view: view.to_owned(), key, before: json(before), after: json(after) }
    }

    #[test]
    fn a_line_tells_what_moved_from_where_to_where() {
        let france = Some(Key::Text("France".to_owned()));
        let before =
            r#"{"country":"France","orders":12,"revenue_cents":23000,"average_cents":null}"#;
        let after = r#"{"country":"France","orders":13,"revenue_cents":24305,"average_cents":1}"#;
        assert_eq!(
            line(&change("countries", france.clone(), before, after)),
            "countries France: orders 12 → 13, revenue 230.00 → 243.05, average none → 0.01\n"
        );
        assert_eq!(
            line(&change("countries", france.clone(), "", before)),
            "countries France: orders 12, revenue 230.00, average none\n"
        );
        assert_eq!(line(&change("countries", france, before, "")), "countries France: gone\n");
        let unknown = change("countries", Some(Key::Unknown), "", r#"{"orders":1}"#);
        assert_eq!(line(&unknown), "countries (unknown): orders 1\n");
    }

    #[test]
    fn what_is_inside_has_a_way_and_what_is_no_more_is_told() {
        let change = change("accounting", None, r#"{"q":{"a":1,"b":2}}"#, r#"{"q":{"a":3,"c":4}}"#);
        assert_eq!(line(&change), "accounting: q.a 1 → 3, q.c none → 4, q.b 2 → none\n");
    }

    #[test]
    fn amounts_are_exact_to_the_largest() {
        let said = [0, 5, -5, 1_250, -123_456, (1 << 53) - 1, i64::MIN].map(amount);
        let expected = [
            "0.00",
            "0.05",
            "-0.05",
            "12.50",
            "-1234.56",
            "90071992547409.91",
            "-92233720368547758.08",
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn nothing_from_the_data_moves_the_cursor() {
        assert_eq!(plain("a\u{1b}[2J\nÉ\u{9b}"), "a\\u{1b}[2J\\nÉ\\u{9b}");
    }
}

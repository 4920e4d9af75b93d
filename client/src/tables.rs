//! What is shown: a snapshot, and on it every update. Values are absolute, so taking a frame twice changes
//! nothing.

use crate::json::Json;
use crate::message::Message;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The views by name.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Tables {
    objects: BTreeMap<String, Arc<Json>>,
    rows: BTreeMap<String, Rows>,
}

type Rows = BTreeMap<Key, Arc<Json>>;

/// What tells a row from the others of its view. The unknown country comes last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Text, in byte order.
    Text(String),
    /// `null`
    Unknown,
}

/// One object or row that is another than before.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// In which view.
    pub view: String,
    /// Which row; none where the view is one object.
    pub key: Option<Key>,
    /// As it was, if it was there.
    pub before: Option<Arc<Json>>,
    /// As it is, if it is there.
    pub after: Option<Arc<Json>>,
}

/// The field that is a view's key; none for a view that is one object.
#[must_use]
pub fn key_field(view: &str) -> Option<&'static str> {
    Some(match view {
        "customers" => "customer_id",
        "products" => "product",
        "months" => "month",
        "days" => "day",
        "countries" => "country",
        "purchases" => "purchase_id",
        "alerts" => "id",
        _ => return None,
    })
}

impl Tables {
    /// Takes a frame; gives what changed by it, in the frame's order. Other messages change nothing.
    pub fn take(&mut self, message: &Message) -> Vec<Change> {
        let mut changes = Vec::new();
        let (frame, is_whole) = match message {
            Message::Snapshot(frame) => (frame, true),
            Message::Update(frame) => (frame, false),
            _ => return changes,
        };
        for (name, body) in frame.views.fields() {
            let Some(field) = key_field(name) else {
                self.set_object(name, body, &mut changes);
                continue;
            };
            let (upsert, delete) = if is_whole {
                (body.elements(), self.keys_without(name, body.elements(), field))
            } else {
                let part = |of: &str| body.get(of).map_or(&[][..], Json::elements);
                (part("upsert"), part("delete").iter().map(Key::of).collect())
            };
            self.set_rows(name, upsert, field, &mut changes);
            self.delete_rows(name, delete, &mut changes);
        }
        changes
    }

    /// The object of a view.
    #[must_use]
    pub fn object(&self, view: &str) -> Option<&Json> {
        self.objects.get(view).map(|object| &**object)
    }

    /// The rows of a view in the order of REST.
    #[must_use]
    pub fn rows(&self, view: &str) -> Vec<&Json> {
        let mut rows: Vec<_> = self.rows.get(view).into_iter().flatten().collect();
        // The sort is stable, and they come in the order of their keys.
        rows.sort_by(|(_, a), (_, b)| rank(view, a, b));
        rows.into_iter().map(|(_, row)| &**row).collect()
    }

    fn set_object(&mut self, name: &str, body: &Json, changes: &mut Vec<Change>) {
        let after = Arc::new(body.clone());
        let before = self.objects.insert(name.to_owned(), Arc::clone(&after));
        push_if_other(changes, name, None, before, Some(after));
    }

    /// Keys of the known rows that are not among these.
    fn keys_without(&self, name: &str, rows: &[Json], field: &str) -> Vec<Key> {
        let kept: BTreeSet<_> = rows.iter().map(|row| Key::of_row(row, field)).collect();
        let known = self.rows.get(name).into_iter().flat_map(BTreeMap::keys);
        known.filter(|key| !kept.contains(key)).cloned().collect()
    }

    fn set_rows(&mut self, name: &str, rows: &[Json], field: &str, changes: &mut Vec<Change>) {
        let known = self.rows.entry(name.to_owned()).or_default();
        for row in rows {
            let (key, after) = (Key::of_row(row, field), Arc::new(row.clone()));
            let before = known.insert(key.clone(), Arc::clone(&after));
            push_if_other(changes, name, Some(key), before, Some(after));
        }
    }

    fn delete_rows(&mut self, name: &str, keys: Vec<Key>, changes: &mut Vec<Change>) {
        let known = self.rows.entry(name.to_owned()).or_default();
        for key in keys {
            let before = known.remove(&key);
            push_if_other(changes, name, Some(key), before, None);
        }
    }
}

fn push_if_other(
    changes: &mut Vec<Change>,
    view: &str,
    key: Option<Key>,
    before: Option<Arc<Json>>,
    after: Option<Arc<Json>>,
) {
    if before != after {
        changes.push(Change { view: view.to_owned(), key, before, after });
    }
}

/// The largest revenue first, the newest purchase and alert first; all else by key.
fn rank(view: &str, a: &Json, b: &Json) -> Ordering {
    let revenue = |row: &Json| Reverse(row.get("revenue_cents").and_then(Json::whole));
    let newest = |field: &str| {
        let at = |row| Json::get(row, field).and_then(Json::text);
        at(b).cmp(&at(a))
    };
    match view {
        "customers" | "products" | "countries" => revenue(a).cmp(&revenue(b)),
        "purchases" => newest("ingested_at"),
        "alerts" => newest("opened_at"),
        _ => Ordering::Equal,
    }
}

impl Key {
    /// A key as it stands in `delete`.
    fn of(value: &Json) -> Self {
        value.text().map_or(Self::Unknown, |text| Self::Text(text.to_owned()))
    }

    fn of_row(row: &Json, field: &str) -> Self {
        row.get(field).map_or(Self::Unknown, Self::of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(op: &str, views: &serde_json::Value) -> Message {
        let frame = json!({"op": op, "id": "main", "epoch": "e", "version": 1, "views": views});
        Message::parse(&frame.to_string()).unwrap()
    }

    fn country(name: Option<&str>, revenue_cents: i64) -> serde_json::Value {
        json!({"country": name, "revenue_cents": revenue_cents})
    }

    fn keys(tables: &Tables, view: &str) -> Vec<String> {
        let field = key_field(view).unwrap();
        let rows = tables.rows(view).into_iter();
        rows.map(|row| row.get(field).unwrap().text().unwrap_or("null").to_owned()).collect()
    }

    #[test]
    fn rows_come_in_the_order_of_rest() {
        let mut tables = Tables::default();
        let rows =
            [country(None, 5), country(Some("b"), 5), country(Some("a"), 5), country(Some("c"), 9)];
        tables.take(&message(
            "snapshot",
            &json!({"countries": rows, "days": [{"day": "2"}, {"day": "1"}]}),
        ));
        assert_eq!(keys(&tables, "countries"), ["c", "a", "b", "null"]);
        assert_eq!(keys(&tables, "days"), ["1", "2"]);
        let purchase = |id: &str, at: &str| json!({"purchase_id": id, "ingested_at": at});
        let rows = [purchase("b", "1"), purchase("a", "1"), purchase("c", "2")];
        tables.take(&message("snapshot", &json!({"purchases": rows})));
        assert_eq!(keys(&tables, "purchases"), ["c", "a", "b"]);
        let alert = |id: &str, at: &str| json!({"id": id, "opened_at": at});
        tables.take(&message("snapshot", &json!({"alerts": [alert("a", "1"), alert("b", "2")]})));
        assert_eq!(keys(&tables, "alerts"), ["b", "a"]);
    }

    #[test]
    fn an_update_tells_what_changed_and_nothing_else() {
        let mut tables = Tables::default();
        let rows = [country(Some("a"), 1), country(None, 2)];
        let whole = message("snapshot", &json!({"countries": rows, "summary": {"orders": 1}}));
        assert_eq!(tables.take(&whole).len(), 3);
        assert_eq!(tables.take(&whole), [], "a snapshot of the same is no change");
        let body = json!({"upsert": [country(Some("a"), 3), country(Some("b"), 4)], "delete": [null, "x"]});
        let update = message("update", &json!({"countries": body, "summary": {"orders": 1}}));
        let changes = tables.take(&update);
        let keys: Vec<_> = changes.iter().map(|change| change.key.clone().unwrap()).collect();
        assert_eq!(keys, [Key::Text("a".into()), Key::Text("b".into()), Key::Unknown]);
        let cents = |row: &Option<Arc<Json>>| row.as_ref()?.get("revenue_cents")?.whole();
        let moved: Vec<_> =
            changes.iter().map(|change| (cents(&change.before), cents(&change.after))).collect();
        assert_eq!(moved, [(Some(1), Some(3)), (None, Some(4)), (Some(2), None)]);
        assert_eq!(tables.take(&update), [], "a frame that is taken twice changes nothing");
    }

    #[test]
    fn what_a_snapshot_does_not_have_is_gone() {
        let mut tables = Tables::default();
        let rows = |names: &[&str]| {
            let rows: Vec<_> = names.iter().map(|name| country(Some(name), 1)).collect();
            message("snapshot", &json!({ "countries": rows }))
        };
        tables.take(&rows(&["a", "b"]));
        let changes = tables.take(&rows(&["b", "c"]));
        let keys: Vec<_> = changes.iter().map(|change| change.key.clone().unwrap()).collect();
        assert_eq!(keys, [Key::Text("c".into()), Key::Text("a".into())]);
    }
}

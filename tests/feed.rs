//! The feed of the real binary over a real socket: a snapshot, then what changed.

use crate::harness::feed::Feed;
use crate::harness::home::Home;
use crate::harness::shop::{append, lines, purchase, without_codes, write};
use serde_json::{Value, json};

fn of(rows: &Value, field: &str) -> i64 {
    rows.as_array().unwrap().iter().map(|row| row[field].as_i64().unwrap()).sum()
}

/// Parts add up to totals, in every frame.
fn adds_up(views: &Value) {
    let (summary, countries) = (&views["summary"], &views["countries"]);
    assert_eq!(of(countries, "orders"), summary["orders"].as_i64().unwrap(), "{views}");
    assert_eq!(of(countries, "revenue_cents"), summary["revenue_cents"], "{views}");
    assert_eq!(of(countries, "buyers"), summary["buyers"], "{views}");
    assert_eq!(views["accounting"]["accepted_purchases"], summary["orders"], "{views}");
}

/// Applies an update to what was shown.
fn apply(shown: &mut Value, update: &Value) {
    for (view, body) in update["views"].as_object().unwrap() {
        let Some(upsert) = body.get("upsert") else {
            shown[view] = body.clone();
            continue;
        };
        let rows = shown[view].as_array_mut().unwrap();
        let changed = upsert.as_array().unwrap();
        let gone = body["delete"].as_array().unwrap();
        let of_update = |row: &Value| {
            gone.contains(&row["country"]) || changed.iter().any(|r| r["country"] == row["country"])
        };
        rows.retain(|row| !of_update(row));
        rows.extend(changed.iter().cloned());
    }
}

#[test]
fn the_last_purchases_are_shown_by_a_server_that_has_just_begun() {
    let home = Home::new();
    write(&home, 5, 300);
    home.ok("run shop --once");
    let mut running = home.start("run shop").ready();
    let mut feed = Feed::connect(&running.address());
    feed.next();
    feed.send(&json!({"op": "subscribe", "id": "p", "views": {"purchases": {"top": 200}}}));
    let snapshot = feed.next();
    let shown = snapshot["views"]["purchases"].as_array().unwrap();
    assert_eq!(shown.len(), 200);
    let customers: Value =
        serde_json::from_str(&running.get("/api/v1/customers?limit=1000")).unwrap();
    for row in shown {
        let of_row = |it: &&Value| it["customer_id"] == row["customer_id"];
        let customer = customers["rows"].as_array().unwrap().iter().find(of_row).unwrap();
        assert_eq!(row["country"], customer["country"]);
    }
}

#[test]
fn the_feed_shows_what_rest_shows_and_then_every_appended_row() {
    let home = Home::new();
    write(&home, 5, 20);
    let mut running = home.start("run shop").ready();
    running.counts(25);
    let mut feed = Feed::connect(&running.address());
    let hello = feed.next();
    assert_eq!((&hello["op"], &hello["protocol"]), (&json!("hello"), &json!("goldstream.v1")));
    let views = json!({"summary": {}, "accounting": {}, "countries": {}});
    feed.send(&json!({"op": "subscribe", "id": "main", "views": views}));
    let snapshot = feed.next();
    assert_eq!((&snapshot["op"], &snapshot["id"]), (&json!("snapshot"), &json!("main")));
    let gold: Value = serde_json::from_str(&running.get("/api/v1/gold")).unwrap();
    for name in ["epoch", "version"] {
        assert_eq!(snapshot[name], gold[name], "nothing happens, so it is one version");
    }
    let mut shown = snapshot["views"].clone();
    for view in ["summary", "accounting"] {
        assert_eq!(shown[view], gold[view]);
    }
    let sorted = |rows: &Value| {
        let mut rows = rows.as_array().unwrap().clone();
        rows.sort_by_key(|row| row["country"].to_string());
        rows
    };
    assert_eq!(sorted(&without_codes(&shown["countries"])), sorted(&gold["countries"]));
    adds_up(&shown);

    append(&home.path("shop/achats.csv"), lines(purchase, 20..70));
    let mut version = snapshot["version"].clone();
    while shown["summary"]["orders"] != 70 {
        let update = feed.next();
        assert_eq!((&update["op"], &update["prev"]), (&json!("update"), &version), "{update}");
        assert!(update["version"].as_u64() > version.as_u64() && update["ingested_at"].is_string());
        version = update["version"].clone();
        apply(&mut shown, &update);
        adds_up(&shown);
    }
    let gold: Value = serde_json::from_str(&running.get("/api/v1/gold")).unwrap();
    assert_eq!(shown["summary"], gold["summary"]);
    assert_eq!(sorted(&without_codes(&shown["countries"])), sorted(&gold["countries"]));

    running.signal("TERM");
    assert_eq!(feed.next()["op"], "server_shutdown");
    assert_eq!(running.wait().0, Some(0));
}

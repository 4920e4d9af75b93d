//! Random subscriptions over real sockets while two writers commit: slow readers, lost connections,
//! resumed and new ones. In every frame parts add up to totals, and in the end each client shows what
//! `GET /api/v1/gold` says at the same version.

use super::socket_tests::Client;
use crate::testing::server::TestServer;
use crate::testing::shop::{Shop, with_codes};
use goldstream_platform::conformance::draw::Draw;
use serde_json::{Map, Value, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

const CLIENTS: u64 = 12;
/// Connections that each client loses at least.
const RECONNECTS_MIN: u32 = 2;
const COMMITS: usize = 400;
const COUNTRIES: [&str; 4] = ["France", "Espagne", "Italie", ""];
const KEYS: [(&str, &str); 6] = [
    ("customers", "customer_id"),
    ("products", "product"),
    ("months", "month"),
    ("days", "day"),
    ("countries", "country"),
    ("purchases", "purchase_id"),
];

/// What a client wishes, and what it shows of it.
struct Shown {
    wish: Map<String, Value>,
    interval_ms: usize,
    objects: BTreeMap<String, Value>,
    tables: BTreeMap<String, BTreeMap<String, Value>>,
    /// Epoch and version of the last frame.
    after: Option<Value>,
}

impl Shown {
    fn draw(draw: &mut Draw) -> Self {
        let mut wish = Map::new();
        for view in ["summary", "accounting", "products", "months", "days", "countries"] {
            if draw.once_in(2) {
                wish.insert(view.to_owned(), json!({}));
            }
        }
        let top = 1 + draw.below(30);
        if draw.once_in(4) {
            wish.insert("products".to_owned(), json!({ "top": 1 + draw.below(3) }));
        }
        let mut customers = json!({ "top": top });
        if draw.once_in(2) {
            let country = *draw.one_of(&COUNTRIES);
            customers["country"] = if country.is_empty() { Value::Null } else { json!(country) };
        }
        wish.insert("customers".to_owned(), customers);
        wish.insert("purchases".to_owned(), json!({ "top": top }));
        let (objects, tables) = Default::default();
        Self { wish, interval_ms: 20 + draw.below(200), objects, tables, after: None }
    }

    fn subscribe(&self) -> Value {
        json!({
            "op": "subscribe", "id": "main", "views": self.wish, "interval_ms": self.interval_ms,
            "after": self.after,
        })
    }

    fn take(&mut self, frame: &Value) {
        match frame["op"].as_str().unwrap() {
            "snapshot" => {
                self.objects.clear();
                self.tables.clear();
            }
            "update" => {
                let after = self.after.as_ref().unwrap();
                assert_eq!((&frame["prev"], &frame["epoch"]), (&after["version"], &after["epoch"]));
            }
            _ => return,
        }
        for (view, body) in frame["views"].as_object().unwrap() {
            assert!(self.wish.contains_key(view), "nobody asked for {view}");
            self.show(view, body);
        }
        self.after = Some(json!({ "epoch": frame["epoch"], "version": frame["version"] }));
        self.must_add_up();
    }

    fn show(&mut self, view: &str, body: &Value) {
        let Some((_, key)) = KEYS.iter().find(|(name, _)| *name == view) else {
            self.objects.insert(view.to_owned(), body.clone());
            return;
        };
        let table = self.tables.entry(view.to_owned()).or_default();
        let rows = body.as_array().or(body["upsert"].as_array());
        for row in rows.unwrap() {
            table.insert(row[*key].to_string(), row.clone());
        }
        for gone in body["delete"].as_array().into_iter().flatten() {
            table.remove(&gone.to_string());
        }
    }

    fn sum(&self, view: &str, column: &str) -> Option<i64> {
        let rows = self.tables.get(view)?.values();
        Some(rows.map(|row| row[column].as_i64().unwrap()).sum())
    }

    fn must_add_up(&self) {
        let shown = |view: &str, column: &str| self.objects.get(view)?.get(column)?.as_i64();
        for (column, of_accounting) in [("orders", "accepted_purchases"), ("revenue_cents", "-")] {
            let is_whole = |view: &&str| self.wish.get(*view).is_none_or(|it| it["top"].is_null());
            let whole = ["products", "months", "days", "countries"].into_iter().filter(is_whole);
            let sums: Vec<_> = whole.map(|view| self.sum(view, column)).collect();
            let totals = [shown("summary", column), shown("accounting", of_accounting)];
            let mut known = sums.iter().copied().chain(totals).flatten();
            let first = known.next();
            assert!(known.all(|sum| Some(sum) == first), "{column}: {sums:?} {totals:?}");
        }
        for (view, options) in &self.wish {
            let top = options["top"].as_u64().unwrap_or(u64::MAX);
            let rows = self.tables.get(view).map_or(0, BTreeMap::len) as u64;
            assert!(rows <= top, "{view} shows {rows} rows of {top}");
        }
    }

    /// Fails where it is not what the whole gold says.
    fn must_be(&self, gold: &Value) {
        for (view, body) in &self.objects {
            assert_eq!(body, &gold[view], "{view}");
        }
        for (view, table) in &self.tables {
            if view != "purchases" {
                let shown = sorted(table.values().cloned().collect());
                assert_eq!(shown, sorted(self.wanted(view, gold)), "{view}");
            }
        }
    }

    /// The rows of the gold that a view shows.
    fn wanted(&self, view: &str, gold: &Value) -> Vec<Value> {
        let rows = if view == "countries" { with_codes(&gold[view]) } else { gold[view].clone() };
        let Value::Array(mut rows) = rows else { panic!("{rows}") };
        let options = &self.wish[view];
        if let Some(country) = options.get("country") {
            rows.retain(|row| row["country"] == *country);
        }
        if let Some(top) = options["top"].as_u64() {
            let (_, key) = KEYS.iter().find(|(name, _)| *name == view).unwrap();
            let text = |row: &Value| row[*key].as_str().unwrap().to_owned();
            rows.sort_by_key(|row| (Reverse(row["revenue_cents"].as_i64()), text(row)));
            rows.truncate(top as usize);
        }
        rows
    }
}

fn sorted(mut rows: Vec<Value>) -> Vec<Value> {
    rows.sort_by_key(ToString::to_string);
    rows
}

/// Commits whose customers are of one gold shard.
async fn write(server: Arc<TestServer>, shard: usize) {
    let (mut shop, mut draw) = (Shop::default(), Draw::new(shard as u64 + 1));
    for _ in 0..COMMITS {
        let customer_id = format!("{}{shard}", draw.below(40));
        let product = *draw.one_of(&["Souris", "Clavier", "Écran", "Câble"]);
        let commit = match draw.below(5) {
            0 => shop.lives_in(&customer_id, draw.one_of::<&str>(&COUNTRIES)),
            1 if shard == 0 => shop.repeats(),
            _ => shop.buys_product(&customer_id, 1 + draw.below(9_000) as i64, product),
        };
        server.commit(commit).await;
        if draw.once_in(4) {
            // Others have their turn.
            server.get("/healthz").await;
        }
    }
}

/// Reads, does something else for a while, loses its connection, until all is written and shown.
async fn read(server: Arc<TestServer>, seed: u64) -> Shown {
    let mut draw = Draw::new(100 + seed);
    let mut shown = Shown::draw(&mut draw);
    let mut reconnects = 0;
    loop {
        let mut client = Client::connect(&server).await;
        client.says(shown.subscribe()).await;
        for _ in 0..1 + draw.below(12) {
            let frame = client.next().await;
            shown.take(&frame);
            let is_written = frame["version"] == 2 * COMMITS;
            if frame["op"] == "heartbeat" && is_written && reconnects >= RECONNECTS_MIN {
                return shown;
            }
            for _ in 0..draw.below(20) {
                server.get("/healthz").await;
            }
        }
        if draw.once_in(4) {
            shown.after = None;
        }
        reconnects += 1;
    }
}

#[tokio::test]
async fn whatever_was_asked_and_lost_the_frames_are_the_gold_at_their_version() {
    let server = Arc::new(TestServer::start().await);
    let writers: Vec<_> =
        (0..2).map(|shard| tokio::spawn(write(Arc::clone(&server), shard))).collect();
    let readers: Vec<_> =
        (0..CLIENTS).map(|n| tokio::spawn(read(Arc::clone(&server), n))).collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let gold = server.get("/api/v1/gold").await.json();
    assert_eq!(gold["version"], 2 * COMMITS);
    for reader in readers {
        reader.await.unwrap().must_be(&gold);
    }
}

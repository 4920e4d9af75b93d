//! REST over a real socket: what holds for every route, and the proof.

mod access;
mod around;
mod bodies;
mod conformance;
mod corrected;
mod demo;
mod docs;
mod fates;
mod forecast;
mod forms;
mod ingest;
mod lists;
mod metrics;
mod quarantine;
mod ranges;
mod report;
mod sheets;
mod v0;
mod weekdays;

use super::around::unbroken;
use crate::testing::server::TestServer;
use crate::testing::shop::{PARTITIONS, Shop};
use axum::Router;
use axum::middleware::from_fn;
use axum::routing::get;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::column::{Kind, Names};
use goldstream_domain::partition::partition_of;
use goldstream_domain::progress::{BronzePartition, SilverHead};
use goldstream_domain::record::{BlockBuilder, Headers};
use goldstream_platform::log::Log;
use goldstream_platform::store::{Changes, Commit, ShardId};
use serde_json::{Value, json};

#[tokio::test]
async fn single_things_are_the_object_itself_and_tagged_with_their_version() {
    let server = TestServer::start().await;
    server.commit(Shop::default().buys("1", 500)).await;
    let answer = server.get("/api/v1/summary").await;
    let summary: Value = answer.json();
    assert_eq!((&summary["orders"], &summary["revenue_cents"]), (&json!(1), &json!(500)));
    assert!(summary.get("version").is_none() && answer.header("server-timing").is_some());
    let tag = answer.header("etag").unwrap();
    assert!(tag.ends_with(":1\""), "{tag}");
    for path in ["/api/v1/summary", "/api/v1/accounting", "/api/v1/gold"] {
        let again = server.request("GET", path, &format!("If-None-Match: {tag}\r\n")).await;
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
    }
    let accounting: Value = server.get("/api/v1/accounting").await.json();
    assert_eq!(accounting["quarantined"], json!({}));
}

#[tokio::test]
async fn every_error_is_a_problem() {
    let server = TestServer::start().await;
    for (method, path, status) in [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/nothing", 404),
        ("POST", "/api/v1/summary", 405),
        ("POST", "/", 405),
        ("DELETE", "/nothing", 404),
        ("DELETE", "/index.html", 405),
        ("GET", "/api/v1/summary?limit=3", 400),
        ("GET", "/readyz?x", 400),
        ("GET", "/api/v1/feed", 400),
    ] {
        let answer = server.request(method, path, "").await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        assert_eq!(answer.header("content-type").as_deref(), Some("application/problem+json"));
        assert_eq!(answer.json()["status"], status);
    }
}

#[tokio::test]
async fn a_feed_for_a_page_of_another_origin_is_forbidden() {
    let server = TestServer::start().await;
    let upgrade = "Origin: http://evil.example\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let answer = server.upgrade("/api/v1/feed", upgrade).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn a_panic_is_a_problem_without_its_words() {
    async fn break_down() -> &'static str {
        panic!("secret")
    }
    let router = Router::new().route("/", get(break_down)).layer(from_fn(unbroken));
    let server = TestServer::of(router).await;
    let answer = server.get("/").await;
    assert_eq!(answer.status, 500);
    assert!(!answer.body.contains("secret"));
}

#[tokio::test]
async fn the_page_and_its_assets_come_from_the_binary() {
    let server = TestServer::start().await;
    let page = server.get("/").await;
    assert_eq!(page.header("content-type").as_deref(), Some("text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").is_some());
    assert_eq!(page.header("cache-control").as_deref(), Some("no-cache"));
    // The names bear hashes, so they are read from the page.
    let assets = page.body.split('"').filter(|part| part.starts_with("/assets/"));
    let mut count = 0;
    for path in assets {
        let asset = server.get(path).await;
        assert_eq!(asset.status, 200, "{path}");
        assert!(asset.header("cache-control").unwrap().contains("immutable"), "{path}");
        count += 1;
    }
    assert!(count >= 2, "{}", page.body);
}

#[tokio::test]
async fn it_is_ready_once_what_stood_in_the_log_is_counted() {
    let at = BronzePartition { kind: Kind::Purchases, partition: 0 };
    let server = TestServer::ready_at([(at, 1)].into()).await;
    let answer = server.get("/readyz").await;
    assert_eq!(answer.status, 503);
    assert!(answer.json()["reasons"][0].as_str().unwrap().contains("folded"));
    assert_eq!(server.get("/healthz").await.status, 200);
    server.commit(Shop::default().silver()).await;
    assert_eq!(server.get("/readyz").await.status, 200);
    assert_eq!(server.get("/version").await.json()["name"], "goldstream");
}

#[tokio::test]
async fn the_status_tells_positions_and_lag() {
    let server = TestServer::start().await;
    append_purchase(&server, "7", "1", "5").await;
    server.commit(Shop::default().buys("1", 500)).await;
    let status: Value = server.get("/api/v1/status").await.json();
    assert_eq!(status["lag"]["records"], 1);
    assert_eq!(status["rows"]["total"], 1);
    assert_eq!(status["verified"], Value::Null);
    assert_eq!(status["positions"].as_array().unwrap().len(), 3 * PARTITIONS as usize);
    assert!(status["memory_bytes"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn the_proof_holds_gold_against_the_rows_that_it_has_counted() {
    let server = TestServer::start().await;
    let at = append_purchase(&server, "1", "1", "5,00").await;
    append_purchase(&server, "99", "1", "100").await;
    let mut commit = Shop::default().buys("1", 500);
    let ShardId::Gold(shard) = commit.shard else { panic!() };
    assert_eq!(shard, partition_of(b"1", PARTITIONS), "the customer's own shard");
    let Changes::Gold { head, .. } = &mut commit.changes else { panic!() };
    head.chain.admit(&at.source_id(), 1, 0).unwrap();
    server.commit(commit).await;
    server.commit(silver_at(at, 1)).await;
    let verdict = server.request("POST", "/api/v1/verify", "").await.json();
    let equal = json!({ "equal": true, "rows": 1, "differences": 0, "differing": [] });
    assert_eq!(verdict, equal);
    let mut shop = Shop::default();
    shop.buys("1", 500);
    server.commit(shop.buys("1", 1)).await;
    let verdict = server.post("/api/v1/verify", "", b"ignored").await.json();
    assert_eq!(verdict["equal"], false);
    let first = &verdict["differing"][0];
    assert_eq!((&first["table"], &first["key"]), (&json!("customers"), &json!("1")));
    assert_eq!((&first["gold"]["orders"], &first["batch"]), (&json!(2), &Value::Null));
    let last = verdict["differing"].as_array().unwrap().last().unwrap();
    assert_eq!(last["table"], "accounting");
}

fn silver_at(at: BronzePartition, to: u64) -> Commit {
    Commit {
        shard: ShardId::Silver(at),
        from: 0,
        to,
        ingested_at_ms: None,
        traces: Vec::new(),
        changes: Changes::Silver { head: SilverHead::default(), claims: Vec::new() },
    }
}

async fn append_purchase(
    server: &TestServer,
    id: &str,
    customer_id: &str,
    amount: &str,
) -> BronzePartition {
    let partition = partition_of(id.as_bytes(), PARTITIONS);
    let at = BronzePartition { kind: Kind::Purchases, partition };
    let fields = [id, customer_id, "2023-11-14T22:13:20", amount, "Souris"];
    let row = BronzeRow::Columns { names: Names::default(), fields };
    let mut block = BlockBuilder::default();
    block.push(Headers { origin: None, ingested_at_ms: 1, line: None }, |out| row.encode(out));
    server.store.append(vec![(at.into(), block.take())]).await.unwrap();
    at
}

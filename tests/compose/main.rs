//! `docker compose up` as a user gives it, on images that are built for it: what it counts is what one
//! process counts, whatever is killed and restarted. Everything it makes is removed at the end.

#![allow(clippy::unwrap_used, reason = "these are tests")]

#[allow(dead_code, reason = "it is the scenarios', and a part of it is used here")]
#[path = "../harness/mod.rs"]
mod harness;
mod stack;

use harness::feed::Feed;
use harness::home::Home;
use harness::shop::{PURCHASES, append, lines, purchase, rows};
use harness::wait::eventually;
use serde_json::{Value, json};
use stack::Stack;

/// Rows that are appended while a consumer is away.
const LATER: u64 = 500;

/// The gold of one process over these rows, as text.
fn embedded(home: &Home, line: &str) -> String {
    let fresh = Home::new();
    fresh.ok(&format!("run {} {line} --once", home.path("shop").display()));
    fresh.gold_text()
}

fn rows_in(home: &Home) -> u64 {
    rows(&home.path("shop/clients.csv")) + rows(&home.path("shop/achats.csv"))
}

/// The purchase that is posted, as columns and values.
fn posted() -> Value {
    json!({"id_achat": "P1", "id_client": "C1", "date_achat": "2026-01-02 10:00:00",
        "montant": "12.50", "produit": "Souris"})
}

/// The same as a file.
fn posted_file() -> String {
    format!("{PURCHASES}P1,C1,2026-01-02 10:00:00,12.50,Souris\n")
}

fn a_posted_purchase_reaches_clients_of_the_other_server(stack: &Stack) {
    let mut feed = Feed::connect(&stack.second);
    assert_eq!(feed.next()["op"], "hello");
    feed.send(&json!({"op": "subscribe", "id": "p", "views": {"purchases": {"top": 1}}}));
    assert_eq!(feed.next()["op"], "snapshot");
    stack.post("/api/v1/purchases", &posted());
    loop {
        let frame = feed.next();
        let shown = frame["views"]["purchases"]["upsert"].as_array();
        if shown.is_some_and(|rows| rows.iter().any(|row| row["purchase_id"] == "P1")) {
            return;
        }
    }
}

#[test]
fn a_shop_in_containers_is_counted_exactly_whatever_is_killed_and_restarted() {
    let home = Home::new();
    home.ok("generate --out shop --seed 1");
    let stack = Stack::up(&home.path("shop"));
    let services = stack.compose("ps --services");
    assert!(!services.contains("minio") && !services.contains("lake"), "{services}");
    stack.counts(rows_in(&home));
    assert_eq!(stack.goldstream("export gold"), embedded(&home, ""));

    a_posted_purchase_reaches_clients_of_the_other_server(&stack);

    stack.kill_one("gold");
    stack.compose("restart redis");
    append(&home.path("shop/achats.csv"), lines(purchase, 0..LATER));
    stack.counts(rows_in(&home) + 1);
    stack.verify_equal();

    home.write("posted.csv", posted_file());
    let posted = format!("--purchases {}", home.path("posted.csv").display());
    let expected = embedded(&home, &posted);
    stack.compose("up --detach --wait --scale gold=3");
    assert_eq!(stack.running("gold"), 3);
    assert_eq!(stack.goldstream("export gold"), expected);

    // What was posted stands in no file.
    stack.compose("down");
    stack.compose("up --detach --wait");
    eventually("all of it is there again", || match stack.goldstream("export gold") {
        gold if gold == expected => Ok(()),
        _ => Err(stack.goldstream("status")),
    });
    stack.verify_equal();
}

/// What all writers of the lake have left in the bucket, as the gold of a log that is filled from it.
fn gold_of_the_lake(stack: &Stack) -> Result<String, String> {
    // Who ends in order writes what waits; what it had not read yet is there the next time.
    stack.compose("up --detach --wait lake");
    stack.compose("stop lake");
    let fresh = Home::new()
        .with("AWS_ENDPOINT_URL", format!("http://{}", stack.minio))
        .with("AWS_REGION", "us-east-1")
        .with("AWS_ACCESS_KEY_ID", "minioadmin")
        .with("AWS_SECRET_ACCESS_KEY", "minioadmin");
    let restored = fresh.ask("restore --lake s3://lake/");
    match restored.code {
        Some(0) => Ok(fresh.gold_text()),
        _ => Err(restored.stderr),
    }
}

#[test]
fn a_lake_in_a_bucket_has_all_rows_whatever_of_it_is_killed_and_restarted() {
    let home = Home::new();
    home.ok("generate --out shop --seed 2");
    let stack = Stack::up_with_lake(&home.path("shop"));
    stack.counts(rows_in(&home));
    stack.kill_one("lake");
    stack.post("/api/v1/purchases", &posted());
    stack.compose("up --detach --wait lake");
    stack.compose("kill minio");
    append(&home.path("shop/achats.csv"), lines(purchase, 0..LATER));
    stack.counts(rows_in(&home) + 1);
    stack.compose("up --detach --wait minio");
    home.write("posted.csv", posted_file());
    let posted = format!("--purchases {}", home.path("posted.csv").display());
    let expected = embedded(&home, &posted);
    eventually("the lake has all of it", || match gold_of_the_lake(&stack)? {
        gold if gold == expected => Ok(()),
        gold => Err(gold),
    });
    stack.verify_equal();
}

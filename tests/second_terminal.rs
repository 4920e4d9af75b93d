//! A second process on the same store: questions are put to the first one, all else is refused.

use crate::harness::home::{DATA, Home};
use crate::harness::shop::write;
use serde_json::Value;

#[test]
fn export_verify_and_status_ask_the_running_one_and_give_the_same() {
    let home = Home::new();
    home.ok("generate --out shop --customer-count 300 --purchase-count 3000 --dirt 20");
    let mut running = home.start("run shop").ready();
    let rows = ["clients.csv", "achats.csv"]
        .map(|file| crate::harness::shop::rows(&home.path("shop").join(file)))
        .iter()
        .sum();
    running.counts(rows);
    let asked = home.gold_text();
    home.verify_equal();
    let words = home.ok("status");
    assert!(words.contains(&format!("rows          {rows}")), "{words}");
    let status: Value = serde_json::from_str(&home.ok("status --json")).unwrap();
    assert_eq!(status["rows"]["total"], rows);
    assert_eq!(status["lag"]["records"], 0);
    let roles: Vec<_> = status["roles"].as_array().unwrap().iter().collect();
    assert_eq!(roles, ["produce", "consume", "serve"], "not the running one answered");
    assert_eq!(running.end("TERM"), Some(0));
    assert!(home.gold_text() == asked, "the store and its server differ");
    home.verify_equal();
}

#[test]
fn a_store_in_use_is_refused_and_stays_as_it_is() {
    let home = Home::new();
    write(&home, 10, 20);
    let mut running = home.start("run shop").ready();
    running.counts(30);
    home.ask("run shop").expect(1).says(&[DATA, "in use"]);
    home.ask("run shop --once").expect(1).says(&[DATA, "in use"]);
    home.ask("reset --yes").expect(1).says(&[DATA, "stop it first"]);
    // The first one is not harmed, nor its note.
    assert_eq!(home.accounting().rows(), 30);
    assert_eq!(running.accounting().rows(), 30);
    assert_eq!(running.end("TERM"), Some(0));
    home.ok("reset --yes");
    assert!(!home.path(DATA).exists());
}

#[test]
fn a_note_that_a_killed_one_left_misleads_nobody() {
    let home = Home::new();
    write(&home, 10, 20);
    let mut running = home.start("run shop").ready();
    running.counts(30);
    running.kill();
    assert!(home.path(DATA).join("server.json").is_file());
    assert_eq!(home.accounting().rows(), 30);
    home.verify_equal();
    home.ok("reset --yes");
    assert!(!home.path(DATA).exists());
}

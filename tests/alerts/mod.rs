//! Who is told when something is wrong: the built binary, and servers that take mail and webhooks over real
//! sockets.

mod mail;
mod page;
mod webhooks;

use crate::harness::home::Home;
use crate::harness::process::Running;
use crate::harness::shop::{PURCHASES, append};
use crate::harness::wait::eventually;
use goldstream_domain::moment::Moment;
use goldstream_platform::clock::local_now;
use serde_json::Value;

/// The rule that a shop which has not sold for five minutes is silent, whatever the hour.
const SILENCE: &str = "[alerts.silence]\nminutes = 5\nhours = [0, 24]\n";

/// A purchase that was made so many minutes ago.
fn purchase(number: u64, minutes_ago: i64) -> String {
    format!("A{number},C1,{},12.50,Souris\n", Moment(local_now().0 - minutes_ago * 60))
}

/// A shop whose last purchase was ten minutes ago.
fn write_silent_shop(home: &Home) {
    home.write("shop/achats.csv", PURCHASES.to_owned() + &purchase(1, 12) + &purchase(2, 10));
}

/// Somebody buys, now.
fn buy(home: &Home, number: u64) {
    append(&home.path("shop/achats.csv"), purchase(number, 0));
}

/// Rows that are refused, and so many that somebody should know.
fn post_refused_rows(running: &mut Running) {
    let rows: Vec<_> = (0..200).map(|number| format!(r#"{{"id_achat":"R{number}"}}"#)).collect();
    running.post("/api/v1/purchases", &format!("[{}]", rows.join(",")));
}

/// All incidents, the newest first.
fn incidents(running: &mut Running) -> Vec<Value> {
    let alerts: Value = serde_json::from_str(&running.get("/api/v1/alerts")).unwrap();
    alerts["rows"].as_array().unwrap().clone()
}

/// Waits until the newest incident of a rule is so.
fn wait_for(running: &mut Running, rule: &str, state: &str) -> Value {
    eventually(&format!("{rule} is {state}"), || {
        let all = incidents(running);
        let found = all.iter().find(|it| it["rule"] == rule && it["state"] == state);
        found.cloned().ok_or_else(|| format!("{all:?}"))
    })
}

#[test]
fn nothing_is_looked_at_where_nobody_is_to_be_told() {
    let home = Home::new();
    write_silent_shop(&home);
    home.write("goldstream.toml", SILENCE);
    let mut running = home.start("run shop").ready();
    running.counts(2);
    let alerts: Value = serde_json::from_str(&running.get("/api/v1/alerts")).unwrap();
    assert_eq!((&alerts["enabled"], alerts["rows"].as_array().unwrap().len()), (&false.into(), 0));
    home.ask("alerts test").expect(2).says(&["[[alerts.to]]"]);
    assert_eq!(home.ok("alerts list"), "nothing was to be told\n");
}

#[test]
fn whoever_has_the_page_open_is_told_by_the_feed_and_acknowledges() {
    let home = Home::new();
    write_silent_shop(&home);
    home.write("goldstream.toml", format!("{SILENCE}[[alerts.to]]\nbrowser = true\n"));
    let mut running = home.start("run shop").ready();
    let mut watch = home.start("watch alerts --json");
    let incident = wait_for(&mut running, "silence", "open");
    let id = incident["id"].as_str().unwrap();
    watch.prints(id);
    assert!(incident["message"].as_str().unwrap().contains("No purchase"), "{incident}");
    running.post(&format!("/api/v1/alerts/{id}/acknowledge"), "");
    watch.prints("acknowledged");
    let one: Value = serde_json::from_str(&running.get(&format!("/api/v1/alerts/{id}"))).unwrap();
    assert_eq!(one["state"], "acknowledged");
    // It is known after a restart, too, and to a second terminal, and with nobody there to ask.
    running.kill();
    assert!(home.ok("alerts list").contains("acknowledged"));
    let mut running = home.start("run shop").ready();
    assert!(home.ok("alerts list").contains(id));
    buy(&home, 3);
    assert_eq!(wait_for(&mut running, "silence", "resolved")["id"], id);
    home.verify_equal();
}

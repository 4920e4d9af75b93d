//! Who is told when something is wrong: the built binary, and servers that take mail and webhooks over real
//! sockets.

mod hours;
mod mail;
mod page;
mod reports;
mod webhooks;

use crate::harness::draw::Draw;
use crate::harness::home::Home;
use crate::harness::process::Running;
use crate::harness::shop::{PURCHASES, append, write};
use crate::harness::wait::eventually;
use crate::spoiled::spoil;
use goldstream_domain::moment::Moment;
use goldstream_platform::clock::local_now;
use serde_json::Value;
use std::time::Duration;

/// The rule that a shop which has not sold for five minutes is silent, whatever the hour.
pub(crate) const SILENCE: &str = "[alerts.silence]\nminutes = 5\nhours = [0, 24]\n";

/// A purchase that was made so many minutes ago.
fn purchase(number: u64, minutes_ago: i64) -> String {
    format!("A{number},C1,{},12.50,Souris\n", Moment(local_now().0 - minutes_ago * 60))
}

/// Runs goldstream over a shop, and kills it at drawn moments, six times.
fn kill_at_any_moment(home: &Home, draw: &mut Draw, ms_max: u64) {
    for _ in 0..6 {
        let mut running = home.start("run shop");
        running.address();
        // The moment of death is what is drawn here; nothing is waited for.
        std::thread::sleep(Duration::from_millis(draw.below(ms_max)));
        running.kill();
    }
}

/// A shop whose last purchase was ten minutes ago.
pub(crate) fn write_silent_shop(home: &Home) {
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
pub(crate) fn wait_for(running: &mut Running, rule: &str, state: &str) -> Value {
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
fn a_bad_day_and_a_reached_goal_are_told_with_their_figures() {
    const DAY_MINUTES: i64 = 1_440;
    let home = Home::new();
    // Ten weeks of 100.00 a day, and then nothing until just now.
    let of_day = |days_ago: i64| (0..8).map(move |number| (days_ago * 8 + number, days_ago));
    let past = (2..72).flat_map(of_day);
    let past = past.map(|(number, days_ago)| purchase(number as u64, days_ago * DAY_MINUTES));
    home.write("shop/achats.csv", PURCHASES.to_owned() + &past.collect::<String>());
    buy(&home, 1);
    home.write(
        "goldstream.toml",
        "[alerts.sales_drop]\nfrom_hour = 0\n[alerts.goal]\nrevenue = 12\n[[alerts.to]]\nbrowser = true\n",
    );
    let mut running = home.start("run shop").ready();
    let bad_day = wait_for(&mut running, "sales_drop", "open");
    assert_eq!(bad_day["figures"]["median_cents"], 10_000);
    assert_eq!(bad_day["figures"]["weeks"], 8);
    let day = bad_day["figures"]["day"].as_str().unwrap();
    assert_eq!(bad_day["id"], format!("sales_drop:{day}"));
    assert!(bad_day["link"].as_str().unwrap().ends_with(&format!("&to={day}")), "{bad_day}");
    let goal = wait_for(&mut running, "goal", "open");
    assert_eq!(goal["figures"]["goal_cents"], 1_200);
    assert!(goal["message"].as_str().unwrap().contains("is reached"), "{goal}");
}

#[test]
fn gold_that_is_not_what_the_batch_says_is_told_with_the_first_difference() {
    let home = Home::new();
    write(&home, 10, 30);
    home.ok("run shop --once");
    let customers = spoil(&home, 1);
    home.write("goldstream.toml", "[[alerts.to]]\nbrowser = true\n");
    let mut running = home.start("run shop --audit-cpu-percent 100").ready();
    let told = wait_for(&mut running, "not_equal", "open");
    assert!(told["figures"]["differences"].as_u64().is_some_and(|count| count > 0), "{told}");
    assert!(told["message"].as_str().unwrap().contains(&customers[0]), "{told}");
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

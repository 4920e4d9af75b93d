//! The demo: a shop that goes on selling, in its own store, whenever it is looked at and whatever stops it.

use crate::harness::home::{DATA, Home};
use crate::harness::http;
use crate::harness::process::Running;
use crate::harness::wait::eventually;
use goldstream_domain::gold::report::DayReport;
use goldstream_domain::moment::{Day, Moment};
use goldstream_platform::clock::{local_now, now_ms};
use serde_json::Value;

/// What the shop's first twelve months have at least.
const HISTORY: u64 = 600_000;

fn store() -> String {
    format!("{DATA}/demo")
}

/// A home whose demo begins at that moment.
fn home_at(moment: &str) -> Home {
    Home::new().with("GOLDSTREAM_DEMO_NOW", moment)
}

/// The same store with another moment.
fn run_at(home: &Home, moment: &str) -> Running {
    let mut command = home.command("run --demo");
    command.env("GOLDSTREAM_DEMO_NOW", moment);
    Running::new(command, home.path(store()))
}

/// Waits until the last day with a sale is that one, or later, and all before it is counted: all days.
fn days_to(running: &mut Running, day: Day) -> Vec<DayReport> {
    eventually(&format!("there are sales on {day}"), || {
        let last = running.gold().days.last().map(|row| row.day);
        if last >= Some(day) { Ok(()) } else { Err(format!("the last day is {last:?}")) }
    });
    eventually("nothing waits", || {
        let lag = running.status()["lag"]["records"].clone();
        if lag == 0 { Ok(()) } else { Err(lag.to_string()) }
    });
    running.gold().days
}

fn more_sales(running: &mut Running, than: u64) -> u64 {
    eventually(&format!("there are over {than} sales"), || {
        let sales = running.accounting().accepted_purchases;
        if sales > than { Ok(sales) } else { Err(sales.to_string()) }
    })
}

fn shop_clock(running: &mut Running) -> Value {
    running.status()["shop_clock"].clone()
}

fn shop_time(running: &mut Running) -> Moment {
    Moment::parse(shop_clock(running)["now"].as_str().unwrap()).unwrap()
}

fn wish(running: &mut Running, wish: &str) -> (u16, Value) {
    let url = format!("http://{}/api/v1/demo", running.address());
    let (status, body) = http::post(&url, "application/json", wish).unwrap();
    (status, serde_json::from_str(&body).unwrap())
}

#[test]
fn the_demo_sells_today_beside_thirteen_months_in_a_store_of_its_own() {
    let home = Home::new();
    let first_day = local_now().day();
    let mut running = home.start_over(&store(), "run --demo").ready();
    let days = days_to(&mut running, Day(first_day.0.saturating_sub(1)));
    assert!((365..=397).contains(&days.len()), "{} days", days.len());
    let sales = more_sales(&mut running, HISTORY);
    more_sales(&mut running, sales);
    let gold = running.gold();
    let accounting = &gold.accounting;
    assert!(accounting.duplicate_purchases > 100 && accounting.quarantined.len() > 4);
    assert_eq!(accounting.unchanged_customers, 0);
    assert_eq!((gold.summary.countries, gold.summary.products), (9, 10));
    assert_eq!(running.end("TERM"), Some(0));
    let entries: Vec<_> = std::fs::read_dir(home.path(DATA)).unwrap().map(Result::unwrap).collect();
    assert_eq!(entries.len(), 1, "the demo touched its neighbour's store: {entries:?}");
    let said = home.ok(&format!("verify --data-dir {}", store()));
    assert!(said.starts_with("equal"), "{said}");
}

#[test]
fn a_demo_that_was_killed_and_left_for_days_is_as_if_it_had_never_stopped() {
    let home = home_at("2026-05-12T10:00:00");
    let mut running = home.start_over(&store(), "run --demo").ready();
    let sales = more_sales(&mut running, 0);
    running.kill();
    // A minute later, killed again while its history is read or after it.
    let mut running = run_at(&home, "2026-05-12T10:01:00").ready();
    more_sales(&mut running, sales);
    running.kill();
    let mut running = run_at(&home, "2026-05-12T11:00:00").ready();
    days_to(&mut running, Day::parse("2026-05-12").unwrap());
    let live = more_sales(&mut running, HISTORY);
    more_sales(&mut running, live);
    running.kill();
    // Three days off. Nobody buys for nearly three minutes then: both runs end with the same sale.
    let later = "2026-05-15T04:07:25";
    let once = |home: &Home| {
        let mut command = home.command("run --demo --once");
        command.env("GOLDSTREAM_DEMO_NOW", later);
        let (status, said) = Running::new(command, home.path(store())).wait();
        assert_eq!(status, Some(0), "{said}");
        home.ok(&format!("export gold --data-dir {}", store()))
    };
    let stopped = once(&home);
    let never_stopped = once(&home_at(later));
    assert!(stopped == never_stopped, "the gold of a demo that was stopped is another one");
}

#[test]
fn days_on_which_it_did_not_run_look_like_those_before() {
    let home = home_at("2026-05-12T22:00:00");
    let mut running = home.start_over(&store(), "run --demo").ready();
    days_to(&mut running, Day::parse("2026-05-12").unwrap());
    running.kill();
    let mut running = run_at(&home, "2026-05-18T03:00:00").ready();
    let days = days_to(&mut running, Day::parse("2026-05-18").unwrap());
    let orders: Vec<_> = days.iter().rev().skip(1).take(14).map(|row| row.orders).collect();
    for (orders, week_before) in orders[..7].iter().zip(&orders[7..]) {
        let (least, most) = (week_before * 7 / 10, week_before * 14 / 10);
        assert!((least..=most).contains(orders), "{orders} after {week_before}");
    }
    let gap = days.windows(2).find(|pair| pair[1].day.0 != pair[0].day.0 + 1);
    assert!(gap.is_none(), "{gap:?}");
}

#[test]
fn a_rush_hour_and_a_fast_clock_move_it_and_a_restart_does_not_turn_it_back() {
    let home = Home::new().with("TZ", zone_of_the_afternoon());
    let mut running = home.start_over(&store(), "run --demo").ready();
    let sales = more_sales(&mut running, HISTORY);
    let (status, clock) = wish(&mut running, r#"{"rush_hour":true}"#);
    assert_eq!(status, 200, "{clock}");
    // By themselves so many take a quarter of an hour.
    more_sales(&mut running, sales + 50);
    let before = shop_time(&mut running);
    assert_eq!(wish(&mut running, r#"{"pace":60}"#).0, 200);
    eventually("ten minutes have passed in the shop", || {
        let now = shop_time(&mut running);
        if now.0 > before.0 + 600 { Ok(()) } else { Err(now.to_string()) }
    });
    let sales = running.accounting().accepted_purchases;
    let sold_at = shop_time(&mut running);
    more_sales(&mut running, sales);
    running.kill();

    let mut running = home.start_over(&store(), "run --demo").ready();
    eventually("its clock is where it was", || {
        let clock = shop_clock(&mut running);
        let now = shop_time(&mut running);
        // It is where somebody bought last, which by night is some minutes before.
        let is_there = now.0 > sold_at.0 - 300 && clock["pace"] == 1;
        if is_there { Ok(()) } else { Err(clock.to_string()) }
    });
    let sales = running.accounting().accepted_purchases;
    more_sales(&mut running, sales);
    assert_eq!(running.end("TERM"), Some(0));
    let said = home.ok(&format!("verify --data-dir {}", store()));
    assert!(said.starts_with("equal"), "{said}");
}

/// A zone in which it is between two and three in the afternoon now: by night nobody buys for minutes.
fn zone_of_the_afternoon() -> String {
    let hour = now_ms() / 3_600_000 % 24;
    // What is behind such a name is how far it is to UTC, so what is ahead of it is negative.
    format!("TEST{:+}", hour - 14)
}

#[test]
fn its_time_is_that_of_the_zone_in_the_environment() {
    let home = Home::new().with("TZ", "TEST-14");
    let mut running = home.start_over(&store(), "run --demo").ready();
    let ahead = shop_time(&mut running).0 - now_ms() / 1000;
    assert!((13 * 3600..15 * 3600).contains(&ahead), "{ahead} s ahead of UTC");
}

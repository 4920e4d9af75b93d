//! Books over days of a shop: what is noticed, told and over, whoever steps it and however often.

#[path = "book_hour_tests.rs"]
mod hours;

use super::*;
use crate::facts::{Audit, Counted, Event, Waiting};
use crate::judge::hours_wanted;
use crate::outbox::GATHER_MS;
use crate::rules::{Goal, SalesDrop};
use goldstream_domain::gold::merge::Sales;
use goldstream_domain::moment::{Day, Hour, Moment};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A shop whose clock is moved by hand.
struct Shop {
    facts: Facts,
    book: Book,
    rules: Rules,
    to: Vec<String>,
    hours: BTreeMap<Hour, Sales>,
    /// Those that the clock leaves out, or has twice.
    skipped: BTreeSet<Hour>,
}

fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

impl Shop {
    fn new() -> Self {
        let mut facts = Facts::default();
        facts.take(Event::Waiting(Waiting::For(0)));
        facts.take(Event::Counted(Counted::default()));
        let (book, to) = (Book::new("7f3a"), vec!["owner".to_owned()]);
        let (rules, hours, skipped) = (Rules::default(), BTreeMap::new(), BTreeSet::new());
        Self { facts, book, rules, to, hours, skipped }
    }

    /// A shop that sells for 100.00 a day from one day to another.
    fn selling(from: &str, to: &str) -> Self {
        let mut shop = Self::new();
        for number in day(from).0..=day(to).0 {
            shop.facts.take(Event::Day(Day(number), Some(10_000)));
        }
        shop.facts.take(Event::Purchased(moment(&format!("{to}T20:00:00"))));
        shop
    }

    fn at(&mut self, time: &str) -> &mut Self {
        let local = moment(time);
        let wanted = hours_wanted(&self.rules, local).into_iter();
        let known = wanted.filter(|hour| !self.skipped.contains(hour));
        let sold = |hour: &Hour| self.hours.get(hour).copied().unwrap_or_default();
        self.facts.take(Event::Hours(known.map(|hour| (hour, sold(&hour))).collect()));
        self.facts.take(Event::Clock(Now { local, utc_ms: local.0 * 1_000 }));
        let step =
            Step { rules: &self.rules, facts: &self.facts, version: "e/1", receivers: &self.to };
        self.book.step(step);
        self
    }

    fn take(&mut self, event: Event) -> &mut Self {
        self.facts.take(event);
        self
    }

    /// Id and state of every incident.
    fn all(&self) -> Vec<(&str, IncidentState)> {
        self.book.incidents.iter().map(|it| (&*it.id, it.state)).collect()
    }

    /// What is to be sent: each item of each message.
    fn told(&self) -> Vec<String> {
        let items = self.book.outbox.messages().iter().flat_map(|message| &message.items);
        items.map(|item| format!("{} {}", item.incident, item.turn.name())).collect()
    }
}

use IncidentState::{Acknowledged as Known, Open, Resolved};

#[test]
fn a_day_far_below_its_weekday_opens_one_incident_and_late_rows_resolve_it() {
    let mut shop = Shop::selling("2026-09-01", "2026-11-27");
    shop.take(Event::Day(day("2026-11-28"), Some(4_999)));
    shop.take(Event::Purchased(moment("2026-11-28T20:00:00")));
    // The day is not whole for everybody before six.
    assert!(shop.at("2026-11-29T05:59:59").all().is_empty());
    for time in ["2026-11-29T06:00:00", "2026-11-29T06:00:01", "2026-11-29T08:59:00"] {
        assert_eq!(shop.at(time).all(), [("sales_drop:2026-11-28", Open)]);
    }
    let figures = &shop.book.incidents[0].figures;
    assert!(matches!(figures, Figures::SalesDrop { median_cents: 10_000, weeks: 8, .. }));
    shop.take(Event::Day(day("2026-11-28"), Some(5_000)));
    assert_eq!(shop.at("2026-11-29T09:00:00").all(), [("sales_drop:2026-11-28", Resolved)]);
    // Taken back again: that was told.
    shop.take(Event::Day(day("2026-11-28"), Some(4_000))).at("2026-11-29T09:00:01");
    assert_eq!(shop.told(), ["sales_drop:2026-11-28 opened", "sales_drop:2026-11-28 resolved"]);
}

#[test]
fn bad_days_in_a_row_are_one_incident() {
    let mut shop = Shop::selling("2026-09-01", "2026-11-25");
    for (date, next) in [("2026-11-26", "2026-11-27"), ("2026-11-27", "2026-11-28")] {
        shop.take(Event::Day(day(date), Some(1)));
        shop.take(Event::Purchased(moment(&format!("{date}T20:00:00"))));
        shop.at(&format!("{next}T06:00:00"));
        assert_eq!(shop.all(), [("sales_drop:2026-11-26", Open)]);
    }
    shop.take(Event::Day(day("2026-11-28"), Some(10_000)));
    assert_eq!(shop.at("2026-11-29T06:00:00").all(), [("sales_drop:2026-11-26", Resolved)]);
}

#[test]
fn a_young_shop_and_one_that_is_closed_on_that_weekday_are_not_held_against_nothing() {
    let mut shop = Shop::selling("2026-11-07", "2026-11-28");
    shop.take(Event::Day(day("2026-11-28"), Some(1)));
    assert!(shop.at("2026-11-29T07:00:00").all().is_empty());
    let mut shop = Shop::selling("2026-09-01", "2026-11-28");
    for weeks in 0..10 {
        shop.take(Event::Day(Day(day("2026-11-28").0 - 7 * weeks), None));
    }
    shop.take(Event::Purchased(moment("2026-11-28T20:00:00")));
    assert!(shop.at("2026-11-29T07:00:00").all().is_empty());
}

#[test]
fn nothing_is_said_of_sales_while_rows_wait_or_where_the_shop_is_history() {
    let mut shop = Shop::selling("2026-09-01", "2026-11-27");
    shop.take(Event::Day(day("2026-11-28"), Some(1)));
    for waiting in [Waiting::For(60_000), Waiting::CatchingUp, Waiting::Unknown] {
        assert!(shop.take(Event::Waiting(waiting)).at("2026-11-29T12:01:00").all().is_empty());
    }
    let mut history = Shop::selling("2009-09-01", "2011-12-09");
    assert!(history.at("2026-11-29T12:00:00").all().is_empty());
}

#[test]
fn a_shop_is_silent_within_its_hours_only() {
    let mut shop = Shop::selling("2026-11-27", "2026-11-28");
    // The last purchase was yesterday at eight in the evening; it opens at nine.
    for time in ["2026-11-28T22:59:59", "2026-11-29T08:00:00", "2026-11-29T11:59:59"] {
        assert!(shop.at(time).all().is_empty(), "{time}");
    }
    assert_eq!(shop.at("2026-11-29T12:00:00").all(), [("silence:2026-11-29T09", Open)]);
    // It goes on over the night, and is the same.
    assert_eq!(shop.at("2026-11-30T13:00:00").all(), [("silence:2026-11-29T09", Open)]);
    shop.take(Event::Purchased(moment("2026-11-30T13:01:00")));
    assert_eq!(shop.at("2026-11-30T13:01:01").all(), [("silence:2026-11-29T09", Resolved)]);
}

#[test]
fn a_shop_that_is_silent_again_after_one_purchase_is_told_of_within_the_hour() {
    let mut shop = Shop::selling("2026-11-28", "2026-11-28");
    shop.rules.silence.minutes = 20;
    shop.take(Event::Purchased(moment("2026-11-29T10:05:00")));
    assert_eq!(shop.at("2026-11-29T10:25:00").all(), [("silence:2026-11-29T10", Open)]);
    shop.take(Event::Purchased(moment("2026-11-29T10:26:00")));
    assert_eq!(shop.at("2026-11-29T10:26:00").all(), [("silence:2026-11-29T10", Resolved)]);
    // What comes and goes within an hour is told once.
    assert_eq!(shop.at("2026-11-29T10:59:59").all(), [("silence:2026-11-29T10", Resolved)]);
    let both = [("silence:2026-11-29T10", Resolved), ("silence:2026-11-29T11", Open)];
    assert_eq!(shop.at("2026-11-29T11:00:00").all(), both);
}

#[test]
fn refused_rows_are_counted_by_the_hour() {
    let mut shop = Shop::new();
    shop.take(Event::Counted(Counted { rows: 1_000, refused_rows: 900 }));
    // What was refused before anybody was to be told.
    assert!(shop.at("2026-11-29T10:00:00").all().is_empty());
    shop.take(Event::Counted(Counted { rows: 1_099, refused_rows: 950 }));
    assert!(shop.at("2026-11-29T10:10:00").all().is_empty(), "too few rows to say");
    shop.take(Event::Counted(Counted { rows: 1_100, refused_rows: 906 }));
    let hour = ("quarantine_share:2026-11-29T10", Open);
    assert_eq!(shop.at("2026-11-29T10:20:00").all(), [hour]);
    // The hour as a whole is a bad one; the next is good.
    shop.at("2026-11-29T11:00:00").take(Event::Counted(Counted { rows: 2_000, refused_rows: 908 }));
    assert_eq!(shop.at("2026-11-29T11:59:59").all(), [hour]);
    assert_eq!(shop.at("2026-11-29T12:00:00").all(), [(hour.0, Resolved)]);
}

#[test]
fn lag_does_not_come_and_go_at_its_limit() {
    let mut shop = Shop::new();
    for (ms, expected) in
        [(300_000, None), (300_001, Some(Open)), (299_000, Some(Open)), (150_000, Some(Resolved))]
    {
        shop.take(Event::Waiting(Waiting::For(ms))).at("2026-11-29T10:00:00");
        assert_eq!(shop.all().first().map(|(_, state)| *state), expected, "{ms}");
    }
    let mut shop = Shop::new();
    shop.take(Event::Waiting(Waiting::Unknown));
    assert!(shop.at("2026-11-29T10:00:00").all().is_empty());
    assert!(shop.at("2026-11-29T10:05:00").all().is_empty());
    assert_eq!(shop.at("2026-11-29T10:05:01").all(), [("lag:2026-11-29T10", Open)]);
}

#[test]
fn a_difference_stays_until_the_audit_finds_none() {
    let mut shop = Shop::new();
    let found = |differences| Event::Audited(Audit { differences, first: "days".to_owned() });
    assert_eq!(shop.take(found(3)).at("2026-11-29T10:00:00").all()[0].1, Open);
    assert_eq!(shop.book.acknowledge("not_equal:2026-11-29T10"), Acknowledged::Is);
    assert_eq!(shop.at("2026-11-29T11:00:00").all(), [("not_equal:2026-11-29T10", Known)]);
    assert_eq!(shop.take(found(0)).at("2026-11-29T12:00:00").all()[0].1, Resolved);
    assert_eq!(shop.book.acknowledge("not_equal:2026-11-29T10"), Acknowledged::Over);
    assert_eq!(shop.book.acknowledge("not_equal"), Acknowledged::Unknown);
}

#[test]
fn a_goal_is_told_once_a_month_and_that_the_month_ends_is_no_news() {
    let mut shop = Shop::selling("2026-11-01", "2026-11-29");
    shop.rules.goal = Goal { enabled: true, revenue: Some(2_900) };
    shop.rules.sales_drop = SalesDrop { enabled: false, ..SalesDrop::default() };
    assert_eq!(shop.at("2026-11-29T20:30:00").all(), [("goal:2026-11", Open)]);
    shop.at("2026-12-01T08:00:00");
    shop.take(Event::Day(day("2026-12-01"), Some(290_000))).at("2026-12-01T08:30:00");
    assert_eq!(shop.all(), [("goal:2026-11", Resolved), ("goal:2026-12", Open)]);
    assert_eq!(shop.told(), ["goal:2026-11 opened", "goal:2026-12 opened"]);
}

#[test]
fn a_rule_that_is_switched_off_says_nothing_and_ends_what_it_had_said() {
    let mut shop = Shop::selling("2026-11-27", "2026-11-28");
    assert_eq!(shop.at("2026-11-29T12:00:00").all().len(), 1);
    shop.rules.silence.enabled = false;
    assert_eq!(shop.at("2026-11-29T12:00:01").all()[0].1, Resolved);
}

#[test]
fn old_incidents_are_forgotten_but_none_that_holds_or_is_still_to_be_told() {
    let mut shop = Shop::new();
    shop.to.clear();
    let first = day("2020-01-01").0;
    for number in 0..u32::try_from(INCIDENTS_MAX).unwrap() + 50 {
        let time = format!("{}T10:00:00", Day(first + number));
        shop.take(Event::Waiting(Waiting::For(400_000))).at(&time);
        shop.take(Event::Waiting(Waiting::For(0))).at(&time);
    }
    assert_eq!(shop.book.incidents.len(), INCIDENTS_MAX);
    assert_eq!(shop.all()[0].0, "lag:2020-02-20T10");
}

/// What may happen to a shop, and to who has its book.
#[derive(Debug, Clone)]
enum Happening {
    Hours(i64),
    Sales(i64),
    HourSales(u64),
    Waits(u64),
    Rows(u64, u64),
    /// Killed, and begun again from what was stored.
    Restart,
    /// A message is claimed, and sent or not.
    Send(bool),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (1i64..30).prop_map(Happening::Hours),
        (0i64..20_000).prop_map(Happening::Sales),
        (0u64..30).prop_map(Happening::HourSales),
        (0u64..600_000).prop_map(Happening::Waits),
        (0u64..300, 0u64..60).prop_map(|(rows, refused)| Happening::Rows(rows, refused)),
        Just(Happening::Restart),
        any::<bool>().prop_map(Happening::Send),
    ]
}

/// Lets it all happen. `restarts` none leaves those out.
fn play(happenings: &[Happening], restarts: bool) -> (Book, Vec<String>) {
    let mut shop = Shop::selling("2026-09-01", "2026-11-01");
    shop.rules.sales_drop = SalesDrop { hourly: true, orders_min: 5, ..SalesDrop::default() };
    for hour in day("2026-09-01").hour(0).0..day("2026-11-02").hour(0).0 {
        shop.hours.insert(Hour(hour), Sales { orders: 10, revenue_cents: 10_000 });
    }
    let (mut hours, mut counted, mut sent) = (0, Counted::default(), Vec::new());
    for happening in happenings {
        match happening {
            Happening::Hours(more) => hours += more,
            Happening::Sales(cents) => {
                let at = Moment(moment("2026-11-02T00:00:00").0 + hours * 3_600);
                shop.take(Event::Day(at.day(), Some(*cents))).take(Event::Purchased(at));
            }
            Happening::HourSales(orders) => {
                let at = Moment(moment("2026-11-02T00:00:00").0 + hours * 3_600);
                let sales = Sales { orders: *orders, revenue_cents: *orders as i64 * 1_000 };
                shop.hours.insert(at.hour(), sales);
                shop.take(Event::Purchased(at));
            }
            Happening::Waits(ms) => drop(shop.take(Event::Waiting(Waiting::For(*ms)))),
            Happening::Rows(rows, refused_rows) => {
                counted.rows += rows + refused_rows;
                counted.refused_rows += refused_rows;
                shop.take(Event::Counted(counted));
            }
            Happening::Restart if restarts => {
                let stored = serde_json::to_string(&shop.book).unwrap();
                shop.book = serde_json::from_str(&stored).unwrap();
                shop.book.outbox.free();
            }
            Happening::Restart => {}
            Happening::Send(arrives) => {
                let now_ms = shop.facts.now.map_or(0, |now| now.utc_ms) + GATHER_MS;
                if let Some(message) = shop.book.outbox.claim("x", "owner", now_ms) {
                    if *arrives {
                        sent.push(message.id.clone());
                        shop.book.outbox.sent(&message, "x");
                    } else {
                        shop.book.outbox.failed(&message, "x", now_ms);
                    }
                }
            }
        }
        let at = Moment(moment("2026-11-02T00:00:00").0 + hours * 3_600);
        shop.at(&at.to_string()).at(&at.to_string());
    }
    (shop.book, sent)
}

proptest! {
    #[test]
    fn restarts_change_nothing_and_no_message_is_sent_twice(
        happenings in proptest::collection::vec(happening(), 1..80)
    ) {
        let (book, sent) = play(&happenings, true);
        let (other, same) = play(&happenings, false);
        prop_assert_eq!(&book.incidents, &other.incidents);
        prop_assert_eq!(&sent, &same);
        let distinct: BTreeSet<_> = sent.iter().collect();
        prop_assert_eq!(distinct.len(), sent.len());
        let ids: BTreeSet<_> = book.incidents.iter().map(|it| &it.id).collect();
        prop_assert_eq!(ids.len(), book.incidents.len());
        for check in Check::ALL {
            let holds = |it: &&Incident| it.figures.check() == check && it.holds();
            let holding = book.incidents.iter().filter(holds);
            prop_assert!(holding.count() <= 1);
        }
    }
}

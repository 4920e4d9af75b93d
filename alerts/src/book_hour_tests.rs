//! Books over hours of a shop: what stops within a day is told within the hour, and what only looks like it is not.

use super::{IncidentState, Open, Resolved, Shop, day, moment};
use crate::facts::{Event, Waiting};
use crate::incident::{Check, Figures};
use crate::judge::hours_wanted;
use crate::rules::{Rules, SalesDrop};
use goldstream_domain::gold::merge::Sales;
use goldstream_domain::moment::Hour;

/// A shop that sells sixty times in each hour from nine to twenty, for 600.00, up to the beginning of that hour.
fn selling_to(hour: &str) -> Shop {
    let end = self::hour(hour);
    let mut shop = Shop::selling("2026-09-01", &end.day().to_string());
    shop.rules.sales_drop.hourly = true;
    shop.rules.silence.enabled = false;
    for number in day("2026-09-01").hour(0).0..end.0 {
        let hour = Hour(number);
        if (9..20).contains(&hour.of_day()) {
            shop.hours.insert(hour, Sales { orders: 60, revenue_cents: 60_000 });
        }
    }
    shop.last_purchase(&format!("{}:59:00", Hour(end.0 - 1)));
    shop
}

fn hour(text: &str) -> Hour {
    Hour::parse(text).unwrap()
}

impl Shop {
    /// What was sold in an hour, and that somebody bought in it.
    fn sells(&mut self, text: &str, orders: u64) -> &mut Self {
        let sales = Sales { orders, revenue_cents: orders as i64 * 1_000 };
        self.hours.insert(hour(text), sales);
        if orders > 0 {
            self.last_purchase(&format!("{text}:30:00"));
        }
        self
    }

    fn last_purchase(&mut self, at: &str) {
        self.take(Event::Purchased(moment(at)));
    }
}

const ONE_OPEN: [(&str, IncidentState); 1] = [("sales_drop:2026-11-25T14", Open)];

#[test]
fn an_hour_that_stops_is_one_incident_until_an_hour_is_well_again() {
    let mut shop = selling_to("2026-11-25T14");
    shop.sells("2026-11-25T14", 29);
    // Its last rows may still be on their way.
    assert!(shop.at("2026-11-25T15:09:59").all().is_empty());
    for time in ["2026-11-25T15:10:00", "2026-11-25T15:10:02", "2026-11-25T15:59:59"] {
        assert_eq!(shop.at(time).all(), ONE_OPEN);
    }
    let Figures::HourSalesDrop { hour, revenue_cents, median_cents, weeks, percent } =
        shop.book.incidents[0].figures
    else {
        panic!()
    };
    assert_eq!(hour.to_string(), "2026-11-25T14");
    assert_eq!((revenue_cents, median_cents, weeks, percent), (29_000, 60_000, 8, 50));
    // The next hour is as bad: it is the same incident.
    assert_eq!(shop.sells("2026-11-25T15", 1).at("2026-11-25T16:10:00").all(), ONE_OPEN);
    shop.sells("2026-11-25T16", 30).at("2026-11-25T17:09:59");
    assert_eq!(shop.all(), ONE_OPEN);
    shop.at("2026-11-25T17:10:00");
    assert_eq!(shop.all(), [("sales_drop:2026-11-25T14", Resolved)]);
    let told = ["sales_drop:2026-11-25T14 opened", "sales_drop:2026-11-25T14 resolved"];
    assert_eq!(shop.told(), told);
}

#[test]
fn rows_that_come_late_resolve_their_hour() {
    let mut shop = selling_to("2026-11-25T14");
    assert_eq!(shop.sells("2026-11-25T14", 3).at("2026-11-25T15:10:00").all(), ONE_OPEN);
    shop.sells("2026-11-25T14", 55).at("2026-11-25T15:20:00");
    assert_eq!(shop.all(), [("sales_drop:2026-11-25T14", Resolved)]);
}

#[test]
fn hours_that_are_closed_or_sell_little_are_no_alarm_and_no_all_clear() {
    let mut shop = selling_to("2026-11-25T19");
    assert!(shop.at("2026-11-25T19:10:00").all().is_empty());
    let mut quiet = selling_to("2026-11-25T19");
    quiet.rules.sales_drop.orders_min = 61;
    assert!(quiet.sells("2026-11-25T19", 0).at("2026-11-25T20:10:00").all().is_empty());
    // It stops in its last hour: the night says nothing of whether all is well.
    let open = [("sales_drop:2026-11-25T19", Open)];
    assert_eq!(shop.sells("2026-11-25T19", 2).at("2026-11-25T20:10:00").all(), open);
    for time in ["2026-11-25T21:10:00", "2026-11-26T03:10:00", "2026-11-26T09:59:00"] {
        assert_eq!(shop.at(time).all(), open, "{time}");
    }
    shop.sells("2026-11-26T09", 60).at("2026-11-26T10:10:00");
    assert_eq!(shop.all(), [("sales_drop:2026-11-25T19", Resolved)]);
}

#[test]
fn a_day_of_which_nothing_has_come_yet_is_not_told_hour_by_hour() {
    // Its rows come at night.
    let mut shop = selling_to("2026-11-25T20");
    for of_day in 0..24 {
        assert!(shop.at(&format!("2026-11-26T{of_day:02}:30:00")).all().is_empty(), "{of_day}");
    }
    // One purchase shows that rows come as they are made.
    let mut live = selling_to("2026-11-25T20");
    live.sells("2026-11-26T09", 1).at("2026-11-26T10:10:00");
    assert_eq!(live.all(), [("sales_drop:2026-11-26T09", Open)]);
}

#[test]
fn an_hour_that_does_not_come_once_is_neither_judged_nor_a_measure() {
    let mut shop = selling_to("2026-11-25T14");
    let skipped = hour("2026-11-25T14");
    shop.skipped.insert(skipped);
    assert!(shop.at("2026-11-25T15:10:00").all().is_empty());
    // Of eight weeks before, five do not count: three are too few.
    let mut shop = selling_to("2026-11-25T14");
    shop.skipped.extend((1..=5).map(|weeks| Hour(skipped.0 - weeks * 168)));
    assert!(shop.sells("2026-11-25T14", 1).at("2026-11-25T15:10:00").all().is_empty());
    shop.skipped.remove(&Hour(skipped.0 - 168));
    assert_eq!(shop.at("2026-11-25T15:10:02").all(), ONE_OPEN);
    assert!(matches!(shop.book.incidents[0].figures, Figures::HourSalesDrop { weeks: 4, .. }));
}

#[test]
fn a_young_shop_has_no_hours_to_be_held_against() {
    let mut shop = selling_to("2026-09-22T14");
    assert!(shop.sells("2026-09-22T14", 1).at("2026-09-22T15:10:00").all().is_empty());
    let mut older = selling_to("2026-09-29T14");
    older.sells("2026-09-29T14", 1).at("2026-09-29T15:10:00");
    assert_eq!(older.all(), [("sales_drop:2026-09-29T14", Open)]);
}

#[test]
fn nothing_is_said_of_an_hour_while_rows_wait() {
    let mut shop = selling_to("2026-11-25T14");
    shop.sells("2026-11-25T14", 1);
    for waiting in [Waiting::For(60_000), Waiting::CatchingUp, Waiting::Unknown] {
        assert!(shop.take(Event::Waiting(waiting)).at("2026-11-25T15:10:00").all().is_empty());
    }
    assert_eq!(
        shop.take(Event::Waiting(Waiting::For(0))).at("2026-11-25T15:11:00").all(),
        ONE_OPEN
    );
}

#[test]
fn hours_are_looked_at_only_where_that_is_wished() {
    let at = moment("2026-11-25T15:10:00");
    assert!(hours_wanted(&Rules::default(), at).is_empty());
    let mut shop = selling_to("2026-11-25T14");
    shop.rules.sales_drop = SalesDrop::default();
    assert!(shop.sells("2026-11-25T14", 1).at("2026-11-25T15:10:00").all().is_empty());
    let hourly = SalesDrop { hourly: true, ..SalesDrop::default() };
    let wanted = hours_wanted(&Rules { sales_drop: hourly, ..Rules::default() }, at);
    assert_eq!(wanted.len(), 9);
    assert!(wanted.iter().all(|hour| (hour.day().weekday(), hour.of_day()) == (3, 14)));
    // Switched off, it ends what it had said.
    let mut shop = selling_to("2026-11-25T14");
    shop.sells("2026-11-25T14", 1).at("2026-11-25T15:10:00");
    shop.rules.sales_drop.hourly = false;
    assert_eq!(shop.at("2026-11-25T15:11:00").all()[0].1, Resolved);
}

#[test]
fn a_bad_day_and_a_bad_hour_are_told_side_by_side_and_each_is_over_by_itself() {
    let mut shop = selling_to("2026-11-26T14");
    shop.take(Event::Day(day("2026-11-25"), Some(1)));
    shop.sells("2026-11-26T14", 1).at("2026-11-26T15:10:00");
    let both = ["sales_drop:2026-11-25", "sales_drop:2026-11-26T14"];
    assert_eq!(shop.all(), both.map(|id| (id, Open)));
    shop.sells("2026-11-26T15", 60).at("2026-11-26T16:10:00");
    assert_eq!(shop.all(), [(both[0], Open), (both[1], Resolved)]);
    shop.take(Event::Day(day("2026-11-25"), Some(10_000))).at("2026-11-26T16:10:02");
    assert_eq!(shop.all(), both.map(|id| (id, Resolved)));
    assert_eq!(Check::ALL.iter().filter(|check| check.rule().name() == "sales_drop").count(), 2);
}

#[test]
fn a_book_that_an_earlier_version_has_written_is_read_and_gone_on_with() {
    let text = r#"{"shop":"7f3a","incidents":[{"id":"sales_drop:2026-11-24","rule":"sales_drop","state":"open",
        "opened_at_ms":1,"resolved_at_ms":null,"version":"e/1","figures":{"day":"2026-11-24","revenue_cents":1,
        "median_cents":10000,"weeks":8,"percent":50}}],"outbox":[],
        "mark":{"hour":498903,"counted":{"rows":5,"refused_rows":0}}}"#;
    let mut shop = selling_to("2026-11-25T14");
    shop.book = serde_json::from_str(text).unwrap();
    assert_eq!(shop.book.mark.unwrap().hour, Hour(498_903));
    let again = serde_json::to_value(&shop.book).unwrap();
    assert_eq!(again, serde_json::from_str::<serde_json::Value>(text).unwrap());
    shop.take(Event::Day(day("2026-11-24"), Some(1)));
    shop.sells("2026-11-25T14", 1).at("2026-11-25T15:10:00");
    assert_eq!(shop.all(), [("sales_drop:2026-11-24", Open), ONE_OPEN[0]]);
}

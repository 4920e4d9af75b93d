//! The hours of the week over a real socket.

use super::lists::stocked;
use crate::testing::server::TestServer;
use goldstream_domain::gold::rows::{Row, Table};
use goldstream_domain::moment::Moment;
use goldstream_platform::store::Changes;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ALL: &str = "/api/v1/weekdays";

fn rows(answer: &Value) -> &Vec<Value> {
    answer["rows"].as_array().unwrap()
}

/// Weekday, hour and orders of those that sold.
fn sold(answer: &Value) -> BTreeMap<(u64, u64), (u64, i64)> {
    let number = |row: &Value, name: &str| row[name].as_u64().unwrap();
    let of = |row: &Value| {
        let cents = row["revenue_cents"].as_i64().unwrap();
        ((number(row, "weekday"), number(row, "hour")), (number(row, "orders"), cents))
    };
    rows(answer).iter().map(of).filter(|(_, (orders, _))| *orders > 0).collect()
}

/// The same of the shop's purchases, by a calendar of its own.
fn expected(purchases: &[(Moment, i64)]) -> BTreeMap<(u64, u64), (u64, i64)> {
    let mut cells = BTreeMap::new();
    for (at, cents) in purchases {
        // The first of January 1970 was a Thursday.
        let weekday = (at.0 / 86_400 + 3) % 7 + 1;
        let cell = (weekday as u64, (at.0 % 86_400 / 3_600) as u64);
        let (orders, sum): &mut (u64, i64) = cells.entry(cell).or_default();
        *orders += 1;
        *sum += cents;
    }
    cells
}

/// When the shop of the lists' tests sold, and for how much.
fn purchases() -> Vec<(Moment, i64)> {
    let cents = [500, 500, 700, 100, 900, 500, 0, 333, 334];
    (0..).zip(cents).map(|(n, cents)| (Moment(1_700_000_000 + 40_000 * n), cents)).collect()
}

#[tokio::test]
async fn every_hour_of_the_week_is_there_from_monday_on_and_bears_what_it_sold() {
    let (server, _) = stocked().await;
    let answer = server.get(ALL).await.json();
    let keys = rows(&answer).iter().map(|row| (row["weekday"].clone(), row["hour"].clone()));
    let week = (1..=7).flat_map(|weekday| (0..24).map(move |hour| (json!(weekday), json!(hour))));
    assert!(keys.eq(week), "{answer}");
    assert_eq!((rows(&answer).len(), &answer["next"]), (168, &Value::Null));
    assert_eq!(sold(&answer), expected(&purchases()));
    let gold = server.get("/api/v1/gold").await.json();
    for member in ["epoch", "version", "as_of"] {
        assert_eq!(answer[member], gold[member], "{member}");
    }
    assert!(gold.get("hours").is_none(), "the whole gold is that of the contract");
}

#[tokio::test]
async fn a_period_holds_the_days_between_two_both_of_them_included() {
    let (server, _) = stocked().await;
    let all = purchases();
    let (from, to) = (all[2].0.day(), all[5].0.day());
    for (query, holds) in [
        (format!("from={from}&to={to}"), (from, to)),
        (format!("from={from}"), (from, all[8].0.day())),
        (format!("to={to}"), (all[0].0.day(), to)),
        (format!("from={to}&to={to}"), (to, to)),
    ] {
        let answer = server.get(&format!("{ALL}?{query}")).await.json();
        let inside = |(at, _): &&(Moment, i64)| (holds.0..=holds.1).contains(&at.day());
        let some: Vec<_> = all.iter().filter(inside).copied().collect();
        assert_eq!(sold(&answer), expected(&some), "{query}");
        assert_eq!(rows(&answer).len(), 168, "{query}");
    }
    let nothing = server.get(&format!("{ALL}?from=2030-01-01")).await.json();
    assert_eq!((rows(&nothing).len(), sold(&nothing).len()), (168, 0));
    for query in ["from=2024-01-02&to=2024-01-01", "from=2024-1-1", "to=never", "period=7d"] {
        assert_eq!(server.get(&format!("{ALL}?{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn they_come_in_every_form_and_order_and_page_by_page() {
    let (server, _) = stocked().await;
    let csv = server.get(&format!("{ALL}.csv")).await.body;
    assert!(csv.starts_with("weekday,hour,orders,revenue_cents\r\n1,0,"), "{csv}");
    assert_eq!(csv.lines().count(), 169);
    for form in ["ndjson", "arrow", "parquet"] {
        assert_eq!(server.get(&format!("{ALL}?format={form}")).await.status, 200, "{form}");
    }
    let best = server.get(&format!("{ALL}?sort=-revenue_cents&limit=1")).await.json();
    let most = expected(&purchases()).into_values().map(|(_, cents)| cents).max();
    assert_eq!(rows(&best)[0]["revenue_cents"].as_i64(), most);
    let (mut cursor, mut paged) = (String::new(), Vec::new());
    loop {
        let page = server.get(&format!("{ALL}?limit=50{cursor}")).await.json();
        paged.extend(rows(&page).clone());
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let answer = server.get(ALL).await;
    assert_eq!(&paged, rows(&answer.json()));
    let tag = answer.header("etag").unwrap();
    let again = server.request("GET", ALL, &format!("If-None-Match: {tag}\r\n")).await;
    assert_eq!(again.status, 304);
}

#[tokio::test]
async fn what_an_older_version_has_counted_has_no_hours_and_says_so() {
    let server = TestServer::start().await;
    assert_eq!(rows(&server.get(ALL).await.json()).len(), 168, "an empty shop has sold nothing");
    let mut commit = crate::testing::shop::Shop::default().buys("1", 500);
    let Changes::Gold { rows, .. } = &mut commit.changes else { panic!() };
    rows.retain(|change| change.row.table() != Table::Hours);
    assert!(rows.iter().any(|change| matches!(change.row, Row::Day(_))));
    server.commit(commit).await;
    let answer = server.get(ALL).await;
    assert_eq!(answer.status, 409);
    assert!(answer.body.contains("older version"), "{}", answer.body);
    assert_eq!(server.get("/api/v1/days").await.status, 200);
}

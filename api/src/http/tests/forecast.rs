//! The forecast over HTTP: what is learned from, what is told, and when there is none.

use crate::testing::schema::faults;
use crate::testing::server::TestServer;
use crate::testing::shop::Shop;
use goldstream_domain::moment::Moment;
use goldstream_platform::shop_clock::ShopClock;
use serde_json::{Value, json};

/// A shop with so many purchases, some two a day from 2023-11-14 on, whose own clock shows that time.
async fn shop_at(purchases: i64, now: &str) -> TestServer {
    let now = Moment::parse(now).unwrap().0;
    let server = TestServer::for_demo(ShopClock::over(move || now * 1000)).await;
    let mut shop = Shop::default();
    for number in 0..purchases {
        server.commit(shop.buys("1", 1_000 + number * 37 % 700)).await;
    }
    server
}

fn days(forecast: &Value) -> Vec<&str> {
    let rows = forecast["days"].as_array().unwrap();
    rows.iter().map(|row| row["day"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_forecast_begins_with_the_running_day_and_is_what_the_document_says() {
    // The last purchase is of 2024-01-14, which is not over.
    let server = shop_at(132, "2024-01-14 12:00:00").await;
    let answer = server.get("/api/v1/forecast").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = answer.json();
    let document = server.get("/openapi.json").await.json();
    let schema = json!({ "$ref": "#/components/schemas/Forecast" });
    assert_eq!(faults(&document, &schema, &told), [""; 0]);
    let last = server.get("/api/v1/days?sort=-day&limit=1").await.json();
    assert_eq!(
        (&last["rows"][0]["day"], &told["trained_to"]),
        (&json!("2024-01-14"), &json!("2024-01-13"))
    );
    assert_eq!(days(&told).first(), Some(&"2024-01-14"));
    assert_eq!(days(&told).len(), 30);
    assert_eq!(told["month"]["month"], "2024-01");
    let of_month = server.get("/api/v1/days?from=2024-01-01&to=2024-01-13").await.json();
    let so_far: i64 = of_month["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["revenue_cents"].as_i64().unwrap())
        .sum();
    assert_eq!(told["month"]["so_far_cents"], so_far);
    assert!(told["error_percent"].is_number() && told["naive_error_percent"].is_number());
    let short = server.get("/api/v1/forecast?days=7").await.json();
    assert_eq!(days(&short), days(&told)[..7]);
}

#[tokio::test]
async fn a_shop_that_sells_no_more_is_learned_from_to_its_last_day() {
    let server = shop_at(132, "2026-11-29 12:00:00").await;
    let told = server.get("/api/v1/forecast?days=1").await.json();
    assert_eq!(told["trained_to"], "2024-01-14");
    assert_eq!(days(&told), ["2024-01-15"]);
}

#[tokio::test]
async fn there_is_no_forecast_from_too_few_days() {
    // From 2023-11-14 to 2024-01-08 are 56 days, the last of which runs.
    let server = shop_at(119, "2024-01-08 23:00:00").await;
    let last = server.get("/api/v1/days?sort=-day&limit=1").await.json();
    assert_eq!(last["rows"][0]["day"], "2024-01-08");
    let answer = server.get("/api/v1/forecast").await;
    let problem = answer.json();
    assert_eq!(
        (answer.status, &problem["reason"]),
        (409, &json!("too_few_days")),
        "{}",
        answer.body
    );
    assert_eq!((&problem["days"], &problem["days_needed"]), (&json!(55), &json!(56)));
    let next_day = shop_at(119, "2024-01-09 00:00:00").await;
    assert_eq!(next_day.get("/api/v1/forecast").await.status, 200);
}

#[tokio::test]
async fn a_number_of_days_that_nobody_forecasts_is_refused() {
    let server = TestServer::start().await;
    for days in ["0", "91", "-1", "x", ""] {
        let answer = server.get(&format!("/api/v1/forecast?days={days}")).await;
        assert_eq!(answer.status, 400, "{days}: {}", answer.body);
        assert!(answer.json()["detail"].as_str().unwrap().contains("from 1 to 90"));
    }
}

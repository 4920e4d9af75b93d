//! The demo's clock and rush hours: moved by its own page and programs, and only where rows are made up.

use crate::testing::schema::faults;
use crate::testing::server::{Answer, TestServer};
use goldstream_domain::moment::Moment;
use goldstream_platform::shop_clock::{RUSHES_A_DAY_MAX, ShopClock};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const JSON: &str = "Content-Type: application/json\r\n";

async fn wish(server: &TestServer, body: &str) -> Answer {
    server.post("/api/v1/demo", JSON, body.as_bytes()).await
}

/// A demo over a wall clock that the test winds, in seconds.
async fn demo() -> (TestServer, impl Fn(i64)) {
    let noon = Moment::parse("2026-11-29 12:00:00").unwrap().0;
    let wall_ms = Arc::new(AtomicI64::new(noon * 1000));
    let hand = Arc::clone(&wall_ms);
    let clock = ShopClock::over(move || hand.load(Ordering::SeqCst));
    let wind = move |seconds: i64| {
        wall_ms.fetch_add(seconds * 1000, Ordering::SeqCst);
    };
    (TestServer::for_demo(clock).await, wind)
}

#[tokio::test]
async fn its_clock_runs_fast_and_back_at_its_pace_and_status_tells() {
    let (server, wind) = demo().await;
    let fast = wish(&server, r#"{"pace":60}"#).await;
    assert_eq!((fast.status, &fast.json()["pace"]), (200, &json!(60)), "{}", fast.body);
    wind(2);
    let told = server.get("/api/v1/status").await.json();
    let expected = json!({
        "now": "2026-11-29T12:02:00", "pace": 60, "ahead_seconds": 118, "rush_seconds": 0
    });
    assert_eq!(told["shop_clock"], expected);
    assert_eq!(wish(&server, r#"{"pace":1}"#).await.json()["pace"], 1);
    wind(2);
    let told = server.get("/api/v1/status").await.json();
    assert_eq!(told["shop_clock"]["now"], "2026-11-29T12:02:02");
}

#[tokio::test]
async fn a_day_has_only_some_rush_hours() {
    let (server, wind) = demo().await;
    for _ in 0..RUSHES_A_DAY_MAX {
        let answer = wish(&server, r#"{"rush_hour":true}"#).await;
        assert_eq!((answer.status, &answer.json()["rush_seconds"]), (200, &json!(60)));
        wind(60);
    }
    let document = server.get("/openapi.json").await.json();
    let schema = json!({ "$ref": "#/components/schemas/ShopTime" });
    let told = wish(&server, r#"{"pace":1}"#).await.json();
    assert_eq!(faults(&document, &schema, &told), [""; 0]);
    let refused = wish(&server, r#"{"rush_hour":true}"#).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.json()["detail"].as_str().unwrap().contains("rush hours"));
}

#[tokio::test]
async fn other_pages_odd_wishes_and_shops_that_are_real_are_refused() {
    let (server, _wind) = demo().await;
    let foreign = format!("{JSON}Origin: https://evil.example\r\n");
    let refused = server.post("/api/v1/demo", &foreign, br#"{"pace":60}"#).await;
    assert_eq!(refused.status, 403);
    let long = format!(r#"{{"pace":60{}}}"#, " ".repeat(2_000));
    for odd in ["", "[]", "{}", r#"{"pace":2}"#, r#"{"rush_hour":false}"#, r#"{"speed":1}"#, &long]
    {
        assert_eq!(wish(&server, odd).await.status, 400, "{odd}");
    }
    let told = server.get("/api/v1/status").await.json();
    assert_eq!((&told["shop_clock"]["pace"], &told["demo"]), (&json!(1), &json!(true)));
    let real = TestServer::start().await;
    assert_eq!(wish(&real, r#"{"pace":60}"#).await.status, 409);
    assert_eq!(real.get("/api/v1/status").await.json()["shop_clock"], json!(null));
}

//! Metrics over a real connection.

use super::lists::stocked;
use std::collections::BTreeMap;

/// Samples by name and labels.
fn samples(text: &str) -> BTreeMap<&str, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(name, of)| (name, of.parse().unwrap()))
        .collect()
}

#[tokio::test]
async fn every_row_is_counted_by_its_one_fate() {
    let (server, _) = stocked().await;
    let answer = server.get("/metrics").await;
    assert_eq!(
        answer.header("content-type").as_deref(),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let of = samples(&answer.body);
    let status = server.get("/api/v1/status").await.json();
    let fates = of.iter().filter(|(name, _)| name.starts_with("goldstream_rows_total{"));
    let sum: f64 = fates.map(|(_, count)| count).sum();
    assert!(sum > 0.0);
    assert_eq!(Some(sum), status["rows"]["total"].as_f64());
    let accepted = of[r#"goldstream_rows_total{fate="accepted_purchases",reason=""}"#];
    assert_eq!(Some(accepted), status["rows"]["accepted_purchases"].as_f64());
}

#[tokio::test]
async fn requests_are_counted_by_route_and_status_whatever_was_asked() {
    let (server, _) = stocked().await;
    for path in ["/api/v1/summary", "/api/v1/summary?x=1", "/api/v1/customers/no", "/nothing/here"]
    {
        server.get(path).await;
    }
    server.request("BREW", "/api/v1/summary", "").await;
    let text = server.get("/metrics").await.body;
    let of = samples(&text);
    let requests = |method: &str, route: &str, status: u16| {
        let labels = format!(r#"method="{method}",route="{route}",status="{status}""#);
        of.get(&*format!("goldstream_http_requests_total{{{labels}}}")).copied()
    };
    assert_eq!(requests("GET", "/api/v1/summary", 200), Some(1.0));
    assert_eq!(requests("GET", "/api/v1/summary", 400), Some(1.0));
    assert_eq!(requests("GET", "/api/v1/customers/{customer_id}", 404), Some(1.0));
    assert_eq!(requests("GET", "other", 404), Some(1.0));
    assert_eq!(requests("other", "/api/v1/summary", 405), Some(1.0));
    assert_eq!(of[r#"goldstream_http_request_seconds_count{route="/api/v1/summary"}"#], 3.0);
}

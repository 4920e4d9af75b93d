//! What holds for every answer, over a real socket.

use super::super::around::in_time;
use super::lists::stocked;
use crate::testing::server::TestServer;
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::routing::get;
use std::time::Duration;

#[tokio::test]
async fn every_answer_bears_the_id_of_its_request() {
    let server = TestServer::start().await;
    let given = "X-Request-Id: job-7.b:1\r\n";
    for path in ["/api/v1/summary", "/nothing", "/", "/healthz"] {
        let answer = server.request("GET", path, given).await;
        assert_eq!(answer.header("x-request-id").as_deref(), Some("job-7.b:1"), "{path}");
        let (one, two) = (server.get(path).await, server.get(path).await);
        assert_ne!(one.header("x-request-id").unwrap(), two.header("x-request-id").unwrap());
    }
    for odd in ["a b", "<script>", &"x".repeat(129), "é"] {
        let answer = server.request("GET", "/nothing", &format!("X-Request-Id: {odd}\r\n")).await;
        let id = answer.header("x-request-id").unwrap();
        assert_ne!(id, odd);
        assert_eq!(answer.json()["request_id"], id);
        assert_eq!(answer.json()["instance"], "/nothing");
    }
}

#[tokio::test]
async fn answers_tell_how_long_their_parts_took() {
    let (server, _) = stocked().await;
    for path in ["summary", "customers", "customers/1", "countries", "gold"] {
        let timing = server.get(&format!("/api/v1/{path}")).await.header("server-timing").unwrap();
        for part in ["read;dur=", "encode;dur=", "total;dur="] {
            assert!(timing.contains(part), "{path}: {timing}");
        }
    }
}

#[tokio::test]
async fn listed_origins_may_read_and_no_others() {
    let server = TestServer::for_origins(&["https://board.example"]).await;
    let from = |origin: &str| format!("Origin: {origin}\r\n");
    let answer = server.request("GET", "/api/v1/summary", &from("https://board.example")).await;
    let allowed = answer.header("access-control-allow-origin");
    assert_eq!(allowed.as_deref(), Some("https://board.example"));
    let exposed = answer.header("access-control-expose-headers").unwrap();
    for name in ["etag", "server-timing", "x-request-id", "location", "retry-after"] {
        assert!(exposed.contains(name), "{name}");
    }
    assert!(answer.header("vary").unwrap().contains("origin"));
    for origin in ["https://evil.example", "null"] {
        let answer = server.request("GET", "/api/v1/summary", &from(origin)).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, None));
    }
    let asks = "Access-Control-Request-Method: POST\r\n";
    let preflight = format!("{}{asks}", from("https://board.example"));
    let answer = server.request("OPTIONS", "/api/v1/summary", &preflight).await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("access-control-allow-methods").unwrap().contains("POST"));
    assert!(answer.header("access-control-allow-headers").unwrap().contains("content-type"));
    let foreign = format!("{}{asks}", from("https://evil.example"));
    assert_eq!(server.request("OPTIONS", "/api/v1/summary", &foreign).await.status, 405);
}

#[tokio::test]
async fn a_listed_origin_is_given_a_feed() {
    let server = TestServer::for_origins(&["https://board.example"]).await;
    let upgrade = |origin: &str| {
        format!(
            "Origin: {origin}\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        )
    };
    let refused = server.upgrade("/api/v1/feed", &upgrade("https://evil.example")).await;
    assert_eq!(refused.status, 403);
    let given = server.upgrade_status("/api/v1/feed", &upgrade("https://board.example")).await;
    assert_eq!(given, StatusCode::SWITCHING_PROTOCOLS.as_u16());
}

#[tokio::test]
async fn a_method_that_a_path_has_not_is_told_which_it_has() {
    let server = TestServer::start().await;
    for (method, path, allowed) in [
        ("POST", "/api/v1/summary", "GET,HEAD"),
        ("DELETE", "/api/v1/customers/1", "GET,HEAD"),
        ("GET", "/api/v1/verify", "POST"),
        ("PUT", "/index.html", "GET,HEAD"),
        ("POST", "/", "GET,HEAD"),
        ("OPTIONS", "/api/v1/summary", "GET,HEAD"),
    ] {
        let answer = server.request(method, path, "").await;
        assert_eq!(answer.status, 405, "{method} {path}");
        assert_eq!(answer.header("allow").as_deref(), Some(allowed), "{method} {path}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let server = TestServer::start().await;
    let head = "Content-Length: 16777217\r\n";
    let answer = server.head_only("POST", "/api/v1/verify", head).await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.header("content-type").as_deref(), Some("application/problem+json"));
}

#[tokio::test]
async fn an_answer_that_does_not_begin_is_given_up() {
    let within = from_fn(|request, next| in_time(Duration::from_millis(5), request, next));
    let slow = get(std::future::pending::<()>).layer(within);
    let server = TestServer::of(Router::new().route("/", slow)).await;
    let answer = server.get("/").await;
    assert_eq!(answer.status, 408);
    assert_eq!(answer.header("content-type").as_deref(), Some("application/problem+json"));
}

//! Who is let in: with a token, on loopback without one, and what an answer forbids a browser.

use crate::http::route::Door;
use crate::http::routes::routes;
use crate::testing::server::TestServer;
use axum::http::Method;

const TOKEN: &str = "open-sesame";

fn shown(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

#[tokio::test]
async fn every_route_with_something_of_the_shop_wants_the_token() {
    let server = TestServer::for_token(TOKEN).await;
    for route in routes() {
        let path = route.path.replace(['{', '}'], "");
        let refused = server.any(route.method.as_str(), &path, "", b"").await;
        match route.door {
            Door::Open => assert_ne!(refused.status, 401, "{path}"),
            // Without the headers of an upgrade there is no feed in any case.
            Door::GuardedWithin => assert_eq!(refused.status, 400, "{path}"),
            Door::Guarded => {
                assert_eq!(refused.status, 401, "{path}");
                let challenge = refused.header("www-authenticate").unwrap();
                assert!(challenge.starts_with("Bearer"), "{challenge}");
                assert!(refused.json()["detail"].as_str().unwrap().contains("token"));
            }
        }
    }
}

#[tokio::test]
async fn who_shows_the_token_is_answered_and_who_shows_another_is_not() {
    let server = TestServer::for_token(TOKEN).await;
    for path in ["/api/v1/summary", "/v0/stats/summary", "/metrics"] {
        assert_eq!(server.request("GET", path, &shown(TOKEN)).await.status, 200, "{path}");
        for wrong in ["open-sesam", "", "open-sesame2"] {
            assert_eq!(server.request("GET", path, &shown(wrong)).await.status, 401, "{path}");
        }
    }
    let json = format!("{}Content-Type: application/json\r\n", shown("wrong"));
    let row = br#"{"id_client":"1"}"#;
    assert_eq!(server.post("/api/v1/customers", &json, row).await.status, 401);
    let json = format!("{}Content-Type: application/json\r\n", shown(TOKEN));
    assert_eq!(server.post("/api/v1/customers", &json, row).await.status, 202);
}

#[tokio::test]
async fn a_server_on_loopback_is_not_asked_under_a_foreign_name() {
    let server = TestServer::for_origins(&["https://board.example"]).await;
    for (host, status) in [
        ("localhost:9", 200),
        ("127.0.0.1", 200),
        ("board.example", 200),
        ("evil.example:8080", 421),
    ] {
        assert_eq!(server.asked_as(host, "/api/v1/summary").await.status, status, "{host}");
    }
    // A token is worth more than a name.
    let server = TestServer::for_token(TOKEN).await;
    assert_eq!(server.asked_as("evil.example", "/healthz").await.status, 200);
}

#[tokio::test]
async fn no_answer_is_run_framed_or_sniffed() {
    let server = TestServer::start().await;
    for path in ["/", "/api/v1/summary", "/nothing", "/docs/", "/metrics", "/v0/"] {
        let answer = server.any(Method::GET.as_str(), path, "", b"").await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(policy.contains("default-src 'none'") || policy.contains("default-src 'self'"));
        assert_eq!(answer.header("x-content-type-options").as_deref(), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy").as_deref(), Some("no-referrer"), "{path}");
    }
}

#[tokio::test]
async fn a_foreign_page_makes_the_server_prove_nothing() {
    let server = TestServer::start().await;
    let foreign = "Origin: https://evil.example\r\n";
    assert_eq!(server.request("POST", "/api/v1/verify", foreign).await.status, 403);
    let own = format!("Origin: http://{}\r\n", server.address);
    assert_eq!(server.request("POST", "/api/v1/verify", &own).await.status, 200);
}

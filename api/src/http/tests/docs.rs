//! The documentation from inside the binary.

use super::super::routes::routes;
use crate::testing::server::TestServer;

#[tokio::test]
async fn the_documentation_needs_no_other_host() {
    let server = TestServer::start().await;
    let redirect = server.get("/docs").await;
    assert_eq!((redirect.status, redirect.header("location").as_deref()), (308, Some("/docs/")));
    let page = server.get("/docs/").await;
    assert_eq!(page.header("content-type").as_deref(), Some("text/html"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'self'") && !policy.contains("http"), "{policy}");
    assert!(!page.body.contains("//"), "{}", page.body);
    let named =
        |name: &'static str| page.body.split(name).skip(1).map(|rest| rest[2..].split('"').next());
    let files: Vec<_> = named("src").chain(named("href")).flatten().map(str::to_owned).collect();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        let file = file.trim_start_matches("./");
        assert_eq!(server.get(&format!("/docs/{file}")).await.status, 200, "{file}");
    }
    let start = server.get("/docs/swagger-initializer.js").await;
    assert!(start.body.contains("/openapi.json") && start.body.contains("\"none\""));
    assert_eq!(server.get("/docs/nothing.js").await.status, 404);
}

#[tokio::test]
async fn every_route_stands_in_the_document() {
    let server = TestServer::start().await;
    let document = server.get("/openapi.json").await.json();
    for route in routes() {
        let path = route.path.replace("{*", "{");
        let method = route.method.as_str().to_ascii_lowercase();
        let operation = &document["paths"][&path][&method];
        assert!(operation["summary"].is_string(), "{method} {path}");
        // Whoever asks for it in another way is told so, which shows that the router has it.
        let path = path.replace(['{', '}'], "");
        assert_eq!(server.request("PATCH", &path, "").await.status, 405, "{path}");
    }
}

//! The report over HTTP: the figures of `/summary`, the proof that was asked for, and what is refused.

use super::lists::stocked;
use crate::testing::server::TestServer;
use lopdf::Document;

fn text(pdf: &[u8]) -> String {
    let document = Document::load_mem(pdf).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    let text = document.extract_text(&pages).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn euros(cents: i64) -> String {
    format!("€{}.{:02}", cents / 100, cents % 100)
}

#[tokio::test]
async fn a_report_has_the_figures_of_the_summary_and_the_last_proof() {
    let (server, _) = stocked().await;
    let path = "/api/v1/report.pdf?period=all&lang=en&names=yes";
    let answer = server.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("content-type").as_deref(), Some("application/pdf"));
    assert!(answer.header("content-disposition").unwrap().contains("filename=\"goldstream-20"));
    let (text_before, summary) = (text(&answer.bytes), server.get("/api/v1/summary").await.json());
    let revenue = euros(summary["revenue_cents"].as_i64().unwrap());
    let said = format!("{revenue} of revenue, {} orders", summary["orders"]);
    assert!(text_before.contains(&said), "{said} is not in {text_before}");
    assert!(text_before.contains("Not yet verified") && text_before.contains("Anne Martin"));
    let hidden = text(&server.get("/api/v1/report.pdf?period=all").await.bytes);
    assert!(hidden.contains("Pas encore vérifié") && !hidden.contains("Anne Martin"));
}

#[tokio::test]
async fn a_proof_that_was_asked_for_stands_in_the_report() {
    let server = TestServer::start().await;
    let verdict = server.post("/api/v1/verify", "", b"").await;
    assert_eq!(verdict.status, 200, "{}", verdict.body);
    let said = text(&server.get("/api/v1/report.pdf?lang=en").await.bytes);
    assert!(said.contains("Verified: equal to the whole batch over 0 rows"), "{said}");
    assert!(said.contains("No sale in this period"), "{said}");
    // What status tells is made on its own.
    assert!(server.get("/api/v1/status").await.json()["verified"].is_null());
}

#[tokio::test]
async fn a_period_or_language_that_there_is_not_is_refused() {
    let server = TestServer::start().await;
    for (query, said) in
        [("period=8d", "last-month"), ("lang=de", "fr or en"), ("names=x", "yes or no")]
    {
        let answer = server.get(&format!("/api/v1/report.pdf?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(said), "{}", answer.body);
    }
}

//! CSV for spreadsheets over a real socket: `?locale=`.

use super::lists::stocked;
use crate::testing::decode;
use serde_json::json;

const MARK: &str = "\u{feff}";

#[tokio::test]
async fn a_french_spreadsheet_gets_semicolons_commas_and_euros_and_an_english_one_its_own() {
    let (server, _) = stocked().await;
    for (locale, expected) in [
        ("fr", "product;orders;revenue;average;min;max\r\nSouris;3;11,00;3,67;1,00;5,00\r\n"),
        ("en", "product,orders,revenue,average,min,max\r\nSouris,3,11.00,3.67,1.00,5.00\r\n"),
    ] {
        let expected = format!("{MARK}{expected}");
        let query = format!("locale={locale}&sort=-orders&limit=1");
        let answer = server.get(&format!("/api/v1/products?format=csv&{query}")).await;
        assert_eq!(answer.body, expected);
        assert_eq!(answer.header("content-type").as_deref(), Some("text/csv; charset=utf-8"));
        assert!(answer.header("etag").unwrap().ends_with(&format!(":csv-{locale}\"")));
        let by_suffix = server.get(&format!("/api/v1/products.csv?{query}")).await;
        assert_eq!(by_suffix.body, expected);
        let path = format!("/api/v1/products/Souris?format=csv&locale={locale}");
        assert_eq!(server.get(&path).await.body, expected);
    }
    // A semicolon needs quotes where it parts, a comma there not.
    let of = async |locale: &str| {
        let path = format!("/api/v1/products/clavier,%20noir?format=csv&locale={locale}");
        server.get(&path).await.body.lines().last().unwrap().to_owned()
    };
    assert_eq!(of("fr").await, "Clavier, noir;2;5,00;2,50;0,00;5,00");
    assert_eq!(of("en").await, "\"Clavier, noir\",2,5.00,2.50,0.00,5.00");
}

#[tokio::test]
async fn cells_that_a_spreadsheet_would_run_are_text_and_only_there() {
    let (server, mut shop) = stocked().await;
    let people = [("=1", "=HYPERLINK(\"x\")"), ("-5", "-2;3"), ("+6", "\tx"), ("@7", "Jean-Paul")];
    for (id, name) in people {
        server.commit(shop.is(id, name, "", "")).await;
    }
    for (id, name) in people {
        let id_text: String = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let path = format!("/api/v1/customers/{id_text}?format=csv");
        let plain = &decode::csv(&server.get(&path).await.bytes)[0];
        assert_eq!((&plain["customer_id"], &plain["name"]), (&json!(id), &json!(name)));
        let sheet = server.get(&format!("{path}&locale=en")).await;
        let sheet = &decode::csv(&sheet.bytes[MARK.len()..])[0];
        assert_eq!(sheet["customer_id"], format!("'{id}"));
        let sign = if id == "@7" { "" } else { "'" };
        assert_eq!(sheet["name"], format!("{sign}{name}"));
    }
}

#[tokio::test]
async fn a_locale_is_one_of_two_and_of_csv_alone() {
    let (server, _) = stocked().await;
    for (query, told) in [
        ("format=csv&locale=de", "locale is fr or en"),
        ("format=parquet&locale=fr", "locale is of csv"),
        ("locale=fr", "locale is of csv"),
    ] {
        let answer = server.get(&format!("/api/v1/customers?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.body.contains(told), "{}", answer.body);
    }
    let accepted = server.request("GET", "/api/v1/summary?locale=fr", "Accept: text/csv\r\n").await;
    assert!(accepted.body.contains(";revenue;average_basket;"), "{}", accepted.body);
}

//! The forms of an answer over a real socket: each says what the JSON says.

use super::lists::{TABLES, stocked};
use crate::testing::decode;
use crate::testing::server::Answer;
use serde_json::{Map, Value};
use std::io::Read;

const FORMS: [(&str, &str); 4] = [
    ("csv", "text/csv"),
    ("ndjson", "application/x-ndjson"),
    ("arrow", "application/vnd.apache.arrow.stream"),
    ("parquet", "application/vnd.apache.parquet"),
];

fn rows(form: &str, answer: &Answer) -> decode::Rows {
    match form {
        "csv" => decode::csv(&answer.bytes),
        "ndjson" => decode::ndjson(&answer.bytes),
        "arrow" => decode::arrow(&answer.bytes),
        _ => decode::parquet(&answer.bytes),
    }
}

fn expected(form: &str, rows: &decode::Rows) -> decode::Rows {
    if form == "csv" { decode::as_texts(rows) } else { rows.clone() }
}

#[tokio::test]
async fn every_form_of_every_table_holds_what_its_json_holds() {
    let (server, _) = stocked().await;
    for (table, ..) in TABLES {
        let all = decode::json_rows(&server.get(&format!("/api/v1/{table}")).await.json());
        for (form, media_type) in FORMS {
            let path = format!("/api/v1/{table}?format={form}");
            let by_name = server.get(&path).await;
            assert!(by_name.header("content-type").unwrap().starts_with(media_type), "{path}");
            assert_eq!(rows(form, &by_name), expected(form, &all), "{path}");
            let accept = format!("Accept: text/html;q=0.1, {media_type}\r\n");
            let by_header = server.request("GET", &format!("/api/v1/{table}"), &accept).await;
            assert_eq!(by_header.bytes, by_name.bytes, "{path}");
            let some = server.get(&format!("{path}&limit=1&sort=-orders")).await;
            assert_eq!(rows(form, &some).len(), 1, "{path}");
            assert!(all.len() < 2 || some.header("link").unwrap().contains("cursor="));
        }
    }
}

#[tokio::test]
async fn single_things_have_every_form_too() {
    let (server, _) = stocked().await;
    for path in ["/api/v1/summary", "/api/v1/customers/1"] {
        let object: Map<String, Value> =
            serde_json::from_str(&server.get(path).await.body).unwrap();
        for (form, _) in FORMS {
            let answer = server.get(&format!("{path}?format={form}")).await;
            let one = vec![object.clone()];
            assert_eq!(rows(form, &answer), expected(form, &one), "{path} {form}");
        }
    }
}

#[tokio::test]
async fn the_columns_of_arrow_are_typed() {
    use arrow_schema::{DataType, TimeUnit};
    let (server, _) = stocked().await;
    let answer = server.get("/api/v1/customers?format=arrow").await;
    let reader = arrow_ipc::reader::StreamReader::try_new(&*answer.bytes, None).unwrap();
    let schema = reader.schema();
    for (name, expected) in [
        ("customer_id", DataType::Utf8),
        ("known", DataType::Boolean),
        ("signup_date", DataType::Date32),
        ("revenue_cents", DataType::Int64),
        ("first_purchase", DataType::Timestamp(TimeUnit::Millisecond, None)),
    ] {
        assert_eq!(schema.field_with_name(name).unwrap().data_type(), &expected, "{name}");
    }
    assert!(!schema.field_with_name("orders").unwrap().is_nullable());
    assert!(schema.field_with_name("country").unwrap().is_nullable());
}

#[tokio::test]
async fn a_form_that_a_route_has_not_is_a_406() {
    let (server, _) = stocked().await;
    for (path, accept) in [
        ("/api/v1/customers", "image/png"),
        ("/api/v1/customers", "application/json;q=0"),
        ("/api/v1/gold", "text/csv"),
        ("/api/v1/status", "application/vnd.apache.parquet"),
        ("/api/v1/gold?format=csv", "*/*"),
        ("/api/v1/accounting?format=arrow", "*/*"),
        ("/api/v1/bronze?format=json", "*/*"),
    ] {
        let answer = server.request("GET", path, &format!("Accept: {accept}\r\n")).await;
        assert_eq!(answer.status, 406, "{path} {accept}: {}", answer.body);
        assert!(answer.json()["detail"].as_str().unwrap().contains("application/"));
    }
}

#[tokio::test]
async fn what_is_known_is_not_sent_again_in_its_own_form_only() {
    let (server, mut shop) = stocked().await;
    let paths = ["customers", "products", "months", "days", "countries", "customers/1", "summary"];
    for path in paths.into_iter().chain(["quarantine", "gold", "accounting"]) {
        let path = format!("/api/v1/{path}");
        let answer = server.get(&path).await;
        let tag = answer.header("etag").unwrap();
        assert!(answer.header("vary").unwrap().contains("accept"), "{path}");
        let list = format!("\"x\", W/{tag}");
        for known in [&tag, &list, "*"] {
            let headers = format!("If-None-Match: {known}\r\n");
            let again = server.request("GET", &path, &headers).await;
            assert_eq!((again.status, again.body.as_str()), (304, ""), "{path} {known}");
            assert_eq!(again.header("etag").as_deref(), Some(&*tag));
        }
        let other = format!("If-None-Match: {tag}\r\nAccept: text/csv, */*;q=0.1\r\n");
        let other = server.request("GET", &path, &other).await;
        let is_csv = other.header("content-type").is_some_and(|form| form.contains("csv"));
        assert_eq!(other.status, if is_csv { 200 } else { 304 }, "{path}");
    }
    let tag = server.get("/api/v1/customers").await.header("etag").unwrap();
    server.commit(shop.buys("1", 1)).await;
    let headers = format!("If-None-Match: {tag}\r\n");
    assert_eq!(server.request("GET", "/api/v1/customers", &headers).await.status, 200);
}

#[tokio::test]
async fn large_text_is_compressed_where_that_is_wanted_and_its_tag_is_weak_then() {
    let (server, _) = stocked().await;
    let gzip = "Accept-Encoding: gzip\r\n";
    for path in ["/api/v1/customers", "/api/v1/customers?format=ndjson", "/api/v1/gold"] {
        let plain = server.get(path).await;
        let packed = server.request("GET", path, gzip).await;
        assert_eq!(packed.header("content-encoding").as_deref(), Some("gzip"), "{path}");
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&*packed.bytes).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain.bytes, "{path}");
        let weak = format!("W/{}", plain.header("etag").unwrap());
        assert_eq!(packed.header("etag"), Some(weak.clone()), "{path}");
        let known = format!("{gzip}If-None-Match: {weak}\r\n");
        assert_eq!(server.request("GET", path, &known).await.status, 304, "{path}");
    }
    for form in ["arrow", "parquet"] {
        let path = format!("/api/v1/customers?format={form}");
        let answer = server.request("GET", &path, gzip).await;
        assert_eq!(answer.header("content-encoding"), None, "{form}");
    }
    let small = server.request("GET", "/api/v1/summary", gzip).await;
    assert_eq!(small.header("content-encoding"), None, "it fits into one packet");
}

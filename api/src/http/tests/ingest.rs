//! Posted rows: taken whole or not at all, in order, with a receipt.

use crate::limits::{BODY_BYTES_MAX, INGEST_KIB_MAX};
use crate::testing::server::{Answer, TestServer};
use crate::testing::shop::PARTITIONS;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::column::Kind;
use goldstream_domain::partition::partition_of;
use goldstream_platform::log::{Log, Topic, TopicPartition};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const JSON: &str = "Content-Type: application/json\r\n";
const NDJSON: &str = "Content-Type: application/x-ndjson\r\n";

async fn post(server: &TestServer, headers: &str, body: &[u8]) -> Answer {
    server.post("/api/v1/purchases", headers, body).await
}

/// The rows of one partition, as they stand in bronze.
async fn bronze(server: &TestServer, partition: u32) -> Vec<String> {
    let at = TopicPartition::new(Topic::Bronze(Kind::Purchases), partition);
    let (mut next, mut rows) = (0, Vec::new());
    while let Some(fetched) = server.store.read(at, next).await.unwrap() {
        for record in fetched.block.records() {
            let row = BronzeRow::decode(record.unwrap().payload).unwrap();
            rows.push(row.to_json(Kind::Purchases));
        }
        next = fetched.first + fetched.block.len();
    }
    rows
}

pub(super) async fn all_rows(server: &TestServer) -> usize {
    let mut rows = 0;
    for partition in 0..PARTITIONS {
        rows += bronze(server, partition).await.len();
    }
    rows
}

#[tokio::test]
async fn rows_stand_in_the_log_as_they_came_and_in_their_order_when_they_are_acknowledged() {
    let server = TestServer::start().await;
    let body = br#"[{"id_achat":"7","montant":"1"},{"id_achat":7,"montant":2.50}]"#;
    let answer = post(&server, JSON, body).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    assert_eq!(answer.json()["accepted"], 2);
    let partition = partition_of(b"7", PARTITIONS);
    let expected = [r#"{"id_achat":"7","montant":"1"}"#, r#"{"id_achat":7,"montant":2.50}"#];
    assert_eq!(bronze(&server, partition).await, expected);
    let receipt = answer.json()["receipt"].as_str().unwrap().to_owned();
    let location = format!("/api/v1/receipts/{receipt}");
    assert_eq!(answer.header("location"), Some(location.clone()));
    let told = server.get(&location).await;
    assert_eq!((told.status, told.body.as_str()), (200, r#"{"state":"pending"}"#));
}

#[tokio::test]
async fn packed_bodies_are_unpacked_and_bombs_and_unknown_packings_are_refused() {
    let server = TestServer::start().await;
    let row = br#"{"id_achat":"1"}"#;
    let headers = |encoding: &str| format!("{JSON}Content-Encoding: {encoding}\r\n");
    let zstd = zstd::encode_all(&row[..], 0).unwrap();
    assert_eq!(post(&server, &headers("zstd"), &zstd).await.json()["accepted"], 1);
    assert_eq!(post(&server, &headers("identity"), row).await.status, 202);
    let bomb = zstd::encode_all(&vec![b' '; BODY_BYTES_MAX + 1][..], 0).unwrap();
    assert!(bomb.len() < 10_000);
    assert_eq!(post(&server, &headers("zstd"), &bomb).await.status, 413);
    assert_eq!(post(&server, &headers("gzip"), row).await.status, 400);
    let unknown = post(&server, &headers("br"), row).await;
    assert_eq!(unknown.status, 415);
    assert!(unknown.body.contains("Content-Encoding"), "{}", unknown.body);
    assert_eq!(all_rows(&server).await, 2);
}

#[tokio::test]
async fn one_object_and_lines_are_taken_too() {
    let server = TestServer::start().await;
    assert_eq!(post(&server, JSON, br#"{"id_achat":"1"}"#).await.json()["accepted"], 1);
    let lines = b"{\"id_achat\":\"2\"}\n\n{\"id_achat\":\"3\"}";
    assert_eq!(post(&server, NDJSON, lines).await.json()["accepted"], 2);
    let customer = br#"{"id_client":"1","nom":"Anne"}"#;
    assert_eq!(server.post("/api/v1/customers", JSON, customer).await.status, 202);
    assert_eq!(all_rows(&server).await, 3);
}

#[tokio::test]
async fn what_cannot_be_taken_whole_is_refused_and_leaves_nothing() {
    let server = TestServer::start().await;
    let foreign = format!("{JSON}Origin: https://evil.example\r\n");
    let cases: [(&str, &[u8], u16); 11] = [
        (JSON, b"", 400),
        (JSON, b"[]", 400),
        (JSON, b"not json", 400),
        (JSON, br#"[{"id_achat":"1"},{"id_achat":["2"]}]"#, 400),
        (JSON, br#"[{"id_achat":"1"},7]"#, 400),
        (NDJSON, b"{\"id_achat\":\"1\"}\n{\"id_achat\":", 400),
        ("Content-Type: text/csv\r\n", b"id_achat\n1", 400),
        ("Content-Type: text/csv; charset=latin1\r\n", b"id_achat\n1", 415),
        (JSON, br#"{"purchaseId":"1","total":2}"#, 400),
        ("", br#"{"id_achat":"1"}"#, 415),
        (&foreign, br#"{"id_achat":"1"}"#, 403),
    ];
    for (headers, body, status) in cases {
        let answer = post(&server, headers, body).await;
        assert_eq!(answer.status, status, "{headers}{}", String::from_utf8_lossy(body));
        let form = answer.header("content-type");
        assert_eq!(form.as_deref(), Some("application/problem+json"));
    }
    assert_eq!(all_rows(&server).await, 0);
}

#[tokio::test]
async fn a_csv_is_taken_as_a_file_would_be_in_either_language() {
    let server = TestServer::start().await;
    let english =
        b"purchase_id,customer_id,purchased_at,amount,product\n7,1,2024-03-01,2.50,Souris\n";
    let french = "\u{feff}produit;montant;date_achat;id_client;id_achat;note\r\n\
                  \"Souris; noire\";2,50;01/03/2024;1;7;x\r\n7;8\r\n";
    let csv = "Content-Type: text/csv; charset=utf-8\r\n";
    assert_eq!(post(&server, csv, english).await.json()["accepted"], 1);
    let packed = zstd::encode_all(french.as_bytes(), 0).unwrap();
    let packed = post(&server, &format!("{csv}Content-Encoding: zstd\r\n"), &packed).await;
    assert_eq!((packed.status, &packed.json()["accepted"]), (202, &serde_json::json!(2)));
    let rows = [bronze(&server, 0).await, bronze(&server, 1).await].concat();
    for row in [
        r#"{"purchase_id":"7","customer_id":"1","purchased_at":"2024-03-01","amount":"2.50","product":"Souris"}"#,
        r#"{"id_achat":"7","id_client":"1","date_achat":"01/03/2024","montant":"2,50","produit":"Souris; noire"}"#,
        r#"{"raw":"7;8"}"#,
    ] {
        assert!(rows.iter().any(|known| known == row), "{row}: {rows:?}");
    }
    let header = post(&server, csv, b"id,price\n1,2\n").await;
    assert_eq!(header.status, 400);
    assert!(header.body.contains("purchase_id (id_achat)"), "{}", header.body);
}

#[tokio::test]
async fn what_is_not_understood_says_what_is() {
    let server = TestServer::start().await;
    for headers in ["", "Content-Type: text/plain\r\n", &format!("{JSON}Content-Encoding: br\r\n")]
    {
        let answer = post(&server, headers, br#"{"id_achat":"1"}"#).await;
        assert_eq!(answer.status, 415, "{headers}");
        let told = answer.json();
        let types = ["application/json", "application/x-ndjson", "text/csv"];
        assert_eq!(told["content_types"], serde_json::json!(types));
        assert_eq!(told["content_encodings"], serde_json::json!(["gzip", "zstd"]));
        assert!(types.iter().all(|it| told["detail"].as_str().unwrap().contains(it)), "{told}");
    }
    let unknown = post(&server, JSON, br#"[{"purchaseId":"1"},{}]"#).await;
    assert_eq!(unknown.status, 400);
    assert!(unknown.body.contains("purchased_at (date_achat)"), "{}", unknown.body);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let server = TestServer::start().await;
    let length = format!("{JSON}Content-Length: {}\r\n", BODY_BYTES_MAX + 1);
    assert_eq!(server.head_only("POST", "/api/v1/purchases", &length).await.status, 413);
    let row = format!(r#"{{"id_achat":"1","produit":"{}"}}"#, "x".repeat(BODY_BYTES_MAX - 40));
    assert_eq!(post(&server, JSON, row.as_bytes()).await.status, 202, "as long as may be");
    assert_eq!(all_rows(&server).await, 1);
}

#[tokio::test]
async fn a_receipt_that_nobody_gave_out_is_unknown() {
    let server = TestServer::start().await;
    let receipt = post(&server, JSON, br#"{"id_achat":"1"}"#).await.json()["receipt"].clone();
    let path = |receipt: &str| format!("/api/v1/receipts/{receipt}");
    assert_eq!(server.get(&path("nonsense")).await.status, 404);
    let other = TestServer::start().await;
    let elsewhere = other.get(&path(receipt.as_str().unwrap())).await;
    assert_eq!(elsewhere.status, 404, "the other log has no such position");
    for wait in ["x", "-1", "60001", "1.5"] {
        let path = format!("{}?wait_ms={wait}", path(receipt.as_str().unwrap()));
        assert_eq!(server.get(&path).await.status, 400, "{wait}");
    }
}

/// A request whose body is announced and does not come.
async fn announce(server: &TestServer) -> TcpStream {
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /api/v1/purchases HTTP/1.1\r\nHost: localhost\r\n{JSON}Content-Length: {BODY_BYTES_MAX}\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket
}

#[tokio::test]
async fn rows_beyond_what_there_is_room_for_are_refused_until_there_is_room_again() {
    let server = TestServer::start().await;
    let row = br#"{"id_achat":"1"}"#;
    let mut under_way = Vec::new();
    for _ in 0..INGEST_KIB_MAX * 1024 / BODY_BYTES_MAX {
        under_way.push(announce(&server).await);
    }
    // Once the server has read what was announced.
    let refused = loop {
        let answer = post(&server, JSON, row).await;
        if answer.status != 202 {
            break answer;
        }
    };
    assert_eq!((refused.status, refused.header("retry-after").as_deref()), (429, Some("1")));
    let rows = all_rows(&server).await;
    assert_eq!(post(&server, JSON, row).await.status, 429);
    assert_eq!(all_rows(&server).await, rows, "nothing was taken");
    drop(under_way);
    while post(&server, JSON, row).await.status != 202 {}
}

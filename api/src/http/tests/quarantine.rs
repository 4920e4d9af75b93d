//! Records of the log over a real socket: the quarantine newest first, bronze and silver whole.

use crate::testing::decode;
use crate::testing::server::TestServer;
use crate::testing::shop::PARTITIONS;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::chain::SourceId;
use goldstream_domain::clean::{Customer, Purchase};
use goldstream_domain::column::{Kind, Names};
use goldstream_domain::moment::Moment;
use goldstream_domain::quarantine::QuarantinedRow;
use goldstream_domain::reason::{Reason, Rejection};
use goldstream_domain::record::{Block, BlockBuilder, Headers, Origin};
use goldstream_domain::silver::SilverEvent;
use goldstream_platform::log::{Log, Topic, TopicPartition};
use serde_json::{Value, json};

/// One refused row: its origin in bronze, when it came, and why it was refused.
type Refused = (u64, i64, Reason);

fn refused(partition: u32, kind: Kind, rows: &[Refused]) -> (TopicPartition, Block) {
    let mut block = BlockBuilder::default();
    let source = SourceId::from(format!("bronze.{}/{partition}", kind.name()));
    let mut prev = rows[0].0 - 1;
    for (origin, at_ms, reason) in rows {
        let rejection = Rejection::new(*reason, "so");
        let raw = format!("{{\"n\":{origin}}}");
        let row = QuarantinedRow::new(kind, (&source, *origin), &rejection, &raw);
        let origin = Origin { source_id: &source, origin: *origin, prev };
        prev = origin.origin;
        let headers = Headers { origin: Some(origin), ingested_at_ms: *at_ms, line: None };
        block.push(headers, |out| row.encode(out));
    }
    (TopicPartition::new(Topic::Quarantine, partition), block.take())
}

async fn append(server: &TestServer, block: (TopicPartition, Block)) {
    server.store.append(vec![block]).await.unwrap();
}

/// Two kinds in two partitions; a part of one was sent twice.
async fn stocked() -> TestServer {
    use Kind::{Customers, Purchases};
    let server = TestServer::start().await;
    let (date, amount) = (Reason::BadDate, Reason::BadAmount);
    let first = refused(0, Purchases, &[(1, 10, date), (2, 20, amount), (5, 50, date)]);
    append(&server, first).await;
    let again = refused(0, Purchases, &[(2, 20, amount), (5, 50, date), (6, 60, date)]);
    append(&server, again).await;
    append(&server, refused(1, Customers, &[(1, 15, Reason::Malformed), (3, 55, date)])).await;
    append(&server, refused(0, Customers, &[(9, 70, Reason::Malformed)])).await;
    server
}

/// Ingestion times, which are as good as names here.
fn times(rows: &[Value]) -> Vec<i64> {
    let at = |row: &Value| row["at"].as_str().unwrap()[20..23].parse().unwrap();
    rows.iter().map(at).collect()
}

#[tokio::test]
async fn the_quarantine_comes_newest_first_and_each_row_once_on_pages_of_any_size() {
    let server = stocked().await;
    for limit in [1, 2, 3, 100] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/quarantine?limit={limit}{cursor}");
            let page = server.get(&path).await.json();
            seen.extend(times(page["rows"].as_array().unwrap()));
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, [70, 60, 55, 50, 20, 15, 10], "pages of {limit}");
    }
}

#[tokio::test]
async fn rows_that_come_meanwhile_do_not_disturb_the_pages() {
    let server = stocked().await;
    let first = server.get("/api/v1/quarantine?limit=3").await.json();
    append(&server, refused(1, Kind::Purchases, &[(1, 80, Reason::BadDate)])).await;
    let next = first["next"].as_str().unwrap();
    let rest = server.get(&format!("/api/v1/quarantine?cursor={next}")).await.json();
    assert_eq!(times(rest["rows"].as_array().unwrap()), [50, 20, 15, 10]);
    let anew = server.get("/api/v1/quarantine?limit=1").await.json();
    assert_eq!(times(anew["rows"].as_array().unwrap()), [80]);
}

#[tokio::test]
async fn a_reason_is_named_with_or_without_its_kind() {
    let server = stocked().await;
    for (reason, expected) in [
        ("bad_date", &[60, 55, 50, 10][..]),
        ("purchases.bad_date", &[60, 50, 10]),
        ("customers.malformed", &[70, 15]),
        ("misrouted", &[]),
    ] {
        let list = server.get(&format!("/api/v1/quarantine?reason={reason}")).await.json();
        assert_eq!(times(list["rows"].as_array().unwrap()), expected, "{reason}");
    }
}

#[tokio::test]
async fn a_refused_row_tells_where_it_came_from_in_every_form() {
    let server = stocked().await;
    let list = server.get("/api/v1/quarantine").await.json();
    assert_eq!(
        list["rows"][0],
        json!({
            "source": "bronze.customers/0", "position": 9, "reason": "customers.malformed",
            "detail": "so", "raw": "{\"n\":9}", "at": "1970-01-01T00:00:00.070Z",
            "line": null, "corrected_at": null,
        })
    );
    let all = decode::json_rows(&list);
    let get = async |form| server.get(&format!("/api/v1/quarantine?format={form}")).await.bytes;
    assert_eq!(decode::ndjson(&get("ndjson").await), all);
    assert_eq!(decode::arrow(&get("arrow").await), all);
    assert_eq!(decode::parquet(&get("parquet").await), all);
    assert_eq!(decode::csv(&get("csv").await), decode::as_texts(&all));
}

#[tokio::test]
async fn a_made_up_cursor_is_not_believed_beyond_the_end() {
    let server = stocked().await;
    let far = json!([{ "below": u64::MAX, "lowest": [u64::MAX, u64::MAX] },
                     { "below": 0, "lowest": [0, 0] }]);
    let far = data_encoding::BASE64URL_NOPAD.encode(far.to_string().as_bytes());
    let list = server.get(&format!("/api/v1/quarantine?cursor={far}")).await.json();
    assert_eq!(times(list["rows"].as_array().unwrap()), [70, 60, 50, 20, 10]);
}

fn bronze(rows: &[BronzeRow<'_>]) -> Block {
    let mut block = BlockBuilder::default();
    for row in rows {
        block.push(Headers { origin: None, ingested_at_ms: 5, line: None }, |out| row.encode(out));
    }
    block.take()
}

#[tokio::test]
async fn bronze_is_given_whole_as_it_came_a_record_a_line() {
    let server = TestServer::start().await;
    let fields = ["1", "7", "2024-03-01 14:03:22", "12,50", "Souris \"X\""];
    let rows = [
        BronzeRow::Columns { names: Names::default(), fields },
        BronzeRow::Json(b"{\"purchase_id\": \"2\",\n \"amount\": 5}"),
        BronzeRow::Json(b"not JSON"),
        BronzeRow::Line("a;b"),
    ];
    let at = TopicPartition::new(Topic::Bronze(Kind::Purchases), 1);
    append(&server, (at, bronze(&rows))).await;
    let answer = server.get("/api/v1/bronze").await;
    assert_eq!(answer.header("content-type").as_deref(), Some("application/x-ndjson"));
    let records = decode::ndjson(&answer.bytes);
    assert_eq!(records[0]["montant"], "12,50");
    assert_eq!(Value::from(records[1].clone()), json!({ "purchase_id": "2", "amount": 5 }));
    assert_eq!(records[2]["raw"], "not JSON");
    assert_eq!(records[3]["raw"], "a;b");
    let table = decode::arrow(&server.get("/api/v1/bronze?format=arrow").await.bytes);
    assert_eq!(table.len(), 4);
    let first = &table[0];
    assert_eq!((&first["topic"], &first["partition"]), (&json!("purchases"), &json!(1)));
    assert_eq!((&first["position"], &first["key"]), (&json!(0), &json!("1")));
    let record: Value = serde_json::from_str(first["record"].as_str().unwrap()).unwrap();
    assert_eq!(record, Value::from(records[0].clone()));
    let csv = decode::csv(&server.get("/api/v1/bronze?format=csv").await.bytes);
    assert_eq!(csv, decode::as_texts(&table));
    let parquet = decode::parquet(&server.get("/api/v1/bronze?format=parquet").await.bytes);
    assert_eq!(parquet, table);
}

#[tokio::test]
async fn silver_is_given_whole_and_what_was_sent_twice_once() {
    let server = TestServer::start().await;
    let source = SourceId::from("bronze.purchases/0");
    let purchase = SilverEvent::Purchase(Purchase {
        purchase_id: "p",
        customer_id: "7",
        purchased_at: Moment(1_700_000_000),
        amount_cents: 1_250,
        product: "Souris",
    });
    let customer = SilverEvent::Customer(Customer {
        customer_id: "7",
        name: Some("Anne"),
        email: None,
        signup_date: None,
        country: None,
    });
    let mut block = BlockBuilder::default();
    for (origin, prev, event) in
        [(1, 0, &purchase), (4, 1, &customer), (1, 0, &purchase), (4, 1, &customer)]
    {
        let origin = Some(Origin { source_id: &source, origin, prev });
        block.push(Headers { origin, ingested_at_ms: 5, line: None }, |out| event.encode(out));
    }
    append(&server, (TopicPartition::new(Topic::Silver, PARTITIONS - 1), block.take())).await;
    let records = decode::ndjson(&server.get("/api/v1/silver").await.bytes);
    assert_eq!(records.len(), 2);
    assert_eq!((&records[0]["kind"], &records[0]["year"]), (&json!("purchase"), &json!(2023)));
    assert_eq!((&records[1]["kind"], &records[1]["country"]), (&json!("customer"), &Value::Null));
    for (form, rows) in
        [("parquet", decode::parquet as fn(&[u8]) -> decode::Rows), ("arrow", decode::arrow)]
    {
        let table = rows(&server.get(&format!("/api/v1/silver?format={form}")).await.bytes);
        assert_eq!(table.len(), 2, "{form}");
        assert_eq!(table[0]["amount_cents"], 1_250);
        assert_eq!(table[0]["purchased_at"], "2023-11-14T22:13:20");
        assert_eq!((&table[1]["name"], &table[1]["position"]), (&json!("Anne"), &json!(1)));
        assert_eq!(table[1]["email"], Value::Null);
        assert_eq!(table[1]["source"], "bronze.purchases/0");
    }
}

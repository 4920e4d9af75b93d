//! The feed over real sockets, on an embedded store in a directory of its own.

use super::message::PROTOCOL;
use crate::testing::schema::must_be_documented;
use crate::testing::server::TestServer;
use crate::testing::shop::{Shop, with_codes};
use goldstream_domain::money::SUM_CENTS_MAX;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use futures::{SinkExt, StreamExt};

pub(super) struct Client {
    pub(super) socket: WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>,
}

impl Client {
    pub(super) async fn connect(server: &TestServer) -> Self {
        let mut client = Self::offering(server, Some(PROTOCOL)).await;
        let hello = client.next().await;
        assert_eq!((&hello["op"], &hello["protocol"]), (&json!("hello"), &json!(PROTOCOL)));
        client
    }

    /// Connected to a server that wants a token, with this header.
    pub(super) async fn showing(server: &TestServer, token: Option<&str>) -> Result<Self, u16> {
        let url = format!("ws://{}/api/v1/feed", server.address);
        let mut request = url.into_client_request().unwrap();
        if let Some(token) = token {
            let shown = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
            request.headers_mut().insert("authorization", shown);
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn offering(server: &TestServer, protocol: Option<&'static str>) -> Self {
        let url = format!("ws://{}/api/v1/feed", server.address);
        let mut request = url.into_client_request().unwrap();
        if let Some(protocol) = protocol {
            let name = "sec-websocket-protocol";
            request.headers_mut().insert(name, HeaderValue::from_static(protocol));
        }
        Self { socket: connect_async(request).await.unwrap().0 }
    }

    pub(super) async fn says(&mut self, text: impl ToString) {
        self.socket.send(Message::text(text.to_string())).await.unwrap();
    }

    pub(super) async fn next(&mut self) -> Value {
        match self.socket.next().await.unwrap().unwrap() {
            Message::Text(text) => {
                let frame = serde_json::from_str(&text).unwrap();
                must_be_documented(&frame);
                frame
            }
            other => panic!("no text: {other:?}"),
        }
    }

    /// The next frame that is no heartbeat.
    pub(super) async fn frame(&mut self) -> Value {
        loop {
            let frame = self.next().await;
            if frame["op"] != "heartbeat" {
                return frame;
            }
        }
    }

    pub(super) async fn close_code(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.socket.next().await.unwrap().unwrap() {
                return frame.unwrap().code.into();
            }
        }
    }
}

/// What a client shows, from snapshots and updates.
#[derive(Default)]
struct Shown {
    version: u64,
    summary: Value,
    countries: BTreeMap<String, Value>,
}

impl Shown {
    fn take(&mut self, frame: &Value) {
        let views = &frame["views"];
        if frame["op"] == "snapshot" {
            self.countries.clear();
        } else {
            assert_eq!(frame["prev"], self.version);
        }
        self.version = frame["version"].as_u64().unwrap();
        if views["summary"].is_object() {
            self.summary = views["summary"].clone();
        }
        let rows = views["countries"].as_array().or(views["countries"]["upsert"].as_array());
        for row in rows.into_iter().flatten() {
            self.countries.insert(row["country"].to_string(), row.clone());
        }
        for key in views["countries"]["delete"].as_array().into_iter().flatten() {
            self.countries.remove(&key.to_string());
        }
        for column in ["orders", "revenue_cents"] {
            let parts: u64 = self.countries.values().map(|row| row[column].as_u64().unwrap()).sum();
            assert_eq!(self.summary[column], parts, "parts add up in every frame");
        }
    }
}

pub(super) fn subscribe(after: Option<&Value>) -> Value {
    let views = json!({ "summary": {}, "countries": {} });
    json!({ "op": "subscribe", "id": "main", "views": views, "interval_ms": 20, "after": after })
}

#[tokio::test]
async fn a_snapshot_and_its_updates_are_the_gold_at_the_same_version() {
    let server = TestServer::start().await;
    let mut shop = Shop::default();
    let mut client = Client::connect(&server).await;
    client.says(subscribe(None)).await;
    let mut shown = Shown::default();
    shown.take(&client.frame().await);
    for n in 0..60_u32 {
        server.commit(shop.buys(&n.to_string(), 100 + i64::from(n))).await;
        let country = ["France", "Spain", ""][n as usize % 3];
        server.commit(shop.lives_in(&(n / 2).to_string(), country)).await;
        if n % 20 == 0 {
            shown.take(&client.frame().await);
        }
    }
    while shown.version < 120 {
        shown.take(&client.frame().await);
    }
    let gold: Value = server.get("/api/v1/gold").await.json();
    assert_eq!(gold["version"], 120);
    assert_eq!(gold["summary"], shown.summary);
    let countries = with_codes(&gold["countries"]);
    let countries = countries.as_array().unwrap();
    assert_eq!(countries.len(), shown.countries.len());
    assert!(countries.iter().all(|row| shown.countries[&row["country"].to_string()] == *row));
}

#[tokio::test]
async fn a_client_that_comes_back_goes_on_where_it_was() {
    let server = TestServer::start().await;
    let mut shop = Shop::default();
    server.commit(shop.buys("1", 500)).await;
    let mut client = Client::connect(&server).await;
    client.says(subscribe(None)).await;
    let mut shown = Shown::default();
    let first = client.frame().await;
    shown.take(&first);
    drop(client);
    server.commit(shop.lives_in("1", "France")).await;
    server.commit(shop.buys("2", 700)).await;
    let mut client = Client::connect(&server).await;
    let after = json!({ "epoch": first["epoch"], "version": first["version"] });
    client.says(subscribe(Some(&after))).await;
    let update = client.frame().await;
    assert_eq!((&update["op"], &update["prev"]), (&json!("update"), &json!(1)));
    shown.take(&update);
    assert_eq!(shown.countries["\"France\""]["revenue_cents"], 500);
    assert_eq!(shown.countries["null"]["revenue_cents"], 700);
}

#[tokio::test]
async fn an_unknown_view_is_an_error_that_the_connection_survives() {
    let server = TestServer::start().await;
    let mut client = Client::connect(&server).await;
    client.says(json!({ "op": "subscribe", "id": "x", "views": { "weather": {} } })).await;
    let error = client.frame().await;
    assert_eq!((&error["op"], &error["code"]), (&json!("error"), &json!("unknown_view")));
    client.says(json!({ "op": "ping", "id": "x" })).await;
    assert_eq!(client.frame().await["op"], "pong");
    assert_eq!(client.next().await["op"], "heartbeat");
}

#[tokio::test]
async fn clients_that_break_the_protocol_are_closed_with_its_codes() {
    let server = TestServer::start().await;
    let mut client = Client::connect(&server).await;
    client.says("[1]").await;
    assert_eq!(client.close_code().await, 4400);
    let mut client = Client::offering(&server, Some("other.v1")).await;
    assert_eq!(client.close_code().await, 4406);
    let mut client = Client::offering(&server, None).await;
    assert_eq!(client.next().await["op"], "hello");
    client.says(format!("\"{}\"", "x".repeat(64 * 1024))).await;
    assert_eq!(client.close_code().await, 1009);
}

#[tokio::test]
async fn the_end_of_the_server_is_said_and_takes_no_second() {
    let server = TestServer::start().await;
    let mut client = Client::connect(&server).await;
    let begun = std::time::Instant::now();
    let ended = server.stop();
    assert_eq!(client.frame().await["op"], "server_shutdown");
    assert_eq!(client.close_code().await, 1012);
    ended.await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(1));
}

#[tokio::test]
async fn the_stream_itself_is_a_view_and_its_last_purchases_are_another() {
    let server = TestServer::start().await;
    let mut client = Client::connect(&server).await;
    let views = json!({ "status": {}, "purchases": { "top": 2 } });
    client.says(json!({ "op": "subscribe", "id": "x", "views": views })).await;
    let mut frame = client.frame().await;
    assert_eq!(frame["views"]["purchases"], json!([]));
    while frame["views"]["status"]["roles"] != json!(["serve"]) {
        frame = client.frame().await;
    }
    assert_eq!(frame["views"]["status"]["demo"], false);
}

#[tokio::test]
async fn connections_beyond_the_limit_are_told_to_come_back() {
    let server = TestServer::for_readers(1).await;
    let mut first = Client::connect(&server).await;
    let mut second = Client::offering(&server, Some("goldstream.v1")).await;
    assert_eq!(second.close_code().await, 4013);
    first.says(json!({ "op": "ping" })).await;
    assert_eq!(first.frame().await["op"], "pong");
}

#[tokio::test]
async fn over_a_hundred_messages_a_minute_are_too_many() {
    let server = TestServer::start().await;
    let mut client = Client::connect(&server).await;
    for _ in 0..=100 {
        client.says(json!({ "op": "ping" })).await;
    }
    assert_eq!(client.close_code().await, 4429);
}

#[tokio::test]
async fn a_reader_is_told_when_sums_are_beyond_what_he_has_exactly() {
    let server = TestServer::start().await;
    let mut shop = Shop::default();
    server.commit(shop.buys("1", SUM_CENTS_MAX / 2)).await;
    let mut client = Client::connect(&server).await;
    client.says(subscribe(None)).await;
    assert_eq!(client.frame().await["op"], "snapshot");
    server.commit(shop.buys("2", SUM_CENTS_MAX / 2)).await;
    let error = client.frame().await;
    assert_eq!((&error["code"], &error["id"]), (&json!("sum_overflow"), &Value::Null));
    assert_eq!(error["detail"], server.get("/api/v1/summary").await.json()["detail"]);
    assert_eq!(client.close_code().await, 1012);
    // How the stream itself goes is still to be seen.
    let mut client = Client::connect(&server).await;
    client.says(json!({ "op": "subscribe", "id": "x", "views": { "status": {} } })).await;
    assert_eq!(client.frame().await["op"], "snapshot");
}

/// Takes the ten seconds that a frame may take to be written: twelve heartbeats are longer.
#[tokio::test]
async fn who_does_not_read_is_told_to_come_back_and_delays_nobody() {
    let server = TestServer::start().await;
    let mut shop = Shop::default();
    for n in 0..1_000 {
        server.commit(shop.buys(&n.to_string(), 100)).await;
    }
    let mut idle = Client::connect(&server).await;
    // Each of them is some 200 KB of snapshot: more than the network keeps for anybody.
    let views = json!({ "customers": { "top": 1000 } });
    for n in 0..90 {
        idle.says(json!({ "op": "subscribe", "id": (n % 4).to_string(), "views": views })).await;
    }
    let mut reader = Client::connect(&server).await;
    reader.says(subscribe(None)).await;
    assert_eq!(reader.frame().await["version"], 1_000);
    server.commit(shop.buys("1", 100)).await;
    assert_eq!(reader.frame().await["version"], 1_001);
    for _ in 0..12 {
        assert_eq!(reader.next().await["op"], "heartbeat");
    }
    assert_eq!(idle.close_code().await, 4008);
}

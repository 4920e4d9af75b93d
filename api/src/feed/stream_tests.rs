//! The stream of events over real connections.

use crate::testing::server::TestServer;
use crate::testing::shop::Shop;
use goldstream_domain::money::SUM_CENTS_MAX;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const EVENTS: &str = "text/event-stream";

/// One event.
struct Event {
    name: String,
    id: Option<String>,
    retry: Option<String>,
    data: Value,
}

struct Reader {
    socket: BufReader<TcpStream>,
}

impl Reader {
    /// Asks, and reads the head of the answer.
    async fn connect(server: &TestServer, query: &str, headers: &str) -> Self {
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "GET /api/v1/stream?{query} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n",
            server.address
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut socket = BufReader::new(socket);
        let mut line = String::new();
        socket.read_line(&mut line).await.unwrap();
        assert!(line.starts_with("HTTP/1.1 200"), "{line}");
        while line != "\r\n" {
            line.clear();
            socket.read_line(&mut line).await.unwrap();
        }
        Self { socket }
    }

    /// The next event; none at the end.
    async fn next(&mut self) -> Option<Event> {
        let text = self.chunk().await?;
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.map(|value| value.strip_prefix(": ").unwrap().to_owned())
        };
        Some(Event {
            name: field("event").unwrap(),
            id: field("id"),
            retry: field("retry"),
            data: serde_json::from_str(&field("data").unwrap()).unwrap(),
        })
    }

    /// Each event is one chunk of the body, and so is a comment.
    async fn chunk(&mut self) -> Option<String> {
        let mut line = String::new();
        self.socket.read_line(&mut line).await.unwrap();
        let len = usize::from_str_radix(line.trim_end(), 16).unwrap();
        let mut chunk = vec![0; len + 2];
        self.socket.read_exact(&mut chunk).await.unwrap();
        if len == 0 {
            return None;
        }
        Some(String::from_utf8(chunk).unwrap())
    }

    /// The next one that is no heartbeat.
    async fn frame(&mut self) -> Event {
        loop {
            let event = self.next().await.unwrap();
            assert_eq!(event.data["op"], event.name);
            if event.name != "heartbeat" {
                return event;
            }
            assert_eq!(event.id, None);
        }
    }
}

#[tokio::test]
async fn events_are_the_frames_of_the_feed_and_their_ids_are_where_to_go_on() {
    let server = TestServer::start().await;
    let mut shop = Shop::default();
    server.commit(shop.buys("1", 500)).await;
    let mut reader = Reader::connect(&server, "views=summary,customers&top=1", "").await;
    let hello = reader.frame().await;
    assert_eq!((&*hello.name, hello.retry.as_deref()), ("hello", Some("1000")));
    let snapshot = reader.frame().await;
    assert_eq!(snapshot.name, "snapshot");
    assert_eq!(snapshot.data["views"]["summary"]["revenue_cents"], 500);
    assert_eq!(snapshot.data["views"]["customers"][0]["customer_id"], "1");
    let epoch = snapshot.data["epoch"].as_str().unwrap();
    assert_eq!(snapshot.id, Some(format!("{epoch}:1")));
    server.commit(shop.buys("2", 700)).await;
    let update = reader.frame().await;
    assert_eq!((&*update.name, update.id), ("update", Some(format!("{epoch}:2"))));
    assert_eq!(update.data["views"]["customers"]["delete"], json!(["1"]));
}

#[tokio::test]
async fn a_reader_that_comes_back_with_the_last_id_gets_what_it_missed() {
    let server = TestServer::start().await;
    let mut shop = Shop::default();
    server.commit(shop.buys("1", 500)).await;
    let mut reader = Reader::connect(&server, "views=summary", "").await;
    reader.frame().await;
    let last = reader.frame().await.id.unwrap();
    drop(reader);
    server.commit(shop.buys("2", 700)).await;
    let headers = format!("Last-Event-ID: {last}\r\n");
    let mut reader = Reader::connect(&server, "views=summary", &headers).await;
    reader.frame().await;
    let update = reader.frame().await;
    assert_eq!((&*update.name, &update.data["prev"]), ("update", &json!(1)));
    assert_eq!(update.data["views"]["summary"]["revenue_cents"], 1_200);
    for other in ["ffffffff:1", "nonsense"] {
        let headers = format!("Last-Event-ID: {other}\r\n");
        let mut reader = Reader::connect(&server, "views=summary", &headers).await;
        reader.frame().await;
        assert_eq!(reader.frame().await.name, "snapshot", "{other}");
    }
}

#[tokio::test]
async fn the_end_of_the_server_is_an_event_and_then_the_end() {
    let server = TestServer::start().await;
    let mut reader = Reader::connect(&server, "views=summary", "").await;
    assert_eq!(reader.frame().await.name, "hello");
    assert_eq!(reader.frame().await.name, "snapshot");
    let ended = server.stop();
    let last = reader.frame().await;
    assert_eq!(last.name, "server_shutdown");
    assert_eq!(last.retry, Some(last.data["reconnect_after_ms"].to_string()));
    assert!(reader.next().await.is_none());
    ended.await;
}

#[tokio::test]
async fn readers_beyond_the_limit_and_foreign_pages_are_refused() {
    let server = TestServer::for_readers(1).await;
    let reader = Reader::connect(&server, "views=summary", "").await;
    let refused = server.get("/api/v1/stream?views=summary").await;
    assert_eq!((refused.status, refused.header("retry-after").as_deref()), (503, Some("1")));
    // A browser comes back after nothing but a stream.
    let browser = "Accept: text/html, Text/Event-Stream;q=0.9\r\n";
    let told = server.request("GET", "/api/v1/stream?views=summary", browser).await;
    assert_eq!((told.status, told.header("content-type").unwrap()), (200, EVENTS.to_owned()));
    assert!(told.body.starts_with("retry: 5000\n: too many"), "{}", told.body);
    drop(reader);
    let foreign = server.request("GET", "/api/v1/stream?views=summary", "Origin: null\r\n").await;
    assert_eq!(foreign.status, 403);
    let unknown = server.get("/api/v1/stream?views=weather").await;
    assert_eq!(unknown.status, 400);
    // The place of a reader that has left is free again, once that is noticed.
    while server.get("/api/v1/stream?views=summary").await.status != 200 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_reader_who_comes_while_the_store_is_loaded_waits_for_his_snapshot() {
    let server = TestServer::loading();
    let mut reader = Reader::connect(&server, "views=summary", "").await;
    let waiting = "retry: 1000\n: the store is being loaded\n\n";
    assert_eq!(reader.chunk().await.unwrap().trim_end(), waiting.trim_end());
    let still = reader.chunk().await.unwrap();
    assert_eq!(still.trim_end(), ": the store is being loaded");
    server.load().await;
    let mut told = reader.chunk().await.unwrap();
    while told.starts_with(':') {
        told = reader.chunk().await.unwrap();
    }
    assert!(told.starts_with("event: hello\nretry: 1000\n"), "{told}");
    assert_eq!(reader.frame().await.name, "snapshot");
}

#[tokio::test]
async fn the_end_of_the_server_is_an_event_for_who_still_waits() {
    let server = TestServer::loading();
    let mut reader = Reader::connect(&server, "views=summary", "").await;
    assert!(reader.chunk().await.unwrap().starts_with("retry: "));
    let ended = server.stop();
    let mut told = reader.chunk().await.unwrap();
    while told.starts_with(':') {
        told = reader.chunk().await.unwrap();
    }
    assert!(told.starts_with("event: server_shutdown\nretry: "), "{told}");
    assert!(reader.chunk().await.is_none());
    ended.await;
}

#[tokio::test]
async fn a_reader_is_told_that_sums_are_not_exact_and_waits_when_he_comes_back() {
    let server = TestServer::start().await;
    let mut shop = Shop::default();
    server.commit(shop.buys("1", SUM_CENTS_MAX / 2)).await;
    let mut reader = Reader::connect(&server, "views=summary", "").await;
    assert_eq!(reader.frame().await.name, "hello");
    assert_eq!(reader.frame().await.name, "snapshot");
    server.commit(shop.buys("2", SUM_CENTS_MAX / 2)).await;
    let error = reader.frame().await;
    assert_eq!((&*error.name, &error.data["code"]), ("error", &json!("sum_overflow")));
    assert!(reader.next().await.is_none());
    let mut reader = Reader::connect(&server, "views=summary", "").await;
    let told = reader.chunk().await.unwrap();
    assert!(told.starts_with("retry: 1000\n: revenue would pass 2^53 cents"), "{told}");
}

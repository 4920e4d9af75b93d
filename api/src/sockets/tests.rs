//! Sockets that say nothing, or not all, over a server with few places. The limits are the real ones: the
//! slowest of these takes as long as a head may.

use super::Room;
use crate::testing::server::TestServer;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const HALF_HEAD: &[u8] = b"GET /api/v1/summary HTTP/1.1\r\nHost: localhost\r\nX-a: ";
const HALF_BODY: &[u8] = b"POST /api/v1/purchases HTTP/1.1\r\nHost: localhost\r\n\
    Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n[";
const WHOLE: &[u8] = b"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n";

async fn open(address: SocketAddr, said: &[u8]) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(said).await.unwrap();
    socket
}

async fn open_many(count: usize, server: &TestServer, said: &[u8]) -> Vec<TcpStream> {
    let mut sockets = Vec::with_capacity(count);
    for _ in 0..count {
        sockets.push(open(server.address, said).await);
    }
    sockets
}

/// All that comes before the end.
async fn rest_of(mut socket: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    match socket.read_to_end(&mut bytes).await {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
    }
    bytes
}

/// One answer, whose head names its length.
async fn answer(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() == length.unwrap().parse::<usize>().unwrap() {
                return text;
            }
        }
        assert!(socket.read_buf(&mut bytes).await.unwrap() > 0, "it ended: {text}");
    }
}

#[tokio::test]
async fn sockets_that_say_nothing_or_half_of_a_head_keep_nobody_out() {
    let server = TestServer::on_sockets(Room { usual: 20, spare: 2 }).await;
    let idle = open_many(40, &server, b"").await;
    let half = open_many(40, &server, HALF_HEAD).await;
    for _ in 0..20 {
        assert_eq!(server.get("/api/v1/summary").await.status, 200);
        assert_eq!(server.get("/healthz").await.status, 200);
    }
    // Those who gave up their places were closed, the oldest first.
    for socket in idle {
        assert_eq!(rest_of(socket).await, b"");
    }
    drop(half);
}

#[tokio::test]
async fn who_watches_over_the_process_is_answered_where_all_sockets_are_in_use() {
    let server = TestServer::on_sockets(Room { usual: 8, spare: 2 }).await;
    let mut bodies = open_many(8, &server, HALF_BODY).await;
    // They are in use once their heads are read: then nobody else finds a place.
    let mut refused = server.get("/version").await;
    while refused.status == 200 {
        bodies.extend(open_many(1, &server, HALF_BODY).await);
        refused = server.get("/version").await;
    }
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert_eq!(refused.header("retry-after").as_deref(), Some("1"));
    assert_eq!(refused.header("connection").as_deref(), Some("close"));
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(server.get(path).await.status, 200, "{path}");
    }
    // A browser would never come back after anything but a stream.
    let browser = server.request("GET", "/api/v1/stream?views=summary", ACCEPT_EVENTS).await;
    assert_eq!((browser.status, browser.body.contains("retry: 5000")), (200, true));
    drop(bodies);
    while server.get("/version").await.status != 200 {
        tokio::task::yield_now().await;
    }
}

const ACCEPT_EVENTS: &str = "Accept: text/event-stream\r\n";

/// Takes the ten seconds that a head may take.
#[tokio::test]
async fn a_head_that_does_not_come_whole_in_its_time_ends_its_socket() {
    let server = TestServer::start().await;
    let idle = open(server.address, b"").await;
    let half = open(server.address, HALF_HEAD).await;
    let mut again = open(server.address, WHOLE).await;
    answer(&mut again).await;
    again.write_all(HALF_HEAD).await.unwrap();
    let (mut reads, mut dribbles) = open(server.address, HALF_HEAD).await.into_split();
    let dribbling = async {
        while dribbles.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let mut bytes = Vec::new();
    let ended = async { drop(reads.read_to_end(&mut bytes).await) };
    let ends = [rest_of(idle), rest_of(half), rest_of(again)];
    let (ends, ..) = tokio::join!(futures::future::join_all(ends), dribbling, ended);
    assert_eq!(ends, [b"", b"", b""]);
}

/// Takes the ten seconds after which a body must have come at its rate.
#[tokio::test]
async fn half_a_body_is_told_that_it_takes_too_long() {
    let server = TestServer::start().await;
    let told = String::from_utf8(rest_of(open(server.address, HALF_BODY).await).await).unwrap();
    assert!(told.starts_with("HTTP/1.1 408"), "{told}");
    assert!(told.contains("the body takes too long to come"), "{told}");
}

/// A head's time is over before the second request, and so it is not what is counted between two.
#[tokio::test]
async fn a_socket_is_good_for_another_request_after_longer_than_a_head_may_take() {
    let server = TestServer::start().await;
    let mut socket = open(server.address, WHOLE).await;
    answer(&mut socket).await;
    tokio::time::sleep(crate::limits::HEAD_MAX + Duration::from_secs(1)).await;
    socket.write_all(WHOLE).await.unwrap();
    assert!(answer(&mut socket).await.starts_with("HTTP/1.1 200"));
}

/// Bodies hold a third of the sockets at most, whatever they are.
#[tokio::test]
async fn bodies_that_do_not_come_are_refused_before_they_hold_all_sockets() {
    let server = TestServer::start().await;
    let bodies = open_many(1_100, &server, HALF_BODY).await;
    let told = String::from_utf8(rest_of(bodies.into_iter().last().unwrap()).await).unwrap();
    assert!(told.starts_with("HTTP/1.1 429"), "{told}");
    assert_eq!(server.get("/api/v1/summary").await.status, 200);
}

/// Takes the half minute that a reader may stand still.
#[tokio::test]
async fn who_does_not_read_his_answers_is_cut_off() {
    let server = TestServer::start().await;
    const ASKED: usize = 400;
    let request = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(ASKED);
    let (mut reads, mut writes) = open(server.address, b"").await.into_split();
    // What the server does not read any more is not written either.
    let writing = tokio::spawn(async move { drop(writes.write_all(&request).await) });
    tokio::time::sleep(crate::limits::STREAM_STALL_MAX + Duration::from_secs(2)).await;
    let mut bytes = Vec::new();
    drop(reads.read_to_end(&mut bytes).await);
    let answers = String::from_utf8_lossy(&bytes).matches("HTTP/1.1 200").count();
    assert!(0 < answers && answers < ASKED, "{answers}");
    writing.await.unwrap();
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let server = TestServer::start().await;
    let long =
        format!("GET /version HTTP/1.1\r\nHost: localhost\r\nX-a: {}", "x".repeat(33 * 1024));
    let told =
        String::from_utf8(rest_of(open(server.address, long.as_bytes()).await).await).unwrap();
    assert!(told.starts_with("HTTP/1.1 431"), "{told}");
}

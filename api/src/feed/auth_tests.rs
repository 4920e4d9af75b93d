//! Who shows the token, who does not, and what those may do meanwhile, over real sockets.

use super::socket_tests::{Client, subscribe};
use crate::limits::{MESSAGES_PER_MINUTE_MAX, STRANGERS_MAX};
use crate::testing::server::TestServer;
use futures::SinkExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn a_token_is_shown_in_a_header_or_in_the_first_message() {
    let server = TestServer::for_token("open-sesame").await;
    let mut by_header = Client::showing(&server, Some("open-sesame")).await.unwrap();
    assert_eq!(by_header.next().await["op"], "hello");
    let mut by_message = Client::showing(&server, None).await.unwrap();
    by_message.says(json!({ "op": "auth", "token": "open-sesame" })).await;
    by_message.says(subscribe(None)).await;
    assert_eq!(by_message.next().await["op"], "hello");
    assert_eq!(by_message.frame().await["op"], "snapshot");
    assert_eq!(Client::showing(&server, Some("open")).await.err(), Some(401));
}

#[tokio::test]
async fn a_first_message_without_the_token_ends_in_4401() {
    let server = TestServer::for_token("open-sesame").await;
    for first in [
        json!({ "op": "auth", "token": "open" }),
        json!({ "op": "auth" }),
        json!({ "op": "ping", "token": "open-sesame" }),
        subscribe(None),
        json!("open-sesame"),
    ] {
        let mut client = Client::showing(&server, None).await.unwrap();
        client.says(&first).await;
        assert_eq!(client.close_code().await, 4401, "{first}");
    }
    // A server without one ignores the word, as any that it does not know.
    let server = TestServer::start().await;
    let mut client = Client::connect(&server).await;
    client.says(json!({ "op": "auth", "token": "x" })).await;
    client.says(json!({ "op": "ping", "id": "1" })).await;
    assert_eq!(client.frame().await["op"], "pong");
}

#[tokio::test]
async fn pings_are_counted_before_and_after_the_token_is_shown() {
    let server = TestServer::for_token("open-sesame").await;
    for token in [None, Some("open-sesame")] {
        let mut client = Client::showing(&server, token).await.unwrap();
        for _ in 0..=MESSAGES_PER_MINUTE_MAX {
            client.socket.send(Message::Ping(vec![b'x'; 120].into())).await.unwrap();
        }
        assert_eq!(client.close_code().await, 4429);
    }
}

#[tokio::test]
async fn who_has_not_shown_the_token_takes_nobodys_place() {
    let server = TestServer::for_token_and_readers("open-sesame", 2).await;
    let mut strangers = Vec::new();
    for _ in 0..STRANGERS_MAX + 20 {
        strangers.push(Client::showing(&server, None).await.unwrap());
    }
    // Only the oldest went for those who came later.
    for oldest in &mut strangers[..20] {
        assert_eq!(oldest.close_code().await, 4013);
    }
    let mut by_header = Client::showing(&server, Some("open-sesame")).await.unwrap();
    assert_eq!(by_header.next().await["op"], "hello");
    let mut by_message = Client::showing(&server, None).await.unwrap();
    by_message.says(json!({ "op": "auth", "token": "open-sesame" })).await;
    assert_eq!(by_message.next().await["op"], "hello");
    // He is the third who knows it.
    let mut third = Client::showing(&server, None).await.unwrap();
    third.says(json!({ "op": "auth", "token": "open-sesame" })).await;
    assert_eq!(third.close_code().await, 4013);
}

#[tokio::test]
async fn the_end_of_the_server_is_said_to_strangers_too() {
    let server = TestServer::for_token("open-sesame").await;
    let mut stranger = Client::showing(&server, None).await.unwrap();
    let ended = server.stop();
    assert_eq!(stranger.close_code().await, 1012);
    ended.await;
}

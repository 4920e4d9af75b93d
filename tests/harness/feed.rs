//! A client of the feed over a real socket.

use serde_json::Value;
use std::net::TcpStream;
use std::time::Duration;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

/// Longest silence: heartbeats come every second.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// Heartbeats after which nothing else is waited for any more.
const HEARTBEATS_MAX: u32 = 60;

/// One connection.
pub(crate) struct Feed(WebSocket<TcpStream>);

impl Feed {
    pub(crate) fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(SILENCE_MAX)).unwrap();
        let url = format!("ws://{address}/api/v1/feed");
        let mut request = url.into_client_request().unwrap();
        let protocol = "goldstream.v1".parse().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (socket, answer) = client(request, stream).unwrap();
        assert_eq!(answer.headers()["sec-websocket-protocol"], "goldstream.v1");
        Self(socket)
    }

    pub(crate) fn send(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).unwrap();
    }

    /// The next frame that is no heartbeat.
    pub(crate) fn next(&mut self) -> Value {
        let mut heartbeats = 0;
        loop {
            let Message::Text(text) = self.0.read().unwrap() else { continue };
            let frame: Value = serde_json::from_str(&text).unwrap();
            if frame["op"] != "heartbeat" {
                return frame;
            }
            heartbeats += 1;
            assert!(heartbeats < HEARTBEATS_MAX, "nothing comes but {frame}");
        }
    }
}

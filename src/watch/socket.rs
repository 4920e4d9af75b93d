//! One WebSocket: what comes on it, as the machine's events.

use futures::future::BoxFuture;
use futures::{FutureExt, SinkExt, StreamExt};
use goldstream_client::machine::Event;
use goldstream_client::stop::Loss;
use goldstream_platform::secret::Secret;
use serde_json::Value;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

type WebSocket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Longest frame: a snapshot of a million products is shorter.
const FRAME_BYTES_MAX: usize = 256 * 1024 * 1024;
/// How long a request may take to be written.
const WRITE_MAX: Duration = Duration::from_secs(5);
/// How long a server may take to say farewell.
const CLOSE_MAX: Duration = Duration::from_millis(200);

/// A connection, in whichever state.
pub(super) enum Socket {
    None,
    Opening(BoxFuture<'static, Result<WebSocket, Loss>>),
    Open(Box<WebSocket>),
}

impl Socket {
    pub(super) fn connect(url: String, token: Option<Secret>) -> Self {
        Self::Opening(open(url, token).boxed())
    }

    /// What happens next on it. Nothing is lost where this is abandoned.
    pub(super) async fn next(&mut self) -> Event {
        let event = match self {
            Self::None => std::future::pending().await,
            Self::Opening(opening) => match opening.await {
                Ok(socket) => {
                    *self = Self::Open(Box::new(socket));
                    return Event::Opened;
                }
                Err(loss) => Event::Lost(loss),
            },
            Self::Open(socket) => heard(socket).await,
        };
        if let Event::Lost(_) = event {
            *self = Self::None;
        }
        event
    }

    /// Writes a request. A line that takes it no more is lost; the silence will show it.
    pub(super) async fn send(&mut self, text: String) {
        let Self::Open(socket) = self else { return };
        if let Ok(Ok(())) = timeout(WRITE_MAX, socket.send(Message::text(text))).await {
            return;
        }
        tracing::debug!("a request could not be written");
    }

    /// Says farewell.
    pub(super) async fn close(self) {
        let Self::Open(mut socket) = self else { return };
        if timeout(CLOSE_MAX, socket.close()).await.is_err() {
            tracing::debug!("the server takes no farewell");
        }
    }
}

async fn open(url: String, token: Option<Secret>) -> Result<WebSocket, Loss> {
    let mut request = url.into_client_request().map_err(loss_of)?;
    let protocol = HeaderValue::from_static("goldstream.v1");
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    if let Some(token) = token
        && let Ok(shown) = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
    {
        request.headers_mut().insert("authorization", shown);
    }
    let limits = WebSocketConfig::default()
        .max_message_size(Some(FRAME_BYTES_MAX))
        .max_frame_size(Some(FRAME_BYTES_MAX));
    let connected = connect_async_with_config(request, Some(limits), true).await;
    connected.map(|(socket, _)| socket).map_err(loss_of)
}

/// The next text, or the end. Control frames are answered by the transport.
async fn heard(socket: &mut WebSocket) -> Event {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return Event::Text(text.as_str().to_owned()),
            Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                let (code, reason) = (code.into(), reason.as_str().to_owned());
                return Event::Lost(Loss::Closed { code, reason });
            }
            Some(Ok(Message::Close(None))) => {
                return Event::Lost(Loss::Closed { code: 1005, reason: String::new() });
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Event::Lost(Loss::Broken(error.to_string())),
            None => return Event::Lost(Loss::Broken("the connection broke off".to_owned())),
        }
    }
}

/// Why no connection came about.
fn loss_of(error: Error) -> Loss {
    match error {
        Error::Io(error) => Loss::Broken(error.to_string()),
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(
            ProtocolError::HandshakeIncomplete | ProtocolError::ResetWithoutClosingHandshake,
        ) => Loss::Broken("the connection broke off".to_owned()),
        Error::Http(answer) => {
            let body = answer.body().as_deref().unwrap_or_default();
            Loss::Http { status: answer.status().as_u16(), detail: detail(body) }
        }
        error => Loss::NoFeed(error.to_string()),
    }
}

/// The sentence of a problem, where the answer is one.
fn detail(body: &[u8]) -> String {
    let problem: Option<Value> = serde_json::from_slice(body).ok();
    problem.and_then(|problem| Some(problem["detail"].as_str()?.to_owned())).unwrap_or_default()
}

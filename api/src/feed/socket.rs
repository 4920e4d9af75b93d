//! The wire that is a WebSocket.

use super::interpreter::{Wire, text_of};
use super::message::{Close, ServerMessage};
use super::session::Event;
use crate::limits::{CLOSE_MAX, MESSAGE_BYTES_MAX, WRITE_MAX};
use axum::Error;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use std::ops::ControlFlow;
use tokio::time::timeout;

/// A client behind a WebSocket.
pub(super) struct Socket(pub(super) WebSocket);

impl Wire for Socket {
    async fn heard(&mut self) -> Option<Event> {
        event_of(self.0.recv().await)
    }

    async fn send(&mut self, message: &ServerMessage) -> ControlFlow<()> {
        let text = text_of(message)?;
        self.write(Message::text(text)).await
    }

    async fn ping(&mut self) -> ControlFlow<()> {
        self.write(Message::Ping(Default::default())).await
    }

    /// Says why and waits a moment for the client's answer, since a socket that is dropped with
    /// unread bytes takes the close frame with it. Who is slow has frames to read before it.
    async fn close(&mut self, why: Close) {
        let frame = CloseFrame { code: why.code(), reason: why.reason().into() };
        let farewell = async {
            if self.0.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = self.0.recv().await {}
            }
        };
        let patience = if why == Close::TooSlow { WRITE_MAX } else { CLOSE_MAX };
        if timeout(patience, farewell).await.is_err() {
            tracing::debug!(code = why.code(), "a client did not answer its close");
        }
    }
}

impl Socket {
    async fn write(&mut self, message: Message) -> ControlFlow<()> {
        match timeout(WRITE_MAX, self.0.send(message)).await {
            Ok(Ok(())) => ControlFlow::Continue(()),
            Ok(Err(_)) => ControlFlow::Break(()),
            Err(_) => {
                self.close(Close::TooSlow).await;
                ControlFlow::Break(())
            }
        }
    }
}

/// What a received message means; none where the client is gone.
fn event_of(received: Option<Result<Message, Error>>) -> Option<Event> {
    match received? {
        Ok(Message::Text(text)) if text.len() > MESSAGE_BYTES_MAX => Some(Event::TooLong),
        Ok(Message::Binary(bytes)) if bytes.len() > MESSAGE_BYTES_MAX => Some(Event::TooLong),
        Ok(Message::Text(text)) => Some(Event::Text(text.as_str().to_owned())),
        Ok(Message::Binary(_)) => Some(Event::Binary),
        // Control frames are answered by the transport, which ends the stream after a close.
        Ok(Message::Ping(_)) => Some(Event::Ping),
        Ok(Message::Pong(_) | Message::Close(_)) => Some(Event::Pong),
        Err(_) => None,
    }
}

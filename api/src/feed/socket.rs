//! The interpreter of a session: one loop between a WebSocket, the view and two clocks.
//! What is said is decided in [`super::session`].

use super::hub::Hub;
use super::message::{Close, ServerMessage};
use super::session::{Action, Event, Now, Session};
use crate::limits::{CLOSE_MAX, MESSAGE_BYTES_MAX, WRITE_MAX};
use crate::view::View;
use axum::Error;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use goldstream_platform::clock::now_ms;
use goldstream_platform::shutdown::Shutdown;
use std::ops::ControlFlow;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// Serves one client until one of the two sides ends.
pub(super) async fn run(
    mut socket: WebSocket,
    view: View,
    hub: &Hub,
    mut shutdown: Shutdown,
    reconnect_after_ms: u64,
) {
    let clock = Clock { start: Instant::now() };
    let mut versions = view.versions();
    let (mut session, mut actions) = view.read(|state| Session::open(clock.now(), state));
    while let ControlFlow::Continue(event) = perform(&mut socket, &view, actions).await {
        let now = clock.now();
        let event = if let Some(event) = event {
            event
        } else {
            tokio::select! {
                received = socket.recv() => match event_of(received) {
                    Some(event) => event,
                    None => return,
                },
                _ = versions.changed(), if session.is_listening(now) => Event::Woken,
                () = sleep_until(clock.instant(session.wake_at_ms(now))) => Event::Woken,
                () = shutdown.wished() => Event::Shutdown { reconnect_after_ms },
            }
        };
        actions = view.read(|state| session.on(event, clock.now(), state, hub));
    }
}

/// Closes a connection that is not to be served.
pub(super) async fn refuse(mut socket: WebSocket, why: Close) {
    close(&mut socket, why).await;
}

struct Clock {
    start: Instant,
}

impl Clock {
    fn now(&self) -> Now {
        Now { steady_ms: self.start.elapsed().as_millis() as u64, wall_ms: now_ms() }
    }

    fn instant(&self, steady_ms: u64) -> Instant {
        self.start + Duration::from_millis(steady_ms)
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
        Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_)) => Some(Event::Woken),
        Err(_) => None,
    }
}

/// Does what is to be done; gives the event that follows from it, if one does.
async fn perform(
    socket: &mut WebSocket,
    view: &View,
    actions: Vec<Action>,
) -> ControlFlow<(), Option<Event>> {
    let mut follows = None;
    for action in actions {
        match action {
            Action::Send(message) => {
                if send(socket, &message).await.is_break() {
                    return ControlFlow::Break(());
                }
            }
            Action::Rank(subscribe) => {
                view.rank().await;
                follows = Some(Event::Ranked(subscribe));
            }
            Action::Close(why) => {
                close(socket, why).await;
                return ControlFlow::Break(());
            }
        }
    }
    ControlFlow::Continue(follows)
}

async fn send(socket: &mut WebSocket, message: &ServerMessage) -> ControlFlow<()> {
    let text = match serde_json::to_string(message) {
        Ok(text) => text,
        Err(error) => {
            tracing::error!(%error, "a frame has no JSON form");
            return ControlFlow::Break(());
        }
    };
    match timeout(WRITE_MAX, socket.send(Message::text(text))).await {
        Ok(Ok(())) => ControlFlow::Continue(()),
        Ok(Err(_)) => ControlFlow::Break(()),
        Err(_) => {
            close(socket, Close::TooSlow).await;
            ControlFlow::Break(())
        }
    }
}

/// Says why and waits a moment for the client's answer, since a socket that is dropped with
/// unread bytes takes the close frame with it.
async fn close(socket: &mut WebSocket, why: Close) {
    let frame = CloseFrame { code: why.code(), reason: why.reason().into() };
    let farewell = async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    if timeout(CLOSE_MAX, farewell).await.is_err() {
        tracing::debug!(code = why.code(), "a client did not answer its close");
    }
}

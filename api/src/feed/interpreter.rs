//! The interpreter of a session: one loop between a client's wire, the view and two clocks. What is
//! said is decided in [`super::session`], how it is written by the wire.

use super::hub::Hub;
use super::message::{Close, ServerMessage};
use super::now::Now;
use super::request::Subscribe;
use super::session::{Action, Event, Session};
use crate::connections::Connection;
use crate::metrics::Metrics;
use crate::server::Server;
use crate::view::View;
use goldstream_platform::clock::now_ms;
use goldstream_platform::shutdown::Shutdown;
use goldstream_platform::trace::Shown;
use std::ops::ControlFlow;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// What lies between the server and one client.
pub(super) trait Wire: Send {
    /// What comes from the client; none where he is gone. Dropping the future loses nothing.
    fn heard(&mut self) -> impl Future<Output = Option<Event>> + Send;
    /// Writes a frame; breaks where that is not possible.
    fn send(&mut self, message: &ServerMessage) -> impl Future<Output = ControlFlow<()>> + Send;
    /// Asks whether the client is there.
    fn ping(&mut self) -> impl Future<Output = ControlFlow<()>> + Send;
    /// Says why nothing follows.
    fn close(&mut self, why: Close) -> impl Future<Output = ()> + Send;
}

/// What a session runs on.
pub(super) struct Surroundings<'a> {
    view: View,
    hub: &'a Hub,
    metrics: &'a Metrics,
    shown: Option<&'a dyn Shown>,
    shutdown: Shutdown,
    reconnect_after_ms: u64,
}

impl<'a> Surroundings<'a> {
    pub(super) fn of(server: &'a Server, connection: &Connection) -> Self {
        Self {
            view: server.state.view.clone(),
            hub: &server.hub,
            metrics: &server.metrics,
            shown: server.state.shown.as_deref(),
            shutdown: server.shutdown.clone(),
            reconnect_after_ms: connection.reconnect_after_ms(),
        }
    }
}

/// How a session begins.
pub(super) enum Opening {
    /// With a client who will say what he wishes.
    Listening,
    /// With one who has said it, and can say no more.
    Told(Subscribe),
}

/// Serves one client until one of the two sides ends.
pub(super) async fn run(mut wire: impl Wire, around: Surroundings<'_>, opening: Opening) {
    let Surroundings { view, hub, reconnect_after_ms, .. } = &around;
    let mut shutdown = around.shutdown.clone();
    let clock = Clock { start: Instant::now() };
    let mut versions = view.versions();
    let (mut session, mut actions) = view.read(|state| match opening {
        Opening::Listening => Session::open(clock.now(), state),
        Opening::Told(wish) => Session::open_one_way(clock.now(), state, hub, wish),
    });
    while let ControlFlow::Continue(event) = perform(&mut wire, &around, actions).await {
        let now = clock.now();
        let event = if let Some(event) = event {
            event
        } else {
            tokio::select! {
                heard = wire.heard() => match heard {
                    Some(event) => event,
                    None => return,
                },
                _ = versions.changed(), if session.is_listening(now) => Event::Woken,
                () = sleep_until(clock.instant(session.wake_at_ms(now))) => Event::Woken,
                () = shutdown.wished() => {
                    Event::Shutdown { reconnect_after_ms: *reconnect_after_ms }
                }
            }
        };
        actions = view.read(|state| session.on(event, clock.now(), state, hub));
    }
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

/// Does what is to be done; gives the event that follows from it, if one does.
async fn perform(
    wire: &mut impl Wire,
    around: &Surroundings<'_>,
    actions: Vec<Action>,
) -> ControlFlow<(), Option<Event>> {
    let mut follows = None;
    for action in actions {
        match action {
            Action::Send(message) => {
                wire.send(&message).await?;
                around.metrics.sent(&message, now_ms());
                if let (Some(shown), Some(version)) = (around.shown, message.shows_rows()) {
                    shown.is_sent(version);
                }
            }
            Action::Ping => wire.ping().await?,
            Action::Rank(asked) => {
                around.view.rank().await;
                follows = Some(asked.map_or(Event::Woken, Event::Subscribe));
            }
            Action::Close(why) => {
                wire.close(why).await;
                return ControlFlow::Break(());
            }
        }
    }
    ControlFlow::Continue(follows)
}

/// A frame as text; breaks where it has none.
pub(super) fn text_of(message: &ServerMessage) -> ControlFlow<(), String> {
    match serde_json::to_string(message) {
        Ok(text) => ControlFlow::Continue(text),
        Err(error) => {
            tracing::error!(%error, "a frame has no JSON form");
            ControlFlow::Break(())
        }
    }
}

//! One client's session as a pure machine: what happened goes in, what is to be sent comes out.
//! It knows no socket and no clock.
//!
//! A subscription is a version and a pace, nothing more. When its interval has passed it gets what
//! changed since, in one frame: a slow reader gets fewer and fuller frames, never a queue.

use super::message::{Close, PROTOCOL, ServerMessage};
use super::request::{After, BadRequest, Refusal, Request, Subscribe};
use super::views::{Delta, FeedView, delta, snapshot};
use crate::limits::{HEARTBEAT_MS, MESSAGES_PER_MINUTE_MAX, SUBSCRIPTIONS_MAX};
use crate::view::state::State;
use goldstream_platform::clock::rfc3339;
use std::collections::VecDeque;
use std::sync::Arc;

/// One moment on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    /// Grows steadily, from any start.
    pub(crate) steady_ms: u64,
    /// Milliseconds since 1970 UTC.
    pub(crate) wall_ms: i64,
}

/// What happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// A text message came.
    Text(String),
    /// A binary message came.
    Binary,
    /// A message over the limit came.
    TooLong,
    /// There is a new version, or the time that was waited for has come.
    Woken,
    /// The server ends.
    Shutdown { reconnect_after_ms: u64 },
}

/// What is to be done.
#[derive(Debug, PartialEq)]
pub(crate) enum Action {
    /// Write a frame.
    Send(ServerMessage),
    /// Close; nothing follows.
    Close(Close),
}

/// One client's session.
#[derive(Debug)]
pub(crate) struct Session {
    subscriptions: Vec<Subscription>,
    /// When the messages of the last minute came.
    received_ms: VecDeque<u64>,
    last_sent_ms: u64,
}

#[derive(Debug)]
struct Subscription {
    id: Arc<str>,
    views: Vec<FeedView>,
    interval_ms: u64,
    epoch: Arc<str>,
    /// Version of the last frame.
    shown: u64,
    /// Nothing changed in its views from `shown` to here.
    checked: u64,
    sent_ms: u64,
}

impl Session {
    /// A new session, and its first frame.
    pub(crate) fn open(now: Now, state: &State) -> (Self, Vec<Action>) {
        let stamp = state.stamp();
        let hello = ServerMessage::Hello {
            protocol: PROTOCOL,
            epoch: stamp.epoch,
            version: stamp.version,
            heartbeat_ms: HEARTBEAT_MS,
        };
        let session = Self {
            subscriptions: Vec::new(),
            received_ms: VecDeque::new(),
            last_sent_ms: now.steady_ms,
        };
        (session, vec![Action::Send(hello)])
    }

    /// Takes one event.
    pub(crate) fn on(&mut self, event: Event, now: Now, state: &State) -> Vec<Action> {
        let actions = match event {
            Event::Text(text) => self.on_text(&text, now, state),
            Event::Binary => vec![Action::Close(Close::NotAnObject)],
            Event::TooLong => vec![Action::Close(Close::MessageTooLong)],
            Event::Woken => self.on_woken(now, state),
            Event::Shutdown { reconnect_after_ms } => vec![
                Action::Send(ServerMessage::ServerShutdown { reconnect_after_ms }),
                Action::Close(Close::ServerEnds),
            ],
        };
        if !actions.is_empty() {
            self.last_sent_ms = now.steady_ms;
        }
        actions
    }

    /// Whether a new version may lead to a frame at once.
    pub(crate) fn is_listening(&self, now: Now) -> bool {
        self.subscriptions.iter().any(|subscription| subscription.due_ms() <= now.steady_ms)
    }

    /// When it must be woken at the latest.
    pub(crate) fn wake_at_ms(&self, now: Now) -> u64 {
        let due = self.subscriptions.iter().map(Subscription::due_ms);
        let heartbeat = self.last_sent_ms + HEARTBEAT_MS;
        due.filter(|due_ms| *due_ms > now.steady_ms).fold(heartbeat, u64::min)
    }

    fn on_text(&mut self, text: &str, now: Now, state: &State) -> Vec<Action> {
        if !self.is_within_rate(now.steady_ms) {
            return vec![Action::Close(Close::TooManyMessages)];
        }
        let at = || rfc3339(now.wall_ms);
        let answer = match Request::parse(text) {
            Err(BadRequest::NotAnObject) => return vec![Action::Close(Close::NotAnObject)],
            Err(BadRequest::Refused(refusal)) => refusal.into(),
            Ok(Request::Unknown) => return Vec::new(),
            Ok(Request::Ping { id }) => ServerMessage::Pong { id, at: at() },
            Ok(Request::Unsubscribe { id }) => {
                self.subscriptions.retain(|subscription| subscription.id != id);
                return Vec::new();
            }
            Ok(Request::Subscribe(subscribe)) => self.subscribe(subscribe, now, state),
        };
        vec![Action::Send(answer)]
    }

    fn is_within_rate(&mut self, now_ms: u64) -> bool {
        while self.received_ms.front().is_some_and(|at_ms| at_ms + 60_000 <= now_ms) {
            self.received_ms.pop_front();
        }
        self.received_ms.push_back(now_ms);
        self.received_ms.len() <= MESSAGES_PER_MINUTE_MAX
    }

    fn subscribe(&mut self, subscribe: Subscribe, now: Now, state: &State) -> ServerMessage {
        let Subscribe { id, views, interval_ms, after } = subscribe;
        let place = self.subscriptions.iter().position(|known| known.id == id);
        if place.is_none() && self.subscriptions.len() == SUBSCRIPTIONS_MAX {
            return Refusal::too_many_subscriptions(id).into();
        }
        let stamp = state.stamp();
        let mut subscription = Subscription {
            id,
            views,
            interval_ms,
            epoch: stamp.epoch,
            shown: stamp.version,
            checked: stamp.version,
            sent_ms: now.steady_ms,
        };
        let frame = match after.filter(|after| after.can_be_resumed(state)) {
            None => subscription.snapshot(now, state),
            Some(After { version, .. }) => {
                (subscription.shown, subscription.checked) = (version, version);
                let delta = delta(&subscription.views, state, version);
                subscription.update(delta, now, state)
            }
        };
        match place {
            Some(place) => self.subscriptions[place] = subscription,
            None => self.subscriptions.push(subscription),
        }
        frame
    }

    fn on_woken(&mut self, now: Now, state: &State) -> Vec<Action> {
        let due = self.subscriptions.iter_mut().filter(|known| known.due_ms() <= now.steady_ms);
        let mut actions: Vec<Action> =
            due.filter_map(|known| known.next(now, state)).map(Action::Send).collect();
        if actions.is_empty() && self.last_sent_ms + HEARTBEAT_MS <= now.steady_ms {
            let stamp = state.stamp();
            let (epoch, version) = (stamp.epoch, stamp.version);
            let heartbeat = ServerMessage::Heartbeat { epoch, version, at: rfc3339(now.wall_ms) };
            actions.push(Action::Send(heartbeat));
        }
        actions
    }
}

impl Subscription {
    /// When it may get its next frame.
    fn due_ms(&self) -> u64 {
        self.sent_ms + self.interval_ms
    }

    /// Its next frame, none where nothing changed in its views.
    fn next(&mut self, now: Now, state: &State) -> Option<ServerMessage> {
        let stamp = state.stamp();
        if stamp.epoch != self.epoch || !state.knows_since(self.checked) {
            return Some(self.snapshot(now, state));
        }
        if stamp.version == self.checked {
            return None;
        }
        let delta = delta(&self.views, state, self.checked);
        if delta.views.is_empty() {
            self.checked = stamp.version;
            return None;
        }
        Some(self.update(delta, now, state))
    }

    fn snapshot(&mut self, now: Now, state: &State) -> ServerMessage {
        let stamp = state.stamp();
        self.epoch = Arc::clone(&stamp.epoch);
        self.sent(stamp.version, now);
        ServerMessage::Snapshot {
            id: Arc::clone(&self.id),
            epoch: stamp.epoch,
            version: stamp.version,
            as_of: rfc3339(stamp.as_of_ms),
            views: snapshot(&self.views, state),
        }
    }

    fn update(&mut self, delta: Delta, now: Now, state: &State) -> ServerMessage {
        let stamp = state.stamp();
        let prev = self.shown;
        self.sent(stamp.version, now);
        ServerMessage::Update {
            id: Arc::clone(&self.id),
            epoch: stamp.epoch,
            prev,
            version: stamp.version,
            as_of: rfc3339(stamp.as_of_ms),
            ingested_at: delta.ingested_at_ms.map(rfc3339),
            views: delta.views,
        }
    }

    fn sent(&mut self, version: u64, now: Now) {
        self.shown = version;
        self.checked = version;
        self.sent_ms = now.steady_ms;
    }
}

impl After {
    fn can_be_resumed(&self, state: &State) -> bool {
        *self.epoch == *state.stamp().epoch && state.knows_since(self.version)
    }
}

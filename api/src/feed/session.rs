//! One client's session as a pure machine: what happened goes in, what is to be sent comes out.
//! It knows no socket and no clock.
//!
//! A subscription is a version and a pace, nothing more. When its interval has passed it gets what
//! changed since, in one frame: a slow reader gets fewer and fuller frames, never a queue.

use super::hub::{Frame, Hub, Next, Seen};
use super::message::{Close, PROTOCOL, ServerMessage};
use super::request::{After, BadRequest, Refusal, Request, Subscribe};
use super::view::FeedView;
use crate::limits::{
    HEARTBEAT_MS, MESSAGES_PER_MINUTE_MAX, PING_MS, SILENCE_MAX_MS, SUBSCRIPTIONS_MAX,
};
use crate::view::state::State;
use goldstream_domain::planted::{self, Bug};
use goldstream_platform::clock::rfc3339;
use std::collections::VecDeque;
use std::sync::Arc;

/// One moment on both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// Grows steadily, from any start.
    pub steady_ms: u64,
    /// Milliseconds since 1970 UTC.
    pub wall_ms: i64,
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
    /// Something came that only shows that the client is there.
    Heard,
    /// There is a new version, or the time that was waited for has come.
    Woken,
    /// This is wished, with its rows in order of rank where it needs them so.
    Subscribe(Subscribe),
    /// The server ends.
    Shutdown { reconnect_after_ms: u64 },
}

/// What is to be done.
#[derive(Debug, PartialEq)]
pub(crate) enum Action {
    /// Write a frame.
    Send(ServerMessage),
    /// Ask whether the client is there.
    Ping,
    /// Put the rows in order of rank; then this is wished again, where it was a wish.
    Rank(Option<Subscribe>),
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
    /// None where the client cannot answer.
    liveness: Option<Liveness>,
}

/// Whether the client is there: a connection may be gone without a word.
#[derive(Debug, Clone, Copy)]
struct Liveness {
    heard_ms: u64,
    pinged_ms: u64,
}

#[derive(Debug)]
struct Subscription {
    id: Arc<str>,
    views: Arc<[FeedView]>,
    interval_ms: u64,
    epoch: Arc<str>,
    /// Version of the last frame.
    shown: u64,
    /// Nothing changed in its views from `shown` to here.
    checked: Seen,
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
            liveness: Some(Liveness { heard_ms: now.steady_ms, pinged_ms: now.steady_ms }),
        };
        (session, vec![Action::Send(hello)])
    }

    /// The same with a client who has asked already and can say no more.
    pub(crate) fn open_one_way(
        now: Now,
        state: &State,
        hub: &Hub,
        wish: Subscribe,
    ) -> (Self, Vec<Action>) {
        let (session, mut actions) = Self::open(now, state);
        let mut session = Self { liveness: None, ..session };
        actions.extend(session.on(Event::Subscribe(wish), now, state, hub));
        (session, actions)
    }

    /// Takes one event.
    pub(crate) fn on(&mut self, event: Event, now: Now, state: &State, hub: &Hub) -> Vec<Action> {
        if let (Event::Text(_) | Event::Heard, Some(liveness)) = (&event, &mut self.liveness) {
            liveness.heard_ms = now.steady_ms;
        }
        let actions = match event {
            Event::Text(text) => self.on_text(&text, now, state, hub),
            Event::Binary => vec![Action::Close(Close::NotAnObject)],
            Event::TooLong => vec![Action::Close(Close::MessageTooLong)],
            Event::Heard | Event::Woken => self.on_woken(now, state, hub),
            Event::Subscribe(subscribe) => vec![self.subscribe(subscribe, now, state, hub)],
            Event::Shutdown { reconnect_after_ms } => vec![
                Action::Send(ServerMessage::ServerShutdown { reconnect_after_ms }),
                Action::Close(Close::ServerEnds),
            ],
        };
        if actions.iter().any(|action| matches!(action, Action::Send(_))) {
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
        let ping = self.liveness.map(|liveness| liveness.pinged_ms + PING_MS);
        due.filter(|due_ms| *due_ms > now.steady_ms).chain(ping).fold(heartbeat, u64::min)
    }

    fn on_text(&mut self, text: &str, now: Now, state: &State, hub: &Hub) -> Vec<Action> {
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
            Ok(Request::Subscribe(subscribe)) => {
                return vec![self.subscribe(subscribe, now, state, hub)];
            }
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

    fn subscribe(&mut self, subscribe: Subscribe, now: Now, state: &State, hub: &Hub) -> Action {
        let place = self.subscriptions.iter().position(|known| known.id == subscribe.id);
        if place.is_none() && self.subscriptions.len() == SUBSCRIPTIONS_MAX {
            return Action::Send(Refusal::too_many_subscriptions(subscribe.id).into());
        }
        if is_unranked(&subscribe.views, state) {
            return Action::Rank(Some(subscribe));
        }
        let Subscribe { id, views, interval_ms, after } = subscribe;
        let mut subscription = Subscription::new(id, views, interval_ms);
        let frame = match after {
            None => subscription.snapshot(&hub.snapshot(&subscription.views, state), now),
            Some(after) => subscription.resume(after, now, state, hub),
        };
        match place {
            Some(place) => self.subscriptions[place] = subscription,
            None => self.subscriptions.push(subscription),
        }
        Action::Send(frame)
    }

    fn on_woken(&mut self, now: Now, state: &State, hub: &Hub) -> Vec<Action> {
        let mut actions = match self.liveness.as_mut().and_then(|it| it.check(now.steady_ms)) {
            Some(Action::Close(why)) => return vec![Action::Close(why)],
            ping => Vec::from_iter(ping),
        };
        let frames = self.frames(now, state, hub);
        if frames.is_empty() && self.last_sent_ms + HEARTBEAT_MS <= now.steady_ms {
            let stamp = state.stamp();
            let (epoch, version) = (stamp.epoch, stamp.version);
            let heartbeat = ServerMessage::Heartbeat { epoch, version, at: rfc3339(now.wall_ms) };
            actions.push(Action::Send(heartbeat));
        }
        actions.extend(frames);
        actions
    }

    /// The frames that are due, up to the first that needs an order of rank which is not there: the rows
    /// were loaded anew since it was asked for.
    fn frames(&mut self, now: Now, state: &State, hub: &Hub) -> Vec<Action> {
        let due = self.subscriptions.iter_mut().filter(|known| known.due_ms() <= now.steady_ms);
        let mut frames = Vec::new();
        for subscription in due {
            if is_unranked(&subscription.views, state) {
                frames.push(Action::Rank(None));
                break;
            }
            frames.extend(subscription.next(now, state, hub).map(Action::Send));
        }
        frames
    }
}

impl Liveness {
    fn check(&mut self, now_ms: u64) -> Option<Action> {
        if self.heard_ms + SILENCE_MAX_MS <= now_ms {
            return Some(Action::Close(Close::TooSlow));
        }
        if self.pinged_ms + PING_MS > now_ms {
            return None;
        }
        self.pinged_ms = now_ms;
        Some(Action::Ping)
    }
}

impl Subscription {
    /// One that has been shown nothing.
    fn new(id: Arc<str>, views: Arc<[FeedView]>, interval_ms: u64) -> Self {
        let checked = Seen { version: 0, status: 0 };
        Self { id, views, interval_ms, epoch: Arc::from(""), shown: 0, checked, sent_ms: 0 }
    }

    /// When it may get its next frame.
    fn due_ms(&self) -> u64 {
        self.sent_ms + self.interval_ms
    }

    /// Its next frame, none where nothing changed in its views.
    fn next(&mut self, now: Now, state: &State, hub: &Hub) -> Option<ServerMessage> {
        match hub.next(&self.views, &self.epoch, self.checked, state) {
            Next::Nothing(seen) => {
                self.checked = seen;
                None
            }
            Next::Update(frame) => Some(self.update(&frame, now)),
            Next::Snapshot(frame) => Some(self.snapshot(&frame, now)),
        }
    }

    /// Its first frame after a lost connection: what was missed, which may be nothing, or everything
    /// where that is not known any more.
    fn resume(&mut self, after: After, now: Now, state: &State, hub: &Hub) -> ServerMessage {
        let After { epoch, version } = after;
        (self.epoch, self.shown) = (epoch.into(), version);
        // A status is never missed: the next one says all.
        self.checked = Seen { version, status: 0 };
        if planted::is(Bug::MissedNotTold) && *self.epoch == *state.stamp().epoch {
            self.checked.version = state.stamp().version;
        }
        if let Some(frame) = self.next(now, state, hub) {
            return frame;
        }
        self.update(&hub.nothing(&self.views, state), now)
    }

    fn snapshot(&mut self, frame: &Frame, now: Now) -> ServerMessage {
        self.epoch = Arc::clone(&frame.epoch);
        self.sent(frame, now);
        ServerMessage::Snapshot {
            id: Arc::clone(&self.id),
            epoch: Arc::clone(&frame.epoch),
            version: frame.seen.version,
            as_of: frame.as_of.clone(),
            views: frame.views.clone(),
        }
    }

    fn update(&mut self, frame: &Frame, now: Now) -> ServerMessage {
        let prev = self.shown;
        self.sent(frame, now);
        ServerMessage::Update {
            id: Arc::clone(&self.id),
            epoch: Arc::clone(&frame.epoch),
            prev,
            version: frame.seen.version,
            as_of: frame.as_of.clone(),
            ingested_at: frame.ingested_at,
            views: frame.views.clone(),
        }
    }

    fn sent(&mut self, frame: &Frame, now: Now) {
        self.shown = frame.seen.version;
        self.checked = frame.seen;
        self.sent_ms = now.steady_ms;
    }
}

/// Whether views are read from rows in order of rank, and there is no such order.
fn is_unranked(views: &[FeedView], state: &State) -> bool {
    state.ranking().is_none() && views.iter().any(FeedView::is_ranked)
}

//! One client's session as a pure machine: what happened goes in, what is to be sent comes out.
//! It knows no socket and no clock.
//!
//! A subscription is a version and a pace, nothing more. When its interval has passed it gets what
//! changed since, in one frame: a slow reader gets fewer and fuller frames, never a queue.

use super::hub::Hub;
use super::message::{Close, ErrorCode, PROTOCOL, ServerMessage};
use super::now::Now;
use super::rate::Rate;
use super::request::{BadRequest, Refusal, Request, Subscribe};
use super::subscription::Subscription;
use super::view::FeedView;
use crate::limits::{HEARTBEAT_MS, PING_MS, SILENCE_MAX_MS, SUBSCRIPTIONS_MAX};
use crate::view::state::State;
use goldstream_domain::gold::shard::SumOverflow;
use goldstream_platform::clock::rfc3339;

/// What happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// A text message came.
    Text(String),
    /// A binary message came.
    Binary,
    /// A message over the limit came.
    TooLong,
    /// A ping of the transport came; its pong is as good as sent.
    Ping,
    /// Something came that only shows that the client is there.
    Pong,
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
    rate: Rate,
    last_sent_ms: u64,
    /// None where the client cannot answer.
    liveness: Option<Liveness>,
}

/// Whether the client is there: a connection may be gone without a word.
#[derive(Debug, Clone, Copy)]
struct Liveness {
    heard_ms: u64,
    pinged_ms: u64,
    /// It was asked, and has not answered.
    is_asked: bool,
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
            rate: Rate::default(),
            last_sent_ms: now.steady_ms,
            liveness: Some(Liveness::begin(now.steady_ms)),
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
        let is_heard = matches!(event, Event::Text(_) | Event::Ping | Event::Pong);
        if let Some(liveness) = self.liveness.as_mut().filter(|_| is_heard) {
            liveness.heard_ms = now.steady_ms;
        }
        let actions = match event {
            Event::Text(text) => self.on_text(&text, now, state, hub),
            Event::Binary => vec![Action::Close(Close::NotAnObject)],
            Event::TooLong => vec![Action::Close(Close::MessageTooLong)],
            Event::Ping | Event::Pong => self.on_control(&event, now, state, hub),
            Event::Woken => self.on_woken(now, state, hub),
            Event::Subscribe(subscribe) => self.subscribe(subscribe, now, state, hub),
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
        if !self.rate.is_kept(now.steady_ms) {
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
                return self.subscribe(subscribe, now, state, hub);
            }
        };
        vec![Action::Send(answer)]
    }

    /// A ping costs what a message does, and so does a pong that nobody has asked for.
    fn on_control(&mut self, event: &Event, now: Now, state: &State, hub: &Hub) -> Vec<Action> {
        let is_asked_for = matches!(event, Event::Pong)
            && self.liveness.as_mut().is_some_and(|it| std::mem::take(&mut it.is_asked));
        if !is_asked_for && !self.rate.is_kept(now.steady_ms) {
            return vec![Action::Close(Close::TooManyMessages)];
        }
        self.on_woken(now, state, hub)
    }

    fn subscribe(
        &mut self,
        subscribe: Subscribe,
        now: Now,
        state: &State,
        hub: &Hub,
    ) -> Vec<Action> {
        let place = self.subscriptions.iter().position(|known| known.id == subscribe.id);
        if place.is_none() && self.subscriptions.len() == SUBSCRIPTIONS_MAX {
            return vec![Action::Send(Refusal::too_many_subscriptions(subscribe.id).into())];
        }
        if is_inexact(&subscribe.views, state) {
            return farewell_to_sums();
        }
        if is_unranked(&subscribe.views, state) {
            return vec![Action::Rank(Some(subscribe))];
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
        vec![Action::Send(frame)]
    }

    fn on_woken(&mut self, now: Now, state: &State, hub: &Hub) -> Vec<Action> {
        if self.subscriptions.iter().any(|known| is_inexact(&known.views, state)) {
            return farewell_to_sums();
        }
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
    const fn begin(now_ms: u64) -> Self {
        Self { heard_ms: now_ms, pinged_ms: now_ms, is_asked: false }
    }

    fn check(&mut self, now_ms: u64) -> Option<Action> {
        if self.heard_ms + SILENCE_MAX_MS <= now_ms {
            return Some(Action::Close(Close::TooSlow));
        }
        if self.pinged_ms + PING_MS > now_ms {
            return None;
        }
        (self.pinged_ms, self.is_asked) = (now_ms, true);
        Some(Action::Ping)
    }
}

/// Whether views are read from rows in order of rank, and there is no such order.
fn is_unranked(views: &[FeedView], state: &State) -> bool {
    state.ranking().is_none() && views.iter().any(FeedView::is_ranked)
}

/// Whether views show sums that not every reader of JSON has exactly.
fn is_inexact(views: &[FeedView], state: &State) -> bool {
    state.is_overflown() && views.iter().any(FeedView::has_sums)
}

/// Nobody is shown a number that he would round, nor left with one that is past without a word. The error
/// is that of no subscription: clients come back, as they do where a server goes.
fn farewell_to_sums() -> Vec<Action> {
    let (code, detail) = (ErrorCode::SumOverflow, SumOverflow.to_string());
    let error = ServerMessage::Error { id: None, code, detail };
    vec![Action::Send(error), Action::Close(Close::SumOverflow)]
}

//! The connection as a pure machine: what happened goes in, what is to be done comes out. It knows no
//! socket and no clock; chance comes with each event.
//!
//! ```text
//!            opened            first frame
//! Connecting ──────► Syncing ─────────────► Live ⟲ frame that follows
//!   ▲    │              │ ▲                  │ │
//!   │    └─ lost ───┐   │ └── a gap ─────────┘ │
//!   └── timer ── Waiting ◄─── lost, silent ────┘      a final loss, from anywhere: Stopped
//! ```

use crate::backoff::wait_ms;
use crate::message::{Frame, Message};
use crate::stop::{Loss, Stop};
use crate::wish::{ID, Position, Wish};
use std::fmt;

/// How long a server may take to open a connection.
const CONNECT_MS: u64 = 5_000;
/// Until `hello` says better.
const HEARTBEAT_MS: u64 = 1_000;
/// A server may name any heartbeat; within these it is believed.
const HEARTBEATS_MS: std::ops::RangeInclusive<u64> = 100..=60_000;
/// The longest that a server may ask to stay away for.
const COME_BACK_MS_MAX: u64 = 60_000;
/// A connection that has brought so many frames was a good one: after it attempts count anew.
const FRAMES_STABLE: u32 = 10;

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The connection that was asked for is open.
    Opened,
    /// A text frame came.
    Text(String),
    /// The connection ended, or did not come about.
    Lost(Loss),
    /// [`Machine::patience_ms`] have passed without another event.
    Timer,
}

/// What is to be done, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Open a connection.
    Connect,
    /// Write this on it.
    Send(String),
    /// Drop it.
    Disconnect,
    /// Take this frame: it follows what was taken before. The text is as it came.
    Take {
        /// As it came.
        text: String,
        /// As it is read.
        message: Message,
    },
    /// Tell a person.
    Tell(Notice),
    /// It ends here.
    Stop(Stop),
}

/// What a person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// What is shown is what the server has.
    Live,
    /// The frames do not follow each other: everything is asked for again.
    Again(&'static str),
    /// There is no connection.
    Waiting {
        /// Why.
        why: String,
        /// When it is tried again.
        ms: u64,
    },
}

/// The connection.
#[derive(Debug)]
pub struct Machine {
    wish: Wish,
    state: State,
    /// The last frame that was taken, on whichever connection.
    position: Option<Position>,
    /// Attempts since the last good connection.
    attempt: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Connecting,
    Syncing(Link),
    Live(Link),
    Waiting { ms: u64 },
    Stopped,
}

/// What holds for one open connection.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Link {
    heartbeat_ms: u64,
    /// The server ends and wishes to be left alone so long.
    come_back_ms: Option<u64>,
    frames: u32,
}

impl Machine {
    /// A machine that begins to connect.
    #[must_use]
    pub fn new(wish: Wish) -> (Self, Vec<Action>) {
        let machine = Self { wish, state: State::Connecting, position: None, attempt: 0 };
        (machine, vec![Action::Connect])
    }

    /// Takes one event. `chance` is drawn evenly from all numbers.
    pub fn on(&mut self, event: Event, chance: u32) -> Vec<Action> {
        match (event, self.state) {
            (Event::Opened, State::Connecting) => self.opened(),
            (Event::Text(text), State::Syncing(_) | State::Live(_)) => self.heard(text, chance),
            (Event::Lost(loss), State::Connecting | State::Syncing(_) | State::Live(_)) => {
                self.lost(loss, chance)
            }
            (Event::Timer, State::Waiting { .. }) => {
                self.state = State::Connecting;
                vec![Action::Connect]
            }
            (Event::Timer, State::Connecting | State::Syncing(_) | State::Live(_)) => {
                let why = format!("nothing was heard for {} ms", self.patience_ms());
                self.come_back(why, chance)
            }
            // Of a connection that is no more.
            _ => Vec::new(),
        }
    }

    /// How long to wait for the next event before it is [`Event::Timer`].
    #[must_use]
    pub const fn patience_ms(&self) -> u64 {
        match self.state {
            State::Connecting => CONNECT_MS,
            State::Syncing(link) | State::Live(link) => link.heartbeat_ms * 5 / 2,
            State::Waiting { ms } => ms,
            State::Stopped => COME_BACK_MS_MAX,
        }
    }

    fn opened(&mut self) -> Vec<Action> {
        let link = Link { heartbeat_ms: HEARTBEAT_MS, come_back_ms: None, frames: 0 };
        self.state = State::Syncing(link);
        vec![Action::Send(self.wish.subscribe(self.position.as_ref()))]
    }

    fn heard(&mut self, text: String, chance: u32) -> Vec<Action> {
        let message = match Message::parse(&text) {
            Ok(message) => message,
            Err(error) => {
                // What it said is not known, so neither is whether anything is missing.
                self.position = None;
                return self.come_back(format!("a frame is unreadable: {error}"), chance);
            }
        };
        self.count();
        match self.judge(&message) {
            Verdict::Ignore => Vec::new(),
            Verdict::Gap(why) => self.again(why),
            Verdict::Take => vec![Action::Take { text, message }],
            Verdict::Live => vec![Action::Take { text, message }, Action::Tell(Notice::Live)],
            Verdict::Stop(why) => {
                let mut actions = vec![Action::Take { text, message }];
                actions.extend(self.stop(why));
                actions
            }
        }
    }

    /// A frame has come.
    fn count(&mut self) {
        self.change(|link| link.frames = link.frames.saturating_add(1));
        if let State::Live(Link { frames: FRAMES_STABLE.., .. }) = self.state {
            self.attempt = 0;
        }
    }

    fn judge(&mut self, message: &Message) -> Verdict {
        match message {
            Message::Hello { heartbeat_ms } => {
                let (least, most) = (*HEARTBEATS_MS.start(), *HEARTBEATS_MS.end());
                self.change(|link| link.heartbeat_ms = (*heartbeat_ms).clamp(least, most));
                Verdict::Take
            }
            Message::ServerShutdown { reconnect_after_ms } => {
                let ms = (*reconnect_after_ms).min(COME_BACK_MS_MAX);
                self.change(|link| link.come_back_ms = Some(ms));
                Verdict::Take
            }
            Message::Heartbeat { epoch } => match &self.position {
                Some(position) if position.epoch != *epoch => Verdict::Gap(OTHER_EPOCH),
                _ => Verdict::Take,
            },
            Message::Error { id: Some(id), code, detail } if id == ID => {
                Verdict::Stop(Stop::Refused { code: code.clone(), detail: detail.clone() })
            }
            // Of a subscription that is not ours.
            Message::Snapshot(frame) | Message::Update(frame) if frame.id != ID => Verdict::Ignore,
            Message::Snapshot(frame) => self.moved_to(frame),
            Message::Update(frame) => self.judge_update(frame),
            Message::Error { .. } | Message::Other => Verdict::Take,
        }
    }

    fn judge_update(&mut self, update: &Frame) -> Verdict {
        match &self.position {
            // Everything has been asked for; this is from before the server heard it.
            None => Verdict::Ignore,
            Some(position) if position.epoch != update.epoch => Verdict::Gap(OTHER_EPOCH),
            Some(position) if update.prev == Some(position.version) => self.moved_to(update),
            // The last frame once more.
            Some(position) if update.version == position.version => Verdict::Ignore,
            Some(_) => Verdict::Gap("a frame is missing"),
        }
    }

    fn moved_to(&mut self, frame: &Frame) -> Verdict {
        self.position = Some(Position { epoch: frame.epoch.clone(), version: frame.version });
        let State::Syncing(link) = self.state else { return Verdict::Take };
        self.state = State::Live(link);
        Verdict::Live
    }

    /// Asks for everything on the connection that is there.
    fn again(&mut self, why: &'static str) -> Vec<Action> {
        self.position = None;
        if let State::Live(link) = self.state {
            self.state = State::Syncing(link);
        }
        vec![Action::Tell(Notice::Again(why)), Action::Send(self.wish.subscribe(None))]
    }

    fn lost(&mut self, loss: Loss, chance: u32) -> Vec<Action> {
        if loss.is_final() {
            return self.stop(Stop::Final(loss));
        }
        self.come_back(loss.to_string(), chance)
    }

    /// Drops what there is of a connection and waits for the next attempt.
    fn come_back(&mut self, why: String, chance: u32) -> Vec<Action> {
        let wished_ms = match self.state {
            State::Syncing(link) | State::Live(link) => link.come_back_ms,
            State::Connecting | State::Waiting { .. } | State::Stopped => None,
        };
        let ms = wished_ms.unwrap_or_else(|| wait_ms(self.attempt, chance));
        self.attempt = self.attempt.saturating_add(1);
        self.state = State::Waiting { ms };
        vec![Action::Disconnect, Action::Tell(Notice::Waiting { why, ms })]
    }

    fn stop(&mut self, why: Stop) -> Vec<Action> {
        self.state = State::Stopped;
        vec![Action::Disconnect, Action::Stop(why)]
    }

    fn change(&mut self, change: impl FnOnce(&mut Link)) {
        if let State::Syncing(link) | State::Live(link) = &mut self.state {
            change(link);
        }
    }
}

const OTHER_EPOCH: &str = "the server counts anew";

/// What becomes of a frame.
enum Verdict {
    Take,
    /// Take it; with it, what is shown is what the server has.
    Live,
    Ignore,
    Gap(&'static str),
    Stop(Stop),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live => f.write_str("live"),
            Self::Again(why) => write!(f, "{why}: asking for everything again"),
            Self::Waiting { why, ms } => {
                write!(
                    f,
                    "no connection ({why}), next attempt in {}.{} s",
                    ms / 1000,
                    ms % 1000 / 100
                )
            }
        }
    }
}

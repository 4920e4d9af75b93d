//! The feed without a wire: one client's session for who brings a transport of his own. Texts go in and
//! come out; it waits for nothing and knows no clock.

use super::hub::Hub;
use super::interpreter::text_of;
use super::session::{Action, Event, Session};
use crate::view::View;
use std::ops::ControlFlow;

pub use super::now::Now;

/// What all lines of one server share.
#[derive(Debug, Default)]
pub struct Feed {
    hub: Hub,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A frame.
    Text(String),
    /// It asks whether the client is there.
    Ping,
    /// Nothing follows.
    Closed {
        /// The close code.
        code: u16,
        /// For people.
        reason: &'static str,
    },
}

/// The server's end of one line.
#[derive(Debug)]
pub struct Line {
    session: Session,
}

impl Line {
    /// A new line, and its first frame.
    #[must_use]
    pub fn open(now: Now, view: &View, feed: &Feed) -> (Self, Vec<Said>) {
        let (session, actions) = view.read(|state| Session::open(now, state));
        let mut line = Self { session };
        let said = line.perform(actions, now, view, feed);
        (line, said)
    }

    /// The client says this.
    pub fn heard(&mut self, text: String, now: Now, view: &View, feed: &Feed) -> Vec<Said> {
        self.on(Event::Text(text), now, view, feed)
    }

    /// There is a new version, or the time that was waited for has come.
    pub fn woken(&mut self, now: Now, view: &View, feed: &Feed) -> Vec<Said> {
        self.on(Event::Woken, now, view, feed)
    }

    /// Whether a new version may lead to a frame at once.
    #[must_use]
    pub fn is_listening(&self, now: Now) -> bool {
        self.session.is_listening(now)
    }

    /// When it must be woken at the latest.
    #[must_use]
    pub fn wake_at_ms(&self, now: Now) -> u64 {
        self.session.wake_at_ms(now)
    }

    fn on(&mut self, event: Event, now: Now, view: &View, feed: &Feed) -> Vec<Said> {
        let actions = view.read(|state| self.session.on(event, now, state, &feed.hub));
        self.perform(actions, now, view, feed)
    }

    fn perform(&mut self, actions: Vec<Action>, now: Now, view: &View, feed: &Feed) -> Vec<Said> {
        let mut said = Vec::new();
        for action in actions {
            match action {
                Action::Send(message) => match text_of(&message) {
                    ControlFlow::Continue(text) => said.push(Said::Text(text)),
                    ControlFlow::Break(()) => {}
                },
                Action::Ping => said.push(Said::Ping),
                Action::Rank(asked) => {
                    view.read_ranked(|_, _| ());
                    let follows = asked.map_or(Event::Woken, Event::Subscribe);
                    said.extend(self.on(follows, now, view, feed));
                }
                Action::Close(why) => {
                    said.push(Said::Closed { code: why.code(), reason: why.reason() });
                }
            }
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_told_what_it_asks_for() {
        let (view, feed) = (View::new(1), Feed::default());
        let now = Now { steady_ms: 5, wall_ms: 5 };
        let (mut line, said) = Line::open(now, &view, &feed);
        assert!(matches!(&said[..], [Said::Text(hello)] if hello.contains("goldstream.v1")));
        let wish = r#"{"op":"subscribe","id":"a","views":{"products":{},"customers":{}}}"#;
        let said = line.heard(wish.to_owned(), now, &view, &feed);
        assert!(matches!(&said[..], [Said::Text(frame)] if frame.contains(r#""products":[]"#)));
        let said = line.heard("[]".to_owned(), now, &view, &feed);
        assert!(matches!(&said[..], [Said::Closed { code: 4400, .. }]));
        assert!(line.wake_at_ms(now) > 5 && !line.is_listening(now));
    }
}

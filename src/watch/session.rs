//! The interpreter of the client's machine: one loop that owns socket, timers, signals and output, and
//! decides nothing about the feed.

use super::keyboard::Keyboard;
use super::output::Output;
use super::place::Place;
use super::printer::Printer;
use super::socket::Socket;
use crate::outcome::Outcome;
use crate::signals::Signals;
use anyhow::Context;
use goldstream_client::machine::{Action, Event, Machine};
use goldstream_client::stop::Stop;
use goldstream_client::wish::Wish;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

struct Session {
    place: Place,
    /// The address that was last tried.
    url: String,
    machine: Machine,
    socket: Socket,
    printer: Printer,
    output: Output,
    /// When the machine is told that nothing happened.
    timer: Instant,
}

/// What ends a wait.
enum Happened {
    Event(Event),
    Signal(Outcome),
    /// The reader takes text again.
    Freed,
    /// The reader has gone, or there is no room for more.
    Unwritable,
    DrawDue,
}

/// Watches until a signal, a key, the reader's end or a reason to stop.
pub(super) async fn run(
    place: Place,
    wish: Wish,
    printer: Printer,
    (mut keyboard, mut signals): (Keyboard, Signals),
) -> anyhow::Result<Outcome> {
    let (mut session, mut actions) = Session::begin(place, wish, printer);
    let ended: anyhow::Result<Outcome> = loop {
        if let Some(why) = session.perform(actions).await {
            break Err(why.into());
        }
        let happened = tokio::select! {
            () = keyboard.quit() => Happened::Signal(Outcome::Done),
            happened = session.next(&mut signals) => happened,
        };
        actions = match happened {
            Happened::Event(event) => session.on(event),
            Happened::Freed => session.hear_again(),
            Happened::DrawDue => session.draw(),
            Happened::Unwritable => break Ok(Outcome::Done),
            Happened::Signal(outcome) => break Ok(outcome),
        };
    };
    let Session { output, printer, socket, .. } = session;
    let written = output.end(printer.end()).await;
    drop(keyboard);
    socket.close().await;
    let outcome = ended?;
    written.context("cannot write to standard output")?;
    Ok(outcome)
}

impl Session {
    fn begin(place: Place, wish: Wish, printer: Printer) -> (Self, Vec<Action>) {
        let (machine, actions) = Machine::new(wish);
        let (socket, output) = (Socket::None, Output::begin());
        let (url, timer) = (String::new(), Instant::now());
        let mut session = Self { place, url, machine, socket, printer, output, timer };
        if let Some(text) = session.printer.begin() {
            session.output.write(text);
        }
        session.wind();
        (session, actions)
    }

    /// Does what is to be done; gives the reason to stop, if there is one.
    async fn perform(&mut self, actions: Vec<Action>) -> Option<Stop> {
        for action in actions {
            match action {
                Action::Connect => self.connect(),
                Action::Send(text) => self.socket.send(text).await,
                Action::Disconnect => self.socket = Socket::None,
                Action::Take { text, message } => {
                    let text = self.printer.take(&text, &message);
                    if !text.is_empty() {
                        self.output.write(text);
                    }
                }
                Action::Tell(notice) => self.printer.tell(&self.url, &notice.to_string()),
                Action::Stop(why) => return Some(why),
            }
        }
        None
    }

    fn connect(&mut self) {
        let (url, token) = self.place.url_and_token();
        if url != self.url {
            self.printer.tell(&url, "connecting");
        }
        self.socket = Socket::connect(url.clone(), token);
        self.url = url;
    }

    /// Waits. While the reader takes no text the feed is not heard, so the server's silence is none.
    async fn next(&mut self, signals: &mut Signals) -> Happened {
        let (is_free, draw_at) = (self.output.is_free(), self.printer.draw_at());
        tokio::select! {
            outcome = signals.next() => Happened::Signal(outcome),
            () = self.output.closed() => Happened::Unwritable,
            () = self.output.freed(), if !is_free => Happened::Freed,
            event = self.socket.next(), if is_free => Happened::Event(event),
            () = sleep_until(self.timer), if is_free => Happened::Event(Event::Timer),
            () = due(draw_at), if is_free => Happened::DrawDue,
        }
    }

    fn on(&mut self, event: Event) -> Vec<Action> {
        let actions = self.machine.on(event, chance());
        self.wind();
        actions
    }

    fn hear_again(&mut self) -> Vec<Action> {
        self.wind();
        Vec::new()
    }

    fn draw(&mut self) -> Vec<Action> {
        self.output.write(self.printer.draw());
        Vec::new()
    }

    /// The machine's patience begins anew.
    fn wind(&mut self) {
        self.timer = Instant::now() + Duration::from_millis(self.machine.patience_ms());
    }
}

async fn due(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// An even chance: the keys of a map are drawn by the system, and chance has no other use here.
fn chance() -> u32 {
    (RandomState::new().build_hasher().finish() >> 32) as u32
}

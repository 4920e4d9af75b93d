//! A client of the feed: the real machine and the real tables at the end of a line that can break, lose
//! and repeat. What it shows is checked with every frame.

use crate::clock::steady_ms;
use crate::draw::Draw;
use goldstream_client::json::Json;
use goldstream_client::machine::{Action, Event, Machine};
use goldstream_client::message::{Frame, Message};
use goldstream_client::stop::Loss;
use goldstream_client::tables::Tables;
use goldstream_client::wish::Wish;
use serde_json::{Map, Value, json};
use std::collections::VecDeque;

/// One client.
pub(crate) struct Client {
    machine: Machine,
    /// What it shows.
    pub(crate) tables: Tables,
    /// What it asked for, as the server hears it.
    pub(crate) views: Map<String, Value>,
    /// Epoch and version of the last frame that it took.
    pub(crate) shown: Option<(String, u64)>,
    line: Option<Wire>,
    wants_connection: bool,
    acted_ms: u64,
}

/// A connection.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    /// Frames on their way to the client.
    pub(crate) frames: VecDeque<String>,
    /// Requests on their way to the server.
    pub(crate) requests: VecDeque<String>,
}

const VIEWS: [&str; 6] = ["summary", "accounting", "products", "months", "days", "countries"];

impl Client {
    /// A client that wants to see some views.
    #[must_use]
    pub(crate) fn new(draw: &mut Draw) -> Self {
        let mut views = Map::new();
        for view in VIEWS {
            if draw.once_in(2) {
                views.insert(view.to_owned(), json!({}));
            }
        }
        let top = draw.between(1, 10);
        let customers = match draw.below(3) {
            0 => json!({ "top": top }),
            1 => json!({ "top": top, "country": "France" }),
            _ => json!({ "top": top, "country": null }),
        };
        views.insert("customers".to_owned(), customers);
        views.insert("purchases".to_owned(), json!({ "top": top }));
        let (machine, _) = Machine::new(Wish::new(views.clone(), Some(draw.between(20, 400))));
        Self {
            machine,
            tables: Tables::default(),
            views,
            shown: None,
            line: None,
            wants_connection: true,
            acted_ms: 0,
        }
    }

    /// Its connection, where it has one.
    pub(crate) fn wire(&mut self) -> Option<&mut Wire> {
        self.line.as_mut()
    }

    /// Whether it has one.
    #[must_use]
    pub(crate) const fn is_connected(&self) -> bool {
        self.line.is_some()
    }

    /// Whether it waits for a connection.
    #[must_use]
    pub(crate) const fn wants_connection(&self) -> bool {
        self.wants_connection
    }

    /// It is connected.
    pub(crate) fn connected(&mut self) {
        self.wants_connection = false;
        self.line = Some(Wire::default());
    }

    /// Its connection is gone, or none came about.
    ///
    /// # Errors
    /// What it shows and must not.
    pub(crate) fn lose(&mut self, chance: u32) -> Result<(), String> {
        if self.line.take().is_none() && !self.wants_connection {
            return Ok(());
        }
        self.wants_connection = false;
        self.on(Event::Lost(Loss::Broken("the line broke".to_owned())), chance)
    }

    /// Something happens to it.
    ///
    /// # Errors
    /// What it shows and must not.
    pub(crate) fn on(&mut self, event: Event, chance: u32) -> Result<(), String> {
        self.acted_ms = steady_ms();
        for action in self.machine.on(event, chance) {
            match action {
                Action::Connect => self.wants_connection = true,
                Action::Send(request) => {
                    if let Some(wire) = &mut self.line {
                        wire.requests.push_back(request);
                    }
                }
                Action::Disconnect => {
                    self.line = None;
                    self.wants_connection = false;
                }
                Action::Take { message, .. } => self.take(&message)?,
                Action::Tell(_) => {}
                Action::Stop(why) => return Err(format!("it was sent away: {why}")),
            }
        }
        Ok(())
    }

    /// Whether it has waited as long as it does.
    #[must_use]
    pub(crate) fn is_impatient(&self) -> bool {
        steady_ms() >= self.acted_ms + self.machine.patience_ms()
    }

    fn take(&mut self, message: &Message) -> Result<(), String> {
        self.tables.take(message);
        let (frame, is_whole) = match message {
            Message::Snapshot(frame) => (frame, true),
            Message::Update(frame) => (frame, false),
            _ => return Ok(()),
        };
        self.follow(frame, is_whole)?;
        self.must_add_up()
    }

    /// Versions of one epoch only grow, and an update continues what is shown.
    fn follow(&mut self, frame: &Frame, is_whole: bool) -> Result<(), String> {
        let now = (frame.epoch.clone(), frame.version);
        if let Some((epoch, version)) = self.shown.replace(now) {
            if epoch == frame.epoch && frame.version < version {
                return Err(format!("version {} after version {version}", frame.version));
            }
            let continues = epoch == frame.epoch && frame.prev == Some(version);
            if !is_whole && !continues {
                let (prev, now) = (frame.prev, frame.version);
                return Err(format!("an update from {prev:?} to {now} after {version}"));
            }
        }
        Ok(())
    }

    /// Parts add up to totals in every frame.
    fn must_add_up(&self) -> Result<(), String> {
        for (column, counted) in [("orders", "accepted_purchases"), ("revenue_cents", "")] {
            let parts = ["products", "months", "days", "countries"];
            let parts = parts.into_iter().filter(|view| self.views.contains_key(*view));
            let sums = parts.map(|view| (view, self.sum(view, column)));
            let whole = |view, name| Some((view, self.tables.object(view)?.get(name)?.whole()?));
            let totals = [whole("summary", column), whole("accounting", counted)];
            let all: Vec<(&str, i64)> = sums.chain(totals.into_iter().flatten()).collect();
            let Some((first, of_first)) = all.first() else { continue };
            if let Some((other, of_other)) = all.iter().find(|(_, sum)| sum != of_first) {
                let sums = format!("{of_first} in {first} and {of_other} in {other}");
                return Err(format!("{column} do not add up at {:?}: {sums}", self.shown));
            }
        }
        Ok(())
    }

    fn sum(&self, view: &str, column: &str) -> i64 {
        let rows = self.tables.rows(view).into_iter();
        rows.filter_map(|row| row.get(column).and_then(Json::whole)).sum()
    }
}

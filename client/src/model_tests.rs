//! The client against a model of the server, over a line that loses, repeats and delays frames: whatever
//! happens, each frame that is taken makes the tables what the server had at its version.

use crate::machine::{Action, Event, Machine};
use crate::stop::Loss;
use crate::tables::Tables;
use crate::wish::Wish;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, VecDeque};

type Rows = BTreeMap<u8, i64>;

/// Versions that the server can go on from.
const WINDOW: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    Set(u8, i64),
    Delete(u8),
    /// The server writes what is new.
    Write,
    /// The line loses the next frame.
    Lose,
    /// The line brings the next frame twice.
    Repeat,
    Deliver,
    Break,
    Restart,
    Timer,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0u8..6, -9i64..9).prop_map(|(key, value)| Step::Set(key, value)),
        2 => (0u8..6).prop_map(Step::Delete),
        6 => Just(Step::Write),
        1 => Just(Step::Lose),
        1 => Just(Step::Repeat),
        6 => Just(Step::Deliver),
        1 => Just(Step::Break),
        1 => Just(Step::Restart),
        2 => Just(Step::Timer),
    ];
    prop::collection::vec(step, 0..80)
}

struct World {
    machine: Machine,
    tables: Tables,
    /// All versions of all epochs.
    history: Vec<Vec<Rows>>,
    /// What the subscription was last shown; none without one.
    shown: Option<usize>,
    line: VecDeque<String>,
    is_connecting: bool,
}

impl World {
    fn new() -> Self {
        let wish = Wish::new(Map::from_iter([("products".to_owned(), json!({}))]), None);
        let (machine, actions) = Machine::new(wish);
        let mut world = Self {
            machine,
            tables: Tables::default(),
            history: vec![vec![Rows::new()]],
            shown: None,
            line: VecDeque::new(),
            is_connecting: false,
        };
        world.perform(actions);
        world
    }

    fn now(&self) -> usize {
        self.history.last().unwrap().len() - 1
    }

    fn change(&mut self, change: impl FnOnce(&mut Rows)) {
        let versions = self.history.last_mut().unwrap();
        let mut rows = versions.last().unwrap().clone();
        change(&mut rows);
        versions.push(rows);
    }

    fn row(key: u8, value: i64) -> Value {
        json!({"product": key.to_string(), "revenue_cents": value})
    }

    fn write_snapshot(&mut self) {
        let (epoch, version) = (self.history.len(), self.now());
        let rows = self.history[epoch - 1][version].iter();
        let rows: Vec<_> = rows.map(|(key, value)| Self::row(*key, *value)).collect();
        self.write(&json!({"op": "snapshot", "id": "main", "epoch": epoch.to_string(),
            "version": version, "views": {"products": rows}}));
    }

    fn write_update(&mut self, prev: usize) {
        let (epoch, version) = (self.history.len(), self.now());
        let (old, new) = (&self.history[epoch - 1][prev], &self.history[epoch - 1][version]);
        let upsert = new.iter().filter(|(key, value)| old.get(key) != Some(value));
        let upsert: Vec<_> = upsert.map(|(key, value)| Self::row(*key, *value)).collect();
        let gone: Vec<_> =
            old.keys().filter(|key| !new.contains_key(key)).map(u8::to_string).collect();
        self.write(&json!({"op": "update", "id": "main", "epoch": epoch.to_string(), "prev": prev,
            "version": version, "views": {"products": {"upsert": upsert, "delete": gone}}}));
    }

    fn write(&mut self, frame: &Value) {
        self.shown = Some(self.now());
        self.line.push_back(frame.to_string());
    }

    fn hear(&mut self, request: &str) {
        let request: Value = serde_json::from_str(request).unwrap();
        let after = &request["after"];
        let epoch = self.history.len().to_string();
        let is_known = after["epoch"].as_str() == Some(&epoch);
        match after["version"].as_u64().filter(|_| is_known) {
            Some(version) if self.now() - version as usize <= WINDOW => {
                self.write_update(version as usize);
            }
            _ => self.write_snapshot(),
        }
    }

    fn on(&mut self, event: Event) {
        let actions = self.machine.on(event, 0);
        self.perform(actions);
    }

    fn perform(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Connect => self.is_connecting = true,
                Action::Send(request) => self.hear(&request),
                Action::Disconnect => self.lose_line(),
                Action::Take { text, message } => {
                    self.tables.take(&message);
                    self.check(&serde_json::from_str(&text).unwrap());
                }
                Action::Tell(_) => {}
                Action::Stop(why) => panic!("{why}"),
            }
        }
    }

    fn lose_line(&mut self) {
        self.line.clear();
        self.shown = None;
        self.is_connecting = false;
    }

    /// The tables are what the server had at this frame's version.
    fn check(&self, frame: &Value) {
        let epoch: usize = frame["epoch"].as_str().unwrap().parse().unwrap();
        let expected = &self.history[epoch - 1][frame["version"].as_u64().unwrap() as usize];
        let rows = self.tables.rows("products").into_iter();
        let shown: Rows = rows
            .map(|row| {
                let key = row.get("product").unwrap().text().unwrap().parse().unwrap();
                (key, row.get("revenue_cents").unwrap().whole().unwrap())
            })
            .collect();
        assert_eq!(shown, *expected, "{frame}");
    }

    fn lost(&mut self) {
        if self.is_connecting || self.shown.is_some() {
            self.lose_line();
            self.on(Event::Lost(Loss::Broken("lost".to_owned())));
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Set(key, value) => self.change(|rows| {
                rows.insert(*key, *value);
            }),
            Step::Delete(key) => self.change(|rows| {
                rows.remove(key);
            }),
            Step::Write => match self.shown {
                Some(shown) if shown < self.now() => self.write_update(shown),
                _ => {}
            },
            Step::Lose => drop(self.line.pop_front()),
            Step::Repeat => {
                if let Some(frame) = self.line.front().cloned() {
                    self.line.push_front(frame);
                }
            }
            Step::Deliver => {
                if let Some(frame) = self.line.pop_front() {
                    self.on(Event::Text(frame));
                }
            }
            Step::Break => self.lost(),
            Step::Restart => {
                self.history.push(vec![Rows::new()]);
                self.lost();
            }
            Step::Timer if self.is_connecting => {
                self.is_connecting = false;
                self.on(Event::Opened);
            }
            Step::Timer => self.on(Event::Timer),
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_lost_repeated_or_late_the_tables_are_the_servers(steps in steps()) {
        let mut world = World::new();
        steps.iter().for_each(|step| world.take(step));
        // A lost frame shows at the next one, a lost answer by silence: then all is there again.
        world.lost();
        for _ in 0..2 {
            world.take(&Step::Timer);
            while !world.line.is_empty() {
                world.take(&Step::Deliver);
            }
        }
        let (epoch, version) = (world.history.len().to_string(), world.now());
        world.check(&json!({"epoch": epoch, "version": version}));
    }
}

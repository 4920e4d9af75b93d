//! A driver of one partition, told what has happened and asked what it wants.

use goldstream_consumers::driver::{Action, Append, Driver, Event, Trouble};
use goldstream_consumers::silver::Silver;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::clean::Rules;
use goldstream_domain::column::{Kind, Names};
use goldstream_domain::record::{Block, BlockBuilder, Headers, Origin};
use goldstream_platform::log::{Fetched, Topic, TopicPartition};
use goldstream_platform::store::{Commit, Content, Image};
use std::sync::Arc;

pub(crate) const AT: TopicPartition = TopicPartition::new(Topic::Bronze(Kind::Purchases), 0);

/// One purchase a number, its place in the file the number plus one.
pub(crate) fn block(numbers: std::ops::Range<u64>) -> Block {
    let source = "file:/a@0".into();
    let mut builder = BlockBuilder::default();
    for number in numbers {
        let id = number.to_string();
        let fields = [id.as_str(), "7", "2024-03-01", "1.00", "Souris"];
        let row = BronzeRow::Columns { names: Names::default(), fields };
        let origin = Some(Origin { source_id: &source, origin: number + 1, prev: number });
        builder.push(Headers { origin, ingested_at_ms: 5, line: None }, |out| row.encode(out));
    }
    builder.take()
}

pub(crate) fn fetched(numbers: std::ops::Range<u64>, end: u64) -> Fetched {
    Fetched { first: numbers.start, block: Arc::new(block(numbers)), end }
}

/// A driver with one partition, and what it asked for last.
pub(crate) struct Rig {
    pub(crate) driver: Driver<Silver>,
    pub(crate) actions: Vec<Action>,
}

impl Rig {
    pub(crate) fn assigned() -> Self {
        let mut rig = Self {
            driver: Driver::new(Silver { partitions: 1, rules: Rules::default() }),
            actions: Vec::new(),
        };
        rig.handle(Event::Assigned(vec![AT]));
        rig
    }

    /// Assigned and loaded empty.
    pub(crate) fn running() -> Self {
        let mut rig = Self::assigned();
        rig.load(Image { position: 0, content: Content::Empty });
        rig
    }

    pub(crate) fn handle(&mut self, event: Event) {
        self.actions = self.driver.handle(event);
    }

    pub(crate) fn load(&mut self, image: Image) {
        let run = self.take_load();
        self.handle(Event::Loaded { at: AT, run, result: Ok(image) });
    }

    pub(crate) fn take_load(&self) -> u64 {
        let load = self.actions.iter().find_map(|action| match action {
            Action::Load { run, .. } => Some(*run),
            _ => None,
        });
        load.expect("a load was asked for")
    }

    pub(crate) fn append(&self) -> Option<(u64, &Append)> {
        self.actions.iter().find_map(|action| match action {
            Action::Append { run, append, .. } => Some((*run, append)),
            _ => None,
        })
    }

    pub(crate) fn commit(&self) -> Option<(u64, Arc<Commit>)> {
        self.actions.iter().find_map(|action| match action {
            Action::Commit { run, commit, .. } => Some((*run, Arc::clone(commit))),
            _ => None,
        })
    }

    pub(crate) fn reads_from(&self) -> Option<u64> {
        self.actions.iter().find_map(|action| match action {
            Action::Read { from, .. } => Some(*from),
            _ => None,
        })
    }

    pub(crate) fn trouble(&self) -> Option<&Trouble> {
        self.actions.iter().find_map(|action| match action {
            Action::Report { trouble, .. } => Some(trouble),
            _ => None,
        })
    }

    pub(crate) fn is_released(&self) -> bool {
        self.actions.iter().any(|action| matches!(action, Action::Release(_)))
    }

    pub(crate) fn acknowledge(&mut self, run: u64, number: u64) {
        self.handle(Event::Appended { at: AT, run, number, result: Ok(()) });
    }

    /// Makes every append and commit that it asks for; gives the commits.
    pub(crate) fn commits(&mut self) -> Vec<(u64, u64)> {
        let mut commits = Vec::new();
        loop {
            if let Some((run, number)) = self.append().map(|(run, append)| (run, append.number)) {
                self.acknowledge(run, number);
            } else if let Some((run, commit)) = self.commit() {
                commits.push((commit.from, commit.to));
                self.handle(Event::Committed { at: AT, run, result: Ok(()) });
            } else {
                return commits;
            }
        }
    }

    pub(crate) fn ticks(&mut self, count: u32) {
        for _ in 0..count {
            self.handle(Event::Tick);
        }
    }
}

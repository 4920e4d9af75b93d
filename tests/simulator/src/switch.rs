//! A second, small world: how one generation takes the place of another. The real [`Switching`] of several processes
//! over a model of ledger, seals, positions and topics; what is folded is known by its positions alone.
//!
//! Each question and each answer is a step of its own, drawn from the seed; processes die in between, commits of
//! dead ones arrive, and the store loses its last changes. Of both generations each has its own folders, as where
//! an old and a new version work side by side.

use crate::deputy::look_at;
use crate::draw::Draw;
use crate::switch_model::{Model, Side, lock};
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::task::noop_waker_ref;
use goldstream_consumers::reach::ReachError;
use goldstream_consumers::switching::{Now, Switching};
use goldstream_platform::generations::Generation;
use goldstream_platform::ledger::Ledgers;
use goldstream_platform::rebuilding::{Anew, Wish};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

/// Steps before nothing goes wrong any more.
const STEPS: u64 = 600;
/// Steps within which all is well after that.
const HEALING_STEPS_MAX: u64 = 60_000;

type Look = BoxFuture<'static, (Switching, Result<(), ReachError>)>;

/// A process that folds the next generation.
struct Process {
    look: Option<Look>,
    switching: Option<Switching>,
}

impl Process {
    fn new() -> Self {
        Self { look: None, switching: Some(Switching::default()) }
    }
}

/// What a reader was shown last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shown {
    generation: u32,
    rows: u64,
    revision: u64,
}

struct World {
    draw: Draw,
    model: Arc<Mutex<Model>>,
    processes: Vec<Process>,
    step: u64,
    seals: u64,
    shown: Option<Shown>,
    switches: u64,
}

/// What a run came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Times that another generation was served.
    pub switches: u64,
    /// What must not be.
    pub failure: Option<String>,
}

/// The run of a seed.
#[must_use]
pub fn run(seed: u64) -> Outcome {
    let mut draw = Draw::new(seed ^ 0x5e4b);
    let processes = (0..draw.between(1, 3)).map(|_| Process::new()).collect();
    let model = Arc::new(Mutex::new(Model::new()));
    let mut world = World { draw, model, processes, step: 0, seals: 0, shown: None, switches: 0 };
    let failure = world.run().err();
    Outcome { switches: world.switches, failure }
}

impl World {
    fn run(&mut self) -> Result<(), String> {
        while self.step < STEPS {
            self.turn(true)?;
        }
        let until = self.step + HEALING_STEPS_MAX;
        loop {
            self.turn(false)?;
            let model = lock(&self.model);
            if model.is_well() {
                return Ok(());
            }
            if self.step > until {
                return Err(format!("not well in the end: {}", model.what_is_open()));
            }
        }
    }

    fn turn(&mut self, faults: bool) -> Result<(), String> {
        self.step += 1;
        match self.draw.below(100) {
            0..=49 => self.move_one(faults),
            50..=69 => self.fold(),
            70..=89 => self.look(),
            90..=93 if faults => lock(&self.model).bronze += self.draw.between(1, 4),
            94..=95 if faults => self.wish(),
            96 if faults => self.crash(),
            97 if faults && self.draw.once_in(3) => self.lose(),
            _ => {}
        }
        self.must_be_right()
    }

    /// A question arrives, or an answer comes back.
    fn move_one(&mut self, faults: bool) {
        let mut model = lock(&self.model);
        if model.ops.is_empty() {
            return;
        }
        let place = self.draw.below(model.ops.len());
        let op = model.ops.swap_remove(place);
        let fate = if faults { self.draw.below(20) } else { 19 };
        model.go_on(op, fate);
    }

    /// Silver or gold of a generation folds on; its commit may arrive much later.
    fn fold(&mut self) {
        let mut model = lock(&self.model);
        let generations: Vec<u32> = model.folded();
        // The served one first, and twice as often.
        let number = generations[self.draw.below(3).saturating_sub(1).min(generations.len() - 1)];
        if self.draw.once_in(2) {
            model.read_silver(number, self.draw.between(1, 5));
        } else {
            // The one that is served keeps up, the other one has much to do.
            let is_served = model.found.ledger.generations.served.number == number;
            let events = if is_served { u64::from(u32::MAX) } else { self.draw.between(1, 12) };
            model.read_gold(number, events);
        }
    }

    /// A process looks, or its look goes on.
    fn look(&mut self) {
        let place = self.draw.below(self.processes.len());
        let process = &mut self.processes[place];
        if let Some(switching) = process.switching.take() {
            self.seals += 1;
            let seal = format!("s{}", self.seals);
            process.look = Some(look(Arc::clone(&self.model), switching, seal, self.step));
        }
        let Some(look) = &mut process.look else { return };
        let mut context = Context::from_waker(noop_waker_ref());
        if let Poll::Ready((switching, _)) = look.poll_unpin(&mut context) {
            process.look = None;
            process.switching = Some(switching);
        }
    }

    fn wish(&mut self) {
        let wish = match self.draw.below(6) {
            0 => Wish::Abandon,
            1 => Wish::Back,
            _ => Wish::Anew(Anew::served(1_000_000)),
        };
        lock(&self.model).wish(wish);
    }

    /// What it has asked may still arrive; nobody hears the answer.
    fn crash(&mut self) {
        let place = self.draw.below(self.processes.len());
        self.processes[place] = Process::new();
    }

    /// The store fails over to a server that has not got the last changes.
    fn lose(&mut self) {
        let changes = self.draw.between(1, 12) as usize;
        lock(&self.model).lose(changes);
        self.shown = None;
    }

    /// What every reader may rely on.
    fn must_be_right(&mut self) -> Result<(), String> {
        let model = lock(&self.model);
        let generations = &model.found.ledger.generations;
        let generation = generations.served.number;
        if model.found.ledger.stale().contains(&generation) {
            return Err(format!("generation {generation} is served, and was given up"));
        }
        let now = Shown {
            generation,
            rows: model.counted(generation),
            revision: model.found.ledger.revision,
        };
        if let Some(before) = self.shown {
            if now.rows < before.rows {
                let (before, now) = (before.rows, now.rows);
                return Err(format!("{before} rows were counted, {now} are"));
            }
            if now.revision < before.revision {
                return Err("what was said of the generations was overwritten unseen".to_owned());
            }
            self.switches += u64::from(now.generation != before.generation);
        }
        self.shown = Some(now);
        Ok(())
    }
}

fn look(model: Arc<Mutex<Model>>, mut switching: Switching, seal: String, step: u64) -> Look {
    async move {
        let ledgers = Side { model: Arc::clone(&model), number: 0 };
        let looked = async {
            let Some(found) = ledgers.found().await? else { return Ok(()) };
            let now = Now { steady_ms: step * 20, wall_ms: 1_700_000_000_000 };
            // Each of them folds whatever is next.
            let side =
                |next: &Generation| Some(Side { model: Arc::clone(&model), number: next.number });
            look_at(&ledgers, &found, side, &mut switching, (&seal, now)).await
        };
        let looked = looked.await;
        (switching, looked)
    }
    .boxed()
}

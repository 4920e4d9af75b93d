//! A process with both stages: the real drivers, and the real actions of their interpreter. Only the loop
//! around them is the simulator's, so that events come when they are drawn.

use crate::deputy::Deputy;
use crate::port::{Handle, SimulatedMember};
use crate::scope::own;
use crate::shared::Owner;
use crate::trace::Trace;
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::task::noop_waker_ref;
use goldstream_consumers::driver::{Action, Driver, Event, Trouble};
use goldstream_consumers::gold::Gold;
use goldstream_consumers::interpreter::{World, perform};
use goldstream_consumers::silver::Silver;
use goldstream_consumers::stage::Stage;
use goldstream_platform::generations::Generation;
use goldstream_platform::health::Health;
use goldstream_platform::log::{Topic, TopicPartition};
use goldstream_platform::metrics::{Metrics, StageMetrics};
use goldstream_platform::throttle::Throttle;
use std::sync::Arc;
use std::task::Context;

/// One life of a process.
pub(crate) struct Stages {
    /// Which.
    pub(crate) owner: Owner,
    /// What it folds.
    pub(crate) generation: Generation,
    deputy: Deputy,
    silver: Staged<Silver>,
    gold: Staged<Gold>,
}

struct Staged<S: Stage> {
    name: &'static str,
    metrics: StageMetrics,
    driver: Driver<S>,
    work: Vec<BoxFuture<'static, Event>>,
    member: SimulatedMember,
    world: World,
    halted: Option<String>,
}

impl Stages {
    /// A process that has nothing to do yet.
    #[must_use]
    pub(crate) fn new(handle: &Handle, generation: Generation, metrics: &Metrics) -> Self {
        let topology = &generation.topology;
        let silver = Silver { partitions: topology.partitions, rules: topology.rules() };
        let side = handle.of_generation(generation.number);
        Self {
            owner: handle.owner(),
            deputy: Deputy::new(handle, generation.number),
            silver: Staged::new(silver, &side, metrics),
            gold: Staged::new(Gold, &side, metrics),
            generation,
        }
    }

    /// Takes one event of a partition.
    pub(crate) fn on(&mut self, at: TopicPartition, event: Event, trace: &mut Trace) {
        let event = own_event(event);
        match at.topic {
            Topic::Silver => self.gold.handle(event, trace),
            Topic::Bronze(_) | Topic::Quarantine => self.silver.handle(event, trace),
        }
    }

    /// Time passes.
    pub(crate) fn tick(&mut self, trace: &mut Trace) {
        self.silver.handle(Event::Tick, trace);
        self.gold.handle(Event::Tick, trace);
        self.deputy.tick();
    }

    /// Answers have come.
    pub(crate) fn poll(&mut self, trace: &mut Trace) {
        self.silver.poll(trace);
        self.gold.poll(trace);
        self.deputy.poll();
    }

    /// Why a shard stands still.
    #[must_use]
    pub(crate) fn halted(&self) -> Option<&str> {
        self.silver.halted.as_deref().or(self.gold.halted.as_deref())
    }
}

impl<S: Stage> Staged<S> {
    fn new(stage: S, handle: &Handle, metrics: &Metrics) -> Self {
        Self {
            name: stage.name(),
            metrics: metrics.of_stage(stage.name()),
            member: handle.member(&stage.topics()),
            driver: Driver::new(stage),
            work: Vec::new(),
            world: World {
                log: Arc::new(handle.clone()),
                store: Arc::new(handle.clone()),
                health: Health::default(),
                metrics: metrics.clone(),
                share: Throttle::new(0).share(0),
                generation: 0,
            },
            halted: None,
        }
    }

    fn handle(&mut self, event: Event, trace: &mut Trace) {
        for action in self.driver.handle(event) {
            tell(self.name, &action, trace);
            if let Action::Report { at, trouble: Trouble::Halted(reason) } = &action {
                self.halted = Some(format!("{} of {at} is halted: {reason}", self.name));
            }
            self.work.extend(perform(action, &self.metrics, &self.world, &mut self.member));
        }
    }

    fn poll(&mut self, trace: &mut Trace) {
        let mut context = Context::from_waker(noop_waker_ref());
        let mut place = 0;
        while let Some(work) = self.work.get_mut(place) {
            match work.poll_unpin(&mut context) {
                std::task::Poll::Ready(event) => {
                    drop(self.work.remove(place));
                    self.handle(event, trace);
                }
                std::task::Poll::Pending => place += 1,
            }
        }
    }
}

/// The event with the names that stages know.
fn own_event(event: Event) -> Event {
    match event {
        Event::Assigned(all) => Event::Assigned(all.into_iter().map(own).collect()),
        Event::Revoked(all) => Event::Revoked(all.into_iter().map(own).collect()),
        Event::Records(at, fetched) => Event::Records(own(at), fetched),
        Event::ReadFailed(at, error) => Event::ReadFailed(own(at), error),
        Event::Stuck(at, waited) => Event::Stuck(own(at), waited),
        other => other,
    }
}

/// What is not told by its arrival.
fn tell(stage: &str, action: &Action, trace: &mut Trace) {
    match action {
        Action::Read { at, from } => trace.note(format_args!("  {stage} reads {at} from {from}")),
        Action::Release(at) => trace.note(format_args!("  {stage} hands {at} back")),
        Action::Report { at, trouble: Trouble::Retrying(reason) } => {
            trace.note(format_args!("  {stage} of {at} tries again: {reason}"));
        }
        Action::Report { at, trouble: Trouble::Halted(reason) } => {
            trace.note(format_args!("  {stage} of {at} is halted: {reason}"));
        }
        _ => {}
    }
}

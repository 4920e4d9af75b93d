//! One run: every process, what is on its way between them, and one choice a step. All of it on one thread,
//! in an order that follows from the plan alone.

use crate::client::Client;
use crate::clock::Clock;
use crate::draw::Draw;
use crate::group::Group;
use crate::partitions::read_by_stages;
use crate::plan::{Fault, Plan};
use crate::port::Handle;
use crate::producer::Producer;
use crate::scope::Scope;
use crate::server::Server;
use crate::shared::{Owner, Pace, Shared, lock};
use crate::shop::{Did, Half, Shop};
use crate::stages::Stages;
use crate::trace::Trace;
use goldstream_consumers::driver::Event;
use goldstream_platform::generations::{Generation, Generations};
use goldstream_platform::ledger::Ledger;
use goldstream_platform::log::{Fetched, TopicPartition};
use goldstream_platform::metrics::Metrics;
use goldstream_platform::topology::Topology;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// How often each fault struck.
pub type Tally = BTreeMap<Fault, u64>;

/// See the module.
pub(crate) struct World<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) draw: Draw,
    pub(crate) clock: &'a Clock,
    pub(crate) metrics: &'a Metrics,
    pub(crate) folder: PathBuf,
    pub(crate) shared: Arc<Mutex<Shared>>,
    pub(crate) trace: Trace,
    pub(crate) tally: Tally,
    /// Strikes that wait for their occasion.
    pub(crate) armed: Vec<Fault>,
    pub(crate) strikes_begun: usize,
    pub(crate) seats: Vec<Seat>,
    /// Which generations there were when somebody looked last.
    pub(crate) known: Generations,
    /// The highest number that one ever had.
    pub(crate) highest: u32,
    /// How often another one was served.
    pub(crate) switches: u64,
    pub(crate) group: Group,
    /// Those who learn at a tick that a partition is not theirs any more.
    pub(crate) late_news: Vec<(u64, Owner, TopicPartition)>,
    /// The records that each life was handed last.
    pub(crate) last_read: BTreeMap<Owner, (TopicPartition, Fetched)>,
    pub(crate) producer: Result<Producer, u64>,
    pub(crate) server: Result<Server, u64>,
    pub(crate) shop: Shop,
    pub(crate) clients: Vec<Client>,
    /// Clients whose line has lost a frame: it breaks in the end, as lines that lose do.
    pub(crate) lossy: BTreeSet<usize>,
    /// What was shown when it was looked at last.
    pub(crate) shown: Option<Shown>,
    pub(crate) log_away_until: u64,
    pub(crate) store_away_until: u64,
    owners: Owner,
    pub(crate) failure: Option<String>,
}

/// What a view shows: whose it is, in which epoch, and the position of every shard.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) whose: (Owner, Arc<str>),
    pub(crate) positions: Vec<u64>,
}

/// A place for a process with both stages.
pub(crate) enum Seat {
    /// Of that generation, empty until this tick.
    Empty(Generation, u64),
    /// Taken.
    Taken(Box<Stages>),
    /// Its process was given up by the group, and learns so at this tick.
    Zombie(Box<Stages>, u64),
}

impl Seat {
    pub(crate) fn process(&mut self) -> Option<&mut Stages> {
        match self {
            Self::Empty(..) => None,
            Self::Taken(process) | Self::Zombie(process, _) => Some(process),
        }
    }

    /// What is folded there.
    pub(crate) fn generation(&self) -> &Generation {
        match self {
            Self::Empty(generation, _) => generation,
            Self::Taken(process) | Self::Zombie(process, _) => &process.generation,
        }
    }
}

impl<'a> World<'a> {
    /// The world of a plan at its beginning.
    ///
    /// # Errors
    /// Where the shop's files cannot be written.
    pub(crate) fn new(
        plan: &'a Plan,
        clock: &'a Clock,
        metrics: &'a Metrics,
        folder: PathBuf,
        trace: Trace,
    ) -> io::Result<Self> {
        let mut draw = Draw::new(plan.seed ^ 0x5c4e_d01e);
        let first = first(plan);
        let mut shared = Shared::new(plan.partitions, plan.feed_entries_max, Pace::WhenTold);
        shared.shards.first = Some(first.clone());
        let shared = Arc::new(Mutex::new(shared));
        let shop = Shop::open(plan, &folder, Handle::new(Arc::clone(&shared), 1))?;
        let known = Ledger::of_before(first).generations;
        let mut group = Group::default();
        group.work_on(read_by_stages(Scope(known.served.number), plan.partitions));
        Ok(Self {
            seats: (0..plan.processes).map(|_| Seat::Empty(known.served.clone(), 0)).collect(),
            group,
            known,
            highest: 0,
            switches: 0,
            clients: (0..plan.clients).map(|_| Client::new(&mut draw)).collect(),
            producer: Err(0),
            server: Err(0),
            tally: Tally::new(),
            armed: Vec::new(),
            strikes_begun: 0,
            late_news: Vec::new(),
            lossy: BTreeSet::new(),
            shown: None,
            last_read: BTreeMap::new(),
            log_away_until: 0,
            store_away_until: 0,
            owners: 1,
            failure: None,
            plan,
            draw,
            clock,
            metrics,
            folder,
            shared,
            trace,
            shop,
        })
    }

    /// One choice.
    pub(crate) fn step(&mut self) {
        self.trace.step += 1;
        self.strike();
        let turns: [fn(&mut Self) -> bool; 6] = [
            Self::move_op,
            Self::serve_read,
            Self::turn_of_feed,
            Self::turn_of_clients,
            Self::turn_of_shop,
            Self::turn_of_group,
        ];
        let first = match self.draw.below(100) {
            0..=39 => 0,
            40..=54 => 1,
            55..=62 => 2,
            63..=79 => 3,
            80..=87 => 4,
            88..=92 => 5,
            93..=98 => return self.tick(),
            _ => return self.audit(),
        };
        let did = (0..turns.len()).any(|n| turns[(first + n) % turns.len()](self));
        if !did {
            self.tick();
        }
    }

    pub(crate) fn fail(&mut self, what: String) {
        self.trace.note(format_args!("FAILED: {what}"));
        self.failure.get_or_insert(what);
    }

    /// A life that nobody has had.
    pub(crate) fn new_handle(&mut self) -> Handle {
        self.owners += 1;
        Handle::new(Arc::clone(&self.shared), self.owners)
    }

    /// Time passes.
    pub(crate) fn tick(&mut self) {
        self.clock.tick();
        let now = self.clock.ticks();
        self.trace.note(format_args!("tick {now}"));
        self.news(now);
        self.look_at_generations();
        self.begin_processes(now);
        for seat in &mut self.seats {
            if let Some(process) = seat.process() {
                process.tick(&mut self.trace);
            }
        }
        self.poll_producer();
        if let Ok(server) = &mut self.server {
            server.poll();
        }
        for client in 0..self.clients.len() {
            self.wake_line(client);
        }
        self.look_for_halts();
        self.view_must_not_go_back();
    }

    /// What processes learn late.
    fn news(&mut self, now: u64) {
        for (at_tick, owner, at) in std::mem::take(&mut self.late_news) {
            if at_tick > now {
                self.late_news.push((at_tick, owner, at));
            } else if self.group.owner(at) != Some(owner) {
                self.trace.note(format_args!("{owner} learns that {at} is not its own"));
                self.tell_stage(owner, at, Event::Revoked(vec![at]));
            }
        }
        for place in 0..self.seats.len() {
            if let Seat::Zombie(process, until) = &self.seats[place]
                && *until <= now
            {
                let owner = process.owner;
                self.trace.note(format_args!("{owner} learns that it is no member any more"));
                self.end_stage(place, now);
            }
        }
    }

    fn begin_processes(&mut self, now: u64) {
        for place in 0..self.seats.len() {
            if let Seat::Empty(generation, until) = &self.seats[place]
                && *until <= now
            {
                let generation = generation.clone();
                let handle = self.new_handle();
                let (owner, number) = (handle.owner(), generation.number);
                self.trace.note(format_args!("stages of generation {number} begin as {owner}"));
                lock(&self.shared).log.make(Scope(number));
                let stages = Stages::new(&handle, generation, self.metrics);
                self.seats[place] = Seat::Taken(Box::new(stages));
            }
        }
        if matches!(self.producer, Err(until) if until <= now) {
            let handle = self.new_handle();
            self.trace.note(format_args!("the producer begins as {}", handle.owner()));
            self.producer = Ok(Producer::new(&handle, self.plan.partitions, &self.folder));
        }
        if matches!(self.server, Err(until) if until <= now) {
            let handle = self.new_handle();
            self.trace.note(format_args!("the server begins as {}", handle.owner()));
            self.server = Ok(Server::new(&handle, self.known.served.clone()));
        }
    }

    fn look_for_halts(&mut self) {
        let halted = self.seats.iter_mut().find_map(|seat| {
            let process = seat.process()?;
            process.halted().map(ToOwned::to_owned)
        });
        if let Some(why) = halted {
            self.fail(why);
        }
    }

    pub(crate) fn poll_producer(&mut self) {
        if let Ok(producer) = &mut self.producer
            && let Some(why) = producer.poll()
        {
            let owner = producer.owner;
            self.trace.note(format_args!("the producer ends: {why}"));
            self.bury(owner);
            self.producer = Err(self.clock.ticks() + 2);
        }
    }

    /// An answer has come for this life.
    pub(crate) fn poll(&mut self, owner: Owner) {
        if owner == self.shop.owner() {
            return self.shop.poll();
        }
        if self.producer.as_ref().is_ok_and(|it| it.owner == owner) {
            return self.poll_producer();
        }
        if let Ok(server) = &mut self.server
            && server.owner == owner
        {
            return server.poll();
        }
        let mut processes = self.seats.iter_mut().filter_map(Seat::process);
        if let Some(process) = processes.find(|process| process.owner == owner) {
            process.poll(&mut self.trace);
        }
    }

    /// Tells a stage something, where its process is alive.
    pub(crate) fn tell_stage(&mut self, owner: Owner, at: TopicPartition, event: Event) {
        let mut processes = self.seats.iter_mut().filter_map(Seat::process);
        if let Some(process) = processes.find(|process| process.owner == owner) {
            process.on(at, event, &mut self.trace);
        }
    }

    fn turn_of_shop(&mut self) -> bool {
        if self.trace.step < self.shop.next_due(self.plan.steps) {
            return false;
        }
        let half = if self.take_armed(&[Fault::TornLine]).is_some() {
            Half::Wished
        } else {
            Half::NotWished
        };
        match self.shop.write(&mut self.draw, self.trace.step, half) {
            Ok(Did::Nothing) => false,
            Ok(Did::Rows(what)) => {
                self.trace.note(format_args!("the shop writes {what}"));
                if half == Half::Wished {
                    self.armed.push(Fault::TornLine);
                }
                true
            }
            Ok(Did::Half(what)) => {
                self.trace.note(format_args!("the shop writes {what}"));
                self.struck(Fault::TornLine);
                true
            }
            Err(error) => {
                self.fail(format!("the shop's files: {error}"));
                false
            }
        }
    }

    fn turn_of_group(&mut self) -> bool {
        let released = std::mem::take(&mut lock(&self.shared).released);
        for (owner, at) in released {
            self.group.released(owner, at);
        }
        let members = self.members();
        let given = self.group.assign(&members, self.clock.ticks(), &mut self.draw);
        let did = !given.is_empty();
        for (owner, at) in given {
            self.trace.note(format_args!("{at} is given to {owner}"));
            self.tell_stage(owner, at, Event::Assigned(vec![at]));
        }
        did
    }

    fn turn_of_feed(&mut self) -> bool {
        let mut guard = lock(&self.shared);
        let shared = &mut *guard;
        let Shared { feeds, shards, .. } = shared;
        let mut news = feeds.values_mut().filter(|feed| feed.has_news(shards));
        let Some(feed) = news.next() else { return false };
        feed.read(shards);
        let owner = feed.owner;
        drop(guard);
        self.trace.note(format_args!("{owner} reads the feed"));
        self.poll(owner);
        true
    }
}

/// What the first generation is folded by.
fn first(plan: &Plan) -> Topology {
    let this = Topology::of_this_version(plan.partitions);
    let before = u32::from(plan.is_of_before);
    Topology { logic_version: this.logic_version - before, ..this }
}

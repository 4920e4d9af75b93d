//! Generations in a world: who folds which, as every process learns it in its own time; wishes for another one, and
//! a store that is begun anew.

use crate::partitions::read_by_stages;
use crate::plan::Fault;
use crate::scope::Scope;
use crate::shared::{Owner, lock};
use crate::world::{Seat, World};
use goldstream_platform::generations::{Generation, Generations, Wanted};
use goldstream_platform::ledger::Found;
use goldstream_platform::rebuilding::{Anew, Wish};
use std::collections::BTreeMap;

/// Of purchases some are dated further ahead than the lesser ones allow, so that rules differ in what they give.
const FUTURE_DAYS: [Option<u32>; 4] = [None, Some(366), Some(120), Some(80)];

impl World<'_> {
    /// Which generations there are now, as they are stored; none while nobody can tell.
    fn found(&self) -> Option<Found> {
        let is_away = self.clock.ticks() < self.store_away_until;
        if is_away { None } else { lock(&self.shared).shards.found() }
    }

    /// Those that are worked on, as they were seen last.
    pub(crate) fn at_work(&self) -> Vec<Generation> {
        self.known.at_work().cloned().collect()
    }

    /// Time passes for those who look which generations there are.
    pub(crate) fn look_at_generations(&mut self) {
        if self.clock.ticks() < self.store_away_until {
            return;
        }
        match self.found() {
            Some(found) => self.adopt(&found),
            None => self.begin_anew(),
        }
        self.fill_seats();
        self.tell_server();
    }

    fn adopt(&mut self, found: &Found) {
        let now = &found.ledger.generations;
        if self.known == *now {
            return;
        }
        let (before, after) = (self.known.served.number, now.served.number);
        self.switches += u64::from(before != after);
        self.trace.note(format_args!(
            "generation {after} is served ({before} before), of {:?}",
            now.numbers()
        ));
        self.known = now.clone();
        self.highest = self.highest.max(found.ledger.highest);
        let work = self.known.numbers().into_iter();
        let partitions = self.plan.partitions;
        self.group.work_on(work.flat_map(|it| read_by_stages(Scope(it), partitions)).collect());
    }

    fn begin_anew(&mut self) {
        let mut shared = lock(&self.shared);
        let highest = shared.log.highest().0.max(self.highest);
        let topology = self.known.served.topology.clone().by_this_version();
        shared.shards.begin_anew(topology, highest);
        drop(shared);
        self.trace.note(format_args!("the empty store is begun anew, after generation {highest}"));
    }

    /// Each generation at work has its seats; those of others are left, one after another.
    fn fill_seats(&mut self) {
        let now = self.clock.ticks();
        let work = self.at_work();
        let is_at_work = |generation: &Generation| work.iter().any(|it| it.is_same(generation));
        self.seats
            .retain(|seat| !matches!(seat, Seat::Empty(generation, _) if !is_at_work(generation)));
        for place in 0..self.seats.len() {
            if let Seat::Taken(process) = &self.seats[place]
                && !is_at_work(&process.generation)
                && self.draw.once_in(3)
            {
                let (owner, until) = (process.owner, now + self.draw.between(1, 25));
                self.trace.note(format_args!("{owner} learns that nobody wants what it folds"));
                self.leave_seat(place, until);
            }
        }
        for generation in work {
            let is_its = |seat: &&Seat| seat.generation().is_same(&generation);
            for _ in self.seats.iter().filter(is_its).count()..self.plan.processes {
                let until = now + self.draw.between(0, 8);
                self.seats.push(Seat::Empty(generation.clone(), until));
            }
        }
    }

    fn tell_server(&mut self) {
        let served = &self.known.served;
        if let Ok(server) = &mut self.server
            && server.told().number != served.number
            && self.draw.once_in(3)
        {
            self.trace.note(format_args!("the server is told of generation {}", served.number));
            server.tell(served.clone());
            server.poll();
        }
    }

    /// Somebody wishes for another generation. Whether anything comes of it.
    pub(crate) fn wish(&mut self, fault: Fault) -> bool {
        let Some(found) = self.found() else { return false };
        let ledger = &found.ledger;
        let highest = lock(&self.shared).log.highest().0;
        let wished = match fault {
            // A new version comes, and folds all rows by itself.
            Fault::Rebuild if !ledger.generations.served.is_of_this_version() => {
                let mut joined = ledger.joined(Wanted::default()).ok().flatten();
                joined.iter_mut().for_each(|joined| joined.not_below(highest));
                joined
            }
            Fault::Rebuild => {
                let anew = Anew {
                    keep_old_ms: *self.draw.one_of(&[0, 600_000, 600_000]),
                    future_days: *self.draw.one_of(&FUTURE_DAYS),
                    is_shadow: self.draw.once_in(6),
                };
                ledger.wished(Wish::Anew(anew), highest).ok().flatten()
            }
            Fault::RebuildAbandoned => ledger.wished(Wish::Abandon, highest).ok().flatten(),
            _ => ledger.wished(Wish::Back, highest).ok().flatten(),
        };
        let Some(wished) = wished else { return false };
        let Generations { served, next, .. } = &wished.generations;
        let next = next.as_ref().map(|next| (next.number, next.is_shadow));
        self.trace.note(format_args!("{fault:?}: {} is served, {next:?} beside", served.number));
        lock(&self.shared).shards.change(&found.text, &wished)
    }

    /// A shadow is there until somebody decides.
    pub(crate) fn decide_on_shadow(&mut self) {
        let Some(found) = self.found() else { return };
        if found.ledger.generations.next.as_ref().is_some_and(|next| next.is_shadow) {
            self.wish(Fault::RebuildAbandoned);
        }
    }

    /// Whether one generation is served, and nothing is under way.
    pub(crate) fn is_one_served(&self) -> bool {
        let Some(found) = self.found() else { return false };
        let generations = &found.ledger.generations;
        let scope = Scope(generations.served.number);
        let seals = lock(&self.shared).shards.seals(scope, self.plan.partitions);
        let is_shown = |server: &crate::server::Server| server.told().number == scope.0;
        generations.next.is_none()
            && self.known == *generations
            && found.ledger.seal.is_none()
            && seals.iter().all(|shard| shard.seal.is_none())
            && self.server.as_ref().is_ok_and(is_shown)
    }

    /// Processes that the group of a generation knows.
    pub(crate) fn members_of(&self, scope: Scope) -> Vec<Owner> {
        self.members().remove(&scope.0).unwrap_or_default()
    }

    /// The same of all of them.
    pub(crate) fn members(&self) -> BTreeMap<u32, Vec<Owner>> {
        let mut members = BTreeMap::<_, Vec<_>>::new();
        for seat in &self.seats {
            if let Seat::Taken(process) = seat {
                members.entry(process.generation.number).or_default().push(process.owner);
            }
        }
        members
    }
}

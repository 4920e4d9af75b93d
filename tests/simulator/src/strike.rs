//! What goes wrong, and when: strikes come due by step, wait for their occasion and are counted when they
//! have struck.

use crate::client::Wire;
use crate::plan::Fault;
use crate::scope::Scope;
use crate::shared::{Owner, lock};
use crate::world::{Seat, World};
use goldstream_consumers::driver::Event;
use goldstream_domain::record::Block;
use goldstream_platform::limits::STANDS_STILL_MAX;

/// Strikes that wait for something to be on its way; the others strike by themselves.
const ON_THE_WAY: [Fault; 15] = [
    Fault::AppendLost,
    Fault::AppendAnswerLost,
    Fault::AppendLate,
    Fault::AppendTorn,
    Fault::AppendHole,
    Fault::AppendTwice,
    Fault::AppendSlow,
    Fault::CommitLost,
    Fault::CommitAnswerLost,
    Fault::CommitLate,
    Fault::CommitTwice,
    Fault::StoreTorn,
    Fault::FrameLost,
    Fault::FrameTwice,
    Fault::TornLine,
];

impl World<'_> {
    /// A fault has struck.
    pub(crate) fn struck(&mut self, fault: Fault) {
        *self.tally.entry(fault).or_default() += 1;
    }

    /// The first of these that waits for its occasion, which is now.
    pub(crate) fn take_armed(&mut self, faults: &[Fault]) -> Option<Fault> {
        let place = self.armed.iter().position(|armed| faults.contains(armed))?;
        Some(self.armed.remove(place))
    }

    /// Strikes that are due.
    pub(crate) fn strike(&mut self) {
        while let Some(strike) = self.plan.strikes.get(self.strikes_begun)
            && strike.step <= self.trace.step
            && self.trace.step <= self.plan.steps
        {
            self.armed.push(strike.fault);
            self.strikes_begun += 1;
        }
        for fault in self.armed.clone() {
            if ON_THE_WAY.contains(&fault) || !self.strikes_now(fault) {
                continue;
            }
            self.struck(fault);
            if let Some(place) = self.armed.iter().position(|armed| *armed == fault) {
                self.armed.remove(place);
            }
        }
    }

    /// Strikes, where there is an occasion.
    fn strikes_now(&mut self, fault: Fault) -> bool {
        match fault {
            Fault::LogAway | Fault::StoreAway => self.go_away(fault),
            Fault::Gap => self.leave_gap(),
            Fault::ReadAgain => self.read_again(),
            Fault::StoreLosesSuffix
            | Fault::StoreEmptied
            | Fault::FeedTrimmed
            | Fault::FeedBroken => self.strike_store(fault),
            Fault::StageCrash => self.crash_stage(),
            Fault::ProducerCrash => self.crash_producer(),
            Fault::ServerCrash => self.crash_server(),
            Fault::Rebalance | Fault::TwoOwners => self.move_partition(fault),
            Fault::Zombie => self.make_zombie(),
            Fault::AnswerMissed => self.miss_answer(),
            Fault::LineBroken => self.break_line(),
            Fault::Rebuild | Fault::RebuildAbandoned | Fault::RebuildBack => self.wish(fault),
            _ => false,
        }
    }

    fn go_away(&mut self, fault: Fault) -> bool {
        let until = self.clock.ticks() + self.draw.between(2, 20);
        self.trace.note(format_args!("{fault:?} until tick {until}"));
        if fault == Fault::LogAway {
            self.log_away_until = until;
        } else {
            self.store_away_until = until;
        }
        true
    }

    fn leave_gap(&mut self) -> bool {
        let work = self.known.numbers();
        let scope = Scope(*self.draw.one_of(&work));
        let all = crate::partitions::read_by_stages(scope, self.plan.partitions);
        let at = *self.draw.one_of(&all);
        let positions = self.draw.between(1, 2);
        self.trace.note(format_args!("{positions} positions of {at} hold no record"));
        lock(&self.shared).log.append(at, Block::gap(positions)).is_some()
    }

    fn read_again(&mut self) -> bool {
        let lives: Vec<Owner> = self.last_read.keys().copied().collect();
        if lives.is_empty() {
            return false;
        }
        let owner = *self.draw.one_of(&lives);
        let Some((at, fetched)) = self.last_read.get(&owner).cloned() else { return false };
        self.trace.note(format_args!("{owner} gets records of {at} again from {}", fetched.first));
        self.tell_stage(owner, at, Event::Records(at, fetched));
        true
    }

    fn strike_store(&mut self, fault: Fault) -> bool {
        let mut guard = lock(&self.shared);
        let shared = &mut *guard;
        let commits = shared.shards.commits();
        if commits < 4 || (fault == Fault::FeedBroken && shared.feeds.is_empty()) {
            return false;
        }
        match fault {
            Fault::StoreLosesSuffix => {
                let lost = self.draw.between(1, (commits as u64).min(25)) as usize;
                shared.shards.lose(lost);
                self.trace.note(format_args!("the store fails over and loses {lost} commits"));
            }
            Fault::StoreEmptied => {
                shared.shards.empty();
                self.trace.note(format_args!("the store comes back empty"));
            }
            Fault::FeedTrimmed => {
                shared.shards.trim_feeds(1);
                self.trace.note(format_args!("the feeds lose all but their last entries"));
                return true;
            }
            _ => self.trace.note(format_args!("who follows the feed loses his connection")),
        }
        let mut owners = Vec::new();
        for feed in shared.feeds.values_mut() {
            feed.break_off();
            owners.push(feed.owner);
        }
        drop(guard);
        owners.into_iter().for_each(|owner| self.poll(owner));
        true
    }

    fn crash_stage(&mut self) -> bool {
        let taken = |place: &usize| !matches!(self.seats[*place], Seat::Empty(..));
        let places: Vec<usize> = (0..self.seats.len()).filter(taken).collect();
        if places.is_empty() {
            return false;
        }
        let place = *self.draw.one_of(&places);
        let until = self.clock.ticks() + self.draw.between(1, 12);
        self.trace.note(format_args!("the stages of seat {place} die"));
        self.end_stage(place, until);
        true
    }

    /// A process with stages ends at once; its place is free until that tick.
    pub(crate) fn end_stage(&mut self, place: usize, until: u64) {
        let Some(process) = self.seats[place].process() else { return };
        let (owner, generation) = (process.owner, process.generation.clone());
        self.seats[place] = Seat::Empty(generation, until);
        let free_at = self.clock.ticks() + self.draw.between(0, 10);
        self.group.given_up(owner, free_at);
        self.bury(owner);
    }

    pub(crate) fn crash_producer(&mut self) -> bool {
        let Ok(producer) = &self.producer else { return false };
        let owner = producer.owner;
        self.trace.note(format_args!("the producer dies"));
        self.producer = Err(self.clock.ticks() + self.draw.between(1, 8));
        self.bury(owner);
        true
    }

    fn crash_server(&mut self) -> bool {
        let Ok(server) = &self.server else { return false };
        let owner = server.owner;
        self.trace.note(format_args!("the server dies"));
        self.server = Err(self.clock.ticks() + self.draw.between(1, 8));
        self.bury(owner);
        for client in 0..self.clients.len() {
            self.lose_line(client);
        }
        true
    }

    fn miss_answer(&mut self) -> bool {
        let Some((at, from)) = self.group.one_that_is_held(&mut self.draw) else { return false };
        self.trace.note(format_args!("{from} takes an answer about {at} for lost"));
        self.tell_stage(from, at, Event::Stuck(at, STANDS_STILL_MAX));
        true
    }

    fn move_partition(&mut self, fault: Fault) -> bool {
        let Some((at, from)) = self.group.one_that_is_held(&mut self.draw) else { return false };
        let now = self.clock.ticks();
        if fault == Fault::Rebalance {
            self.trace.note(format_args!("{at} is asked back from {from}"));
            self.group.revoke(at, now);
            self.tell_stage(from, at, Event::Revoked(vec![at]));
            return true;
        }
        let others = self.members_of(Scope::of(at)).into_iter();
        let others: Vec<Owner> = others.filter(|to| *to != from).collect();
        if others.is_empty() {
            return false;
        }
        let to = *self.draw.one_of(&others);
        self.trace.note(format_args!("{at} goes from {from} to {to}, and {from} does not know"));
        self.group.hand_over(at, to);
        self.late_news.push((now + self.draw.between(2, 25), from, at));
        self.tell_stage(to, at, Event::Assigned(vec![at]));
        true
    }

    fn make_zombie(&mut self) -> bool {
        let taken = |place: &usize| matches!(self.seats[*place], Seat::Taken(_));
        let places: Vec<usize> = (0..self.seats.len()).filter(taken).collect();
        if places.len() < 2 {
            return false;
        }
        let place = *self.draw.one_of(&places);
        let until = self.clock.ticks() + self.draw.between(3, 30);
        self.leave_seat(place, until);
        true
    }

    /// A process is given up by its group, and works on until that tick.
    pub(crate) fn leave_seat(&mut self, place: usize, until: u64) {
        let generation = self.seats[place].generation().clone();
        let seat = std::mem::replace(&mut self.seats[place], Seat::Empty(generation, 0));
        if let Seat::Taken(process) = seat {
            let owner = process.owner;
            self.trace.note(format_args!("{owner} is given up by its group and goes on"));
            self.group.given_up(owner, self.clock.ticks());
            self.seats[place] = Seat::Zombie(process, until);
        }
    }

    fn break_line(&mut self) -> bool {
        let open = |client: &usize| self.clients[*client].is_connected();
        let clients: Vec<usize> = (0..self.clients.len()).filter(open).collect();
        if clients.is_empty() {
            return false;
        }
        let client = *self.draw.one_of(&clients);
        self.trace.note(format_args!("client {client} loses its connection"));
        self.lose_line(client);
        true
    }
}

/// Whether nothing is on its way.
pub(crate) fn is_silent(wire: Option<&mut Wire>) -> bool {
    wire.is_none_or(|wire| wire.frames.is_empty() && wire.requests.is_empty())
}

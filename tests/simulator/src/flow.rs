//! What is on its way: questions arrive, fail, come late or twice; answers come back. Appends of one
//! producer keep their order in a partition, as an idempotent producer's do.

use crate::ask::Ask;
use crate::partitions::beginning;
use crate::plan::Fault;
use crate::shared::{Op, Owner, Shared, Way, lock};
use crate::world::World;
use goldstream_consumers::driver::Event;
use goldstream_domain::record::Block;
use goldstream_platform::log::{Fetched, LogError, TopicPartition};
use goldstream_platform::store::{Commit, ShardId};

impl World<'_> {
    /// Something that is on its way goes on.
    pub(crate) fn move_op(&mut self) -> bool {
        let ready = self.ready();
        if ready.is_empty() {
            return false;
        }
        let number = *self.draw.one_of(&ready);
        let Some(op) = lock(&self.shared).ops.remove(&number) else { return false };
        match op.way {
            Way::Back(deliver) => {
                self.trace.note(format_args!("answer {number} reaches {}", op.owner));
                deliver();
                self.poll(op.owner);
            }
            Way::There(ask) => self.arrive(number, op.owner, op.lane, ask),
        }
        true
    }

    /// What could go on now.
    fn ready(&self) -> Vec<u64> {
        let shared = lock(&self.shared);
        let is_ready = |(number, op): &(&u64, &Op)| {
            let Way::There(ask) = &op.way else { return true };
            let mut before = shared.ops.range(..**number);
            !before.any(|(_, other)| is_before(op, ask, other))
        };
        let due = shared.ops.iter().filter(|(_, op)| op.not_before <= self.trace.step);
        due.filter(is_ready).map(|(number, _)| *number).collect()
    }

    fn arrive(&mut self, number: u64, owner: Owner, lane: u64, ask: Ask) {
        let now = self.clock.ticks();
        let is_away =
            if ask.is_for_log() { now < self.log_away_until } else { now < self.store_away_until };
        if is_away {
            self.trace.note(format_args!("{owner}'s {ask} finds nobody"));
            return self.fail_for_good(number, owner, lane, ask);
        }
        match &ask {
            Ask::Append(..) => {
                // There is a hole only where something comes behind it.
                let faults = if self.has_company(owner, lane) {
                    &APPEND_FAULTS
                } else {
                    &APPEND_FAULTS[1..]
                };
                if let Some(fault) = self.take_armed(faults) {
                    return self.append_fails(fault, number, owner, lane, ask);
                }
            }
            Ask::Commit(commit, _) => {
                if let Some(fault) = self.take_armed(commit_faults(commit)) {
                    return self.commit_fails(fault, number, owner, lane, ask);
                }
            }
            agreed if agreed.is_agreed() => {
                if let Some(fault) = self.take_armed(&AGREED_FAULTS) {
                    return self.commit_fails(fault, number, owner, lane, ask);
                }
            }
            _ => {}
        }
        self.trace.note(format_args!("{owner}'s {ask} arrives"));
        let mut shared = lock(&self.shared);
        let deliver = ask.arrive(&mut shared);
        let back = Op { owner, lane, not_before: 0, way: Way::Back(deliver) };
        shared.ops.insert(number, back);
    }

    /// Whether more appends of this producer are on their way.
    fn has_company(&self, owner: Owner, lane: u64) -> bool {
        let shared = lock(&self.shared);
        let mut ops = shared.ops.values().filter(|op| op.owner == owner && op.lane == lane);
        ops.any(|op| matches!(op.way, Way::There(Ask::Append(..))))
    }

    /// It failed, and will not arrive.
    fn fail_for_good(&mut self, number: u64, owner: Owner, lane: u64, mut ask: Ask) {
        let deliver = ask.fail();
        let is_append = matches!(ask, Ask::Append(..));
        let back = Op { owner, lane, not_before: 0, way: Way::Back(deliver) };
        lock(&self.shared).ops.insert(number, back);
        if is_append {
            self.replace_producer(owner, lane, Behind::Lost);
        }
    }

    /// It failed for who asked, and arrives all the same, later.
    fn fail_and_arrive(&mut self, number: u64, owner: Owner, lane: u64, mut ask: Ask) {
        let deliver = ask.fail();
        let not_before = self.trace.step + self.draw.between(5, 120);
        let mut shared = lock(&self.shared);
        shared.send(Op { owner, lane, not_before: 0, way: Way::Back(deliver) });
        shared.ops.insert(number, Op { owner, lane, not_before, way: Way::There(ask) });
    }

    fn append_fails(&mut self, fault: Fault, number: u64, owner: Owner, lane: u64, mut ask: Ask) {
        self.struck(fault);
        self.trace.note(format_args!("{owner}'s {ask}: {fault:?}"));
        match fault {
            Fault::AppendLost => self.fail_for_good(number, owner, lane, ask),
            Fault::AppendAnswerLost => {
                let deliver = ask.fail();
                let mut shared = lock(&self.shared);
                drop(ask.arrive(&mut shared));
                shared.send(Op { owner, lane, not_before: 0, way: Way::Back(deliver) });
                drop(shared);
                self.replace_producer(owner, lane, Behind::Drawn);
            }
            Fault::AppendLate => {
                self.fail_and_arrive(number, owner, lane, ask);
                self.replace_producer(owner, lane, Behind::Drawn);
            }
            Fault::AppendTorn => {
                if let Ask::Append(blocks, _) = &ask {
                    let arrived = self.first_part(blocks);
                    // There are such partitions: it is their own blocks' beginning.
                    drop(lock(&self.shared).append(arrived));
                }
                self.fail_for_good(number, owner, lane, ask);
            }
            Fault::AppendHole => {
                let not_before = self.trace.step + self.draw.between(10, 150);
                let way = Way::Back(ask.fail());
                lock(&self.shared).ops.insert(number, Op { owner, lane, not_before, way });
            }
            Fault::AppendTwice => self.arrive_twice(number, owner, lane, ask),
            _ => {
                let not_before = self.trace.step + self.draw.between(20, 150);
                let mut shared = lock(&self.shared);
                let way = Way::Back(ask.arrive(&mut shared));
                shared.ops.insert(number, Op { owner, lane, not_before, way });
            }
        }
    }

    /// It arrives now, and once more later.
    fn arrive_twice(&mut self, number: u64, owner: Owner, lane: u64, ask: Ask) {
        let not_before = self.trace.step + self.draw.between(5, 80);
        let mut shared = lock(&self.shared);
        let again = ask.again();
        let way = Way::Back(ask.arrive(&mut shared));
        shared.ops.insert(number, Op { owner, lane, not_before: 0, way });
        // In no lane: what is sent once more by the way keeps no order.
        shared.send(Op { owner, lane: u64::MAX, not_before, way: Way::There(again) });
    }

    fn first_part(&mut self, blocks: &[(TopicPartition, Block)]) -> Vec<(TopicPartition, Block)> {
        let whole = self.draw.below(blocks.len());
        let mut arrived: Vec<_> = blocks[..whole].to_vec();
        if let Some((at, block)) = blocks.get(whole) {
            let records = self.draw.below(block.len() as usize);
            arrived.push((*at, beginning(block, records)));
        }
        arrived
    }

    fn commit_fails(&mut self, fault: Fault, number: u64, owner: Owner, lane: u64, mut ask: Ask) {
        self.struck(fault);
        self.trace.note(format_args!("{owner}'s {ask}: {fault:?}"));
        match fault {
            Fault::CommitLost => self.fail_for_good(number, owner, lane, ask),
            Fault::CommitAnswerLost => {
                let deliver = ask.fail();
                let mut shared = lock(&self.shared);
                drop(ask.arrive(&mut shared));
                shared.send(Op { owner, lane, not_before: 0, way: Way::Back(deliver) });
            }
            Fault::CommitLate => self.fail_and_arrive(number, owner, lane, ask),
            Fault::StoreTorn => {
                if let Ask::Commit(commit, _) = &ask {
                    lock(&self.shared).shards.tear(commit);
                }
                self.fail_for_good(number, owner, lane, ask);
            }
            _ => self.arrive_twice(number, owner, lane, ask),
        }
    }

    /// After a failed append its producer is replaced by a new one. What was behind the append fails, too,
    /// and arrives up to some place or not at all.
    fn replace_producer(&mut self, owner: Owner, lane: u64, behind: Behind) {
        let mut shared = lock(&self.shared);
        if shared.lanes.get(&owner).copied().unwrap_or(0) == lane {
            shared.lanes.insert(owner, lane + 1);
        }
        let is_behind = |op: &Op| {
            op.owner == owner && op.lane == lane && matches!(op.way, Way::There(Ask::Append(..)))
        };
        let open = shared.ops.iter().filter(|(_, op)| is_behind(op));
        let numbers: Vec<u64> = open.map(|(number, _)| *number).collect();
        let arrive = match behind {
            Behind::Lost => 0,
            Behind::Drawn => self.draw.below(numbers.len() + 1),
        };
        for (place, number) in numbers.into_iter().enumerate() {
            let Some(mut op) = shared.ops.remove(&number) else { continue };
            let Way::There(ask) = &mut op.way else { continue };
            let way = Way::Back(ask.fail());
            shared.send(Op { owner, lane, not_before: 0, way });
            if place < arrive {
                op.not_before = op.not_before.max(self.trace.step + self.draw.between(0, 60));
                shared.ops.insert(number, op);
            }
        }
    }

    /// A life has ended: of what it sent, some arrives.
    pub(crate) fn bury(&mut self, owner: Owner) {
        self.last_read.remove(&owner);
        let mut shared = lock(&self.shared);
        shared.forget(owner);
        let open = shared.ops.iter().filter(|(_, op)| op.owner == owner);
        let numbers: Vec<u64> = open.map(|(number, _)| *number).collect();
        let appends = self.draw.below(numbers.len() + 1);
        for (place, number) in numbers.into_iter().enumerate() {
            let Some(mut op) = shared.ops.remove(&number) else { continue };
            let arrives = match &op.way {
                Way::There(Ask::Append(..)) => place < appends,
                Way::There(ask) if ask.is_change() => self.draw.once_in(2),
                _ => false,
            };
            if arrives {
                op.not_before = op.not_before.max(self.trace.step + self.draw.between(0, 60));
                shared.ops.insert(number, op);
            }
        }
    }

    /// A member gets what it asked to read.
    pub(crate) fn serve_read(&mut self) -> bool {
        let can_be_read = |shared: &Shared| -> Vec<(Owner, TopicPartition, u64)> {
            let asked = shared.requests.iter().map(|((owner, at), from)| (*owner, *at, *from));
            asked.filter(|(_, at, from)| *from < shared.log.end(*at)).collect()
        };
        let ready = can_be_read(&lock(&self.shared));
        if ready.is_empty() {
            return false;
        }
        let (owner, at, from) = *self.draw.one_of(&ready);
        lock(&self.shared).requests.remove(&(owner, at));
        if self.clock.ticks() < self.log_away_until {
            self.trace.note(format_args!("{owner} cannot read {at}"));
            let error = LogError::Unavailable("no answer".to_owned());
            self.tell_stage(owner, at, Event::ReadFailed(at, error));
            return true;
        }
        let Some(fetched) = self.fetch(at, from) else { return true };
        let (first, len) = (fetched.first, fetched.block.len());
        self.trace.note(format_args!("{owner} gets {len} records of {at} from {first}"));
        self.last_read.insert(owner, (at, fetched.clone()));
        self.tell_stage(owner, at, Event::Records(at, fetched));
        true
    }

    /// The records at a position, now and then in other pieces than they were appended in.
    fn fetch(&mut self, at: TopicPartition, from: u64) -> Option<Fetched> {
        let shared = lock(&self.shared);
        if self.draw.once_in(3) {
            let first = from.saturating_sub(self.draw.between(0, 3));
            let last = from + self.draw.between(1, 12);
            let found = shared.log.read_range(at, first, last);
            let reaches = |it: &Fetched| it.first <= from && it.first + it.block.len() > from;
            if let Some(fetched) = found.filter(reaches) {
                return Some(fetched);
            }
        }
        shared.log.read(at, from)
    }
}

/// What happens to the appends behind a failed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// They are lost: they must not arrive where the one before them did not.
    Lost,
    /// Some of them arrive.
    Drawn,
}

/// Whether `other` must arrive before.
fn is_before(op: &Op, ask: &Ask, other: &Op) -> bool {
    let same = other.owner == op.owner && other.lane == op.lane && op.lane != u64::MAX;
    same && matches!(&other.way, Way::There(earlier) if earlier.shares_partition(ask))
}

/// What can happen to an append.
const APPEND_FAULTS: [Fault; 7] = [
    Fault::AppendHole,
    Fault::AppendLost,
    Fault::AppendAnswerLost,
    Fault::AppendLate,
    Fault::AppendTorn,
    Fault::AppendTwice,
    Fault::AppendSlow,
];

/// What can happen to what all agree on.
const AGREED_FAULTS: [Fault; 4] =
    [Fault::CommitLost, Fault::CommitAnswerLost, Fault::CommitLate, Fault::CommitTwice];

/// What can happen to a commit. A checkpoint is one value: there is no half of it.
fn commit_faults(commit: &Commit) -> &'static [Fault] {
    match commit.shard {
        ShardId::Source(_) => &AGREED_FAULTS,
        ShardId::Silver(_) | ShardId::Gold(_) => &[
            Fault::CommitLost,
            Fault::CommitAnswerLost,
            Fault::CommitLate,
            Fault::CommitTwice,
            Fault::StoreTorn,
        ],
    }
}

//! The thread of a member: it serves the membership and reads the records of its partitions into
//! their flows. One loop; it decides nothing about the records.

use super::asking;
use super::client::{is_connection, log_failure, not_made, unauthorized, unavailable};
use super::config;
use super::departed::{self, Departed};
use super::fences::Fences;
use super::flow::{Flow, Reading};
use super::group::{Group, Lost, Terms};
use super::idle::{Idle, Remedy};
use super::member_state::MemberState;
use super::shared::Shared;
use super::transcode::Incoming;
use crate::limits::{HOUSEKEEPING_PACE, POLL_MAX, WAITING_BYTES_MAX, WAITING_BYTES_MIN};
use crate::log::{LogError, MemberEvent, Topic, TopicPartition};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{BorrowedMessage, Message};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Records taken in one go before the other work is looked at.
const RECORDS_MAX: usize = 10_000;

pub(super) struct Fetcher {
    shared: Arc<Shared>,
    desk: Arc<MemberState>,
    terms: Terms,
    group: Group,
    fences: Fences,
    client: BaseConsumer,
    incoming: Incoming,
    housekeeping_at: Instant,
    idle: Idle,
    departed: Departed,
    /// Keeps the instance name this process's own.
    _instance: Option<crate::instance::Instance>,
}

/// Runs until the member is dropped or expelled.
pub(super) fn run(mut fetcher: Fetcher) {
    while !fetcher.desk.lock().closing {
        let served = fetcher.group.serve();
        if let Err(reason) = served.or_else(|lost| fetcher.join_again(lost)) {
            fetcher.desk.tell(MemberEvent::Expelled(reason));
            return;
        }
        fetcher.stop_flows();
        fetcher.end_flows();
        fetcher.begin_flows();
        if fetcher.desk.lock().is_hungry() {
            fetcher.fetch();
        } else {
            fetcher.desk.wait(POLL_MAX);
        }
        if fetcher.housekeeping_at <= Instant::now() {
            fetcher.keep_house();
            fetcher.housekeeping_at = Instant::now() + HOUSEKEEPING_PACE;
        }
    }
    fetcher.group.leave();
}

impl Fetcher {
    pub(super) fn new(
        shared: &Arc<Shared>,
        stage: &str,
        topics: &[Topic],
        desk: Arc<MemberState>,
    ) -> Result<Self, LogError> {
        let Shared { settings, names, reachable, .. } = &**shared;
        let group_name = names.group(stage, shared.partitions);
        let instance = shared.instances.take(&names.scope(), stage);
        let name = instance.as_ref().map(crate::instance::Instance::name);
        if let Some(name) = name {
            shared.note_consumer(name);
        }
        let terms = Terms {
            config: config::member(settings, &group_name, name),
            group: group_name.clone(),
            together: topics.to_vec(),
            names: names.clone(),
            partitions: shared.partitions,
            reachable: reachable.clone(),
        };
        Ok(Self {
            client: config::fetcher(settings, &group_name).create().map_err(not_made)?,
            shared: Arc::clone(shared),
            group: Group::join(&terms, Arc::clone(&desk))?,
            desk,
            terms,
            fences: Fences::default(),
            incoming: Incoming::default(),
            housekeeping_at: Instant::now() + HOUSEKEEPING_PACE,
            idle: Idle::default(),
            departed: Departed::default(),
            _instance: instance,
        })
    }

    /// Becomes a member anew: the client of a lost membership is of no more use.
    fn join_again(&mut self, lost: Lost) -> Result<(), String> {
        if let Lost::ForGood(reason) = lost {
            return Err(reason);
        }
        let cut_at = self.shared.reachable.cut_at();
        if self.fences.betray_another(cut_at, Instant::now()) {
            return Err("another consumer has joined under the same instance name: give each an \
                        --instance of its own"
                .to_owned());
        }
        tracing::warn!("the broker took another member under this name, joining again");
        let group = Group::join(&self.terms, Arc::clone(&self.desk));
        let group = group.map_err(|error| error.to_string())?;
        std::mem::replace(&mut self.group, group).end();
        Ok(())
    }

    /// Reads on only where the topics are those that were made.
    fn stop_flows(&self) {
        let Err(error) = self.shared.standing.check() else { return };
        let mut state = self.desk.lock();
        let all: Vec<_> = state.flows.keys().copied().collect();
        all.into_iter().for_each(|at| state.fail(at, error.clone()));
        drop(state);
        self.desk.records_came();
    }

    /// Stops reading what its stage has given back.
    fn end_flows(&self) {
        let ended = std::mem::take(&mut self.desk.lock().ended);
        if !ended.is_empty() {
            let result = self.client.incremental_unassign(&self.shared.names.list(ended));
            log_failure("unassign", result);
        }
    }

    /// Begins to read where a stage wants it.
    fn begin_flows(&self) {
        let state = self.desk.lock();
        let wanted = state.flows.iter().filter(|(_, flow)| flow.reading == Reading::Wanted);
        let wanted: Vec<_> = wanted.map(|(at, flow)| (*at, flow.next())).collect();
        drop(state);
        for (at, from) in wanted {
            let found = self.group.range(at).and_then(|range| asking::check(at, from, range));
            let begun = found.and_then(|()| self.begin(at, from));
            let is_away = matches!(begun, Err(LogError::Unavailable(_)));
            let mut state = self.desk.lock();
            match begun {
                Ok(()) => {
                    // Asked for another place meanwhile: begun there in the next round.
                    if let Some(flow) = state.flows.get_mut(&at).filter(|f| f.next() == from) {
                        flow.reading = Reading::Running;
                    }
                }
                Err(error) => state.fail(at, error),
            }
            drop(state);
            self.desk.records_came();
            // Each question takes its time where nobody answers, and the membership must be served.
            if is_away {
                return;
            }
        }
    }

    fn begin(&self, at: TopicPartition, from: u64) -> Result<(), LogError> {
        let names = &self.shared.names;
        let (topic, partition) = (names.topic(at.topic), at.partition as i32);
        // It may be read from another place still.
        let assigned = self.client.assignment();
        if assigned.is_ok_and(|all| all.find_partition(topic, partition).is_some()) {
            self.client.incremental_unassign(&names.list([at])).map_err(unavailable)?;
        }
        // A client keeps a partition paused over its assignments, and nobody would resume this one. One that it
        // has never heard of is refused, and cannot be paused.
        self.client.resume(&names.list([at])).unwrap_or_default();
        self.client.incremental_assign(&names.list_at(&[(at, from)])?).map_err(unavailable)
    }

    /// Takes the records that are there, waiting a little for the first.
    fn fetch(&mut self) {
        self.hold_back();
        let mut wait = POLL_MAX;
        for _ in 0..RECORDS_MAX {
            let Some(polled) = self.client.poll(wait) else { break };
            wait = Duration::ZERO;
            match polled {
                Ok(message) => take(&self.shared, &self.desk, &mut self.incoming, &message),
                // There may be many, from the time in which nothing was wanted.
                Err(error) if is_connection(&error) => {
                    self.shared.reachable.away(&error.to_string());
                }
                Err(error) => {
                    // A position that is gone is looked for at once.
                    self.housekeeping_at = Instant::now();
                    self.idle.forget();
                    tracing::debug!(%error, "reading");
                    if let Some(sentence) = error.rdkafka_error_code().and_then(unauthorized) {
                        // Of which topic it is the client does not say.
                        let Terms { together, names, .. } = &self.terms;
                        let topics = together.iter().map(|topic| names.topic(*topic));
                        self.shared.reachable.lacks_rights(topics, sentence);
                    }
                    break;
                }
            }
        }
        self.desk.records_came();
    }

    /// Pauses partitions that have too much before their stage, and lets others go on.
    fn hold_back(&self) {
        let (mut pause, mut resume) = (Vec::new(), Vec::new());
        for (at, flow) in &mut self.desk.lock().flows {
            let waiting = flow.waiting_bytes();
            if flow.reading == Reading::Running && waiting > WAITING_BYTES_MAX {
                flow.reading = Reading::Paused;
                pause.push(*at);
            } else if flow.reading == Reading::Paused && waiting < WAITING_BYTES_MIN {
                flow.reading = Reading::Running;
                resume.push(*at);
            }
        }
        if !pause.is_empty() {
            log_failure("pause", self.client.pause(&self.shared.names.list(pause)));
        }
        if !resume.is_empty() {
            log_failure("resume", self.client.resume(&self.shared.names.list(resume)));
        }
    }

    /// Holds partitions that stand still against the broker's view of them.
    fn keep_house(&mut self) {
        let state = self.desk.lock();
        let folded: Vec<_> = state.flows.iter().map(|(at, flow)| (*at, flow.folded)).collect();
        let waiting = state.flows.iter().filter_map(|(at, flow)| Some((*at, flow.waits_at()?)));
        let waiting: BTreeMap<_, _> = waiting.collect();
        drop(state);
        for at in self.idle.round(&waiting) {
            self.shared.reachable.goes_on(at);
        }
        for (at, from) in waiting {
            match self.group.range(at) {
                Ok(range) => self.settle(at, from, range),
                // The broker is away: so it is for the others, and none of them has stalled.
                Err(_) => {
                    self.idle.forget();
                    break;
                }
            }
        }
        if !folded.is_empty() {
            self.group.note_positions(&folded);
        }
        // Where the topics are others than those that were made, no sharing out would be right.
        if self.shared.standing.check().is_ok() {
            let members = self.group.mind_orphans();
            self.mind_departed(&members);
        }
    }

    /// Leaves the group for those that died on this host.
    fn mind_departed(&mut self, members: &[String]) {
        if members.is_empty() {
            return;
        }
        let (instances, scope) = (&self.shared.instances, self.shared.names.scope());
        let is_left_behind = |name: &str| instances.take_left_behind(&scope, name).is_some();
        for name in self.departed.look(members, is_left_behind, Instant::now()) {
            departed::leave_for(&name, &self.terms, (instances, &scope));
        }
    }

    /// A position that the broker has not is a failure; one that it has and that gives no record for
    /// a while is looked at: it may hold none, or the client may have lost it.
    fn settle(&mut self, at: TopicPartition, from: u64, range: (u64, u64)) {
        self.shared.reachable.back();
        if let Err(error) = asking::check(at, from, range) {
            self.desk.lock().fail(at, error);
            return self.desk.records_came();
        }
        let remedy = self.idle.remedy(at);
        if range.1 == from || remedy == Remedy::Wait {
            return;
        }
        let Some(there) = self.shared.reader.look(at, from) else { return };
        if there.block.is_gap() {
            return self.change(at, from, |flow| flow.skip_to(there.first + there.block.len()));
        }
        if remedy == Remedy::Look {
            return;
        }
        self.shared.reachable.stalled(at, from, range.1);
        if remedy == Remedy::NewClient {
            self.renew_client();
        }
        self.change(at, from, |flow| flow.reading = Reading::Wanted);
    }

    /// Changes a flow that still waits there.
    fn change(&self, at: TopicPartition, from: u64, change: impl FnOnce(&mut Flow)) {
        let mut state = self.desk.lock();
        if let Some(flow) = state.flows.get_mut(&at).filter(|flow| flow.waits_at() == Some(from)) {
            change(flow);
        }
        drop(state);
        self.desk.records_came();
    }

    /// Reads on through a new client, all partitions from where they are.
    fn renew_client(&mut self) {
        match config::fetcher(&self.shared.settings, &self.terms.group).create() {
            Ok(client) => self.client = client,
            Err(error) => return log_failure("making a client", Err(error)),
        }
        for flow in self.desk.lock().flows.values_mut() {
            flow.reading = Reading::Wanted;
        }
    }
}

fn take(
    shared: &Shared,
    desk: &MemberState,
    incoming: &mut Incoming,
    message: &BorrowedMessage<'_>,
) {
    let Some(at) = shared.names.find(message.topic(), message.partition()) else { return };
    shared.reachable.back();
    shared.reachable.has_rights(message.topic());
    let offset = message.offset().unsigned_abs();
    if shared.skips.has(at, offset) {
        return;
    }
    let mut state = desk.lock();
    let Some(flow) = state.flows.get_mut(&at) else { return };
    let Some(block) = flow.take(offset) else { return };
    if let Err(error) = incoming.push(at.topic, message, block) {
        state.fail(at, error);
    }
}

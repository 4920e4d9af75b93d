//! The interpreter of the driver: it owns the future of every action and the one loop, and has no
//! opinion about the business.

use crate::driver::{Action, Driver, Event, Trouble};
use crate::held::Held;
use crate::notes::Notes;
use crate::stage::Stage;
use futures::FutureExt;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use goldstream_platform::clock::now_ms;
use goldstream_platform::health::Health;
use goldstream_platform::limits::COMMIT_PACE;
use goldstream_platform::log::{Appended, Log, Member, MemberEvent};
use goldstream_platform::metrics::{Metrics, StageMetrics};
use goldstream_platform::shutdown::Shutdown;
use goldstream_platform::store::{Part, Store};
use goldstream_platform::throttle::Share;
use std::sync::Arc;
use std::time::Instant;
use tokio::time::MissedTickBehavior;

/// What a stage works on.
#[derive(Clone)]
pub struct World {
    /// The log it reads and writes.
    pub log: Arc<dyn Log>,
    /// The store of its state.
    pub store: Arc<dyn Store>,
    /// Where it tells its troubles.
    pub health: Health,
    /// Where what it does is counted.
    pub metrics: Metrics,
    /// Which generation it is of.
    pub generation: u32,
    /// What of the machine it may take beside other generations.
    pub share: Share,
}

/// The stage's membership of its group is lost for good. Its partitions are others' now: whatever
/// was in flight is refused by the store or finds its place.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the {stage} stage reads no more: {reason}")]
pub struct Expelled {
    /// The stage.
    pub stage: &'static str,
    /// Why.
    pub reason: String,
}

/// Runs a stage until the end is wished and everything begun is committed.
///
/// # Errors
/// [`Expelled`].
pub async fn run<S: Stage>(stage: S, world: World, mut shutdown: Shutdown) -> Result<(), Expelled> {
    let mut member = world.log.join(&stage.topics());
    let name = stage.name();
    let metrics = world.metrics.of_stage(name);
    let mut notes = Notes::new(metrics.clone(), world.metrics.standing(name, world.generation));
    let mut driver = Driver::new(stage);
    let mut held = Held::default();
    let mut work: FuturesUnordered<BoxFuture<'static, Event>> = FuturesUnordered::new();
    let mut ticks = tokio::time::interval(COMMIT_PACE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !driver.is_done() {
        let event = tokio::select! {
            event = member.next() => match from_member(event) {
                Ok(event) => event,
                Err(reason) => return Err(Expelled { stage: name, reason }),
            },
            Some(event) = work.next() => event,
            _ = ticks.tick() => Event::Tick,
            () = shutdown.wished(), if !driver.is_stopping() => Event::Stop,
        };
        let stuck = notes.stuck(&event, &world.health);
        for event in std::iter::once(event).chain(stuck) {
            let happened = notes.heard(&event);
            let actions = driver.handle(event);
            notes.stands(&happened, &driver);
            for action in actions {
                notes.asked(&action);
                match action {
                    Action::Read { at, from } => held.hold(at, from),
                    action => {
                        if let Action::Release(at) = action {
                            held.forget(at);
                        }
                        work.extend(perform(action, &metrics, &world, &mut *member));
                    }
                }
            }
        }
        if !held.is_empty() && !world.share.must_wait() {
            held.take().for_each(|(at, from)| member.request(at, from));
        }
    }
    Ok(())
}

/// The event, or why the member is none any more.
fn from_member(event: MemberEvent) -> Result<Event, String> {
    Ok(match event {
        MemberEvent::Assigned(partitions) => Event::Assigned(partitions),
        MemberEvent::Revoked(partitions) => Event::Revoked(partitions),
        MemberEvent::Records(at, fetched) => Event::Records(at, fetched),
        MemberEvent::Failed(at, error) => Event::ReadFailed(at, error),
        MemberEvent::Expelled(reason) => return Err(reason),
    })
}

/// Begins an action; those that take time give the future of their event.
pub fn perform(
    action: Action,
    metrics: &StageMetrics,
    world: &World,
    member: &mut dyn Member,
) -> Option<BoxFuture<'static, Event>> {
    match action {
        Action::Load { at, run, shard } => {
            let load = world.store.load(shard, Part::Whole);
            Some(load.map(move |result| Event::Loaded { at, run, result }).boxed())
        }
        Action::Check { at, run, shard } => {
            let position = world.store.position(shard);
            Some(position.map(move |result| Event::Checked { at, run, result }).boxed())
        }
        Action::Discard { at, run, shard } => {
            let discard = world.store.discard(shard);
            Some(discard.map(move |result| Event::Discarded { at, run, result }).boxed())
        }
        Action::Verify { at, run, position } => {
            let read = world.log.read(at, position);
            Some(read.map(move |result| Event::Verified { at, run, result }).boxed())
        }
        Action::Append { at, run, append } => {
            let (number, metrics, began) = (append.number, metrics.clone(), Instant::now());
            let append = world.log.append(append.blocks);
            let appended = move |result: Result<Appended, _>| {
                if result.is_ok() {
                    metrics.appended(began.elapsed());
                }
                Event::Appended { at, run, number, result: result.map(|_| ()) }
            };
            Some(append.map(appended).boxed())
        }
        Action::Commit { at, run, commit } => {
            let (metrics, began) = (metrics.clone(), Instant::now());
            let (share, ingested_at_ms) = (world.share.clone(), commit.ingested_at_ms);
            let records = commit.to - commit.from;
            let commit = world.store.commit(commit);
            let committed = move |result: Result<(), _>| {
                if result.is_ok() {
                    metrics.committed(records, began.elapsed());
                    if let Some(ingested_at_ms) = ingested_at_ms {
                        let waited_ms = now_ms().saturating_sub(ingested_at_ms);
                        share.committed(waited_ms);
                        metrics.waited(waited_ms);
                    }
                }
                Event::Committed { at, run, result }
            };
            Some(commit.map(committed).boxed())
        }
        Action::Read { at, from } => {
            member.request(at, from);
            None
        }
        Action::Release(at) => {
            member.release(at);
            None
        }
        Action::Report { at, trouble } => {
            report(&world.health, &format!("{} of {at}", metrics.stage()), trouble);
            None
        }
        Action::Clear(at) => {
            world.health.clear(&format!("{} of {at}", metrics.stage()));
            None
        }
    }
}

fn report(health: &Health, name: &str, trouble: Trouble) {
    match trouble {
        Trouble::Retrying(reason) => {
            tracing::warn!(shard = name, reason, "trying again");
            health.report(name, reason);
        }
        Trouble::Halted(reason) => {
            tracing::error!(shard = name, reason, "halted");
            health.halt(name, reason);
        }
    }
}

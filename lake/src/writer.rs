//! The one loop that writes a lake: partitions come and go, records come in, what is due is written. Nothing waits
//! for it but who asked it to.

use crate::begin::begin;
use crate::entry::Entry;
use crate::error::LakeError;
use crate::gold::Occasion;
use crate::keeper::{self, Keeper, Waits};
use crate::ledger::Ledger;
use crate::limits::{BUFFERED_BYTES_MAX, HALF_AGE_MIN, LAST_ROLL_MAX, PACE, SAY_PACE};
use crate::shard::{Phase, Shard};
use crate::work::{Job, NAME, Tools};
use crate::world::{Flush, World};
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use goldstream_domain::column::Kind;
use goldstream_platform::clock::now_ms;
use goldstream_platform::lakes::LakeStatus;
use goldstream_platform::log::{Log, Member, MemberEvent, Topic, TopicPartition};
use goldstream_platform::shutdown::Shutdown;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{interval, timeout};

/// What is read, the topic that the group shares out last: its partitions bring those of one number along.
pub(crate) const TOPICS: [Topic; 4] = [
    Topic::Bronze(Kind::Customers),
    Topic::Bronze(Kind::Purchases),
    Topic::Quarantine,
    Topic::Silver,
];

/// Why the loop was left.
enum Left {
    /// The end is wished.
    Ends,
    /// Another generation is served.
    Another,
}

/// Writes the lake until the end is wished.
///
/// # Errors
/// [`LakeError::Refused`] where it cannot be written.
pub async fn run(mut world: World, mut shutdown: Shutdown) -> Result<(), LakeError> {
    tokio::select! {
        begun = begin(&world) => begun?,
        () = shutdown.wished() => return Ok(()),
    }
    loop {
        let (generation, log) = (world.served)();
        let mut writer = Writer::new(generation, log);
        if let Left::Ends = writer.follow(&mut world, &mut shutdown).await {
            return Ok(());
        }
        tracing::info!(
            generation,
            "another generation is served: silver and quarantine are written anew"
        );
    }
}

/// What came of a job, of which beginning of a partition.
enum Done {
    Shard(TopicPartition, u64, Result<Entry, LakeError>),
    Gold(Result<String, LakeError>),
}

/// The loop's own.
struct Writer {
    generation: u32,
    log: Arc<dyn Log>,
    shards: BTreeMap<TopicPartition, (u64, Shard)>,
    /// How many partitions were begun so far.
    begun: u64,
    work: FuturesUnordered<BoxFuture<'static, Done>>,
    flushes: Vec<Flush>,
    gold: Keeper,
    written_at_ms: Option<i64>,
    /// When the ends of the log were looked at last.
    ends_at: Instant,
    began: Instant,
    is_swept: bool,
}

impl Writer {
    fn new(generation: u32, log: Arc<dyn Log>) -> Self {
        Self {
            generation,
            log,
            shards: BTreeMap::new(),
            begun: 0,
            work: FuturesUnordered::new(),
            flushes: Vec::new(),
            gold: Keeper::default(),
            written_at_ms: None,
            ends_at: Instant::now(),
            began: Instant::now(),
            is_swept: false,
        }
    }

    async fn follow(&mut self, world: &mut World, shutdown: &mut Shutdown) -> Left {
        let mut member = self.log.join(&TOPICS);
        let mut ticks = interval(PACE);
        let left = loop {
            tokio::select! {
                () = shutdown.wished() => break Left::Ends,
                event = member.next() => self.hear(world, &mut *member, event),
                Some(done) = self.work.next(), if !self.work.is_empty() => self.done(world, done),
                Some(flush) = world.flushes.recv() => self.flush(flush).await,
                _ = ticks.tick() => self.look_at_ends(world).await,
            }
            self.go_on(world, &mut *member);
            if (world.served)().0 != self.generation {
                break Left::Another;
            }
        };
        if let Left::Ends = left {
            self.last_rolls(world).await;
        }
        left
    }

    fn hear(&mut self, world: &World, member: &mut dyn Member, event: MemberEvent) {
        match event {
            MemberEvent::Assigned(partitions) => {
                for at in partitions {
                    self.open(world, at);
                }
            }
            MemberEvent::Revoked(partitions) => {
                for at in partitions {
                    // What is under way is finished by who has it next.
                    self.shards.remove(&at);
                    member.release(at);
                }
            }
            MemberEvent::Records(at, fetched) => {
                if let Some((_, shard)) = self.shards.get_mut(&at) {
                    shard.take(&fetched, Instant::now());
                }
            }
            MemberEvent::Failed(at, error) => {
                world.health.report(NAME, format!("{at} cannot be read: {error}"));
                if let Some((_, shard)) = self.shards.get_mut(&at) {
                    shard.not_read();
                }
            }
            MemberEvent::Expelled(why) => world.health.halt(NAME, why),
        }
    }

    /// Begins a partition, or begins it again.
    fn open(&mut self, world: &World, at: TopicPartition) {
        let (lake, writer) = (world.lake.clone(), world.writer.clone());
        self.begun += 1;
        let shard = Shard::new(Ledger { lake, at, writer });
        self.shards.insert(at, (self.begun, shard));
        self.start(world, at, Job::Open);
    }

    fn start(&mut self, world: &World, at: TopicPartition, job: Job) {
        let Some((number, shard)) = self.shards.get(&at) else { return };
        let tools = Tools {
            ledger: shard.ledger.clone(),
            log: Arc::clone(&self.log),
            generation: self.generation,
            health: world.health.clone(),
        };
        let number = *number;
        self.work
            .push(Box::pin(async move { Done::Shard(at, number, tools.until_done(job).await) }));
    }

    fn done(&mut self, world: &World, done: Done) {
        match done {
            Done::Shard(at, number, came) => self.shard_done(world, at, number, came),
            Done::Gold(came) => self.gold.done(came, &world.health),
        }
    }

    fn shard_done(
        &mut self,
        world: &World,
        at: TopicPartition,
        number: u64,
        came: Result<Entry, LakeError>,
    ) {
        let known = self.shards.get_mut(&at).filter(|(known, _)| *known == number);
        let Some((_, shard)) = known else { return };
        match came {
            Ok(entry) if shard.entry.is_none() => shard.opened(entry),
            Ok(entry) => {
                if shard.entry.as_ref().is_some_and(|before| before.next < entry.next) {
                    self.written_at_ms = Some(now_ms());
                }
                shard.written(entry);
            }
            Err(LakeError::Overtaken(of)) => {
                tracing::info!(%of, "another writer has gone on; what it wrote is read");
                let until = shard.wanted();
                self.open(world, at);
                if let (Some((_, shard)), Some(until)) = (self.shards.get_mut(&at), until) {
                    shard.must_reach(until);
                }
            }
            Err(error) => {
                let why = error.to_string();
                tracing::error!(%at, "the lake stands still: {why}");
                world.health.report(format!("{NAME} of {at}"), why.clone());
                shard.phase = Phase::Refused(why);
            }
        }
    }

    async fn flush(&mut self, flush: Flush) {
        for (at, (_, shard)) in &mut self.shards {
            match self.log.end(*at).await {
                Ok(end) => shard.must_reach(end),
                Err(error) => {
                    // Who asked may have gone.
                    flush.0.send(Err(error.to_string())).ok();
                    return;
                }
            }
        }
        self.gold.try_again();
        self.flushes.push(flush);
    }

    /// Learns now and then how far the log is.
    async fn look_at_ends(&mut self, world: &World) {
        if !self.is_swept && self.began.elapsed() >= HALF_AGE_MIN {
            // What the one before left was too young when this one began.
            self.is_swept = true;
            world.lake.sweep_halves();
        }
        if self.ends_at.elapsed() < SAY_PACE / 10 {
            return;
        }
        self.ends_at = Instant::now();
        for (at, (_, shard)) in &mut self.shards {
            if let Ok(end) = self.log.end(*at).await {
                shard.note_end(end);
            }
        }
    }

    /// Begins all that is due.
    fn go_on(&mut self, world: &World, member: &mut dyn Member) {
        let now = Instant::now();
        let mut jobs = Vec::new();
        let waiting: usize = self.shards.values().map(|(_, shard)| shard.waiting_bytes()).sum();
        let is_full = waiting >= BUFFERED_BYTES_MAX;
        let ready = self.shards.iter().filter(|(_, (_, shard))| shard.is_idle());
        let largest = ready.max_by_key(|(_, (_, shard))| shard.waiting_bytes()).map(|(at, _)| *at);
        for (at, (_, shard)) in &mut self.shards {
            if shard.is_due(&world.when, now) || (is_full && largest == Some(*at)) {
                let job = shard.begin_roll();
                jobs.extend(
                    job.map(|(entry, blocks, to)| (*at, Job::Roll(Box::new(entry), blocks, to))),
                );
            } else if let Some(entry) = shard.begin_merge() {
                jobs.push((*at, Job::Merge(Box::new(entry))));
            }
            if !is_full && let Some(from) = shard.asks(&world.when) {
                member.request(*at, from);
            }
        }
        for (at, job) in jobs {
            self.start(world, at, job);
        }
        self.go_on_with_gold(world);
        self.answer(world);
        self.tell(world);
    }

    /// One process writes gold: the one that has the first partition of silver.
    fn has_gold(&self) -> bool {
        self.shards.contains_key(&TopicPartition::new(Topic::Silver, 0))
    }

    fn go_on_with_gold(&mut self, world: &World) {
        let waits = if self.flushes.is_empty() { Waits::Nobody } else { Waits::Somebody };
        let is_ready = waits == Waits::Nobody || self.are_shards_flushed() == Ok(true);
        let version = world.gold.version();
        if !self.has_gold()
            || !is_ready
            || !self.gold.is_due(version.as_deref(), world.when.age_max, waits)
        {
            return;
        }
        let occasion = self.gold.begin(waits);
        let (lake, source) = (world.lake.clone(), Arc::clone(&world.gold));
        self.work.push(Box::pin(async move {
            Done::Gold(keeper::put(&lake, &*source, occasion).await)
        }));
    }

    fn are_shards_flushed(&self) -> Result<bool, String> {
        let reached = self.shards.values().map(|(_, shard)| shard.has_reached());
        let reached = reached.collect::<Result<Vec<_>, _>>()?;
        Ok(!reached.is_empty() && reached.into_iter().all(|reached| reached))
    }

    /// Tells those who wait what came of it.
    fn answer(&mut self, world: &World) {
        if self.flushes.is_empty() {
            return;
        }
        let version = world.gold.version();
        let of_gold = || match self.has_gold() {
            true => self.gold.came(version.as_deref()),
            false => Some(Ok(())),
        };
        let caught = match self.are_shards_flushed() {
            Err(why) => Some(Err(why)),
            Ok(true) => of_gold(),
            Ok(false) => None,
        };
        let Some(caught) = caught else { return };
        for Flush(waits) in self.flushes.drain(..) {
            // Who asked may have gone.
            waits.send(caught.clone()).ok();
        }
    }

    fn tell(&self, world: &World) {
        let entries = self.shards.values().filter_map(|(_, shard)| shard.entry.as_ref());
        let mut status = LakeStatus {
            lag_records: self.shards.values().map(|(_, shard)| shard.lag_records()).sum(),
            written_at_ms: self.written_at_ms,
            gold_at_ms: self.gold.written_at_ms,
            ..LakeStatus::of(world.lake.address())
        };
        for file in entries.flat_map(|entry| &entry.files) {
            status.files += 1;
            status.rows += file.rows;
            status.bytes += file.bytes;
        }
        world.board.tell(status);
    }

    /// Writes what waits before a graceful end, as far as that is soon done: the log has the rest.
    async fn last_rolls(&mut self, world: &World) {
        let rolls = async {
            self.begin_rolls(world);
            while let Some(done) = self.work.next().await {
                self.done(world, done);
                self.begin_rolls(world);
            }
            let version = world.gold.version();
            if self.has_gold()
                && self.gold.is_due(version.as_deref(), Duration::ZERO, Waits::Nobody)
            {
                self.gold.done(
                    keeper::put(&world.lake, &*world.gold, Occasion::Settled).await,
                    &world.health,
                );
            }
        };
        if timeout(LAST_ROLL_MAX, rolls).await.is_err() {
            tracing::info!("the lake is behind: the log has the rest");
        }
    }

    fn begin_rolls(&mut self, world: &World) {
        let mut jobs = Vec::new();
        for (at, (_, shard)) in self.shards.iter_mut().filter(|(_, (_, shard))| shard.is_idle()) {
            let job = shard.begin_roll();
            jobs.extend(
                job.map(|(entry, blocks, to)| (*at, Job::Roll(Box::new(entry), blocks, to))),
            );
        }
        for (at, job) in jobs {
            self.start(world, at, job);
        }
    }
}

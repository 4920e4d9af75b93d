//! The one loop that writes a lake: partitions come and go, records come in, what is due is written. Nothing waits
//! for it but who asked it to.

use crate::begin::begin;
use crate::ends::{Ends, Waiting};
use crate::entry::Entry;
use crate::error::LakeError;
use crate::gold::Occasion;
use crate::keeper::{self, Keeper, Waits};
use crate::ledger::Ledger;
use crate::limits::{BUFFERED_BYTES_MAX, HALF_AGE_MIN, LAST_ROLL_MAX, PACE};
use crate::shard::Shard;
use crate::work::{Job, NAME, Tools};
use crate::world::{Flush, Serving, World};
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
    let mut flushes = Vec::new();
    loop {
        let serving = (world.served)();
        let generation = serving.generation;
        tokio::select! {
            begun = begin(&world, &serving) => begun?,
            () = shutdown.wished() => return Ok(()),
        }
        let mut writer = Writer::new(serving, flushes);
        if let Left::Ends = writer.follow(&mut world, &mut shutdown).await {
            return Ok(());
        }
        tracing::info!(
            generation,
            "another generation is served: silver and quarantine are written anew"
        );
        flushes = writer.waiting.hand_over();
    }
}

/// What came of a job, of which beginning of a partition.
enum Done {
    Shard(TopicPartition, u64, Result<Entry, LakeError>),
    Gold(Result<String, LakeError>),
    Ends(Ends),
}

/// The loop's own.
struct Writer {
    generation: u32,
    log: Arc<dyn Log>,
    shards: BTreeMap<TopicPartition, (u64, Shard)>,
    /// How many partitions were begun so far.
    begun: u64,
    work: FuturesUnordered<BoxFuture<'static, Done>>,
    waiting: Waiting,
    gold: Keeper,
    written_at_ms: Option<i64>,
    began: Instant,
    is_swept: bool,
}

impl Writer {
    fn new(serving: Serving, flushes: Vec<Flush>) -> Self {
        let Serving { generation, log, .. } = serving;
        Self {
            generation,
            log,
            shards: BTreeMap::new(),
            begun: 0,
            work: FuturesUnordered::new(),
            waiting: Waiting::of(flushes),
            gold: Keeper::default(),
            written_at_ms: None,
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
                Some(flush) = world.flushes.recv() => {
                    self.gold.try_again();
                    self.shards.values_mut().for_each(|(_, shard)| shard.is_wanted_anew());
                    self.waiting.add(flush);
                }
                _ = ticks.tick() => self.sweep(world),
            }
            self.go_on(world, &mut *member);
            if (world.served)().generation != self.generation {
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
                    shard.not_read(&error, Instant::now());
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
            Done::Ends(ends) => self.hear_ends(ends),
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
            Ok(entry) if shard.entry.is_none() => {
                world.health.clear(&format!("{NAME} of {at}"));
                shard.opened(entry);
            }
            Ok(entry) => {
                if shard.entry.as_ref().is_some_and(|before| before.next < entry.next) {
                    self.written_at_ms = Some(now_ms());
                }
                shard.written(entry);
            }
            Err(LakeError::Overtaken(of)) => {
                tracing::info!(%of, "another writer has gone on; what it wrote is read");
                self.open(world, at);
            }
            Err(error) => {
                let why = error.to_string();
                tracing::error!(%at, "the lake stands still: {why}");
                world.health.report(format!("{NAME} of {at}"), why.clone());
                shard.refuse(why);
            }
        }
    }

    /// Where the log ends now. Who waits, waits for that.
    fn hear_ends(&mut self, Ends { ends, is_for_who_waits }: Ends) {
        self.waiting.asked();
        for (at, end) in ends {
            let Some((_, shard)) = self.shards.get_mut(&at) else { continue };
            shard.note_end(end);
            // Not what came since: that would be waited for on and on.
            if is_for_who_waits && !shard.is_wanted() {
                shard.must_reach(end);
            }
        }
    }

    /// Some time after its beginning: what others have left was too young before, or came late.
    fn sweep(&mut self, world: &World) {
        if self.is_swept || self.began.elapsed() < HALF_AGE_MIN {
            return;
        }
        self.is_swept = true;
        world.lake.sweep_halves();
        self.begin_each(world, Shard::begin_sweep);
    }

    /// Begins this with each partition that has it to do.
    fn begin_each(&mut self, world: &World, begin: impl Fn(&mut Shard) -> Option<Job>) {
        let shards = self.shards.iter_mut();
        let jobs = shards.filter_map(|(at, (_, shard))| Some((*at, begin(shard)?)));
        for (at, job) in jobs.collect::<Vec<_>>() {
            self.start(world, at, job);
        }
    }

    /// Begins all that is due.
    fn go_on(&mut self, world: &World, member: &mut dyn Member) {
        let now = Instant::now();
        let waiting: usize = self.shards.values().map(|(_, shard)| shard.waiting_bytes()).sum();
        let is_full = waiting >= BUFFERED_BYTES_MAX;
        let ready = self.shards.iter().filter(|(_, (_, shard))| shard.is_idle());
        let largest = ready.max_by_key(|(_, (_, shard))| shard.waiting_bytes());
        let largest = largest.map(|(at, _)| *at).filter(|_| is_full);
        self.begin_each(world, |shard| {
            let is_largest = largest == Some(shard.ledger.at);
            match shard.is_due(&world.when, now) || is_largest {
                true => shard.begin_roll(),
                false => shard.begin_merge(),
            }
        });
        for (at, (_, shard)) in &mut self.shards {
            if !is_full && let Some(from) = shard.asks(&world.when, now) {
                member.request(*at, from);
            }
        }
        if let Some(ask) = self.waiting.ask(&self.log, self.shards.keys().copied()) {
            self.work.push(Box::pin(async move { Done::Ends(ask.await) }));
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
        let waits = if self.waiting.is_somebody() { Waits::Somebody } else { Waits::Nobody };
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
        if !self.waiting.is_somebody() {
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
        if let Some(caught) = caught {
            self.waiting.answer(&caught);
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
        let begin_roll =
            |shard: &mut Shard| if shard.is_idle() { shard.begin_roll() } else { None };
        let rolls = async {
            self.begin_each(world, begin_roll);
            while let Some(done) = self.work.next().await {
                self.done(world, done);
                self.begin_each(world, begin_roll);
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
}

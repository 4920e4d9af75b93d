//! The servers of a prefix as this process works on them: one side for each generation that it has to do with,
//! opened when it is needed. Which generations those are, is decided elsewhere.

use anyhow::bail;
use futures::FutureExt;
use futures::future::BoxFuture;
use goldstream_platform::generations::{Generation, Generations, ROWS, Refusal, Wanted};
use goldstream_platform::health::Health;
use goldstream_platform::instance::Instances;
use goldstream_platform::kafka::{GroupMember, KafkaLog, KafkaSettings, KafkaTopics, Patience};
use goldstream_platform::ledger::{Found, Ledger, Ledgers};
use goldstream_platform::limits::DELIVERY_MAX;
use goldstream_platform::rebuilding::Wish;
use goldstream_platform::redis::{RedisClient, RedisStore, Skip};
use goldstream_platform::served::{Next, NextStore, Side};
use goldstream_platform::store::{Store, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct Site(Arc<Inner>);

struct Inner {
    redis: RedisClient,
    topics: KafkaTopics,
    kafka: KafkaSettings,
    instances: Instances,
    health: Health,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    sides: BTreeMap<u32, OpenSide>,
    /// What the consumers of sides that are closed were called: a group knows them for a while.
    left: BTreeSet<String>,
}

/// One generation of a store.
#[derive(Clone)]
pub(crate) struct OpenSide {
    pub(crate) generation: Generation,
    pub(crate) log: KafkaLog,
    pub(crate) store: RedisStore,
    /// Troubles of what works on it.
    pub(crate) health: Health,
    /// Records of it that are passed over, for people.
    pub(crate) skipped: Vec<String>,
    ingest: KafkaLog,
}

impl OpenSide {
    /// As it is shown.
    pub(crate) fn side(&self) -> Side {
        Side {
            generation: self.generation.number,
            log: Arc::new(self.log.clone()),
            ingest: Arc::new(self.ingest.clone()),
            store: Arc::new(self.store.clone()),
        }
    }
}

impl Site {
    pub(crate) fn new(
        redis: RedisClient,
        (topics, kafka): (KafkaTopics, KafkaSettings),
        instances: Instances,
        health: Health,
    ) -> Self {
        let open = Mutex::default();
        Self(Arc::new(Inner { redis, topics, kafka, instances, health, open }))
    }

    pub(crate) fn redis(&self) -> &RedisClient {
        &self.0.redis
    }

    /// The topics of that generation.
    pub(crate) fn topics(&self, generation: u32) -> KafkaTopics {
        self.0.topics.of_generation(generation)
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// That generation, opened if it is not yet. Its topics are there, or are made elsewhere.
    pub(crate) async fn side(&self, generation: &Generation) -> anyhow::Result<OpenSide> {
        let number = generation.number;
        let known = self.open().sides.get(&number).cloned();
        if let Some(side) = known.filter(|side| side.generation.is_same(generation)) {
            return Ok(side);
        }
        let Inner { redis, kafka, instances, health, .. } = &*self.0;
        let redis = redis.of_generation(number);
        let store = redis.with_topology(generation.topology.clone()).await?;
        let skips = redis.skips(generation.topology.partitions).await?;
        let health = health.beside(format!("generation {number}"));
        let kafka = KafkaSettings { generation: number, ..kafka.clone() };
        let partitions = generation.topology.partitions;
        let log = KafkaLog::new(kafka, partitions, instances.clone(), health.clone())?;
        log.skip(skips.iter().map(|skip| (skip.partition, skip.position)));
        let side = OpenSide {
            generation: generation.clone(),
            ingest: log.with_patience(Patience::Until(DELIVERY_MAX)),
            skipped: skips.iter().map(Skip::to_string).collect(),
            log,
            store,
            health,
        };
        self.open().sides.insert(number, side.clone());
        Ok(side)
    }

    /// That generation, if it is open.
    pub(crate) fn opened(&self, number: u32) -> Option<Generation> {
        self.open().sides.get(&number).map(|side| side.generation.clone())
    }

    /// Makes the topics of a generation where they are missing. Those of rows must be there.
    pub(crate) async fn make_topics(&self, generation: &Generation) -> anyhow::Result<()> {
        let (topics, partitions) = (self.topics(generation.number), generation.topology.partitions);
        let found = topics.found().await?;
        topics.must_have_bronze(&found, partitions)?;
        if topics.must_be_whole(&found).is_err() {
            topics.make_derived(partitions).await?;
        }
        Ok(())
    }

    /// Lets go of all but those that are worked on.
    pub(crate) fn keep(&self, generations: &Generations) {
        let Open { sides, left } = &mut *self.open();
        let is_kept =
            |side: &OpenSide| generations.at_work().any(|it| it.is_same(&side.generation));
        for (number, side) in sides.iter().filter(|(_, side)| !is_kept(side)) {
            tracing::debug!(number, "a generation is let go of");
            side.health.end();
            left.extend(side.log.consumers());
        }
        sides.retain(|_, side| is_kept(side));
    }

    /// What the consumers of this process are called in their groups, those that have left included.
    pub(crate) fn consumers(&self) -> Vec<String> {
        let open = self.open();
        let names = open.sides.values().flat_map(|side| side.log.consumers());
        names.chain(open.left.iter().cloned()).collect()
    }

    /// Members of the groups of the generations that are worked on here, but those that have no name of their own
    /// and those that died on this host.
    pub(crate) async fn named_members(&self) -> anyhow::Result<Vec<GroupMember>> {
        let sides: Vec<_> = self.open().sides.values().cloned().collect();
        let mut all = Vec::new();
        for side in sides {
            let partitions = side.generation.topology.partitions;
            let members = self.topics(side.generation.number).named_members(partitions).await?;
            all.extend(members.into_iter().filter(|member| !side.log.is_left_behind(&member.name)));
        }
        Ok(all)
    }

    /// Removes what belongs to a generation that nobody works on any more: never a row.
    pub(crate) async fn remove(&self, number: u32) -> anyhow::Result<()> {
        self.topics(number).remove_derived().await?;
        if number == ROWS {
            tracing::info!("the first generation is removed; the rows stay");
        }
        Ok(self.0.redis.remove_generation(number).await?)
    }

    /// The highest number that a topic of the prefix has.
    pub(crate) async fn highest(&self) -> anyhow::Result<u32> {
        Ok(self.0.topics.highest_generation().await?.unwrap_or(ROWS))
    }

    /// Writes a wish into the ledger. None where it has no effect, else what the ledger is then.
    pub(crate) async fn wish(&self, wish: Wish) -> anyhow::Result<Option<Ledger>> {
        loop {
            let Some(found) = self.0.redis.found().await? else { bail!("there is no store") };
            let wished = found.ledger.wished(wish, self.highest().await?)?;
            let Some(wished) = wished else { return Ok(None) };
            // Somebody may have changed it meanwhile: then it is wished of that.
            if self.0.redis.change(&found, &wished).await? {
                return Ok(Some(wished));
            }
        }
    }

    /// What it takes for this version to fold: where it cannot fold what is served, the next one is begun.
    pub(crate) async fn join(&self, wanted: Wanted) -> anyhow::Result<()> {
        loop {
            let Some(found) = self.0.redis.found().await? else { return Ok(()) };
            let joined =
                found.ledger.joined(wanted).map_err(|refusal| self.refused(refusal, &found))?;
            let Some(mut joined) = joined else { return Ok(()) };
            joined.not_below(self.highest().await?);
            if self.0.redis.change(&found, &joined).await? {
                return Ok(());
            }
        }
    }

    /// Why the store is not used.
    pub(crate) fn refused(&self, refusal: Refusal, found: &Found) -> anyhow::Error {
        let (prefix, address) = (&self.0.kafka.prefix, self.0.redis.address());
        match refusal {
            Refusal::Newer(logic_version) => anyhow::anyhow!(
                "the store {prefix} on redis at {address} was folded by goldstream {} (logic version \
                 {logic_version}), which is newer than this one: start that version, or go back with its \
                 goldstream rebuild --back",
                found.ledger.written_by
            ),
            Refusal::Other(topologies) => {
                let (stored, wanted) = *topologies;
                let partitions = stored.partitions;
                anyhow::anyhow!(
                    "the store {prefix} on redis at {address} was made with {stored}, but {wanted} is \
                     wanted: give the stored settings (--partitions {partitions}), or fold the rows again \
                     under a new --prefix"
                )
            }
        }
    }

    /// A store that was emptied is begun anew by who folds. With the first number, unless there are numbered
    /// topics: what stands in them is of nobody knows which rules.
    pub(crate) async fn begin_anew(&self, known: &Ledger) -> anyhow::Result<()> {
        let served = &known.generations.served;
        // Topics may not be made yet of one that others have begun to work on.
        let highest = self.highest().await?.max(known.highest);
        let topology = served.topology.clone().by_this_version();
        if highest == ROWS && served.number == ROWS {
            return Ok(());
        }
        let begun = Ledger::after_loss(topology.clone(), highest);
        if !self.0.redis.change(&Found::of_before(topology), &begun).await? {
            bail!("another process has begun it anew");
        }
        Ok(())
    }
}

impl Next for Site {
    fn next(&self) -> BoxFuture<'static, Result<Option<NextStore>, StoreError>> {
        let this = self.clone();
        async move {
            let found = this.0.redis.found().await?;
            let Some(next) = found.and_then(|found| found.ledger.generations.next) else {
                return Ok(None);
            };
            let redis = this.0.redis.of_generation(next.number);
            let store = redis.with_topology(next.topology.clone()).await;
            let store = store.map_err(|error| StoreError::Unavailable(error.to_string()))?;
            Ok(Some((next, Arc::new(store) as Arc<dyn Store>)))
        }
        .boxed()
    }
}

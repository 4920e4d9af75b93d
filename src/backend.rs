//! The log and the store that a process works on: one file, or Kafka and Redis.

use crate::opening::{self, NoTopics, Opened, wanted};
use crate::team::Team;
use anyhow::Context;
use goldstream_domain::clean::Rules;
use goldstream_lake::{ServedNow, Serving};
use goldstream_platform::documents::Documents;
use goldstream_platform::embedded::Embedded;
use goldstream_platform::generations::{Generation, Generations, ROWS, Wanted};
use goldstream_platform::health::Health;
use goldstream_platform::ledger::Ledgers;
use goldstream_platform::log::Log;
use goldstream_platform::served::{Next, Served};
use goldstream_platform::settings::{Servers, Settings};
use goldstream_platform::store::Store;
use goldstream_traces::Traces;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// What a process works on.
pub(crate) struct Backend {
    pub(crate) log: Arc<dyn Log>,
    /// The same log for those who wait for an answer: it gives up in time.
    pub(crate) ingest: Arc<dyn Log>,
    pub(crate) store: Arc<dyn Store>,
    /// What is of no generation.
    pub(crate) documents: Arc<dyn Documents>,
    /// The other processes of the pipeline; none where one process is all of it.
    pub(crate) team: Option<Team>,
    pub(crate) partitions: u32,
    /// What is set of the rules.
    pub(crate) rules: Rules,
    pub(crate) health: Health,
    /// What a person should know of the log, as long as it is so.
    pub(crate) warnings: Vec<String>,
    /// What renews the heartbeat until the roles do, where servers were waited for.
    pub(crate) waited: Option<JoinHandle<()>>,
    /// What was asked for by who opened it.
    wanted: Wanted,
    file: Option<(Embedded, PathBuf)>,
}

impl Backend {
    /// Over the file in a directory.
    pub(crate) fn embedded(embedded: Embedded, dir: &Path) -> Self {
        Self {
            log: Arc::new(embedded.clone()),
            ingest: Arc::new(embedded.clone()),
            store: Arc::new(embedded.clone()),
            documents: Arc::new(embedded.clone()),
            team: None,
            partitions: embedded.partitions(),
            rules: embedded.rules(),
            health: Health::default(),
            warnings: Vec::new(),
            waited: None,
            wanted: Wanted::default(),
            file: Some((embedded, dir.to_owned())),
        }
    }

    /// Where the settings say. Topics and keys are made if there are none.
    pub(crate) async fn open(settings: &Settings) -> anyhow::Result<Self> {
        match &settings.servers {
            Some(servers) => Self::servers(settings, servers, NoTopics::Make).await,
            None => {
                let Settings { data_dir, partitions, future_days, .. } = settings;
                let embedded = Embedded::open_under(data_dir, *partitions, *future_days)?;
                Ok(Self::embedded(embedded, &settings.data_dir))
            }
        }
    }

    async fn servers(
        settings: &Settings,
        servers: &Servers,
        no_topics: NoTopics,
    ) -> anyhow::Result<Self> {
        let Opened { site, side, health } = opening::open(settings, servers, no_topics).await?;
        side.health.is_served();
        let served = Served::new(side.side());
        let topology = &side.generation.topology;
        Ok(Self {
            log: Arc::new(served.log()),
            ingest: Arc::new(served.ingest()),
            store: Arc::new(served.store()),
            partitions: topology.partitions,
            rules: topology.rules(),
            team: Some(Team {
                redis: site.redis().address(),
                reports: Arc::new(side.store.clone()),
                site,
                served,
            }),
            documents: Arc::new(side.store.clone()),
            health,
            warnings: side.skipped.clone(),
            waited: None,
            wanted: wanted(settings),
            file: None,
        })
    }

    /// The same, looked at. Bronze is of no generation; those of the stages are looked at where they begin.
    pub(crate) fn traced(self, traces: &Traces) -> Self {
        let (ingest, _) = traces.over(ROWS, (self.ingest, Arc::clone(&self.store)));
        let (log, store) = traces.over(ROWS, (self.log, self.store));
        Self { log, ingest, store, ..self }
    }

    /// On servers, before a stage begins: where this version cannot fold what is served, the next generation is
    /// begun. What there is then; none on a file.
    ///
    /// # Errors
    /// Where nothing is left for this version to do.
    pub(crate) async fn join(&self) -> anyhow::Result<Option<Generations>> {
        let Some(team) = &self.team else { return Ok(None) };
        team.site.join(self.wanted).await?;
        let found = team.site.redis().found().await?;
        Ok(found.map(|found| found.ledger.generations))
    }

    /// The generation that is served on servers.
    pub(crate) fn served(&self) -> Option<Generation> {
        let team = self.team.as_ref()?;
        team.site.opened(team.served.generation())
    }

    /// The generation that is served now, with its own log.
    pub(crate) fn served_now(&self) -> ServedNow {
        if let Some((file, _)) = &self.file {
            let file = file.clone();
            return Arc::new(move || {
                let (generation, log) = file.served();
                let future_days = generation.topology.rules().future_days;
                Serving { generation: generation.number, future_days, log: Arc::new(log) }
            });
        }
        let Some(Team { served, site, .. }) = self.team.clone() else {
            let log = Arc::clone(&self.log);
            let future_days = self.rules.future_days;
            return Arc::new(move || Serving {
                generation: ROWS,
                future_days,
                log: Arc::clone(&log),
            });
        };
        let before = self.rules.future_days;
        Arc::new(move || {
            let side = served.side();
            // It is open, or was a moment ago.
            let known = site.opened(side.generation);
            let future_days = known.map_or(before, |it| it.topology.rules().future_days);
            Serving { generation: side.generation, future_days, log: side.log }
        })
    }

    /// As [`Self::open`] over servers, but only where something is stored: a question makes nothing.
    pub(crate) async fn existing(settings: &Settings, servers: &Servers) -> anyhow::Result<Self> {
        Self::servers(settings, servers, NoTopics::Refuse).await
    }

    /// The directory of the file, if that is what it works on.
    pub(crate) fn dir(&self) -> Option<&Path> {
        self.file.as_ref().map(|(_, dir)| &**dir)
    }

    /// The file, if that is what it works on.
    pub(crate) fn file(&self) -> Option<&Embedded> {
        self.file.as_ref().map(|(file, _)| file)
    }

    /// What is folded beside what is served.
    pub(crate) fn next(&self) -> Option<Arc<dyn Next>> {
        let of_file = self.file().map(|file| Arc::new(file.clone()) as Arc<dyn Next>);
        of_file.or_else(|| Some(Arc::new(self.team.as_ref()?.site.clone())))
    }

    /// Resolves with the reason when nothing more can be written. Servers are waited for instead.
    pub(crate) async fn failure(&self) -> String {
        match &self.file {
            Some((embedded, _)) => embedded.failure().await,
            None => std::future::pending().await,
        }
    }

    /// Writes everything that waits. Blocks.
    pub(crate) fn close(&self) -> anyhow::Result<()> {
        match &self.file {
            Some((embedded, _)) => embedded.close().map_err(anyhow::Error::msg),
            None => Ok(()),
        }
    }
}

/// Runs `work` on a runtime for what only waits; those who work have threads of their own. A thread
/// that still waits for a server when `work` is over does not hold the process up.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.context("no runtime can be started")?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    Ok(done)
}

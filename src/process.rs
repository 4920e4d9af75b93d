//! A process: a backend, the roles that work on it, and their common end.

mod lake;
mod stages;
pub(crate) mod watched;
mod watcher;

use crate::alerts::telling::{self, Senders, Telling};
use crate::api_settings::ApiSettings;
use crate::backend::Backend;
use crate::outcome::Outcome;
use crate::process::watcher::Watcher;
use crate::reports::Reporter;
use crate::signals::Signals;
use anyhow::Context;
use goldstream_api::limits::CONNECTIONS_MAX;
use goldstream_api::ready::Readiness;
use goldstream_api::server::ApiState;
use goldstream_api::view::state::State;
use goldstream_api::view::{BronzeEnds, Followed, View};
use goldstream_domain::gold::shard::SumOverflow;
use goldstream_lake::Flush;
use goldstream_platform::clock::now_ms;
use goldstream_platform::embedded::Backup;
use goldstream_platform::generations::{Generation, Generations};
use goldstream_platform::limits::SHUTDOWN_MAX;
use goldstream_platform::log::{LogError, bronze_ends};
use goldstream_platform::metrics::Metrics;
use goldstream_platform::rebuilding::{Progress, Rebuilding};
use goldstream_platform::role;
use goldstream_platform::secret::Secret;
use goldstream_platform::server_file::{Note, ServerFile};
use goldstream_platform::settings::Settings;
use goldstream_platform::shutdown::{Shutdown, ShutdownHandle};
use goldstream_producers::progress::Progress as Bar;
use goldstream_traces::Traces;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle as Task;

/// A running process.
pub(crate) struct Process {
    pub(crate) backend: Backend,
    stop: ShutdownHandle,
    shutdown: Shutdown,
    threads: Vec<JoinHandle<()>>,
    serving: Option<Serving>,
    senders: Senders,
    watcher: Option<Watcher>,
    /// Asks the writer of the lake to write all that waits; none where none is written.
    lake: Option<mpsc::Sender<Flush>>,
    api: ApiSettings,
    metrics: Metrics,
    /// What is told of the way of rows.
    traces: Traces,
    rebuilding: Rebuilding,
    roles: Vec<&'static str>,
    reporter: Option<Reporter>,
    failed: mpsc::UnboundedSender<anyhow::Error>,
    failures: mpsc::UnboundedReceiver<anyhow::Error>,
}

/// The API of a process.
struct Serving {
    view: View,
    address: SocketAddr,
    server: Task<std::io::Result<()>>,
    _note: Option<Note>,
}

impl Process {
    /// A process without roles.
    pub(crate) fn new(backend: Backend) -> anyhow::Result<Self> {
        let (stop, shutdown) = ShutdownHandle::new();
        let (failed, failures) = mpsc::unbounded_channel();
        let reporter = backend.team.clone().map(Reporter::new).transpose()?;
        Ok(Self {
            backend,
            roles: Vec::new(),
            reporter,
            stop,
            shutdown,
            threads: Vec::new(),
            serving: None,
            senders: Senders::default(),
            watcher: None,
            lake: None,
            api: ApiSettings::default(),
            metrics: Metrics::new()?,
            traces: Traces::default(),
            rebuilding: Rebuilding::default(),
            failed,
            failures,
        })
    }

    /// With the way of rows told, where the settings say so.
    pub(crate) fn with_traces(self, settings: &Settings) -> anyhow::Result<Self> {
        let Some(otlp) = &settings.otlp else { return Ok(self) };
        let system = if settings.servers.is_some() { "kafka" } else { "goldstream" };
        let traces = Traces::new(otlp, (system, &settings.prefix), &self.metrics)?;
        tracing::info!(url = otlp.url, one_in = otlp.one_in, "rows are traced");
        Ok(Self { backend: self.backend.traced(&traces), traces, ..self })
    }

    /// With an API that is told this.
    pub(crate) fn with_api(self, api: ApiSettings) -> Self {
        Self { api, ..self }
    }

    /// Adds a role on a thread of its own. One that fails ends the process.
    pub(crate) fn add<F>(
        &mut self,
        name: &'static str,
        role: impl FnOnce(Shutdown) -> F + Send + 'static,
    ) -> anyhow::Result<()>
    where
        F: Future<Output = anyhow::Result<()>>,
    {
        self.roles.push(name);
        self.start(name, role)
    }

    fn start<F>(
        &mut self,
        name: &'static str,
        role: impl FnOnce(Shutdown) -> F + Send + 'static,
    ) -> anyhow::Result<()>
    where
        F: Future<Output = anyhow::Result<()>>,
    {
        let (shutdown, failed) = (self.shutdown.clone(), self.failed.clone());
        let health = self.backend.health.clone();
        self.threads.push(role::spawn(name, move || async move {
            if let Err(error) = health.hearts().beside(name, role(shutdown)).await {
                health.halt(name, format!("{error:#}"));
                // Nobody hears it where the process is ending anyway.
                failed.send(error).unwrap_or_default();
            }
        })?);
        Ok(())
    }

    /// Adds view, API and page. `roles` are all of the process, for people.
    pub(crate) async fn serve(
        &mut self,
        listener: TcpListener,
        roles: &[&str],
    ) -> anyhow::Result<SocketAddr> {
        self.roles.push("serve");
        if let Some(served) = self.backend.served().filter(|_| self.rebuilding.served().is_none()) {
            self.rebuilding.announce(served, None);
        }
        let address = listener.local_addr().context("the listener has no address")?;
        let Backend { log, ingest, store, partitions, rules, health, .. } = &self.backend;
        let token = self.api.token.is_some().then(Secret::random).transpose();
        let token = token.context("there is no random number to be had")?;
        let access = self.api.access(token.as_ref());
        let note = self.backend.dir().and_then(|dir| {
            let note = ServerFile { address, pid: std::process::id(), token }.write(dir);
            // A full disk keeps nobody from reading.
            let unheard = |error| {
                let dir = dir.display();
                tracing::warn!(%error, %dir, "a second terminal does not find this process: its note cannot be written");
            };
            note.map_err(unheard).ok()
        });
        let view = View::new(*partitions);
        let followed = view.follow(
            Followed { store: Arc::clone(store), log: Arc::clone(log), shown: self.traces.shown() },
            health.clone(),
            self.shutdown.clone(),
        )?;
        let readiness = match self.backend.file() {
            // What an older version counted is not counted on: it is shown as it stands.
            Some(file) if file.served().0.is_of_this_version() => {
                Readiness::when_folded(bronze_ends(&**log, *partitions).await?)
            }
            _ => Readiness::when_loaded(),
        };
        let Telling { alerting, reporting, senders } =
            telling::begin(&self.backend, &self.api, address, &self.shutdown)?;
        self.senders = senders;
        let state = ApiState {
            alerting,
            reporting,
            view: view.clone(),
            readiness,
            log: Arc::clone(log),
            ingest: Arc::clone(ingest),
            health: health.clone(),
            metrics: self.metrics.clone(),
            shown: self.traces.shown(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            partitions: *partitions,
            warnings: self.backend.warnings.clone(),
            rules: *rules,
            rebuilding: self.rebuilding.clone(),
            next: self.backend.next(),
            backup: self.backend.file().map(|file| Arc::new(file.clone()) as Arc<dyn Backup>),
            started_at_ms: now_ms(),
            told: self.reporter.as_ref().map(Reporter::told),
            access,
            origins: self.api.origins.clone(),
            connections_max: CONNECTIONS_MAX,
            audit_cpu_percent: self.api.audit_cpu_percent,
            currency: self.api.currency.clone(),
            demo: self.api.demo,
            shop_clock: self.api.shop_clock.clone(),
        };
        let server = tokio::spawn(goldstream_api::serve(listener, state, self.shutdown.clone()));
        self.threads.push(followed);
        self.serving = Some(Serving { view, address, server, _note: note });
        Ok(address)
    }

    /// Share of one core for proofs in idle time.
    pub(crate) fn audit_cpu_percent(&self) -> u32 {
        self.api.audit_cpu_percent
    }

    /// To be asked before a stage is added: fails where consumers of another store have this pipeline's
    /// partitions. An outcome where a signal came meanwhile.
    pub(crate) async fn may_consume(
        &self,
        signals: &mut Signals,
    ) -> anyhow::Result<Option<Outcome>> {
        let Some(reporter) = &self.reporter else { return Ok(None) };
        let may = async {
            if let Some(Generations { served, next, .. }) = self.backend.join().await? {
                // Before the stages begin, so that nobody takes the time until then for the end of a rebuild.
                let next = next.filter(Generation::is_of_this_version);
                self.rebuilding.announce(served, next);
            }
            reporter.must_be_among_its_own().await
        };
        tokio::select! {
            may = may => may.map(|()| None),
            outcome = signals.next() => Ok(Some(outcome)),
        }
    }

    /// Says to the other processes how this one is, from now on; where there are others.
    pub(crate) fn report(&self) {
        if let Some(reporter) = &self.reporter {
            reporter.begin(&self.roles, &self.backend.health);
        }
    }

    /// Where the API listens.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.serving.as_ref().map(|serving| serving.address)
    }

    /// What the API answers from.
    pub(crate) fn view(&self) -> anyhow::Result<&View> {
        let serving = self.serving.as_ref().context("the process does not serve")?;
        Ok(&serving.view)
    }

    /// Where every bronze partition ends now.
    pub(crate) async fn bronze_ends(&self) -> anyhow::Result<BronzeEnds> {
        Ok(bronze_ends(&*self.backend.log, self.backend.partitions).await?)
    }

    /// Resolves once all rows before `ends` are counted; fails if something stands still.
    pub(crate) async fn counted(&self, ends: &BronzeEnds) -> anyhow::Result<()> {
        self.unless_it_stands_still(self.view()?.wait_counted(ends)).await
    }

    /// Resolves once no rebuild is under way; fails if something stands still before.
    pub(crate) async fn rebuilt(&self) -> anyhow::Result<()> {
        let bar = Bar::new(100);
        let show = |progress: Progress| bar.set(progress.rows, progress.percent());
        let over = self.unless_it_stands_still(self.rebuilding.until_over(show)).await;
        bar.finish_quietly();
        over
    }

    /// Fails where no number can be shown that every reader has exactly.
    pub(crate) fn must_have_exact_sums(&self) -> anyhow::Result<()> {
        match self.view()?.read(State::is_overflown) {
            true => Err(SumOverflow.into()),
            false => Ok(()),
        }
    }

    /// Fails where the store has counted rows that the log has not: positions alone say nothing of
    /// the log that they were made on.
    pub(crate) async fn must_have_its_rows(&self) -> anyhow::Result<()> {
        let counted: Vec<_> = self.view()?.read(|state| state.silver_positions().collect());
        for (at, position) in counted {
            let end = self.backend.log.end(at.into()).await?;
            if position > end {
                return Err(LogError::ends_before(at.into(), end, position).into());
            }
        }
        Ok(())
    }

    /// What `work` gives; fails if something stands still before.
    pub(crate) async fn unless_it_stands_still<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> anyhow::Result<T> {
        tokio::select! {
            done = work => Ok(done),
            halted = self.backend.health.halted() => anyhow::bail!("{halted}"),
            reason = self.backend.failure() => anyhow::bail!("{reason}"),
        }
    }

    /// Resolves when a role has failed or nothing more can be written. A shard that stands still is
    /// no failure of the process: the others go on, and status tells.
    pub(crate) async fn failed(&mut self) -> anyhow::Error {
        tokio::select! {
            Some(error) = self.failures.recv() => error,
            reason = self.backend.failure() => anyhow::anyhow!(reason),
        }
    }

    /// Goes on until a signal comes or a role fails, then ends.
    pub(crate) async fn run_until_told(mut self, mut signals: Signals) -> anyhow::Result<Outcome> {
        let ending = tokio::select! {
            outcome = signals.next() => Ok(outcome),
            error = self.failed() => Err(error),
        };
        self.end(signals, ending).await
    }

    /// Ends gracefully, whatever the ending is; a second signal ends at once.
    pub(crate) async fn end<T>(
        self,
        mut signals: Signals,
        ending: anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let stopped = tokio::select! {
            stopped = self.stop() => stopped,
            _ = signals.next() => std::process::exit(130),
        };
        match ending {
            Ok(ending) => stopped.map(|()| ending),
            Err(error) => {
                stopped.unwrap_or_else(|also| tracing::warn!(%also, "ending"));
                Err(error)
            }
        }
    }

    /// Ends every role after what it has begun, and writes all that waits.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.stop.begin();
        let Self { backend, threads, serving, senders, reporter, watcher, traces, .. } = self;
        senders.ended().await;
        let ended = tokio::task::spawn_blocking(move || {
            let panicked = threads.into_iter().map(JoinHandle::join).filter(Result::is_err).count();
            (panicked, backend.close())
        });
        let ended = tokio::time::timeout(SHUTDOWN_MAX, ended).await;
        let (panicked, closed) =
            ended.context("the roles did not end in time; the log replays what they left")??;
        // Whatever else failed: what it holds is free again afterwards.
        let served = match serving {
            Some(Serving { server, .. }) => server.await?.context("the server failed"),
            None => Ok(()),
        };
        if let Some(reporter) = reporter {
            reporter.end().await;
        }
        if let Some(watcher) = watcher {
            watcher.end().await;
        }
        // Last of all: nothing waits for what is told of it.
        tokio::task::spawn_blocking(move || traces.end()).await.unwrap_or_default();
        closed?;
        anyhow::ensure!(panicked == 0, "a role ended by a panic");
        served
    }
}

//! The roles that every embedded process has, put together: log and store, silver, gold, view, API.

use anyhow::Context;
use goldstream_api::ready::{Readiness, bronze_ends};
use goldstream_api::server::ApiState;
use goldstream_api::view::{BronzeEnds, View};
use goldstream_consumers::gold::Gold;
use goldstream_consumers::interpreter::{self, World};
use goldstream_consumers::silver::Silver;
use goldstream_platform::clock::now_ms;
use goldstream_platform::embedded::Embedded;
use goldstream_platform::health::Health;
use goldstream_platform::limits::SHUTDOWN_MAX;
use goldstream_platform::log::Log;
use goldstream_platform::role;
use goldstream_platform::server_file::{Note, ServerFile};
use goldstream_platform::shutdown::{Shutdown, ShutdownHandle};
use goldstream_platform::store::Store;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::task::JoinHandle as Task;

/// A running pipeline.
pub(crate) struct Pipeline {
    pub(crate) embedded: Embedded,
    pub(crate) view: View,
    pub(crate) health: Health,
    pub(crate) address: SocketAddr,
    stop: ShutdownHandle,
    shutdown: Shutdown,
    threads: Vec<JoinHandle<()>>,
    server: Task<std::io::Result<()>>,
    _note: Note,
}

impl Pipeline {
    /// Starts the roles over the store in `data_dir`.
    pub(crate) async fn start(
        embedded: Embedded,
        data_dir: &Path,
        listener: TcpListener,
        roles: &[&str],
    ) -> anyhow::Result<Self> {
        let address = listener.local_addr().context("the listener has no address")?;
        let note = ServerFile { address, pid: std::process::id() }
            .write(data_dir)
            .with_context(|| format!("cannot write in {}", data_dir.display()))?;
        let (stop, shutdown) = ShutdownHandle::new();
        let health = Health::default();
        let (log, store) = ports(&embedded);
        let partitions = embedded.partitions();
        let view = View::new(partitions);
        let mut threads =
            vec![view.follow(Arc::clone(&store), health.clone(), shutdown.clone())?];
        let world = World { log: Arc::clone(&log), store, health: health.clone() };
        let (for_silver, for_gold) = (world.clone(), world);
        let (until, then) = (shutdown.clone(), shutdown.clone());
        threads.push(role::spawn("silver", move || {
            interpreter::run(Silver { partitions }, for_silver, until)
        })?);
        threads.push(role::spawn("gold", move || interpreter::run(Gold, for_gold, then))?);
        let state = ApiState {
            view: view.clone(),
            readiness: Readiness::when_folded(bronze_ends(&*log, partitions).await?),
            log,
            health: health.clone(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            partitions,
            started_at_ms: now_ms(),
        };
        let server = tokio::spawn(goldstream_api::serve(listener, state, shutdown.clone()));
        Ok(Self { embedded, view, health, address, stop, shutdown, threads, server, _note: note })
    }

    /// The log and the store as the roles know them.
    pub(crate) fn ports(&self) -> (Arc<dyn Log>, Arc<dyn Store>) {
        ports(&self.embedded)
    }

    /// The wish to end, for further roles.
    pub(crate) fn shutdown(&self) -> Shutdown {
        self.shutdown.clone()
    }

    /// A further role that ends with the others.
    pub(crate) fn add(&mut self, thread: JoinHandle<()>) {
        self.threads.push(thread);
    }

    /// Where every bronze partition ends now.
    pub(crate) async fn bronze_ends(&self) -> anyhow::Result<BronzeEnds> {
        Ok(bronze_ends(&self.embedded, self.embedded.partitions()).await?)
    }

    /// Resolves once all rows before `ends` are counted; fails if something stands still.
    pub(crate) async fn counted(&self, ends: &BronzeEnds) -> anyhow::Result<()> {
        tokio::select! {
            () = self.view.wait_counted(ends) => Ok(()),
            halted = self.health.halted() => anyhow::bail!("{halted}"),
            reason = self.embedded.failure() => anyhow::bail!("{reason}"),
        }
    }

    /// Ends every role after what it has begun, and writes all that waits.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.stop.begin();
        let Self { embedded, threads, server, .. } = self;
        let ended = tokio::task::spawn_blocking(move || {
            let panicked = threads.into_iter().map(JoinHandle::join).filter(Result::is_err).count();
            embedded.close();
            panicked
        });
        let ended = tokio::time::timeout(SHUTDOWN_MAX, ended).await;
        let panicked =
            ended.context("the roles did not end in time; the log replays what they left")??;
        anyhow::ensure!(panicked == 0, "a role ended by a panic");
        server.await?.context("the server failed")
    }
}

fn ports(embedded: &Embedded) -> (Arc<dyn Log>, Arc<dyn Store>) {
    (Arc::new(embedded.clone()), Arc::new(embedded.clone()))
}

//! The stages of one generation in this process, each on a thread of its own. They end together.

use anyhow::Context;
use goldstream_consumers::gold::Gold;
use goldstream_consumers::interpreter::{self, World};
use goldstream_consumers::silver::Silver;
use goldstream_consumers::stage::Stage;
use goldstream_domain::clean::Rules;
use goldstream_platform::role;
use goldstream_platform::shutdown::{Shutdown, ShutdownHandle};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long stages may take whose generation nobody works on any more.
const LEFT_MAX: Duration = Duration::from_secs(1);

/// Told of a stage that has failed.
pub(super) type Failed = mpsc::UnboundedSender<anyhow::Error>;

/// Which stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StageKind {
    /// Cleans and dedupes.
    Silver,
    /// Keeps the tables.
    Gold,
}

impl StageKind {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Silver, Self::Gold];

    /// As the role of a process.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Silver => "silver",
            Self::Gold => "gold",
        }
    }
}

/// How a generation is folded.
#[derive(Clone, Copy)]
pub(super) struct Folded {
    pub(super) partitions: u32,
    pub(super) rules: Rules,
}

/// The stages that run.
pub(super) struct Pair {
    stop: ShutdownHandle,
    give_up: ShutdownHandle,
    threads: Vec<JoinHandle<()>>,
}

impl Pair {
    /// Starts stages. Where `over` resolves nothing that was begun can be ended, and nobody may wait for it.
    pub(super) fn start<O: Future<Output = ()>>(
        stages: &[StageKind],
        Folded { partitions, rules }: Folded,
        world: &World,
        failed: &Failed,
        over: impl Fn() -> O + Clone + Send + 'static,
    ) -> anyhow::Result<Self> {
        let (stop, shutdown) = ShutdownHandle::new();
        let (give_up, given_up) = ShutdownHandle::new();
        let threads = stages.iter().map(|stage| {
            let (over, given_up) = (over.clone(), given_up.clone());
            let over = move || async move {
                tokio::select! {
                    () = over() => {}
                    () = left(given_up) => {}
                }
            };
            let beside = (shutdown.clone(), failed.clone(), over);
            match stage {
                StageKind::Silver => spawn(Silver { partitions, rules }, world.clone(), beside),
                StageKind::Gold => spawn(Gold, world.clone(), beside),
            }
        });
        Ok(Self { threads: threads.collect::<anyhow::Result<_>>()?, stop, give_up })
    }

    /// Returns once all have ended what they have begun.
    pub(super) fn end(self) {
        Self::join(self.begin_to_end());
    }

    /// Tells them to end, and leaves it to another to wait for it.
    pub(super) fn begin_to_end(self) -> Vec<JoinHandle<()>> {
        self.stop.begin();
        self.threads
    }

    /// The same where nobody works on their generation any more: what bears a seal takes no commit, and it is not
    /// waited for.
    pub(super) fn begin_to_leave(self) -> Vec<JoinHandle<()>> {
        self.give_up.begin();
        self.begin_to_end()
    }

    /// Waits for stages that were told to end.
    pub(super) fn join(threads: Vec<JoinHandle<()>>) {
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a stage ended by a panic");
            }
        }
    }
}

/// Resolves a while after that was wished, and never where it was not.
async fn left(mut given_up: Shutdown) {
    given_up.wished().await;
    // One whose handle is gone ends as any other.
    if !given_up.is_wished() {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(LEFT_MAX).await;
}

fn spawn<S: Stage, O: Future<Output = ()>>(
    stage: S,
    world: World,
    (shutdown, failed, over): (Shutdown, Failed, impl FnOnce() -> O + Send + 'static),
) -> anyhow::Result<JoinHandle<()>> {
    let (name, hearts) = (stage.name(), world.health.hearts().clone());
    let run = move || async move {
        let running = interpreter::run(stage, world, shutdown);
        let ended = tokio::select! {
            ended = hearts.beside(name, running) => ended,
            () = over() => return,
        };
        if let Err(error) = ended {
            // Nobody hears it where the process is ending anyway.
            failed.send(error.into()).unwrap_or_default();
        }
    };
    role::spawn(name, run).with_context(|| format!("no thread for {name}"))
}

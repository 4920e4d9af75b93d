//! The thread on which every connection lives and every command runs.
//!
//! A connection is driven by a task of the runtime that made it, and roles end at different times:
//! no connection may be made on the runtime of a role.

use crate::store::StoreError;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::io;
use std::sync::Arc;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// Runs work for callers on any runtime. It ends when its last holder lets go.
#[derive(Debug)]
pub(super) struct Thread {
    handle: Handle,
    /// Dropped with the last holder, which wakes and ends the thread.
    _alive: oneshot::Sender<()>,
}

impl Thread {
    pub(super) fn start() -> io::Result<Arc<Self>> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel();
        std::thread::Builder::new().name("redis".to_owned()).spawn(move || {
            drop(runtime.block_on(ended));
        })?;
        Ok(Arc::new(Self { handle, _alive: alive }))
    }

    /// Begins `work` at once. The future gives its result and keeps the thread until then;
    /// dropping it does not stop the work.
    pub(super) fn run<T, E, F>(self: &Arc<Self>, work: F) -> BoxFuture<'static, Result<T, E>>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let task = self.handle.spawn(work);
        let thread = Arc::clone(self);
        async move {
            let result = task.await;
            drop(thread);
            result.unwrap_or_else(|error| {
                let reason = format!("the redis thread dropped a task: {error}");
                Err(StoreError::Unavailable(reason).into())
            })
        }
        .boxed()
    }

    /// Begins work that nobody waits for.
    pub(super) fn detach(&self, work: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(work));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_thread_ends_with_its_last_holder() {
        let thread = Thread::start().unwrap();
        let (held, gone) = oneshot::channel::<()>();
        thread.detach(async move {
            std::future::pending::<()>().await;
            drop(held);
        });
        let other = Arc::clone(&thread);
        drop(thread);
        assert_eq!(other.run(async { Ok::<_, StoreError>(7) }).await.unwrap(), 7);
        drop(other);
        assert!(gone.await.is_err(), "what the thread held is dropped");
    }

    #[tokio::test]
    async fn work_that_is_waited_for_keeps_the_thread() {
        let thread = Thread::start().unwrap();
        let (ask, asked) = oneshot::channel();
        let work = thread.run(async { Ok::<u32, StoreError>(asked.await.unwrap_or(0)) });
        drop(thread);
        ask.send(5).unwrap();
        assert_eq!(work.await.unwrap(), 5);
    }
}

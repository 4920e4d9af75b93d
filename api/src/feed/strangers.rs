//! Clients of the feed who have not shown the server's token yet. They take nobody's place: there are so
//! many of them, and where one more comes, the one that has waited longest goes.

use crate::connections::{Connection, Connections};
use crate::limits::STRANGERS_MAX;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// All of them.
#[derive(Debug, Clone)]
pub(crate) struct Strangers {
    waiting: Arc<Mutex<VecDeque<Arc<Notify>>>>,
    /// Those who go are still there for a moment.
    connections: Connections,
}

/// One of them; dropping it counts it out.
#[derive(Debug)]
pub(super) struct Stranger {
    waiting: Arc<Mutex<VecDeque<Arc<Notify>>>>,
    gives_way: Arc<Notify>,
    _connection: Option<Connection>,
}

impl Default for Strangers {
    fn default() -> Self {
        Self { waiting: Arc::default(), connections: Connections::new(usize::MAX) }
    }
}

impl Strangers {
    /// One more.
    pub(super) fn admit(&self) -> Stranger {
        let gives_way = Arc::new(Notify::new());
        let mut waiting = lock(&self.waiting);
        waiting.push_back(Arc::clone(&gives_way));
        let oldest = if waiting.len() > STRANGERS_MAX { waiting.pop_front() } else { None };
        drop(waiting);
        if let Some(oldest) = oldest {
            oldest.notify_one();
        }
        let waiting = Arc::clone(&self.waiting);
        Stranger { waiting, gives_way, _connection: self.connections.admit() }
    }

    /// Resolves when there are none.
    pub(crate) async fn drained(&self) {
        self.connections.drained().await;
    }
}

impl Stranger {
    /// Resolves once it has to go for another.
    pub(super) async fn gives_way(&self) {
        self.gives_way.notified().await;
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        lock(&self.waiting).retain(|waiting| !Arc::ptr_eq(waiting, &self.gives_way));
    }
}

fn lock(waiting: &Mutex<VecDeque<Arc<Notify>>>) -> MutexGuard<'_, VecDeque<Arc<Notify>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn one_more_than_there_may_be_sends_the_oldest_away() {
        let strangers = Strangers::default();
        let all: Vec<_> = (0..=STRANGERS_MAX).map(|_| strangers.admit()).collect();
        let gives_way = |stranger: &Stranger| stranger.gives_way().now_or_never().is_some();
        assert!(gives_way(&all[0]) && !gives_way(&all[1]));
        // Who leaves by himself makes room, and nobody goes for the next one.
        let mut all = all;
        drop(all.remove(2));
        let _next = strangers.admit();
        assert!(!all.iter().any(gives_way));
    }
}

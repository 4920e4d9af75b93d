//! How many read the feed, and how many may.

use std::sync::Arc;
use tokio::sync::watch;

/// The open feed connections.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    max: usize,
    open: Arc<watch::Sender<usize>>,
}

/// One open connection; dropping it counts it out.
#[derive(Debug)]
pub(crate) struct Connection {
    open: Arc<watch::Sender<usize>>,
    number: usize,
}

impl Connections {
    /// None yet, of so many.
    pub(crate) fn new(max: usize) -> Self {
        Self { max, open: Arc::default() }
    }

    /// Counts one more in, none where there are as many as may be.
    pub(crate) fn admit(&self) -> Option<Connection> {
        let mut number = None;
        self.open.send_if_modified(|open| {
            if *open < self.max {
                *open += 1;
                number = Some(*open);
            }
            number.is_some()
        });
        number.map(|number| Connection { open: Arc::clone(&self.open), number })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        *self.open.borrow()
    }

    /// Resolves when there are none.
    pub(crate) async fn drained(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        if self.open.subscribe().wait_for(|open| *open == 0).await.is_err() {
            tracing::debug!("the count of connections is gone");
        }
    }
}

impl Connection {
    /// When its client should come back after a restart: spread over a second, so that not all
    /// come at once.
    pub(crate) fn reconnect_after_ms(&self) -> u64 {
        700 + (self.number as u64 * 389) % 1_000
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.open.send_modify(|open| *open -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_beyond_the_limit_are_not_admitted_until_one_ends() {
        let connections = Connections::new(2);
        let first = connections.admit().unwrap();
        let _second = connections.admit().unwrap();
        assert!(connections.admit().is_none());
        drop(first);
        assert_eq!(connections.count(), 1);
        assert!(connections.admit().is_some());
    }
}

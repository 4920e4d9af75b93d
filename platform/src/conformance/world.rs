//! What is put through the suite.

use crate::log::Log;
use crate::store::Store;
use futures::future::BoxFuture;
use std::sync::Arc;

/// Partitions of the world under test.
pub const PARTITIONS: u32 = 2;

/// A log and a store with the same content after a restart.
pub trait World: Send {
    /// The log.
    fn log(&self) -> Arc<dyn Log>;
    /// The store.
    fn store(&self) -> Arc<dyn Store>;
    /// Ends every connection and makes them again.
    fn restart(&mut self) -> BoxFuture<'_, ()>;
}

//! What commits, loads and followers of one store share.

use super::call::Known;
use super::keys::Keys;
use super::links::Links;
use super::site::Site;
use crate::store::{ShardId, StoreError};
use crate::topology::Topology;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What is known of a shard, and the position at which it is true.
#[derive(Debug)]
pub(super) struct KnownAt {
    pub(super) position: u64,
    pub(super) known: Known,
}

/// What is known of a shard after its last commit; locked while one is being made.
pub(super) type Committer = Arc<tokio::sync::Mutex<Option<KnownAt>>>;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) site: Site,
    pub(super) keys: Keys,
    pub(super) topology: Topology,
    /// Commits have their own connection, so that the answer to a load never stands before theirs.
    pub(super) commits: Links,
    pub(super) loads: Links,
    /// A feed larger than this loses its oldest entries.
    pub(super) feed_bytes_max: u64,
    committers: Mutex<HashMap<ShardId, Committer>>,
}

impl Shared {
    pub(super) fn new(site: Site, keys: Keys, topology: Topology, feed_bytes_max: u64) -> Self {
        let [commits, loads] = [&site, &site].map(|site| Links::new(site.clone()));
        let committers = Mutex::default();
        Self { site, keys, topology, commits, loads, feed_bytes_max, committers }
    }

    pub(super) fn committer(&self, shard: &ShardId) -> Committer {
        let mut committers = self.committers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(committer) = committers.get(shard) {
            return Arc::clone(committer);
        }
        let committer = Committer::default();
        committers.insert(shard.clone(), Arc::clone(&committer));
        committer
    }

    /// Something stands under `key` that was never written there.
    pub(super) fn unreadable(&self, key: &str) -> StoreError {
        StoreError::Torn(self.damage(&format!("{key} cannot be read")))
    }

    /// A damage with its place.
    pub(super) fn damage(&self, what: &str) -> String {
        format!("{what} (redis at {})", self.site.address())
    }
}

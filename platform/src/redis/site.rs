//! Where a store is: one server, or the nodes of a cluster with what is known of its slots.
//! It keeps no connection.

use super::link::Link;
use super::reply;
use super::server::Server;
use super::slots::{Node, SlotMap};
use crate::store::StoreError;
use ::redis::{RedisError, Value, cmd};
use std::sync::{Arc, Mutex, PoisonError};

/// Cheap to clone; what one holder learns of the slots all know.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// As they were given; one of them where it is no cluster.
    seeds: Arc<[Server]>,
    cluster: Option<Arc<Mutex<Known>>>,
}

/// What is known of a cluster.
#[derive(Debug)]
struct Known {
    map: SlotMap,
    /// Whether the map is to be asked for anew.
    is_stale: bool,
}

/// Why there is no site.
pub(super) enum NoSite {
    /// Several servers were named, and the one at this address is no part of a cluster.
    NoCluster(String),
    /// None of them answers.
    Away(StoreError),
}

impl Site {
    /// Asks the first of the servers that answers whether it is a node of a cluster.
    pub(super) async fn find(seeds: Vec<Server>) -> Result<Self, NoSite> {
        let mut away = StoreError::Unavailable("no redis was named".to_owned());
        for seed in &seeds {
            match map_by(seed).await {
                Ok(Some(map)) => return Ok(Self::cluster(seeds, map)),
                Ok(None) if seeds.len() > 1 => {
                    return Err(NoSite::NoCluster(seed.address().to_owned()));
                }
                Ok(None) => return Ok(Self { seeds: seeds.into(), cluster: None }),
                Err(error) => away = error,
            }
        }
        Err(NoSite::Away(away))
    }

    fn cluster(seeds: Vec<Server>, map: SlotMap) -> Self {
        let known = Known { map, is_stale: false };
        Self { seeds: seeds.into(), cluster: Some(Arc::new(Mutex::new(known))) }
    }

    pub(super) fn is_cluster(&self) -> bool {
        self.cluster.is_some()
    }

    /// The server that it is, or one by which the others are found.
    pub(super) fn first(&self) -> &Server {
        &self.seeds[0]
    }

    /// `HOST:PORT`, several where several were given.
    pub(super) fn address(&self) -> String {
        let addresses: Vec<_> = self.seeds.iter().map(Server::address).collect();
        addresses.join(",")
    }

    /// A node as a server, with the credentials of all.
    pub(super) fn server(&self, node: &Node) -> Server {
        self.first().at(node)
    }

    /// The node that has a slot, if that is known.
    pub(super) fn node_of(&self, slot: u16) -> Option<Node> {
        self.known(|known| {
            let node = known.map.node_of(slot).filter(|_| !known.is_stale);
            node.cloned()
        })?
    }

    /// Whom to ask for the map, most promising first: those who had slots, then those that were named.
    pub(super) fn who_may_know(&self) -> Vec<Node> {
        let mut nodes = self.nodes();
        nodes.extend(self.seeds.iter().map(Server::node).cloned());
        nodes
    }

    /// All nodes that have slots.
    pub(super) fn nodes(&self) -> Vec<Node> {
        self.known(|known| known.map.nodes()).unwrap_or_default()
    }

    /// How many slots of a cluster nobody has.
    pub(super) fn slots_without_node(&self) -> usize {
        self.known(|known| known.map.without_node()).unwrap_or_default()
    }

    pub(super) fn learned(&self, map: SlotMap) {
        self.known(|known| *known = Known { map, is_stale: false });
    }

    pub(super) fn moved(&self, slot: u16, to: Node) {
        self.known(|known| known.map.moved(slot, to));
    }

    /// An error of a server, as one of the store. Where a node fails as one that has its slots no longer,
    /// the map is asked for anew.
    pub(super) fn trouble(&self, server: &Server, error: &RedisError) -> StoreError {
        let is_away = error.is_io_error() || error.is_unrecoverable_error();
        if is_away || matches!(error.code(), Some("CLUSTERDOWN" | "MOVED" | "READONLY")) {
            self.known(|known| known.is_stale = true);
        }
        server.store_error(error)
    }

    fn known<T>(&self, work: impl FnOnce(&mut Known) -> T) -> Option<T> {
        let known = self.cluster.as_ref()?;
        Some(work(&mut known.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// The slots as a server knows them, none where it is no node of a cluster. Any user may ask with HELLO
/// what a server is, and one that does not know that word is a single server to us.
async fn map_by(server: &Server) -> Result<Option<SlotMap>, StoreError> {
    let link = Link::new(server.clone());
    link.query(&cmd("PING")).await?;
    match link.ask(&cmd("HELLO")).await.map(is_node) {
        Ok(true) => {}
        Err(error) if error.code().is_none() => return Err(server.store_error(&error)),
        _ => return Ok(None),
    }
    let slots = link.query(cmd("CLUSTER").arg("SLOTS")).await?;
    let unreadable = || StoreError::Damaged("redis gave a map of slots that is none".to_owned());
    SlotMap::read(slots, server.host()).map(Some).ok_or_else(unreadable)
}

fn is_node(hello: Value) -> bool {
    let mut pairs = reply::pairs(hello).into_iter().flatten();
    let mode = pairs.find_map(|(name, value)| {
        (reply::text(name).as_deref() == Some("mode")).then(|| reply::text(value))
    });
    mode.flatten().as_deref() == Some("cluster")
}

//! A Redis Cluster of three nodes, whose slots can be moved while it is used and whose nodes can die.

use super::port::free_port;
use super::servers::redis_server::RedisServer;
use super::wait::eventually;
use std::collections::HashMap;

/// Slots of every cluster, and where each node's end.
const SLOT_ENDS: [u16; 3] = [5460, 10_922, 16_383];

pub(crate) struct RedisCluster {
    nodes: Vec<RedisServer>,
    ids: Vec<String>,
    /// Slots that are not where they were at first.
    moved: HashMap<u16, usize>,
}

fn settings(port: u16, bus: u16) -> Vec<String> {
    let line = format!(
        "--port {port} --cluster-enabled yes --cluster-config-file nodes.conf --cluster-port {bus} \
         --cluster-node-timeout 2000"
    );
    line.split_whitespace().map(str::to_owned).collect()
}

impl RedisCluster {
    /// Starts three nodes and waits until each knows who has which slots.
    pub(crate) fn start() -> Self {
        Self::of(|_, _| Vec::new())
    }

    /// Nodes with further settings.
    pub(crate) fn of(more: impl Fn(u16, &std::path::Path) -> Vec<String>) -> Self {
        let mut buses = Vec::new();
        let start = |_| {
            let bus = free_port();
            buses.push(bus);
            RedisServer::start(|port, dir| [settings(port, bus), more(port, dir)].concat())
        };
        let nodes: Vec<_> = SLOT_ENDS.iter().map(start).collect();
        let mut first = 0;
        for (number, (node, last)) in nodes.iter().zip(SLOT_ENDS).enumerate() {
            node.ok(&["CLUSTER", "SET-CONFIG-EPOCH", &(number + 1).to_string()]);
            node.ok(&["CLUSTER", "ADDSLOTSRANGE", &first.to_string(), &last.to_string()]);
            first = last + 1;
        }
        for (node, bus) in nodes.iter().zip(&buses).skip(1) {
            let (port, bus) = (node.port().to_string(), bus.to_string());
            nodes[0].ok(&["CLUSTER", "MEET", "127.0.0.1", &port, &bus]);
        }
        let ids = nodes.iter().map(|node| node.type_in(&["CLUSTER", "MYID"])).collect();
        let this = Self { nodes, ids, moved: HashMap::new() };
        this.agrees();
        this
    }

    /// Waits until every node says that all is well and knows the others.
    pub(crate) fn agrees(&self) {
        for node in &self.nodes {
            eventually("the nodes of the cluster agree", || {
                let info = node.type_in(&["CLUSTER", "INFO"]);
                let nodes = node.type_in(&["CLUSTER", "NODES"]);
                let well = info.contains("cluster_state:ok")
                    && info.contains("cluster_slots_ok:16384")
                    && info.contains("cluster_size:3")
                    && !nodes.contains("fail");
                if well { Ok(()) } else { Err(format!("{info}\n{nodes}")) }
            });
        }
    }

    /// By one of its nodes.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.nodes[0].port())
    }

    pub(crate) fn node(&mut self, number: usize) -> &mut RedisServer {
        &mut self.nodes[number]
    }

    pub(crate) fn nodes(&self) -> &[RedisServer] {
        &self.nodes
    }

    /// The slot of a key.
    fn slot_of(&self, key: &str) -> u16 {
        self.nodes[0].type_in(&["CLUSTER", "KEYSLOT", key]).parse().unwrap()
    }

    /// The node that has a slot.
    fn owner_of(&self, slot: u16) -> usize {
        let at_first = SLOT_ENDS.iter().position(|last| slot <= *last).unwrap();
        self.moved.get(&slot).copied().unwrap_or(at_first)
    }

    /// How often its nodes sent somebody away with this word since they were started.
    pub(crate) fn said(&self, word: &str) -> u64 {
        let begin = format!("errorstat_{word}:count=");
        let said = |node: &RedisServer| -> u64 {
            let stats = node.type_in(&["INFO", "errorstats"]);
            let count = stats.lines().find_map(|line| line.trim().strip_prefix(&begin));
            count.map_or(0, |count| count.parse().unwrap())
        };
        self.nodes.iter().map(said).sum()
    }

    /// Moves the slot of a key to the next node, key by key and that one first. `amid` is done when it has
    /// gone and the others have not.
    pub(crate) fn move_slot_of(&mut self, key: &str, amid: impl FnOnce(&Self)) {
        let slot = self.slot_of(key);
        let from = self.owner_of(slot);
        let to = (from + 1) % self.nodes.len();
        let (number, port) = (slot.to_string(), self.nodes[to].port().to_string());
        let set = |at: usize, words: [&str; 2]| {
            self.nodes[at].ok(&["CLUSTER", "SETSLOT", &number, words[0], words[1]]);
        };
        let migrate = |key: &str| {
            self.nodes[from].ok(&["MIGRATE", "127.0.0.1", &port, key, "0", "60000"]);
        };
        eventually("the key is there", || {
            match self.nodes[from].type_in(&["EXISTS", key]).as_str() {
                "1" => Ok(()),
                other => Err(other.to_owned()),
            }
        });
        set(to, ["IMPORTING", &self.ids[from]]);
        set(from, ["MIGRATING", &self.ids[to]]);
        migrate(key);
        amid(self);
        loop {
            let key = self.nodes[from].type_in(&["CLUSTER", "GETKEYSINSLOT", &number, "1"]);
            if key.is_empty() {
                break;
            }
            migrate(&key);
        }
        for at in [to, from, 3 - to - from] {
            set(at, ["NODE", &self.ids[to]]);
        }
        self.moved.insert(slot, to);
    }
}

//! The model of what all processes agree on beside shards: which generations there are, and seals. Both are part of
//! the one order in which the store was changed, and are lost with it.

use crate::scope::Scope;
use crate::shards::{Shards, Written};
use goldstream_domain::planted::{self, Bug};
use goldstream_platform::ledger::{Found, Ledger, Sealed};
use goldstream_platform::store::ShardId;
use goldstream_platform::topology::Topology;

impl Shards {
    /// What stands there; none where nothing is stored at all.
    #[must_use]
    pub fn found(&self) -> Option<Found> {
        self.ledger.clone().or_else(|| self.first.clone().map(Found::of_before))
    }

    /// Writes others where these bytes are what stands there; says whether they were.
    pub fn change(&mut self, from: &str, to: &Ledger) -> bool {
        let text = self.ledger.as_ref().map_or("", |found| &found.text);
        if text != from && !planted::is(Bug::SwitchUncompared) {
            return false;
        }
        let found = Found { ledger: to.clone(), text: format!("{to:?}") };
        self.write(Written::Ledger(Box::new(found)));
        true
    }

    /// A store that came back empty is begun anew, after topics with numbers up to `highest`.
    pub fn begin_anew(&mut self, topology: Topology, highest: u32) {
        if highest > 0 {
            self.change("", &Ledger::after_loss(topology.clone(), highest));
        }
        self.first = Some(topology);
    }

    /// Seals the shards of a generation that bear no seal.
    pub fn seal(&mut self, scope: Scope, partitions: u32, seal: &str) {
        self.write(Written::Seal(all(scope, partitions), seal.to_owned()));
    }

    /// Takes this seal off the shards of a generation.
    pub fn lift(&mut self, scope: Scope, partitions: u32, seal: &str) {
        self.write(Written::Lift(all(scope, partitions), seal.to_owned()));
    }

    /// Positions and seals of a generation.
    #[must_use]
    pub fn seals(&self, scope: Scope, partitions: u32) -> Vec<Sealed> {
        let sealed = |shard: ShardId| {
            let known = scope.shard(shard.clone());
            Sealed { shard, position: self.position(&known), seal: self.seal_of(&known) }
        };
        ShardId::derived(partitions).map(sealed).collect()
    }
}

fn all(scope: Scope, partitions: u32) -> Vec<ShardId> {
    ShardId::derived(partitions).map(|shard| scope.shard(shard)).collect()
}

//! The names of all keys. Keys of one shard share a hash tag, so that one script may touch them.
//!
//! ```text
//! PREFIX:0:topology                       how rows are spread, and which store this is
//! PREFIX:0:{gold/2}:head                  position, head and row counts of a shard
//! PREFIX:0:{gold/2}:customers …           one hash a table: key of the row → JSON
//! PREFIX:0:{gold/2}:skips                 records that it passes over
//! PREFIX:0:{gold/2}:feed                  its commits, a stream with positions as ids
//! PREFIX:0:{silver.purchases/3}:claims    blocks of the dedupe set
//! PREFIX:0:{processes}:reports            what processes say of themselves, a short stream
//! PREFIX:0:{documents}:alerts             what is replaced as a whole, whatever is counted: revision and text
//! ```

use crate::store::{Changes, ShardId};
use goldstream_domain::gold::rows::Table;
use std::fmt;
use std::sync::Arc;

/// Grows when a new form of the keys must stand beside the old one.
const GENERATION: u32 = 0;

/// Names of the keys under one prefix.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    prefix: Arc<str>,
}

/// A hash of a shard, beside its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hash {
    /// The last part of its key.
    pub(super) name: &'static str,
    /// The field of the head that tells how many fields it has.
    pub(super) length_field: &'static str,
}

/// The hash of a silver shard.
pub(super) const CLAIMS: Hash = Hash { name: "claims", length_field: "claim_blocks" };

/// The hash of a gold table.
pub(super) const fn table_hash(table: Table) -> Hash {
    Hash { name: table.name(), length_field: table.name() }
}

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.into() }
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(super) fn topology(&self) -> String {
        format!("{}:{GENERATION}:topology", self.prefix)
    }

    pub(super) fn reports(&self) -> String {
        format!("{}:{GENERATION}:{{processes}}:reports", self.prefix)
    }

    pub(super) fn document(&self, name: &str) -> String {
        format!("{}:{GENERATION}:{{documents}}:{name}", self.prefix)
    }

    pub(super) fn head(&self, shard: &ShardId) -> String {
        self.of_shard(shard, "head")
    }

    pub(super) fn feed(&self, shard: &ShardId) -> String {
        self.of_shard(shard, "feed")
    }

    pub(super) fn hash(&self, shard: &ShardId, hash: Hash) -> String {
        self.of_shard(shard, hash.name)
    }

    /// The keys of a shard beside its head.
    pub(super) fn beside_head(&self, shard: &ShardId) -> Vec<String> {
        let hash = |hash| self.hash(shard, hash);
        match shard {
            ShardId::Silver(_) => vec![self.feed(shard), hash(CLAIMS)],
            ShardId::Gold(_) => {
                let tables = Table::ALL.into_iter().map(|table| hash(table_hash(table)));
                std::iter::once(self.feed(shard)).chain(tables).collect()
            }
            ShardId::Source(_) => Vec::new(),
        }
    }

    /// What `SCAN` finds all keys of all shards with, and nothing of another prefix.
    pub(super) fn shards_pattern(&self) -> String {
        format!("{}:{GENERATION}:{{*", escaped(&self.prefix))
    }

    /// The same for the heads of sources.
    pub(super) fn sources_pattern(&self) -> String {
        format!("{}:{GENERATION}:{{source/*}}:head", escaped(&self.prefix))
    }

    /// The source whose head bears this name.
    pub(super) fn source_of<'a>(&self, head: &'a str) -> Option<&'a str> {
        let shard = head.strip_prefix(&format!("{}:{GENERATION}:{{source/", self.prefix))?;
        shard.strip_suffix("}:head")
    }

    /// The records of a silver partition that gold passes over.
    pub(super) fn skips(&self, partition: u32) -> String {
        self.of_shard(&ShardId::Gold(partition), "skips")
    }

    /// A key of gold's shard that is written to see whether it can be.
    pub(super) fn probe(&self, partition: u32) -> String {
        self.of_shard(&ShardId::Gold(partition), "probe")
    }

    fn of_shard(&self, shard: &ShardId, part: impl fmt::Display) -> String {
        format!("{}:{GENERATION}:{{{shard}}}:{part}", self.prefix)
    }
}

/// The hashes that a commit of this kind writes, in the order in which the script gets them.
pub(super) fn hashes(changes: &Changes) -> Vec<Hash> {
    match changes {
        Changes::Silver { .. } => vec![CLAIMS],
        Changes::Gold { .. } => Table::ALL.into_iter().map(table_hash).collect(),
        Changes::Source(_) => Vec::new(),
    }
}

/// `text` as a pattern that only it matches.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '*' | '?' | '[' | ']' | '^' | '-' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_domain::column::Kind;
    use goldstream_domain::progress::BronzePartition;

    #[test]
    fn keys_of_a_shard_share_its_hash_tag() {
        let keys = Keys::new("shop");
        let silver = ShardId::Silver(BronzePartition { kind: Kind::Purchases, partition: 3 });
        assert_eq!(keys.topology(), "shop:0:topology");
        assert_eq!(keys.feed(&ShardId::Gold(2)), "shop:0:{gold/2}:feed");
        assert_eq!(keys.hash(&silver, CLAIMS), "shop:0:{silver.purchases/3}:claims");
        let source = ShardId::Source("file:/a b.csv@0".into());
        let head = keys.head(&source);
        assert_eq!(head, "shop:0:{source/file:/a b.csv@0}:head");
        assert_eq!(keys.source_of(&head), Some("file:/a b.csv@0"));
        assert_eq!(keys.source_of("shop:0:{gold/2}:head"), None);
    }

    #[test]
    fn a_prefix_with_glob_letters_matches_itself_only() {
        assert_eq!(Keys::new("a*[b]?").shards_pattern(), "a\\*\\[b\\]\\?:0:{*");
    }
}

//! The names of all keys. Keys of one shard share a hash tag, so that one script may touch them.
//!
//! ```text
//! PREFIX:generations                      which generation is served, which is folded beside it: the ledger
//! PREFIX:0:topology                       of generation 0: how rows are spread, and which store this is
//! PREFIX:0:{gold/2}:head                  position, head and row counts of a shard
//! PREFIX:0:{gold/2}:customers …           one hash a table: key of the row → JSON
//! PREFIX:0:{gold/2}:skips                 records that it passes over
//! PREFIX:0:{gold/2}:feed                  its commits, a stream with positions as ids
//! PREFIX:0:{silver.purchases/3}:claims    blocks of the dedupe set
//! PREFIX:0:{source/…}:head                how far a file was read: of no generation, as is the next one
//! PREFIX:0:{processes}:reports            what processes say of themselves, a short stream
//! PREFIX:0:{documents}:alerts, :reports   what is replaced as a whole, whatever is counted: revision and text
//! ```

use crate::generations::ROWS;
use crate::store::{Changes, ShardId};
use goldstream_domain::gold::rows::Table;
use std::fmt;
use std::sync::Arc;

/// Names of the keys under one prefix, of one generation where they are of one.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    prefix: Arc<str>,
    generation: u32,
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
    /// Those of the first generation.
    pub(super) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.into(), generation: ROWS }
    }

    /// Those of another one.
    pub(super) fn of(&self, generation: u32) -> Self {
        Self { generation, ..self.clone() }
    }

    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    pub(super) fn ledger(&self) -> String {
        format!("{}:generations", self.prefix)
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(super) fn topology(&self) -> String {
        format!("{}:{}:topology", self.prefix, self.generation)
    }

    pub(super) fn reports(&self) -> String {
        format!("{}:{ROWS}:{{processes}}:reports", self.prefix)
    }

    pub(super) fn document(&self, name: &str) -> String {
        format!("{}:{ROWS}:{{documents}}:{name}", self.prefix)
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

    /// What `SCAN` finds the keys of all generations with; what is of another prefix is for [`Self::is_ours`].
    pub(super) fn all_pattern(&self) -> String {
        format!("{}:[0-9]*", escaped(&self.prefix))
    }

    /// Whether a key is one of a generation of this prefix.
    pub(super) fn is_ours(&self, key: &[u8]) -> bool {
        let behind =
            key.strip_prefix(self.prefix.as_bytes()).and_then(|key| key.strip_prefix(b":"));
        let Some(behind) = behind else { return false };
        let digits = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
        digits > 0 && (behind[digits..].starts_with(b":{") || &behind[digits..] == b":topology")
    }

    /// What `SCAN` finds the keys of this generation's shards with, and nothing of another prefix.
    pub(super) fn shards_pattern(&self) -> String {
        format!("{}:{}:{{*", escaped(&self.prefix), self.generation)
    }

    /// The same for the heads of sources.
    pub(super) fn sources_pattern(&self) -> String {
        format!("{}:{ROWS}:{{source/*}}:head", escaped(&self.prefix))
    }

    /// The source whose head bears this name.
    pub(super) fn source_of<'a>(&self, head: &'a str) -> Option<&'a str> {
        let shard = head.strip_prefix(&format!("{}:{ROWS}:{{source/", self.prefix))?;
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
        let generation = match shard {
            ShardId::Source(_) => ROWS,
            ShardId::Silver(_) | ShardId::Gold(_) => self.generation,
        };
        format!("{}:{generation}:{{{shard}}}:{part}", self.prefix)
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
    fn a_generation_has_keys_of_its_own_but_for_what_is_of_no_generation() {
        let keys = Keys::new("shop").of(7);
        assert_eq!(keys.topology(), "shop:7:topology");
        assert_eq!(keys.head(&ShardId::Gold(2)), "shop:7:{gold/2}:head");
        let source = ShardId::Source("file:/a.csv@0".into());
        assert_eq!(keys.head(&source), "shop:0:{source/file:/a.csv@0}:head");
        assert_eq!(keys.reports(), "shop:0:{processes}:reports");
        assert_eq!(keys.ledger(), "shop:generations");
    }

    #[test]
    fn keys_of_all_generations_are_known_from_those_of_another_prefix() {
        let keys = Keys::new("shop");
        for ours in ["shop:0:topology", "shop:12:{gold/2}:head", "shop:0:{processes}:reports"] {
            assert!(keys.is_ours(ours.as_bytes()), "{ours}");
        }
        for other in ["shop:1:0:{gold/2}:head", "shop:generations", "shop:0", "shop2:0:topology"] {
            assert!(!keys.is_ours(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_prefix_with_glob_letters_matches_itself_only() {
        assert_eq!(Keys::new("a*[b]?").shards_pattern(), "a\\*\\[b\\]\\?:0:{*");
    }
}

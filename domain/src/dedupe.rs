//! Deduplication by purchase id, first valid row wins, for ever.
//!
//! The set keeps a 128-bit hash of the id and a 64-bit hash of the content. It is persisted as
//! claims in the order of the log, so that a prefix of them is the set at an earlier position.

use crate::clean::Purchase;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// Bytes of one persisted claim.
pub const CLAIM_BYTES: usize = 32;

/// A purchase id that is taken, and by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Hash of the purchase id.
    pub id: u128,
    /// Hash of the cleaned content.
    pub content: u64,
    /// Bronze offset of the row that claimed it.
    pub offset: u64,
}

impl Claim {
    /// The claim that this purchase makes.
    #[must_use]
    pub fn new(purchase: &Purchase<'_>, offset: u64) -> Self {
        Self { id: xxh3_128(purchase.purchase_id.as_bytes()), content: content(purchase), offset }
    }

    /// The fixed-width form.
    #[must_use]
    pub fn to_bytes(self) -> [u8; CLAIM_BYTES] {
        let mut bytes = [0; CLAIM_BYTES];
        bytes[..16].copy_from_slice(&self.id.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.content.to_le_bytes());
        bytes[24..].copy_from_slice(&self.offset.to_le_bytes());
        bytes
    }

    /// Reads the fixed-width form.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; CLAIM_BYTES]) -> Self {
        let word = |at: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(word)
        };
        Self {
            id: u128::from(word(0)) | u128::from(word(8)) << 64,
            content: word(16),
            offset: word(24),
        }
    }
}

fn content(purchase: &Purchase<'_>) -> u64 {
    let mut hasher = Xxh3::new();
    hasher.update(&purchase.purchased_at.0.to_le_bytes());
    hasher.update(&purchase.amount_cents.to_le_bytes());
    // The length keeps customer and product apart.
    hasher.update(&(purchase.customer_id.len() as u64).to_le_bytes());
    hasher.update(purchase.customer_id.as_bytes());
    hasher.update(purchase.product.as_bytes());
    hasher.digest()
}

/// What a valid row is to the rows before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The first with its id.
    First,
    /// The same purchase again.
    Duplicate,
    /// The id of another purchase.
    Conflict,
}

/// One taken id in memory. Two words of the id instead of one `u128` save the padding.
#[derive(Debug, Clone, Copy)]
struct Taken {
    id: [u64; 2],
    content: u64,
}

/// All ids that one bronze partition has accepted.
#[derive(Debug, Clone, Default)]
pub struct DedupeSet {
    taken: HashTable<Taken>,
}

impl DedupeSet {
    /// Judges a claim and keeps it if it is the first.
    pub fn claim(&mut self, claim: Claim) -> Verdict {
        let taken =
            Taken { id: [claim.id as u64, (claim.id >> 64) as u64], content: claim.content };
        // The id is a good hash already.
        match self.taken.entry(taken.id[0], |t| t.id == taken.id, |t| t.id[0]) {
            Entry::Vacant(entry) => {
                entry.insert(taken);
                Verdict::First
            }
            Entry::Occupied(entry) if entry.get().content == taken.content => Verdict::Duplicate,
            Entry::Occupied(_) => Verdict::Conflict,
        }
    }

    /// Makes room for that many claims at once.
    pub fn reserve(&mut self, claims: usize) {
        self.taken.reserve(claims, |t| t.id[0]);
    }

    /// How many ids are taken.
    #[must_use]
    pub fn len(&self) -> usize {
        self.taken.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Moment;

    fn purchase<'a>(purchase_id: &'a str, customer_id: &'a str, product: &'a str) -> Purchase<'a> {
        let purchased_at = Moment(5);
        Purchase { purchase_id, customer_id, purchased_at, amount_cents: 100, product }
    }

    #[test]
    fn the_first_row_wins_and_others_are_duplicates_or_conflicts() {
        let mut set = DedupeSet::default();
        let mut judge = |purchase, offset| set.claim(Claim::new(&purchase, offset));
        assert_eq!(judge(purchase("1", "7", "a"), 0), Verdict::First);
        assert_eq!(judge(purchase("1", "7", "a"), 1), Verdict::Duplicate);
        assert_eq!(judge(purchase("1", "8", "a"), 2), Verdict::Conflict);
        assert_eq!(judge(purchase("1", "7", "a"), 3), Verdict::Duplicate);
        assert_eq!(judge(purchase("01", "7", "a"), 4), Verdict::First);
    }

    #[test]
    fn customer_and_product_do_not_run_into_each_other() {
        let claim = |purchase| Claim::new(&purchase, 0).content;
        assert_ne!(claim(purchase("1", "7a", "b")), claim(purchase("1", "7", "ab")));
    }

    #[test]
    fn claims_come_back_from_their_bytes() {
        let claim = Claim { id: u128::MAX - 5, content: 1 << 63, offset: 42 };
        assert_eq!(Claim::from_bytes(&claim.to_bytes()), claim);
    }
}

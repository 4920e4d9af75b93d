//! The dedupe set as numbered blocks of fixed-width claims. The last block is rewritten until it
//! is full; full ones never change.

use goldstream_domain::dedupe::{CLAIM_BYTES, Claim};

/// Claims of a full block.
pub(super) const BLOCK_CLAIMS: u64 = 1024;

/// Bytes of a full block.
const BLOCK_BYTES: usize = BLOCK_CLAIMS as usize * CLAIM_BYTES;

/// Where the next claims go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct End {
    /// Claims stored.
    pub(super) count: u64,
    /// The bytes of those in the last block, where that is not full.
    pub(super) last_block: Vec<u8>,
}

/// Number of blocks that hold that many claims.
pub(super) const fn blocks(count: u64) -> u64 {
    count.div_ceil(BLOCK_CLAIMS)
}

/// How many bytes of the block hold claims, where there are `count` in all.
pub(super) fn block_bytes(count: u64, block: u64) -> usize {
    let claims = count.saturating_sub(block * BLOCK_CLAIMS).min(BLOCK_CLAIMS);
    claims as usize * CLAIM_BYTES
}

impl End {
    /// Appends claims and gives the blocks to be written, by number.
    pub(super) fn append(&mut self, claims: &[Claim]) -> Vec<(u64, Vec<u8>)> {
        let mut written = Vec::new();
        for claim in claims {
            if self.last_block.capacity() == 0 {
                self.last_block.reserve_exact(BLOCK_BYTES);
            }
            self.last_block.extend_from_slice(&claim.to_bytes());
            self.count += 1;
            if self.last_block.len() == BLOCK_BYTES {
                let full = std::mem::take(&mut self.last_block);
                written.push((blocks(self.count) - 1, full));
            }
        }
        if !claims.is_empty() && !self.last_block.is_empty() {
            written.push((blocks(self.count) - 1, self.last_block.clone()));
        }
        written
    }
}

/// Appends the claims of a block, those that its commit had not reached left out.
pub(super) fn read(block: &[u8], position: u64, out: &mut Vec<Claim>) {
    let (claims, _) = block.as_chunks::<CLAIM_BYTES>();
    out.extend(claims.iter().map(Claim::from_bytes).filter(|claim| claim.offset < position));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn claims(offsets: std::ops::Range<u64>) -> Vec<Claim> {
        offsets.map(|offset| Claim { id: 7, content: 9, offset }).collect()
    }

    #[test]
    fn appended_claims_fill_the_blocks_one_after_the_other() {
        let (mut end, mut stored) = (End::default(), BTreeMap::new());
        for (from, to) in [(0, 1000), (1000, 1024), (1024, 1024), (1024, 3500), (3500, 3501)] {
            stored.extend(end.append(&claims(from..to)));
        }
        assert_eq!(end.count, 3501);
        let mut read_back = Vec::new();
        for (number, (block, bytes)) in stored.iter().enumerate() {
            assert_eq!((*block, bytes.len()), (number as u64, block_bytes(3501, *block)));
            read(bytes, u64::MAX, &mut read_back);
        }
        assert_eq!(read_back, claims(0..3501));
        assert_eq!(stored.len() as u64, blocks(3501));
    }

    #[test]
    fn claims_at_or_beyond_the_position_are_ignored() {
        let mut end = End::default();
        let block = end.append(&claims(0..10)).remove(0).1;
        let mut read_back = Vec::new();
        read(&block, 4, &mut read_back);
        assert_eq!(read_back, claims(0..4));
    }
}

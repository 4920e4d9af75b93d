//! Receipts: where the posted rows ended in the log, as a text that the client keeps. Nothing is kept
//! here, so that a receipt is good after a restart and at any other server of the same store.

use crate::view::BronzeEnds;
use goldstream_domain::column::Kind;
use goldstream_domain::progress::BronzePartition;
use goldstream_domain::record::checksum;
use std::fmt::{self, Write};

/// Where posted rows ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    kind: Kind,
    ends: BronzeEnds,
}

impl Receipt {
    /// Of appended blocks: partition, and the position after the block.
    pub(crate) fn new(kind: Kind, ends: impl IntoIterator<Item = (u32, u64)>) -> Self {
        let mut all = BronzeEnds::new();
        for (partition, end) in ends {
            let known = all.entry(BronzePartition { kind, partition }).or_default();
            *known = end.max(*known);
        }
        Self { kind, ends: all }
    }

    /// Reads one; none where it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (body, sum) = text.rsplit_once('.')?;
        if sum != sum_of(body) {
            return None;
        }
        let mut parts = body.split('.');
        let kind = parts.next()?;
        let kind = Kind::ALL.into_iter().find(|known| known.name() == kind)?;
        let mut ends = BronzeEnds::new();
        for part in parts {
            let (partition, end) = part.split_once('-')?;
            let at = BronzePartition { kind, partition: partition.parse().ok()? };
            ends.insert(at, end.parse().ok()?);
        }
        (!ends.is_empty()).then_some(Self { kind, ends })
    }

    /// Its rows are counted once all rows before these ends are.
    pub(crate) const fn ends(&self) -> &BronzeEnds {
        &self.ends
    }
}

impl fmt::Display for Receipt {
    /// `purchases.0-15.3-9.SUM`: letters, digits, dots and hyphens, which stand in a URL as they are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut body = self.kind.name().to_owned();
        for (at, end) in &self.ends {
            write!(body, ".{}-{end}", at.partition)?;
        }
        write!(f, "{body}.{}", sum_of(&body))
    }
}

/// Tells a mistyped receipt from a good one; it is no secret.
fn sum_of(body: &str) -> String {
    format!("{:08x}", checksum(body.as_bytes()) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_says_where_its_rows_ended_and_is_read_again() {
        let receipt = Receipt::new(Kind::Purchases, [(3, 9), (0, 12), (0, 15)]);
        let text = receipt.to_string();
        assert!(text.starts_with("purchases.0-15.3-9."), "{text}");
        assert_eq!(Receipt::parse(&text), Some(receipt));
    }

    #[test]
    fn what_was_never_given_out_is_no_receipt() {
        let text = Receipt::new(Kind::Customers, [(1, 2)]).to_string();
        for other in ["", ".", "x", "purchases", &text[1..], &text.replace("1-2", "1-3")] {
            assert_eq!(Receipt::parse(other), None, "{other}");
        }
    }
}

//! Receipts: where the posted rows ended in the log, as a text that the client keeps. Nothing is kept
//! here, so that a receipt is good after a restart and at any other server of the same store.

use super::blocks::Spread;
use crate::view::BronzeEnds;
use data_encoding::BASE64URL_NOPAD;
use goldstream_domain::column::Kind;
use goldstream_domain::progress::BronzePartition;
use goldstream_domain::record::checksum;
use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// Where posted rows ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    kind: Kind,
    ends: BronzeEnds,
    /// How many rows each partition got; empty in receipts of older versions.
    counts: BTreeMap<BronzePartition, u64>,
    /// Of the first rows, which of the partitions they went to.
    order: Vec<usize>,
}

/// What the order of rows begins with.
const ORDER: char = 'o';

impl Receipt {
    /// Of appended blocks: partition, and the position after the block; and of their rows.
    pub(crate) fn new(
        kind: Kind,
        ends: impl IntoIterator<Item = (u32, u64)>,
        spread: &Spread,
    ) -> Self {
        let at = |partition| BronzePartition { kind, partition };
        let mut all = BronzeEnds::new();
        for (partition, end) in ends {
            let known = all.entry(at(partition)).or_default();
            *known = end.max(*known);
        }
        let counts = spread.counts.iter().map(|(partition, count)| (at(*partition), *count));
        let place = |partition: &u32| all.keys().position(|known| known.partition == *partition);
        let order = spread.first.iter().filter_map(place).collect();
        Self { kind, counts: counts.collect(), order, ends: all }
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
        let (mut ends, mut counts, mut order) = (BronzeEnds::new(), BTreeMap::new(), Vec::new());
        for part in parts {
            if let Some(packed) = part.strip_prefix(ORDER) {
                order = BASE64URL_NOPAD.decode(packed.as_bytes()).ok()?;
                continue;
            }
            let mut numbers = part.split('-');
            let at = BronzePartition { kind, partition: numbers.next()?.parse().ok()? };
            ends.insert(at, numbers.next()?.parse().ok()?);
            if let Some(count) = numbers.next() {
                counts.insert(at, count.parse().ok()?);
            }
        }
        let order = unpacked(&order, ends.len(), rows_told(&counts));
        (!ends.is_empty()).then_some(Self { kind, ends, counts, order })
    }

    /// Its rows are counted once all rows before these ends are.
    pub(crate) const fn ends(&self) -> &BronzeEnds {
        &self.ends
    }

    /// Where the first rows stand, in their order. Rows of one body stand side by side, unless others
    /// came between their blocks: who reads there looks.
    pub(crate) fn places(&self) -> Vec<(BronzePartition, u64)> {
        let firsts = self.ends.iter().map(|(at, end)| {
            let count = self.counts.get(at).copied().unwrap_or_default();
            (*at, end.saturating_sub(count))
        });
        let mut next: Vec<_> = firsts.collect();
        let place = |index: &usize| {
            let (at, position) = next.get_mut(*index)?;
            *position += 1;
            Some((*at, *position - 1))
        };
        self.order.iter().filter_map(place).collect()
    }
}

/// Of how many rows the order is told.
fn rows_told(counts: &BTreeMap<BronzePartition, u64>) -> usize {
    let rows: u64 = counts.values().fold(0, |sum, count| sum.saturating_add(*count));
    usize::try_from(rows).unwrap_or(usize::MAX).min(crate::limits::RECEIPT_ROWS_MAX)
}

/// How many bits a place among so many partitions takes.
const fn bits(partitions: usize) -> u32 {
    usize::BITS - partitions.saturating_sub(1).leading_zeros()
}

fn packed(order: &[usize], partitions: usize) -> Vec<u8> {
    let width = bits(partitions) as usize;
    let mut bytes = vec![0_u8; (order.len() * width).div_ceil(8)];
    for (row, place) in order.iter().enumerate() {
        for bit in 0..width {
            let at = row * width + bit;
            if place >> bit & 1 == 1
                && let Some(byte) = bytes.get_mut(at / 8)
            {
                *byte |= 1 << (at % 8);
            }
        }
    }
    bytes
}

fn unpacked(bytes: &[u8], partitions: usize, rows: usize) -> Vec<usize> {
    let width = bits(partitions) as usize;
    let is_set = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1);
    let place = |row: usize| {
        (0..width).map(|bit| usize::from(is_set(row * width + bit)) << bit).sum::<usize>()
    };
    (0..rows).map(place).collect()
}

impl fmt::Display for Receipt {
    /// `purchases.0-15-2.3-9-1.oAg.SUM`: partition, end and rows there, then the order of the rows.
    /// Letters, digits, dots, underscores and hyphens, which stand in a URL as they are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut body = self.kind.name().to_owned();
        for (at, end) in &self.ends {
            write!(body, ".{}-{end}", at.partition)?;
            if let Some(count) = self.counts.get(at) {
                write!(body, "-{count}")?;
            }
        }
        if self.ends.len() > 1 && !self.order.is_empty() {
            let order = BASE64URL_NOPAD.encode(&packed(&self.order, self.ends.len()));
            write!(body, ".{ORDER}{order}")?;
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
    use crate::limits::RECEIPT_ROWS_MAX;
    use goldstream_platform::conformance::draw::Draw;

    fn spread(rows: &[u32]) -> Spread {
        let mut spread = Spread::default();
        for partition in rows {
            *spread.counts.entry(*partition).or_default() += 1;
        }
        spread.first = rows[..rows.len().min(RECEIPT_ROWS_MAX)].to_vec();
        spread
    }

    #[test]
    fn a_receipt_says_where_its_rows_ended_and_is_read_again() {
        let receipt =
            Receipt::new(Kind::Purchases, [(3, 9), (0, 12), (0, 15)], &spread(&[0, 3, 0]));
        let text = receipt.to_string();
        assert!(text.starts_with("purchases.0-15-2.3-9-1.o"), "{text}");
        assert_eq!(Receipt::parse(&text), Some(receipt.clone()));
        let at = |partition| BronzePartition { kind: Kind::Purchases, partition };
        assert_eq!(receipt.places(), [(at(0), 13), (at(3), 8), (at(0), 14)]);
        let one = Receipt::new(Kind::Purchases, [(1, 42)], &spread(&[1])).to_string();
        assert!(one.starts_with("purchases.1-42-1.") && one.matches('.').count() == 2, "{one}");
    }

    #[test]
    fn any_rows_keep_their_places_and_the_text_stays_short() {
        let mut draw = Draw::new(5);
        for partitions in [1, 2, 3, 4, 7, 64] {
            for rows in [1, 2, 9, RECEIPT_ROWS_MAX + 100] {
                let rows: Vec<_> = (0..rows).map(|_| draw.below(partitions) as u32).collect();
                let spread = spread(&rows);
                let ends = spread.counts.iter().map(|(at, count)| (*at, 10 + count));
                let receipt = Receipt::new(Kind::Customers, ends, &spread);
                let mut next = BTreeMap::new();
                let expected: Vec<_> = spread
                    .first
                    .iter()
                    .map(|partition| {
                        let position = next.entry(*partition).or_insert(10);
                        *position += 1;
                        (*partition, *position - 1)
                    })
                    .collect();
                let text = receipt.to_string();
                assert!(text.len() < 2_500, "{}", text.len());
                let read = Receipt::parse(&text).unwrap();
                let places =
                    read.places().into_iter().map(|(at, position)| (at.partition, position));
                assert_eq!(places.collect::<Vec<_>>(), expected);
            }
        }
    }

    #[test]
    fn a_receipt_of_an_older_version_says_nothing_of_its_rows() {
        let body = "purchases.0-15.3-9";
        let read = Receipt::parse(&format!("{body}.{}", sum_of(body))).unwrap();
        assert_eq!((read.ends.len(), read.places()), (2, Vec::new()));
    }

    #[test]
    fn what_was_never_given_out_is_no_receipt() {
        let text = Receipt::new(Kind::Customers, [(1, 2)], &spread(&[1])).to_string();
        for other in ["", ".", "x", "purchases", &text[1..], &text.replace("1-2", "1-3")] {
            assert_eq!(Receipt::parse(other), None, "{other}");
        }
    }
}

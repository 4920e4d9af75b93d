//! Makes a record fit what its topic takes: alone and packed, or else cut. What is cut is a row that goes to the
//! quarantine; an event is never cut, for then gold would be another one.

use super::sizes::{Packing, Sizes};
use super::transcode::Outgoing;
use crate::log::{LogError, Topic};
use goldstream_domain::record::{Block, Record};

/// What becomes of a row that is too large even packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Oversize {
    /// Its beginning is written in its place.
    Cut,
    /// Nothing: who sent it waits for the answer.
    Refuse,
}

/// How records are sent by one producer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) packing: Packing,
    pub(super) oversize: Oversize,
}

/// Makes `outgoing`, which holds `record`, fit.
///
/// # Errors
/// [`LogError::Unavailable`] where it will fit when it is sent again; [`LogError::TooLarge`].
pub(super) fn fit(
    sizes: &Sizes,
    way: Way,
    (topic, record): (Topic, Record<'_>),
    outgoing: &mut Outgoing,
) -> Result<(), LogError> {
    let takes = sizes.takes(topic);
    let bytes = outgoing.wire_bytes();
    if bytes <= takes.bytes {
        return Ok(());
    }
    if takes.packed && outgoing.packed_bytes() <= takes.bytes {
        return match way.packing {
            Packing::Packed => Ok(()),
            Packing::Plain => {
                sizes.pack();
                Err(LogError::Unavailable("records must be packed to be taken".to_owned()))
            }
        };
    }
    let too_large = || too_large(topic, bytes, takes.bytes);
    let may_be_cut = way.oversize == Oversize::Cut && topic != Topic::Silver;
    if !may_be_cut {
        return Err(too_large());
    }
    outgoing.cut(topic, record).map_err(|error| LogError::Damaged(error.to_string()))?;
    if outgoing.wire_bytes() > takes.bytes { Err(too_large()) } else { Ok(()) }
}

/// Looks at blocks before any of them is sent. Most are too small to be looked into.
///
/// # Errors
/// [`LogError::TooLarge`], where nothing was sent.
pub(super) fn foresee<'a>(
    sizes: &Sizes,
    blocks: impl Iterator<Item = (Topic, &'a Block)>,
) -> Result<(), LogError> {
    // A character is escaped in six; names and header come to that.
    let may_exceed = |bytes: usize, takes: usize| bytes.saturating_mul(6) + 1024 > takes;
    let mut outgoing = Outgoing::default();
    for (topic, block) in blocks {
        let takes = sizes.takes(topic).bytes;
        if !may_exceed(block.size_bytes(), takes) {
            continue;
        }
        for record in block.records().filter_map(Result::ok) {
            if !may_exceed(record.payload.len(), takes) || outgoing.fill(topic, record).is_err() {
                continue;
            }
            let way = Way { packing: Packing::Packed, oversize: Oversize::Refuse };
            fit(sizes, way, (topic, record), &mut outgoing)?;
            if outgoing.wire_bytes() > takes {
                sizes.pack();
            }
        }
    }
    Ok(())
}

fn too_large(topic: Topic, bytes: usize, takes: usize) -> LogError {
    LogError::TooLarge(format!(
        "a record of {bytes} bytes is more than topic {topic} takes: its max.message.bytes leaves \
         room for {takes}"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::sizes::Takes;
    use super::*;
    use goldstream_domain::bronze::BronzeRow;
    use goldstream_domain::column::{Kind, Names};
    use goldstream_domain::quarantine::{QuarantinedJson, QuarantinedRow};
    use goldstream_domain::reason::{Reason, Rejection};
    use goldstream_domain::record::{BlockBuilder, Headers};

    const BRONZE: Topic = Topic::Bronze(Kind::Purchases);
    const CUT: Way = Way { packing: Packing::Plain, oversize: Oversize::Cut };

    fn sizes(takes: Takes) -> Sizes {
        let sizes = Sizes::default();
        Topic::ALL.into_iter().for_each(|topic| sizes.configured(topic, takes));
        sizes
    }

    /// A row whose text packs well, or badly.
    fn row(text: &str) -> Block {
        let fields = ["1", "7", "2024-03-01", "10", text];
        let mut block = BlockBuilder::default();
        block.push(Headers { origin: None, ingested_at_ms: 7, line: None }, |out| {
            BronzeRow::Columns { names: Names(0), fields }.encode(out);
        });
        block.take()
    }

    fn noise(bytes: usize) -> String {
        let mut state = 1u64;
        let next = |_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            char::from(b' ' + 1 + (state >> 57) as u8 % 90)
        };
        (0..bytes).map(next).collect()
    }

    fn fitted(sizes: &Sizes, way: Way, topic: Topic, block: &Block) -> Result<String, LogError> {
        let record = block.records().next().unwrap().unwrap();
        let mut outgoing = Outgoing::default();
        outgoing.fill(topic, record).unwrap();
        fit(sizes, way, (topic, record), &mut outgoing)?;
        Ok(String::from_utf8(outgoing.value).unwrap())
    }

    #[test]
    fn what_fits_is_left_and_what_packs_is_sent_whole_and_what_does_not_is_cut() {
        let sizes = sizes(Takes { bytes: 50_000, packed: true });
        assert!(fitted(&sizes, CUT, BRONZE, &row("Pen")).unwrap().contains("Pen"));
        let even = row(&"x".repeat(100_000));
        assert!(matches!(fitted(&sizes, CUT, BRONZE, &even), Err(LogError::Unavailable(_))));
        assert_eq!(sizes.packing(), Packing::Packed, "the next producer packs");
        let packed = Way { packing: Packing::Packed, ..CUT };
        assert!(fitted(&sizes, packed, BRONZE, &even).unwrap().len() > 100_000);
        let uneven = row(&noise(100_000));
        let cut = fitted(&sizes, packed, BRONZE, &uneven).unwrap();
        assert!(cut.len() < 50_000 && cut.contains("\"fault\":\"too_large\""), "{cut}");
        let refuse = Way { oversize: Oversize::Refuse, ..packed };
        let refused = fitted(&sizes, refuse, BRONZE, &uneven).unwrap_err().to_string();
        assert!(refused.contains("max.message.bytes") && !refused.contains("damaged"), "{refused}");
    }

    #[test]
    fn a_topic_that_unpacks_is_told_the_plain_size() {
        let sizes = sizes(Takes { bytes: 50_000, packed: false });
        let cut = fitted(&sizes, CUT, BRONZE, &row(&"x".repeat(100_000))).unwrap();
        assert!(cut.contains("too_large") && sizes.packing() == Packing::Plain);
    }

    #[test]
    fn a_quarantined_row_is_cut_and_still_is_one() {
        let rejection = Rejection::new(Reason::BadDate, "\"x\" is no date");
        let raw = noise(100_000);
        let refused = QuarantinedRow::new(Kind::Purchases, ("f", 3), &rejection, &raw);
        let mut block = BlockBuilder::default();
        let headers = Headers { origin: None, ingested_at_ms: 7, line: None };
        block.push(headers, |out| refused.encode(out));
        let sizes = sizes(Takes { bytes: 50_000, packed: true });
        let cut = fitted(&sizes, CUT, Topic::Quarantine, &block.take()).unwrap();
        let cut = QuarantinedJson::from_json(cut.as_bytes()).unwrap();
        let cut = cut.row().unwrap();
        assert_eq!((cut.source, cut.position, cut.reason), ("f", 3, Reason::BadDate));
        assert!(raw.starts_with(cut.raw) && cut.raw.len() > 4000);
    }

    #[test]
    fn what_is_posted_is_refused_before_anything_is_sent() {
        let sizes = sizes(Takes { bytes: 50_000, packed: true });
        let [small, even, uneven] = [row("Pen"), row(&"x".repeat(100_000)), row(&noise(100_000))];
        let foreseen = |blocks: &[&Block]| foresee(&sizes, blocks.iter().map(|it| (BRONZE, *it)));
        assert!(foreseen(&[&small]).is_ok() && sizes.packing() == Packing::Plain);
        assert!(foreseen(&[&small, &even]).is_ok() && sizes.packing() == Packing::Packed);
        assert!(matches!(foreseen(&[&small, &uneven]), Err(LogError::TooLarge(_))));
    }
}

//! What became of posted rows, read from the log: an accepted row stands in silver, a refused one in
//! the quarantine, and both say from which bronze record they came. A purchase that is counted and
//! stands in neither was a duplicate. Nothing is kept for it, so it is told for as long as the records
//! are near enough to the end.

use crate::ingest::receipt::Receipt;
use crate::limits::{RECEIPT_CHUNK, RECEIPT_SCAN_MAX};
use goldstream_domain::chain::SourceId;
use goldstream_domain::codec::CodecError;
use goldstream_domain::column::Kind;
use goldstream_domain::progress::BronzePartition;
use goldstream_domain::quarantine::QuarantinedRow;
use goldstream_domain::record::{Origin, Record};
use goldstream_platform::log::{Log, LogError, Topic, TopicPartition};
use serde::Serialize;
use std::collections::BTreeMap;

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub(super) enum Fate {
    /// A purchase that counts.
    Accepted,
    /// A valid row of a customer, which may be what was known of him already.
    CustomerVersion,
    /// The same purchase again.
    Duplicate,
    /// It was refused.
    Quarantined { reason: String, detail: String },
    /// It was posted too long ago, or its place cannot be told.
    Unknown,
}

/// The rows of one bronze partition.
struct Wanted {
    at: BronzePartition,
    source_id: SourceId,
    /// What is known of each, by its origin: places count from 1 there.
    fates: BTreeMap<u64, Fate>,
    /// Whether everything was looked at in which one of them could stand.
    is_done: bool,
}

/// The fates of a receipt's first rows, which are counted, in their order.
pub(super) async fn fates(
    log: &dyn Log,
    partitions: u32,
    receipt: &Receipt,
) -> Result<Vec<Fate>, LogError> {
    let places = receipt.places();
    let mut all: BTreeMap<BronzePartition, Wanted> = BTreeMap::new();
    for (at, position) in &places {
        let wanted = all.entry(*at).or_insert_with(|| Wanted::new(*at));
        wanted.fates.insert(position + 1, Fate::Unknown);
    }
    let mut wanted: Vec<_> = all.into_values().collect();
    for one in &mut wanted {
        one.is_done = stand_side_by_side(log, one).await?;
    }
    let mut budget = RECEIPT_SCAN_MAX;
    let silver = (0..partitions).map(|partition| TopicPartition::new(Topic::Silver, partition));
    let refused = wanted.iter().map(|it| TopicPartition::new(Topic::Quarantine, it.at.partition));
    let topics: Vec<_> = silver.chain(refused).collect();
    for at in topics {
        look_back(log, at, &mut wanted, &mut budget).await?;
    }
    let known = wanted.into_iter().map(|it| (it.at, it.known())).collect::<BTreeMap<_, _>>();
    let fate = |(at, position): &(BronzePartition, u64)| {
        known.get(at).and_then(|fates| fates.get(&(position + 1))).cloned()
    };
    Ok(places.iter().map(|place| fate(place).unwrap_or(Fate::Unknown)).collect())
}

impl Wanted {
    fn new(at: BronzePartition) -> Self {
        Self { at, source_id: at.source_id(), fates: BTreeMap::new(), is_done: true }
    }

    fn first(&self) -> u64 {
        self.fates.keys().next().copied().unwrap_or_default()
    }

    /// The fates, now that everything was looked at: a purchase that is nowhere was there before.
    fn known(self) -> BTreeMap<u64, Fate> {
        let Self { at, mut fates, is_done, .. } = self;
        if is_done && at.kind == Kind::Purchases {
            for fate in fates.values_mut().filter(|fate| **fate == Fate::Unknown) {
                *fate = Fate::Duplicate;
            }
        }
        fates
    }
}

/// Whether the rows are those of one body: posted ones, taken in at one moment. Others may have come
/// between its blocks.
async fn stand_side_by_side(log: &dyn Log, wanted: &Wanted) -> Result<bool, LogError> {
    let Some((last, _)) = wanted.fates.last_key_value() else { return Ok(false) };
    let (mut next, mut moment) = (wanted.first() - 1, None);
    while next < *last {
        let Some(fetched) = log.read(wanted.at.into(), next).await? else { return Ok(false) };
        for (position, record) in (fetched.first..).zip(fetched.block.records()) {
            let headers = record.map_err(|error| damaged(wanted.at, &error))?.headers;
            if !(next..*last).contains(&position) {
                continue;
            }
            let is_same = *moment.get_or_insert(headers.ingested_at_ms) == headers.ingested_at_ms;
            if headers.origin.is_some() || !is_same {
                return Ok(false);
            }
        }
        next = fetched.first + fetched.block.len();
    }
    Ok(true)
}

/// Reads a partition from its end until nothing of what is wanted can stand before.
async fn look_back(
    log: &dyn Log,
    at: TopicPartition,
    wanted: &mut [Wanted],
    budget: &mut u64,
) -> Result<(), LogError> {
    let is_here = |it: &Wanted| match at.topic {
        Topic::Quarantine => it.at.partition == at.partition,
        Topic::Silver | Topic::Bronze(_) => true,
    };
    let mut open: Vec<_> = wanted.iter_mut().filter(|it| is_here(it) && it.is_done).collect();
    let mut unread = log.end(at).await?;
    while unread > 0 && !open.is_empty() {
        let from = unread.saturating_sub(RECEIPT_CHUNK.min(*budget));
        if from == unread {
            open.iter_mut().for_each(|it| it.is_done = false);
            return Ok(());
        }
        *budget -= unread - from;
        let mut next = from;
        let mut passed = vec![false; open.len()];
        while next < unread {
            let Some(fetched) = log.read(at, next).await? else { break };
            for (position, record) in (fetched.first..).zip(fetched.block.records()) {
                let record = record.map_err(|error| damaged(at, &error))?;
                if (next..unread).contains(&position) {
                    note(at, &record, &mut open, &mut passed).map_err(|it| damaged(at, &it))?;
                }
            }
            next = fetched.first + fetched.block.len();
        }
        let mut passed = passed.into_iter();
        open.retain(|_| !passed.next().unwrap_or_default());
        unread = from;
    }
    Ok(())
}

/// Notes the fate that a record tells of, and of which rows all is known in this partition now.
fn note(
    at: TopicPartition,
    record: &Record<'_>,
    open: &mut [&mut Wanted],
    passed: &mut [bool],
) -> Result<(), CodecError> {
    let Some(Origin { source_id, origin, prev }) = record.headers.origin else { return Ok(()) };
    let Some(index) = open.iter().position(|it| it.source_id == *source_id) else { return Ok(()) };
    let Some(wanted) = open.get_mut(index) else { return Ok(()) };
    // Its writer says what it sent here before.
    if (prev < wanted.first() || origin < wanted.first())
        && let Some(passed) = passed.get_mut(index)
    {
        *passed = true;
    }
    let kind = wanted.at.kind;
    let Some(fate) = wanted.fates.get_mut(&origin) else { return Ok(()) };
    *fate = match (at.topic, kind) {
        (Topic::Quarantine, _) => {
            let row = QuarantinedRow::decode(record.payload)?;
            Fate::Quarantined { reason: row.reason.account(kind), detail: row.detail.to_owned() }
        }
        (_, Kind::Purchases) => Fate::Accepted,
        (_, Kind::Customers) => Fate::CustomerVersion,
    };
    Ok(())
}

fn damaged(at: impl Into<TopicPartition>, error: &CodecError) -> LogError {
    LogError::Damaged(format!("{}: {error}", at.into()))
}

//! Which refused rows were corrected: a row with the same id was accepted after them. It follows from the
//! quarantine and silver alone, so nothing of it is stored: each record is read once, when it is first asked
//! for. It must not tell of a row that the view has not counted.

use crate::limits::REFUSED_IDS_MAX;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::chain::SourceId;
use goldstream_domain::codec::CodecError;
use goldstream_domain::column::Kind;
use goldstream_domain::progress::BronzePartition;
use goldstream_domain::quarantine::QuarantinedRow;
use goldstream_domain::record::{Record, checksum};
use goldstream_domain::silver::SilverEvent;
use goldstream_platform::log::{Log, LogError, Topic, TopicPartition};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Where a refused row stands in bronze.
pub(crate) type RefusedAt = (BronzePartition, u64);

/// The corrected rows, with the time at which bronze took in what corrected them.
pub(crate) type Corrected = Arc<HashMap<RefusedAt, i64>>;

/// What the view has counted of each bronze partition: its position.
pub(crate) type Counted = BTreeMap<BronzePartition, u64>;

/// The key of a refused record, by its place in the quarantine and the origin that its writer named.
pub(crate) fn refused_at(at: TopicPartition, kind: Kind, record: &Record<'_>) -> Option<RefusedAt> {
    let origin = record.headers.origin?.origin;
    Some((BronzePartition { kind, partition: at.partition }, origin.checked_sub(1)?))
}

/// Kind and id.
type RowId = (Kind, Box<str>);

/// What was found so far. One request at a time reads on.
#[derive(Debug, Default)]
pub(crate) struct Corrections {
    found: Mutex<Found>,
}

#[derive(Debug, Default)]
struct Found {
    /// Of the numbers that these were found for: places of another epoch are others.
    epoch: Option<Arc<str>>,
    /// How far each partition was read.
    read_to: BTreeMap<TopicPartition, u64>,
    /// Rows that nothing has corrected yet, by kind and id.
    open: HashMap<RowId, Vec<Refusal>>,
    open_rows: usize,
    /// Accepted rows that the view had not counted when they were read.
    early: Vec<Accepted>,
    /// The texts that were corrected, by kind and id, and when.
    settled: HashMap<RowId, Vec<(u64, i64)>>,
    corrected: Corrected,
}

#[derive(Debug, Clone, Copy)]
struct Refusal {
    at: RefusedAt,
    ingested_at_ms: i64,
    /// What was refused, as a hash.
    raw: u64,
}

#[derive(Debug)]
struct Accepted {
    id: RowId,
    at: RefusedAt,
    ingested_at_ms: i64,
}

impl Refusal {
    /// Positions of one partition are in order; of two, only the clock tells.
    fn is_before(&self, accepted: &Accepted) -> bool {
        let (bronze, offset) = accepted.at;
        if self.at.0 == bronze {
            return self.at.1 < offset;
        }
        self.ingested_at_ms <= accepted.ingested_at_ms
    }
}

impl Corrections {
    /// The rows that were corrected by what is counted in an epoch.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub(crate) async fn up_to(
        &self,
        log: &dyn Log,
        partitions: u32,
        (epoch, counted): (&Arc<str>, &Counted),
    ) -> Result<Corrected, LogError> {
        let mut found = self.found.lock().await;
        if found.epoch.as_ref() != Some(epoch) {
            *found = Found { epoch: Some(Arc::clone(epoch)), ..Found::default() };
        }
        found.forget_another_log(log).await?;
        // A row is refused before what follows it is counted: all that can be corrected is seen here.
        for partition in 0..partitions {
            let at = TopicPartition::new(Topic::Quarantine, partition);
            found.read(log, at, |found, record| found.take_refused(at, record)).await?;
        }
        if found.open.is_empty() {
            return Ok(Arc::clone(&found.corrected));
        }
        for accepted in std::mem::take(&mut found.early) {
            found.take_accepted(accepted, counted);
        }
        let mut sources = Sources::new(partitions);
        for partition in 0..partitions {
            let at = TopicPartition::new(Topic::Silver, partition);
            let mut take = |found: &mut Found, record: &Record<'_>| {
                if let Some(accepted) = sources.accepted(record)? {
                    found.take_accepted(accepted, counted);
                }
                Ok(())
            };
            found.read(log, at, &mut take).await?;
        }
        Ok(Arc::clone(&found.corrected))
    }
}

impl Found {
    /// A partition that ends before what was read of it is another one under its name.
    async fn forget_another_log(&mut self, log: &dyn Log) -> Result<(), LogError> {
        for (at, read_to) in &self.read_to {
            if log.end(*at).await? < *read_to {
                *self = Self { epoch: self.epoch.take(), ..Self::default() };
                return Ok(());
            }
        }
        Ok(())
    }

    async fn read(
        &mut self,
        log: &dyn Log,
        at: TopicPartition,
        mut take: impl FnMut(&mut Self, &Record<'_>) -> Result<(), CodecError>,
    ) -> Result<(), LogError> {
        loop {
            let from = self.read_to.get(&at).copied().unwrap_or_default();
            let Some(fetched) = log.read(at, from).await? else { return Ok(()) };
            for (position, record) in (fetched.first..).zip(fetched.block.records()) {
                let taken = record
                    .and_then(|record| if position >= from { take(self, &record) } else { Ok(()) });
                taken.map_err(|error| LogError::Damaged(format!("{at}: {error}")))?;
            }
            self.read_to.insert(at, fetched.first + fetched.block.len());
        }
    }

    fn take_refused(&mut self, at: TopicPartition, record: &Record<'_>) -> Result<(), CodecError> {
        let row = QuarantinedRow::decode(record.payload)?;
        let id = BronzeRow::Json(row.raw.as_bytes()).id(row.kind);
        let (Some(id), Some(at)) = (id, refused_at(at, row.kind, record)) else { return Ok(()) };
        let (id, raw) = ((row.kind, Box::from(id)), checksum(row.raw.as_bytes()));
        // Its file was read again: the same text needs no second correction.
        let settled = self.settled.get(&id).into_iter().flatten().find(|(known, _)| *known == raw);
        if let Some((_, at_ms)) = settled {
            Arc::make_mut(&mut self.corrected).insert(at, *at_ms);
            return Ok(());
        }
        if self.open_rows >= REFUSED_IDS_MAX {
            return Ok(());
        }
        self.open_rows += 1;
        let refusal = Refusal { at, ingested_at_ms: record.headers.ingested_at_ms, raw };
        self.open.entry(id).or_default().push(refusal);
        Ok(())
    }

    fn take_accepted(&mut self, accepted: Accepted, counted: &Counted) {
        let (bronze, offset) = accepted.at;
        if counted.get(&bronze).is_none_or(|position| offset >= *position) {
            self.early.push(accepted);
            return;
        }
        let Some(refusals) = self.open.get_mut(&accepted.id) else { return };
        let before = refusals.iter().filter(|refusal| refusal.is_before(&accepted));
        let texts: BTreeSet<u64> = before.map(|refusal| refusal.raw).collect();
        let corrected = Arc::make_mut(&mut self.corrected);
        refusals.retain(|refusal| {
            let is_corrected = texts.contains(&refusal.raw);
            if is_corrected {
                corrected.insert(refusal.at, accepted.ingested_at_ms);
                self.open_rows -= 1;
            }
            !is_corrected
        });
        if refusals.is_empty() {
            self.open.remove(&accepted.id);
        }
        if !texts.is_empty() {
            let settled = texts.into_iter().map(|raw| (raw, accepted.ingested_at_ms));
            self.settled.entry(accepted.id).or_default().extend(settled);
        }
    }
}

/// The bronze partitions by the names under which silver knows them.
struct Sources {
    all: Vec<(SourceId, BronzePartition)>,
}

impl Sources {
    fn new(partitions: u32) -> Self {
        let named = |bronze: BronzePartition| (bronze.source_id(), bronze);
        Self { all: BronzePartition::all(partitions).map(named).collect() }
    }

    /// The accepted row that a record of silver tells of.
    fn accepted(&mut self, record: &Record<'_>) -> Result<Option<Accepted>, CodecError> {
        let Some(origin) = record.headers.origin else { return Ok(None) };
        let place = self.all.iter().position(|(source_id, _)| source_id == origin.source_id);
        let (Some(place), Some(offset)) = (place, origin.origin.checked_sub(1)) else {
            return Ok(None);
        };
        // Records that lie together are of the same source.
        self.all.swap(0, place);
        let id = match SilverEvent::decode(record.payload)? {
            SilverEvent::Purchase(purchase) => (Kind::Purchases, purchase.purchase_id.into()),
            SilverEvent::Customer(customer) => (Kind::Customers, customer.customer_id.into()),
        };
        let ingested_at_ms = record.headers.ingested_at_ms;
        Ok(Some(Accepted { id, at: (self.all[0].1, offset), ingested_at_ms }))
    }
}

//! An empty log is filled from bronze of a lake, in the order in which its rows stood. One that was interrupted goes
//! on: what the log has already is held against the lake, row by row, before anything is appended.

use crate::error::LakeError;
use crate::ledger::Ledger;
use crate::limits::RESTORE_BATCH_ROWS;
use crate::names::{DataName, Dataset};
use crate::objects::Lake;
use crate::rows::BronzeRows;
use crate::sheet;
use futures::future::BoxFuture;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::column::Kind;
use goldstream_domain::progress::BronzePartition;
use goldstream_domain::record::{BlockBuilder, Headers};
use goldstream_platform::limits::{APPENDS_IN_FLIGHT_MAX, BLOCK_BYTES_MAX};
use goldstream_platform::log::{Appended, Log, LogError, TopicPartition};
use object_store::path::Path;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Restored {
    /// Rows that the log had already.
    pub were_there: u64,
    /// Rows that were appended.
    pub appended: u64,
}

/// Fills the log. `progress` hears how many rows are there of how many.
///
/// # Errors
/// [`LakeError::Refused`] where the log has rows that the lake has not, and nothing was appended.
pub async fn restore(
    lake: &Lake,
    partitions: u32,
    log: &dyn Log,
    progress: impl Fn(u64, u64),
) -> Result<Restored, LakeError> {
    let mut all = Vec::new();
    let mut restored = Restored::default();
    for at in BronzePartition::all(partitions) {
        let files = files_of(lake, at).await?;
        let were_there = compare(lake, at, files.clone(), log).await?;
        restored.were_there += were_there;
        all.push((at, files, were_there));
    }
    let of_rows = all.iter().flat_map(|(_, files, _)| files).map(|file| file.rows).sum();
    let of_rows = restored.were_there.max(of_rows);
    for (at, files, were_there) in all {
        append(lake, at, files, (log, were_there), |appended| {
            restored.appended += appended;
            progress(restored.were_there + restored.appended, of_rows);
        })
        .await?;
    }
    Ok(restored)
}

/// A file of a partition.
#[derive(Debug, Clone)]
struct BronzeFile {
    path: String,
    first: u64,
    /// 0 where nobody says it.
    rows: u64,
}

/// The files of a partition, in the order of their first positions. A copy without ledgers has what stands in it.
async fn files_of(lake: &Lake, at: BronzePartition) -> Result<VecDeque<BronzeFile>, LakeError> {
    let dataset = Dataset::Bronze(at.kind);
    let ledger = Ledger { lake: lake.clone(), at: at.into(), writer: String::new() };
    let found: Vec<_> = match ledger.newest().await? {
        Some(entry) => entry.files.into_iter().map(|file| (file.path, file.rows)).collect(),
        None => {
            let listed = lake.list(&Path::from(dataset.folder())).await?;
            listed.into_iter().map(|path| (path.to_string(), 0)).collect()
        }
    };
    let mut files: Vec<_> = found
        .into_iter()
        .filter_map(|(path, rows)| {
            let span = DataName::parse(dataset, &path)?.span;
            (span.partition == at.partition).then_some(BronzeFile { path, first: span.first, rows })
        })
        .collect();
    files.sort_unstable_by_key(|file| file.first);
    Ok(files.into())
}

/// The rows of a partition, in order, from files that may lie across each other.
struct Rows<'a> {
    lake: &'a Lake,
    kind: Kind,
    closed: VecDeque<BronzeFile>,
    open: Vec<Open>,
    /// Position of the next row of each open file.
    next: BinaryHeap<Reverse<(u64, usize)>>,
    last: Option<u64>,
}

struct Open {
    path: String,
    reader: Option<ParquetRecordBatchReader>,
    rows: Option<BronzeRows>,
}

impl Open {
    /// Position of its next row; none at its end.
    fn position(&mut self, kind: Kind) -> Result<Option<u64>, LakeError> {
        loop {
            if let Some(position) = self.rows.as_ref().and_then(BronzeRows::position) {
                return Ok(Some(position));
            }
            let Some(batch) = self.reader.as_mut().and_then(Iterator::next) else {
                (self.reader, self.rows) = (None, None);
                return Ok(None);
            };
            self.rows = Some(BronzeRows::new(kind, &batch?)?);
        }
    }
}

impl<'a> Rows<'a> {
    fn new(lake: &'a Lake, kind: Kind, files: VecDeque<BronzeFile>) -> Self {
        Self { lake, kind, closed: files, open: Vec::new(), next: BinaryHeap::new(), last: None }
    }

    /// Opens the files that may have the next row.
    async fn open_next(&mut self) -> Result<(), LakeError> {
        while let Some(file) = self.closed.pop_front_if(|file| match self.next.peek() {
            Some(Reverse((position, _))) => file.first <= *position,
            None => true,
        }) {
            let bytes = self.lake.must_get(&Path::from(&*file.path)).await?;
            let (_, reader) = sheet::read(bytes, RESTORE_BATCH_ROWS)?;
            let mut open = Open { path: file.path, reader: Some(reader), rows: None };
            if let Some(position) = open.position(self.kind)? {
                self.next.push(Reverse((position, self.open.len())));
            }
            self.open.push(open);
        }
        Ok(())
    }

    /// Hands the next row over; none behind the last.
    async fn take<T>(
        &mut self,
        make: impl FnOnce(Headers<'_>, &BronzeRow<'_>) -> T,
    ) -> Result<Option<T>, LakeError> {
        self.open_next().await?;
        let Some(Reverse((position, at))) = self.next.pop() else { return Ok(None) };
        let open = &mut self.open[at];
        if self.last.is_some_and(|last| last >= position) {
            return Err(LakeError::damaged(
                &open.path,
                format!("its row {position} stands in another file, too"),
            ));
        }
        self.last = Some(position);
        let made = open.rows.as_mut().map(|rows| rows.take(make)).transpose()?;
        if let Some(position) = open.position(self.kind)? {
            self.next.push(Reverse((position, at)));
        }
        Ok(made)
    }
}

/// How many rows the log has already; refused where they are not the lake's.
async fn compare(
    lake: &Lake,
    at: BronzePartition,
    files: VecDeque<BronzeFile>,
    log: &dyn Log,
) -> Result<u64, LakeError> {
    let partition = TopicPartition::from(at);
    let end = log.end(partition).await?;
    let (mut next, mut count) = (0, 0);
    let mut rows = Rows::new(lake, at.kind, files);
    while next < end {
        let Some(fetched) = log.read(partition, next).await? else { break };
        for (position, record) in (fetched.first..).zip(fetched.block.records()) {
            let record = record?;
            if position < next {
                continue;
            }
            let known = BronzeRow::decode(record.payload)?.to_json(at.kind);
            let is_it = rows
                .take(|headers, row| {
                    (headers.origin, headers.ingested_at_ms)
                        == (record.headers.origin, record.headers.ingested_at_ms)
                        && row.to_json(at.kind) == known
                })
                .await?;
            if is_it != Some(true) {
                return Err(LakeError::Refused(format!(
                    "the log has rows of its own: {partition} {position} is not what the lake {} has there; a \
                     lake is restored into an empty log only: give another --data-dir or --prefix",
                    lake.address()
                )));
            }
            count += 1;
        }
        next = fetched.first + fetched.block.len();
    }
    Ok(count)
}

/// An append whose acknowledgement has not come.
type Appending = BoxFuture<'static, Result<Appended, LogError>>;

/// Appends the rows behind so many that are there.
async fn append(
    lake: &Lake,
    at: BronzePartition,
    files: VecDeque<BronzeFile>,
    (log, were_there): (&dyn Log, u64),
    mut appended: impl FnMut(u64),
) -> Result<(), LakeError> {
    let mut rows = Rows::new(lake, at.kind, files);
    for _ in 0..were_there {
        rows.take(|_, _| ()).await?;
    }
    let mut under_way: VecDeque<(u64, Appending)> = VecDeque::new();
    let mut block = BlockBuilder::default();
    loop {
        let taken = rows.take(|headers, row| block.push(headers, |out| row.encode(out))).await?;
        let is_over = taken.is_none();
        if !block.is_empty() && (is_over || block.size_bytes() >= BLOCK_BYTES_MAX) {
            let count = block.len();
            under_way.push_back((count, log.append(vec![(at.into(), block.take())])));
        }
        while under_way.len() > APPENDS_IN_FLIGHT_MAX || (is_over && !under_way.is_empty()) {
            let Some((count, append)) = under_way.pop_front() else { break };
            append.await?;
            appended(count);
        }
        if is_over {
            return Ok(());
        }
    }
}

//! A roll: the rows of a stretch of one partition become files, each put once. Two writers that make the same roll
//! make the same files.

use crate::entry::{DataFile, Entry, Pending, Rolled};
use crate::error::LakeError;
use crate::ledger::Ledger;
use crate::names::{DataName, Dataset};
use crate::rows::{Files, Placed};
use crate::sheet;
use bytes::Bytes;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::codec::CodecError;
use goldstream_domain::progress::LastApplied;
use goldstream_domain::record::Block;
use goldstream_platform::log::{Log, Topic};
use object_store::path::Path;
use std::sync::Arc;

/// Records of a partition with the position of the first.
pub(crate) type Placement = (u64, Arc<Block>);

/// Announces the roll of these records and makes it. What it says of an entry is then the newest one.
///
/// # Errors
/// [`LakeError`]; it may be made again from the newest entry.
pub(crate) async fn roll(
    ledger: &Ledger,
    entry: &Entry,
    blocks: &[Placement],
    to: u64,
) -> Result<Entry, LakeError> {
    let (rolled, files) = make(ledger, entry, blocks, to)?;
    if files.is_empty() {
        // Nothing is to be announced: none of the rows is kept, or they are in the ledger alone.
        return ledger.append(entry.rolled(to, rolled)).await;
    }
    let announced = ledger.append(entry.to_roll(to, rolled.last)).await?;
    ledger.lake.put_all_once(files).await?;
    ledger.append(announced.rolled(to, rolled)).await
}

/// Makes a roll that another writer has announced, from the log. Where the log has other records by now, as one that
/// was restored from this lake, it is given up, and what was put for it is removed.
pub(crate) async fn make_announced(
    ledger: &Ledger,
    entry: &Entry,
    (to, announced): (u64, Option<LastApplied>),
    log: &dyn Log,
) -> Result<Entry, LakeError> {
    let mut blocks = Vec::new();
    let mut next = entry.next;
    while next < to {
        let Some(fetched) = log.read(ledger.at, next).await? else {
            return give_up(ledger, entry, to).await;
        };
        next = fetched.first + fetched.block.len();
        blocks.push((fetched.first, fetched.block));
    }
    let (rolled, files) = make(ledger, entry, &blocks, to)?;
    if announced != rolled.last {
        return give_up(ledger, entry, to).await;
    }
    ledger.lake.put_all_once(files).await?;
    ledger.append(entry.rolled(to, rolled)).await
}

async fn give_up(ledger: &Ledger, entry: &Entry, to: u64) -> Result<Entry, LakeError> {
    tracing::info!(at = %ledger.at, "the log has other records than those that were being written");
    let span = entry.span(to);
    for dataset in Dataset::of(ledger.at.topic) {
        ledger.lake.remove_data(dataset, |name| name.span == span).await?;
    }
    ledger.append(entry.settled()).await
}

/// The files of a roll, and what is known once they stand there.
fn make(
    ledger: &Ledger,
    entry: &Entry,
    blocks: &[Placement],
    to: u64,
) -> Result<(Rolled, Vec<(Path, Bytes)>), LakeError> {
    debug_assert!(matches!(entry.pending, None | Some(Pending::Roll { .. })));
    let mut chain = entry.chain.clone();
    let mut rows = Files::new(ledger.at.topic);
    let mut last = None;
    for (first, block) in blocks {
        for (position, record) in (*first..).zip(block.records()) {
            let record = record?;
            if !(entry.next..to).contains(&position) {
                continue;
            }
            last = Some((position, record.payload));
            if record.headers.is_next_in(&mut chain) {
                let placed =
                    Placed { partition: ledger.at.partition, position, headers: record.headers };
                rows.push(placed, record.payload)?;
            }
        }
    }
    let last = last.map(|(position, payload)| mark(ledger.at.topic, position, payload));
    let last = last.transpose()?;
    let (mut of_ledger, mut files) = (Vec::new(), Vec::new());
    for ((dataset, folder), columns) in rows.into_columns() {
        let batch = columns.finish()?;
        let schema = batch.schema();
        let (bytes, rows) = sheet::write(&schema, [Ok(batch)])?;
        let path = DataName { dataset, folder, span: entry.span(to) }.path();
        files.push((Path::from(&*path), bytes.clone()));
        of_ledger.push(DataFile { path, rows, bytes: bytes.len() as u64 });
    }
    Ok((Rolled { last, chain, files: of_ledger }, files))
}

/// What tells a record from any other at its position. A row of bronze is known by its JSON, the one form that every
/// log gives back.
pub(crate) fn mark(topic: Topic, position: u64, payload: &[u8]) -> Result<LastApplied, CodecError> {
    let Topic::Bronze(kind) = topic else { return Ok(LastApplied::new(position, payload)) };
    let mut json = Vec::new();
    BronzeRow::decode(payload)?.write_json(kind, &mut json);
    Ok(LastApplied::new(position, &json))
}

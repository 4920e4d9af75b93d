//! Many small files of a partition and month become one: it is put, the ledger says so, and then those that are in
//! it are removed.

use crate::entry::{DataFile, Entry, Pending};
use crate::error::LakeError;
use crate::ledger::Ledger;
use crate::objects::Put;
use crate::sheet;
use object_store::path::Path;

/// Rows that are taken at a time from each file.
const BATCH_ROWS: usize = 1_024;

/// Makes what the entry announces, and then what follows from it.
pub(crate) async fn finish(ledger: &Ledger, mut entry: Entry) -> Result<Entry, LakeError> {
    loop {
        entry = match &entry.pending {
            Some(Pending::Merge { from, into }) => {
                let merged = merge(ledger, from, into).await;
                let file = ledger.unless_overtaken(&entry, merged).await?;
                ledger.append(entry.merged(from, file)).await?
            }
            Some(Pending::Remove(paths)) => {
                remove(ledger, paths).await?;
                ledger.append(entry.settled()).await?
            }
            Some(Pending::Roll { .. }) | None => return Ok(entry),
        };
    }
}

async fn merge(ledger: &Ledger, from: &[String], into: &str) -> Result<DataFile, LakeError> {
    let (lake, into) = (&ledger.lake, Path::from(into));
    let mut readers = Vec::new();
    let mut schema = None;
    for path in from {
        let file = lake.must_get(&Path::from(&**path)).await?;
        let (of_file, reader) = sheet::read(file, BATCH_ROWS)?;
        schema.get_or_insert(of_file);
        readers.push(reader);
    }
    let schema = schema.ok_or_else(|| LakeError::damaged(&into, "it is made of no file"))?;
    let batches = readers.into_iter().flatten().map(|batch| batch.map_err(LakeError::from));
    let (bytes, rows) = sheet::write(&schema, batches)?;
    let mut size = bytes.len() as u64;
    if lake.put_once(&into, bytes).await? == Put::WasThere {
        // Perhaps by another writer, whose file need not be as long.
        size = lake.must_get(&into).await?.len() as u64;
    }
    Ok(DataFile { path: into.to_string(), rows, bytes: size })
}

async fn remove(ledger: &Ledger, paths: &[String]) -> Result<(), LakeError> {
    let paths: Vec<Path> = paths.iter().map(|path| Path::from(&**path)).collect();
    ledger.lake.remove_all(paths).await
}

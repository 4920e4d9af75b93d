//! Entries of a shard's feed read back as commits.
//!
//! ```text
//! <to>-0  from, head, ingested_at_ms      every entry
//!         customers … hours               new rows of a table, one line of JSON each
//!         deleted                         deleted rows, a line of table and JSON each
//!         accepted                        the purchases it lists, a JSON array
//!         traces                          those of its rows that are traced, a traceparent a line
//! ```

use super::{reply, rows};
use crate::store::{Changes, Commit, ShardId};
use crate::trace::TraceContext;
use ::redis::Value;
use goldstream_domain::gold::rows::{PlacedRow, RowChange, RowFate, Table};
use goldstream_domain::json;
use goldstream_domain::progress::{GoldHead, SilverHead};

/// Names of the fields of an entry.
pub(super) mod field {
    pub(in crate::redis) const FROM: &str = "from";
    pub(in crate::redis) const HEAD: &str = "head";
    pub(in crate::redis) const INGESTED_AT_MS: &str = "ingested_at_ms";
    pub(in crate::redis) const DELETED: &str = "deleted";
    pub(in crate::redis) const ACCEPTED: &str = "accepted";
    pub(in crate::redis) const TRACES: &str = "traces";
}

/// An entry as it came.
#[derive(Debug, Default)]
struct Raw {
    from: Option<u64>,
    ingested_at_ms: Option<i64>,
    head: Vec<u8>,
    accepted: Vec<u8>,
    traces: Vec<TraceContext>,
    rows: Vec<RowChange>,
}

/// The commit of an entry `[id, [field, value, …]]`, its claims left out. None if it is none.
pub(super) fn read(shard: &ShardId, entry: Value) -> Option<Commit> {
    let [id, fields] = reply::array(entry)?;
    let to = position_of(&reply::text(id)?)?;
    let mut raw = Raw::default();
    for (name, value) in reply::pairs(fields)? {
        raw.add(&reply::bytes(name)?, reply::bytes(value)?)?;
    }
    let changes = match shard {
        ShardId::Silver(_) => {
            let head: SilverHead = serde_json::from_slice(&raw.head).ok()?;
            Changes::Silver { head, claims: Vec::new() }
        }
        ShardId::Gold(_) => {
            let head: GoldHead = serde_json::from_slice(&raw.head).ok()?;
            let accepted = match raw.accepted.as_slice() {
                [] => Vec::new(),
                json => json::read(json).ok()?,
            };
            Changes::Gold { head, rows: raw.rows, accepted }
        }
        ShardId::Source(_) => return None,
    };
    let Raw { ingested_at_ms, traces, .. } = raw;
    Some(Commit { shard: shard.clone(), from: raw.from?, to, ingested_at_ms, traces, changes })
}

/// The id of the entry that ends at this position.
pub(super) fn id(position: u64) -> String {
    format!("{position}-0")
}

fn position_of(id: &str) -> Option<u64> {
    id.strip_suffix("-0")?.parse().ok()
}

impl Raw {
    /// Takes one field. None if it cannot be read.
    fn add(&mut self, name: &[u8], mut value: Vec<u8>) -> Option<()> {
        if let Some(table) = rows::table_named(name) {
            for line in value.split_mut(|byte| *byte == b'\n') {
                self.rows.push(change(rows::read(table, line)?, RowFate::Stands));
            }
            return Some(());
        }
        let number = |value: &[u8]| std::str::from_utf8(value).ok()?.parse::<i64>().ok();
        match std::str::from_utf8(name).ok()? {
            field::FROM => self.from = Some(u64::try_from(number(&value)?).ok()?),
            field::INGESTED_AT_MS => self.ingested_at_ms = Some(number(&value)?),
            field::HEAD => self.head = value,
            field::ACCEPTED => self.accepted = value,
            // One that cannot be read costs a trace its end, and nothing else.
            field::TRACES => {
                let lines = String::from_utf8_lossy(&value);
                self.traces = lines.lines().filter_map(|line| line.parse().ok()).collect();
            }
            field::DELETED => {
                for line in value.split_mut(|byte| *byte == b'\n') {
                    self.rows.push(change(deleted(line)?, RowFate::Deleted));
                }
            }
            // A later version may say more.
            _ => {}
        }
        Some(())
    }
}

/// A line of table and row.
fn deleted(line: &mut [u8]) -> Option<PlacedRow> {
    let space = line.iter().position(|byte| *byte == b' ')?;
    let (name, row) = line.split_at_mut(space);
    let table: Table = rows::table_named(name)?;
    rows::read(table, row.get_mut(1..)?)
}

fn change(placed: PlacedRow, fate: RowFate) -> RowChange {
    RowChange { slot: placed.slot, row: placed.row, fate }
}

//! The image of a gold shard: rows are scanned while commits go on, then the feed's entries from
//! the position before the scan to the one after it are laid over them.

use super::keys::table_hash;
use super::load_try::{Head, Outcome, StoredHead, Try};
use super::{entry, reply, rows};
use crate::limits::{SCAN_FIELDS, STREAM_READ_ENTRIES_MAX};
use crate::store::{Changes, Content, Image, StoreError};
use ::redis::{Cmd, Value, cmd};
use goldstream_domain::gold::rows::{PlacedRow, Row, RowChange, RowFate, Table};
use std::collections::BTreeMap;

/// Rows by place: one that a scan gives twice, or that changed its place, is one row in the end.
type Places = BTreeMap<(Table, u32), Row>;

/// Where a scan begins and ends.
const START: &str = "0";

/// What a scan, or laying the feed over its rows, came to.
#[derive(PartialEq, Eq)]
enum Reached {
    End,
    /// Something in between is missing.
    Gap,
}

pub(super) async fn load(this: &mut Try<'_>, first: StoredHead) -> Result<Outcome, StoreError> {
    let mut places = Places::new();
    for table in Table::ALL {
        if scan(this, table, &mut places).await? == Reached::Gap {
            return Ok(Outcome::Changing);
        }
    }
    let Head::Stored(last) = this.head().await? else { return Ok(Outcome::Changing) };
    // Less than before: the store went back meanwhile.
    if last.position < first.position {
        return Ok(Outcome::Changing);
    }
    if catch_up(this, first.position, last.position, &mut places).await? == Reached::Gap {
        return Ok(Outcome::Changing);
    }
    if let Some(doubt) = miscounted(this, &last, &places) {
        return Ok(Outcome::Doubtful(doubt));
    }
    let place = |((_, slot), row)| PlacedRow { slot, row };
    let rows = places.into_iter().map(place).collect();
    let content = Content::Gold { head: this.parse(&last.json)?, rows };
    Ok(Outcome::Image(Image { position: last.position, content }))
}

async fn scan(
    this: &mut Try<'_>,
    table: Table,
    places: &mut Places,
) -> Result<Reached, StoreError> {
    let key = this.keys().hash(this.shard, table_hash(table));
    let shared = this.shared;
    let unreadable = || shared.unreadable(&key);
    let mut answer = this.lane.query(&mut step(&key, START)).await?;
    let detours = this.lane.detours();
    loop {
        let [cursor, fields] = reply::array(answer).ok_or_else(unreadable)?;
        let cursor = reply::text(cursor).ok_or_else(unreadable)?;
        let take = || take(table, fields, places).ok_or_else(unreadable);
        // A step means nothing to another server than that of the step before.
        if this.lane.detours() != detours {
            return Ok(Reached::Gap);
        }
        if cursor == START {
            return take().map(|()| Reached::End);
        }
        // The next step is on its way before the rows of this one are taken.
        let mut next = step(&key, &cursor);
        let taking = async {
            tokio::task::yield_now().await;
            take()
        };
        answer = futures::try_join!(this.lane.query(&mut next), taking)?.0;
    }
}

/// One step of a scan.
fn step(key: &str, cursor: &str) -> Cmd {
    let mut step = cmd("HSCAN");
    step.arg(key).arg(cursor).arg("COUNT").arg(SCAN_FIELDS);
    step
}

/// Takes the rows of a flat array of fields and values. None if one cannot be read.
fn take(table: Table, fields: Value, places: &mut Places) -> Option<()> {
    for (_, value) in reply::pairs(fields)? {
        let PlacedRow { slot, row } = rows::read(table, &mut reply::bytes(value)?)?;
        places.insert((table, slot), row);
    }
    Some(())
}

/// Lays the commits from one position to another over the rows.
async fn catch_up(
    this: &mut Try<'_>,
    from: u64,
    to: u64,
    places: &mut Places,
) -> Result<Reached, StoreError> {
    let key = this.keys().feed(this.shard);
    let mut position = from;
    while position < to {
        let mut ask = cmd("XRANGE");
        ask.arg(&key).arg(format!("({}", entry::id(position))).arg(entry::id(to));
        ask.arg("COUNT").arg(STREAM_READ_ENTRIES_MAX);
        let entries = reply::items(this.lane.query(&ask).await?).unwrap_or_default();
        if entries.is_empty() {
            return Ok(Reached::Gap);
        }
        for entry in entries {
            let commit = entry::read(this.shard, entry).ok_or_else(|| this.unreadable(&key))?;
            if commit.from != position {
                return Ok(Reached::Gap);
            }
            position = commit.to;
            if let Changes::Gold { rows, .. } = commit.changes {
                rows.into_iter().for_each(|change| apply(places, change));
            }
        }
    }
    Ok(Reached::End)
}

fn apply(places: &mut Places, change: RowChange) {
    let place = (change.row.table(), change.slot);
    match change.fate {
        RowFate::Stands => places.insert(place, change.row),
        RowFate::Deleted => places.remove(&place),
    };
}

/// A sentence if a table has not as many rows as were written.
fn miscounted(this: &Try<'_>, head: &StoredHead, places: &Places) -> Option<String> {
    Table::ALL.into_iter().zip(head.rows).find_map(|(table, written)| {
        let found = places.range((table, 0)..=(table, u32::MAX)).count() as u64;
        let key = this.keys().hash(this.shard, table_hash(table));
        (found != written).then(|| format!("{key} has {found} rows, but {written} were written"))
    })
}

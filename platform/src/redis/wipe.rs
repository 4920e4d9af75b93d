//! Finding and deleting everything under one prefix.

use super::keys::Keys;
use super::link::Link;
use super::reply;
use crate::limits::SCAN_KEYS;
use crate::store::StoreError;
use ::redis::{Value, cmd};
use std::collections::BTreeSet;

/// All keys of a prefix, the topology's last.
pub(super) async fn keys_of(link: &Link, keys: &Keys) -> Result<Vec<Vec<u8>>, StoreError> {
    let unreadable = || StoreError::Damaged("redis gave a list of keys that is none".to_owned());
    let mut found = BTreeSet::new();
    let mut cursor = "0".to_owned();
    loop {
        let mut ask = cmd("SCAN");
        ask.arg(&cursor).arg("MATCH").arg(keys.shards_pattern()).arg("COUNT").arg(SCAN_KEYS);
        let answer = reply::array::<2>(link.query(&ask).await?);
        let [next, names] = answer.ok_or_else(unreadable)?;
        found.extend(
            reply::items(names).ok_or_else(unreadable)?.into_iter().filter_map(reply::bytes),
        );
        cursor = reply::text(next).ok_or_else(unreadable)?;
        if cursor == "0" {
            break;
        }
    }
    let mut all: Vec<_> = found.into_iter().collect();
    if link.query(cmd("EXISTS").arg(keys.topology())).await? == Value::Int(1) {
        all.push(keys.topology().into_bytes());
    }
    Ok(all)
}

/// Deletes all keys of a prefix and gives their number. The topology goes last: where this is
/// interrupted, nobody can begin another store on the rest of this one.
pub(super) async fn wipe(link: &Link, keys: &Keys) -> Result<u64, StoreError> {
    let all = keys_of(link, keys).await?;
    for batch in all.chunks(SCAN_KEYS) {
        link.query(cmd("UNLINK").arg(batch)).await?;
    }
    Ok(all.len() as u64)
}

//! Finding what stands under one prefix, and deleting it.

use super::keys::Keys;
use super::link::Link;
use super::links::Links;
use super::reply;
use super::slots::slot_of;
use crate::generations::ROWS;
use crate::limits::SCAN_KEYS;
use crate::store::StoreError;
use ::redis::{Value, cmd};
use goldstream_domain::chain::SourceId;
use std::collections::{BTreeMap, BTreeSet};

/// All keys of a prefix, of every generation; the first topology and then the ledger last.
pub(super) async fn keys_of(links: &Links, keys: &Keys) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut found = BTreeSet::new();
    for link in links.all().await? {
        scan(&link, &keys.all_pattern(), &mut found).await?;
    }
    found.retain(|key| keys.is_ours(key));
    for last in last_keys(keys) {
        found.remove(last.as_bytes());
    }
    let mut all: Vec<_> = found.into_iter().collect();
    for last in last_keys(keys) {
        if links.query(cmd("EXISTS").arg(&last)).await? == Value::Int(1) {
            all.push(last.into_bytes());
        }
    }
    Ok(all)
}

/// What says that there is a store.
fn last_keys(keys: &Keys) -> [String; 2] {
    [keys.topology(), keys.ledger()]
}

/// Deletes the keys of one generation: those of its shards, then its topology. What is of none stays.
pub(super) async fn remove(links: &Links, keys: &Keys) -> Result<(), StoreError> {
    let mut found = BTreeSet::new();
    for link in links.all().await? {
        scan(&link, &keys.shards_pattern(), &mut found).await?;
    }
    let prefix = keys.prefix();
    let of_none = ["{source/", "{processes}", "{documents}"];
    let rest = of_none.map(|name| format!("{prefix}:{ROWS}:{name}"));
    found.retain(|key| !rest.iter().any(|rest| key.starts_with(rest.as_bytes())));
    let found: Vec<_> = found.into_iter().collect();
    for batch in batches(links, &found) {
        links.query(cmd("UNLINK").arg(batch)).await?;
    }
    links.query(cmd("UNLINK").arg(keys.topology())).await.map(|_| ())
}

/// The sources that have a head.
pub(super) async fn sources(links: &Links, keys: &Keys) -> Result<Vec<SourceId>, StoreError> {
    let mut found = BTreeSet::new();
    for link in links.all().await? {
        scan(&link, &keys.sources_pattern(), &mut found).await?;
    }
    let heads = found.iter().filter_map(|head| std::str::from_utf8(head).ok());
    Ok(heads.filter_map(|head| keys.source_of(head)).map(SourceId::from).collect())
}

/// The keys of shards that one server has.
async fn scan(link: &Link, pattern: &str, found: &mut BTreeSet<Vec<u8>>) -> Result<(), StoreError> {
    let unreadable = || StoreError::Damaged("redis gave a list of keys that is none".to_owned());
    let mut cursor = "0".to_owned();
    loop {
        let mut ask = cmd("SCAN");
        ask.arg(&cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(SCAN_KEYS);
        let answer = reply::array::<2>(link.query(&ask).await?);
        let [next, names] = answer.ok_or_else(unreadable)?;
        found.extend(
            reply::items(names).ok_or_else(unreadable)?.into_iter().filter_map(reply::bytes),
        );
        cursor = reply::text(next).ok_or_else(unreadable)?;
        if cursor == "0" {
            return Ok(());
        }
    }
}

/// Deletes all keys of a prefix and gives their number. The topology and the ledger go last: where this is
/// interrupted, nobody can begin another store on the rest of this one.
pub(super) async fn wipe(links: &Links, keys: &Keys) -> Result<u64, StoreError> {
    let mut all = keys_of(links, keys).await?;
    let count = all.len() as u64;
    let is_last = |key: &Vec<u8>| last_keys(keys).iter().any(|last| last.as_bytes() == &**key);
    let last: Vec<_> = all.extract_if(.., |key| is_last(key)).collect();
    for batch in batches(links, &all) {
        links.query(cmd("UNLINK").arg(batch)).await?;
    }
    for key in last {
        links.query(cmd("UNLINK").arg(key)).await?;
    }
    Ok(count)
}

/// Keys that one command may name: in a cluster, those of one slot.
fn batches<'a>(links: &Links, all: &'a [Vec<u8>]) -> Vec<Vec<&'a [u8]>> {
    let mut groups: BTreeMap<u16, Vec<&[u8]>> = BTreeMap::new();
    for key in all {
        let group = if links.is_cluster() { slot_of(key) } else { 0 };
        groups.entry(group).or_default().push(key);
    }
    let batches = groups.values().flat_map(|keys| keys.chunks(SCAN_KEYS));
    batches.map(<[_]>::to_vec).collect()
}

//! The last accepted purchases, found in the log by a server that begins: commits tell of later ones only.

use super::state::Loaded;
use crate::limits::{PURCHASES_SCAN_MAX, PURCHASES_TOP_MAX};
use goldstream_domain::codec::CodecError;
use goldstream_domain::gold::rows::{CustomerId, Row};
use goldstream_domain::record::Record;
use goldstream_domain::silver::SilverEvent;
use goldstream_platform::log::{Log, LogError, Topic, TopicPartition};
use goldstream_platform::store::AcceptedPurchase;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The newest first. Their countries are those that the loaded customers have.
pub(super) async fn last(
    log: &dyn Log,
    loaded: &Loaded,
) -> Result<Vec<AcceptedPurchase>, LogError> {
    let mut all = Vec::new();
    for (partition, (placed, _)) in (0..).zip(&loaded.gold) {
        let at = TopicPartition::new(Topic::Silver, partition);
        all.extend(tail(log, at, placed.position).await?);
    }
    // Those of one partition stand in its order already.
    all.sort_by_key(|purchase| Reverse(purchase.ingested_at_ms));
    all.truncate(PURCHASES_TOP_MAX);
    find_countries(&mut all, loaded);
    Ok(all)
}

/// The last of one partition that gold has counted, the newest first. There are fewer where the last
/// records are customers.
async fn tail(
    log: &dyn Log,
    at: TopicPartition,
    counted_to: u64,
) -> Result<Vec<AcceptedPurchase>, LogError> {
    let mut next = counted_to.saturating_sub(PURCHASES_SCAN_MAX);
    let mut purchases = Vec::new();
    while next < counted_to {
        let Some(fetched) = log.read(at, next).await? else { break };
        for (position, record) in (fetched.first..).zip(fetched.block.records()) {
            let purchase = record.and_then(|record| purchase(&record));
            let purchase = purchase.map_err(|error| LogError::Damaged(format!("{at}: {error}")))?;
            if (next..counted_to).contains(&position) {
                purchases.extend(purchase);
            }
        }
        next = fetched.first + fetched.block.len();
    }
    // What was sent again after a failure stands there twice: it was counted where it stood first.
    let mut seen = HashSet::new();
    purchases.retain(|purchase| seen.insert(Arc::clone(&purchase.purchase_id)));
    purchases.reverse();
    purchases.truncate(PURCHASES_TOP_MAX);
    Ok(purchases)
}

fn purchase(record: &Record<'_>) -> Result<Option<AcceptedPurchase>, CodecError> {
    let SilverEvent::Purchase(purchase) = SilverEvent::decode(record.payload)? else {
        return Ok(None);
    };
    Ok(Some(AcceptedPurchase {
        purchase_id: purchase.purchase_id.into(),
        customer_id: purchase.customer_id.into(),
        purchased_at: purchase.purchased_at,
        amount_cents: purchase.amount_cents,
        product: purchase.product.into(),
        country: None,
        ingested_at_ms: record.headers.ingested_at_ms,
    }))
}

fn find_countries(purchases: &mut [AcceptedPurchase], loaded: &Loaded) {
    let wanted = purchases.iter().map(|purchase| CustomerId::new(&*purchase.customer_id));
    let wanted: HashSet<CustomerId> = wanted.collect();
    let rows = loaded.gold.iter().flat_map(|(_, rows)| rows);
    let countries = rows.filter_map(|placed| match &placed.row {
        Row::Customer(row) if wanted.contains(&row.customer_id) => {
            Some((row.customer_id.clone(), row.country.clone()?))
        }
        _ => None,
    });
    let countries: HashMap<_, _> = countries.collect();
    for purchase in purchases {
        purchase.country = countries.get(&CustomerId::new(&*purchase.customer_id)).cloned();
    }
}

//! Before anything is written to a lake: it is waited for while it is away, and must be of this store.

use crate::error::LakeError;
use crate::ledger::Ledger;
use crate::limits::SAY_PACE;
use crate::manifest::Manifest;
use crate::names::Dataset;
use crate::objects::{Backoff, Lake};
use crate::work::{NAME, must_be_of_log};
use crate::world::{Serving, World};
use goldstream_domain::progress::BronzePartition;
use goldstream_platform::lakes::LakeStatus;
use goldstream_platform::log::{Topic, TopicPartition};
use std::collections::BTreeSet;
use std::time::Instant;

/// Waits for a lake that is away.
pub(crate) async fn begin(world: &World, serving: &Serving) -> Result<(), LakeError> {
    let (mut backoff, mut said) = (Backoff::default(), None::<Instant>);
    world.board.tell(LakeStatus::of(world.lake.address()));
    loop {
        match must_be_ours(world, serving).await {
            Ok(()) => {
                world.health.clear(NAME);
                return Ok(());
            }
            Err(error) if error.is_passing() => {
                let words = format!("{} is away: {error}", world.lake.address());
                if said.is_none_or(|said| said.elapsed() >= SAY_PACE) {
                    tracing::warn!("{words}");
                    said = Some(Instant::now());
                }
                world.health.report(NAME, words);
                backoff.wait().await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Begins the lake, or sees that it is one of this store.
async fn must_be_ours(world: &World, serving: &Serving) -> Result<(), LakeError> {
    let lake = &world.lake;
    Manifest::new(world.partitions, serving.future_days).begin(lake).await?;
    lake.sweep_halves();
    let ledger = |at| Ledger { lake: lake.clone(), at, writer: String::new() };
    for at in BronzePartition::all(world.partitions) {
        let ledger = ledger(at.into());
        if let Some(entry) = ledger.newest().await? {
            must_be_of_log(&ledger, &entry, &*serving.log).await?;
        }
    }
    for at in with_files(lake).await? {
        if ledger(at).newest().await?.is_none() {
            return Err(LakeError::Refused(format!(
                "the lake {} has files of {at}, but no ledger of them (_log): it is part of a copy. goldstream \
                 restore reads it; rows are written to a whole one, or to one that is empty",
                lake.address()
            )));
        }
    }
    Ok(())
}

/// The partitions of which there are files.
async fn with_files(lake: &Lake) -> Result<BTreeSet<TopicPartition>, LakeError> {
    let mut found = BTreeSet::new();
    for topic in Topic::ALL {
        for dataset in Dataset::of(topic) {
            let names = lake.data_files(dataset).await?.into_iter();
            found.extend(names.map(|name| TopicPartition::new(topic, name.span.partition)));
        }
    }
    Ok(found)
}

//! Before anything is written to a lake: it is waited for while it is away, and must be of this store.

use crate::error::LakeError;
use crate::ledger::Ledger;
use crate::limits::SAY_PACE;
use crate::objects::Backoff;
use crate::work::{NAME, must_be_of_log};
use crate::world::World;
use goldstream_domain::progress::BronzePartition;
use goldstream_platform::lakes::LakeStatus;
use std::time::Instant;

/// Waits for a lake that is away.
pub(crate) async fn begin(world: &World) -> Result<(), LakeError> {
    let (mut backoff, mut said) = (Backoff::default(), None::<Instant>);
    world.board.tell(LakeStatus::of(world.lake.address()));
    loop {
        match must_be_ours(world).await {
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
async fn must_be_ours(world: &World) -> Result<(), LakeError> {
    world.manifest.begin(&world.lake).await?;
    world.lake.sweep_halves();
    let (_, log) = (world.served)();
    for at in BronzePartition::all(world.manifest.partitions) {
        let (lake, writer) = (world.lake.clone(), String::new());
        let ledger = Ledger { lake, at: at.into(), writer };
        if let Some(entry) = ledger.newest().await? {
            must_be_of_log(&ledger, &entry, &*log).await?;
        }
    }
    Ok(())
}

//! `goldstream restore`: fills an empty log from bronze of a lake. What is counted follows from that.

use super::{LakeArgs, must_be_named};
use crate::backend::Backend;
use crate::finding;
use crate::outcome::Outcome;
use crate::signals;
use anyhow::{Context, bail};
use clap::Args;
use goldstream_lake::restore::{Restored, restore};
use goldstream_lake::{Manifest, address};
use goldstream_platform::settings::{LakeSettings, Settings};
use goldstream_platform::telemetry::say;
use goldstream_producers::progress::Progress;

#[derive(Args)]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    pub(crate) lake: LakeArgs,
}

pub(crate) fn run(settings: &Settings) -> anyhow::Result<Outcome> {
    let lake_settings = must_be_named(settings)?;
    if settings.servers.is_none() && finding::runs(&settings.data_dir) {
        bail!("{} is in use by a running goldstream: stop it first", settings.data_dir.display());
    }
    signals::run(|mut signals| async move {
        let restored = tokio::select! {
            restored = fill(settings, lake_settings) => restored?,
            outcome = signals.next() => {
                say("interrupted; the same command goes on");
                return Ok(outcome);
            }
        };
        let Restored { were_there, appended } = restored;
        say(&match (were_there, appended) {
            (0, appended) => format!("{appended} rows restored"),
            (all, 0) => format!("nothing to restore: all {all} rows are there"),
            (some, appended) => format!("{appended} rows restored, {some} were there"),
        });
        Ok(Outcome::Done)
    })
}

async fn fill(settings: &Settings, of: &LakeSettings) -> anyhow::Result<Restored> {
    let lake = address::open_existing(of)?;
    let manifest = Manifest::found(&lake).await.context("the lake cannot be read")?;
    let Some(manifest) = manifest else { bail!("there is no lake at {}", of.address) };
    if settings.partitions.is_some_and(|wanted| wanted != manifest.partitions) {
        bail!(
            "the rows of the lake {} stand in {} partitions, and are restored into as many: leave --partitions out",
            of.address,
            manifest.partitions
        );
    }
    // The rules by which its rows were counted, where nothing else is asked for.
    let settings = Settings {
        partitions: Some(manifest.partitions),
        future_days: settings.future_days.or(Some(manifest.future_days)),
        ..settings.clone()
    };
    let backend = Backend::open(&settings).await?;
    let bar = Progress::new(1);
    let show = |rows: u64, of_rows: u64| {
        bar.set(rows, (rows * 100).checked_div(of_rows).unwrap_or(100));
    };
    let restored = restore(&lake, manifest.partitions, &*backend.log, show).await;
    bar.finish_quietly();
    let closed = tokio::task::spawn_blocking(move || backend.close()).await?;
    let restored = restored?;
    closed?;
    Ok(restored)
}

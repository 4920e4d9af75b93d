//! On a data directory the rows are folded again beside what is served, by the goldstream that runs there, or by
//! this one where none runs. Nothing is lost by it at any moment, so nobody is asked.

use super::ending::{SHADOW_IS_THERE, ended};
use crate::ask::{self, Method};
use crate::backend::Backend;
use crate::finding::{must_have_store, of_question};
use crate::outcome::Outcome;
use crate::process::Process;
use crate::run::unserved;
use crate::signals;
use crate::version;
use anyhow::{Context, bail};
use goldstream_platform::embedded::{Embedded, OpenError};
use goldstream_platform::generations::Generation;
use goldstream_platform::limits::MEMBERS_PACE;
use goldstream_platform::rebuilding::{Anew, NotBegun, Wish};
use goldstream_platform::settings::Settings;
use goldstream_platform::telemetry::say;
use goldstream_producers::progress::Progress;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

pub(super) fn rebuild(settings: &Settings, wish: Wish) -> anyhow::Result<Outcome> {
    let settings = of_question(settings);
    let dir = settings.data_dir.clone();
    must_have_store(&dir)?;
    let days = settings.future_days;
    let is_shadow = is_shadow(wish);
    match Embedded::open_under(&dir, settings.partitions, None) {
        Err(OpenError::InUse(_)) if days.is_some() && !is_shadow => bail!(
            "{} is in use by a running goldstream, which keeps its own rules: end it, and give this again for \
             another number of future days",
            dir.display()
        ),
        Err(OpenError::InUse(_)) => by_the_running_one(settings, wish),
        opened => signals::run(|mut signals| async move {
            let file = opened?;
            let Some(process) = begin(file, &dir, (wish, days)).await? else {
                return Ok(Outcome::Done);
            };
            let rebuilt = tokio::select! {
                _ = std::future::ready(()), if is_shadow => {
                    say("the shadow is counted by the goldstream that runs on this directory next, or by goldstream diff");
                    Ok(Outcome::Done)
                }
                rebuilt = process.rebuilt(), if !is_shadow => rebuilt.map(|()| Outcome::Done),
                outcome = signals.next() => ended(outcome, "it goes on with the next start"),
            };
            process.end(signals, rebuilt).await
        }),
    }
}

fn is_shadow(wish: Wish) -> bool {
    matches!(wish, Wish::Anew(Anew { is_shadow: true, .. }))
}

/// A process that folds them; one that was begun before with the same rules goes on.
/// None where nothing is to be folded.
async fn begin(
    file: Embedded,
    dir: &Path,
    (wish, future_days): (Wish, Option<u32>),
) -> anyhow::Result<Option<Process>> {
    let next = file.next().map(|(generation, _)| generation);
    let is_wanted = |next: Generation, is_shadow: bool| {
        let days = next.topology.future_days;
        next.is_shadow == is_shadow && future_days.is_none_or(|wanted| wanted == days)
    };
    match wish {
        Wish::Abandon => return abandon(&file).await,
        Wish::Back => begin_back(&file, future_days).await?,
        Wish::Anew(anew) if next.is_some_and(|next| is_wanted(next, anew.is_shadow)) => {}
        Wish::Anew(anew) => file.begin_rebuild(anew).await.map_err(anyhow::Error::msg)?,
    }
    if file.next().is_none() {
        let version = file.served().0.topology.logic_version;
        say(&format!(
            "what logic version {version} folded is served again, as it stands: start the goldstream of that \
             version; this one would count all rows again"
        ));
        file.close().map_err(anyhow::Error::msg)?;
        return Ok(None);
    }
    let mut process = Process::new(Backend::embedded(file, dir))?;
    process.add_stages()?;
    // A second terminal finds it, and is answered.
    process.serve(unserved()?, &["consume", "serve"]).await?;
    Ok(Some(process))
}

async fn begin_back(file: &Embedded, future_days: Option<u32>) -> anyhow::Result<()> {
    if file.next().is_some() {
        bail!("{}", NotBegun::UnderWay);
    }
    let kept = file.kept().map(|kept| kept.generation.topology.future_days);
    if let (Some(kept), Some(wanted)) = (kept, future_days)
        && kept != wanted
    {
        bail!(
            "what is kept has future_days: {kept}, not {wanted}: there is no way back to other rules"
        );
    }
    file.begin_back().await.map_err(anyhow::Error::msg)
}

async fn abandon(file: &Embedded) -> anyhow::Result<Option<Process>> {
    let Some((next, _)) = file.next() else { bail!("no rebuild is under way") };
    file.abandon_rebuild().await.map_err(anyhow::Error::msg)?;
    say(&format!("generation {} is given up; what is served goes on", next.number));
    file.close().map_err(anyhow::Error::msg)?;
    Ok(None)
}

/// What of the status is looked at.
#[derive(Deserialize)]
struct Status {
    rebuild: Option<RebuildStatus>,
    troubles: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct RebuildStatus {
    rows: u64,
    of_rows: u64,
    shadow: bool,
    percent: u64,
}

/// Asks the running goldstream, and waits until it has done it.
fn by_the_running_one(settings: Settings, wish: Wish) -> anyhow::Result<Outcome> {
    signals::run(|mut signals| async move {
        let asked = tokio::task::spawn_blocking(move || {
            let how = match wish {
                Wish::Anew(Anew { keep_old_ms, future_days, is_shadow }) => {
                    let days = future_days.map(|days| format!("&future_days={days}"));
                    let days = days.unwrap_or_default();
                    format!("keep_old_ms={keep_old_ms}&shadow={is_shadow}{days}")
                }
                Wish::Back => "back=true".to_owned(),
                Wish::Abandon => "abandon=true".to_owned(),
            };
            let before = version::generation(&settings)?;
            ask::ask(&settings, Method::Post, &format!("/api/v1/rebuild?{how}"))?;
            if wish == Wish::Abandon {
                until_over(&settings)?;
                say("no rebuild is under way any more");
                return Ok(());
            }
            say("the running goldstream counts all rows again, and serves what it has meanwhile");
            until_over(&settings)?;
            if is_shadow(wish) {
                say(SHADOW_IS_THERE);
                return Ok(());
            }
            // It may have ended, or been told to give it up.
            if version::generation(&settings)? == before {
                bail!(
                    "nothing was replaced: it was given up, or could not go on (goldstream version --store)"
                );
            }
            say("all rows are counted again");
            anyhow::Ok(())
        });
        tokio::select! {
            over = asked => over?.map(|()| Outcome::Done),
            outcome = signals.next() => ended(outcome, "the running goldstream goes on with it"),
        }
    })
}

fn until_over(settings: &Settings) -> anyhow::Result<()> {
    let progress = Progress::new(100);
    let troubles = loop {
        let body = ask::ask(settings, Method::Get, "/api/v1/status")?;
        let status: Status = serde_json::from_str(&body).context("the answer is no status")?;
        let rebuild = status.rebuild.filter(|it| !(it.shadow && it.rows >= it.of_rows));
        let Some(RebuildStatus { rows, percent, .. }) = rebuild else { break status.troubles };
        progress.set(rows, percent);
        std::thread::sleep(MEMBERS_PACE);
    };
    progress.finish_quietly();
    // Why it could not be begun is told there.
    if let Some(reason) = troubles.get("rebuild") {
        bail!("{reason}");
    }
    Ok(())
}

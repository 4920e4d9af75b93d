//! On a data directory the rows are folded again beside what is served, by the goldstream that runs there, or by
//! this one where none runs. Nothing is lost by it at any moment, so nobody is asked.

use crate::Outcome;
use crate::ask::{self, Method};
use crate::backend::Backend;
use crate::finding::{must_have_store, of_question};
use crate::process::Process;
use crate::run::unserved;
use crate::signals;
use crate::version;
use anyhow::{Context, bail};
use goldstream_platform::embedded::{Embedded, OpenError};
use goldstream_platform::limits::MEMBERS_PACE;
use goldstream_platform::rebuilding::{NotBegun, Wish};
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
    match Embedded::open_under(&dir, settings.partitions, None) {
        Err(OpenError::InUse(_)) if days.is_some() => bail!(
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
                rebuilt = process.rebuilt() => rebuilt.map(|()| Outcome::Done),
                outcome = signals.next() => ended(outcome, "it goes on with the next start"),
            };
            process.end(signals, rebuilt).await
        }),
    }
}

/// A signal came before it was over: no success, whichever that was.
fn ended(outcome: Outcome, goes_on: &str) -> anyhow::Result<Outcome> {
    match outcome {
        Outcome::Interrupted => {
            say(goes_on);
            Ok(outcome)
        }
        _ => bail!("ended before all rows were counted again; {goes_on}"),
    }
}

/// A process that folds them; one that was begun before with the same rules goes on.
/// None where nothing is to be folded.
async fn begin(
    file: Embedded,
    dir: &Path,
    (wish, future_days): (Wish, Option<u32>),
) -> anyhow::Result<Option<Process>> {
    let next = file.next().map(|(generation, _)| generation.topology.future_days);
    let is_wanted = |days: u32| future_days.is_none_or(|wanted| wanted == days);
    match wish {
        Wish::Abandon => return abandon(&file).await,
        Wish::Back => begin_back(&file, future_days).await?,
        Wish::Anew { .. } if next.is_some_and(is_wanted) => {}
        Wish::Anew { keep_old_ms } => {
            file.begin_rebuild(future_days, keep_old_ms).await.map_err(anyhow::Error::msg)?;
        }
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
    percent: u64,
}

/// Asks the running goldstream, and waits until it has done it.
fn by_the_running_one(settings: Settings, wish: Wish) -> anyhow::Result<Outcome> {
    signals::run(|mut signals| async move {
        let asked = tokio::task::spawn_blocking(move || {
            let how = match wish {
                Wish::Anew { keep_old_ms } => format!("keep_old_ms={keep_old_ms}"),
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
        let Some(RebuildStatus { rows, percent }) = status.rebuild else { break status.troubles };
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

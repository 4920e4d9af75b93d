//! Files that another goldstream is to read: the one that runs on the data directory. It is waited for.

use crate::ask::{Asked, Method};
use crate::outcome::Outcome;
use crate::signals;
use anyhow::{Context, bail};
use goldstream_platform::settings::Settings;
use goldstream_platform::telemetry;
use goldstream_producers::handed::HandedOver;
use goldstream_producers::input::NamedInput;
use goldstream_producers::progress::Progress;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// How often the one that reads is asked how far it is.
const PACE: Duration = Duration::from_millis(100);
/// So long it may take to begin with a file: it looks for new ones each second.
const BEGIN_MAX: Duration = Duration::from_secs(60);
/// A file that cannot be read for so long is given up.
const FAILING_MIN: Duration = Duration::from_secs(3);
/// Hands the files to the goldstream that runs on the directory, and waits until it has counted them.
pub(crate) fn hand_over(settings: &Settings, inputs: Vec<NamedInput>) -> anyhow::Result<Outcome> {
    let handed = HandedOver::in_data_dir(&settings.data_dir);
    for named in &inputs {
        let dir = settings.data_dir.join("load");
        let cannot = || format!("cannot leave a note about {} in {}", named.key, dir.display());
        handed.add(named).with_context(cannot)?;
    }
    let waiting = Waiting { settings: settings.clone(), handed, inputs };
    signals::run(|mut signals| async move {
        let counted = tokio::task::spawn_blocking(move || waiting.until_counted());
        tokio::select! {
            counted = counted => counted?,
            outcome = signals.next() => {
                telemetry::say("the running goldstream reads on");
                Ok(outcome)
            }
        }
    })
}

struct Waiting {
    settings: Settings,
    handed: HandedOver,
    inputs: Vec<NamedInput>,
}

/// What of the status is looked at.
#[derive(Deserialize)]
struct Status {
    inputs: Vec<InputStatus>,
    positions: Vec<Position>,
    rows: RowsByFate,
}

#[derive(Deserialize)]
struct RowsByFate {
    quarantined: BTreeMap<String, u64>,
}

impl RowsByFate {
    fn refused(&self) -> u64 {
        self.quarantined.values().sum()
    }
}

#[derive(Deserialize)]
struct InputStatus {
    source: String,
    state: String,
    detail: Option<String>,
    rows: u64,
    read_bytes: u64,
}

#[derive(Deserialize)]
struct Position {
    partition: String,
    position: u64,
    end: u64,
}

impl Waiting {
    fn until_counted(&self) -> anyhow::Result<Outcome> {
        let refused_before = self.status()?.rows.refused();
        let sizes = self.inputs.iter().map(|named| named.input.size_bytes());
        let progress = Progress::new(sizes.sum());
        let read = self.until_read(&progress);
        progress.finish_quietly();
        read?;
        // What was read is behind neither end now.
        for topic in ["bronze.", "silver/"] {
            let ends = self.status()?.positions;
            let ends: Vec<_> =
                ends.into_iter().filter(|at| at.partition.starts_with(topic)).collect();
            while !has_passed(&self.status()?, &ends) {
                std::thread::sleep(PACE);
            }
        }
        let status = self.status()?;
        for named in &self.inputs {
            let rows = status.of(named).map_or(0, |input| input.rows);
            let path = named.path().unwrap_or(Path::new(&*named.key)).display();
            telemetry::say(&format!("{path}: {rows} rows are read, each has its fate"));
        }
        let refused = status.rows.refused().saturating_sub(refused_before);
        if refused > 0 {
            telemetry::say(&format!(
                "{refused} rows were refused meanwhile: goldstream quarantine list"
            ));
        }
        Ok(Outcome::Done)
    }

    fn until_read(&self, progress: &Progress) -> anyhow::Result<()> {
        let began = Instant::now();
        let (mut has_begun, mut failed) = (false, None);
        loop {
            let waiting: Vec<_> =
                self.inputs.iter().filter(|named| self.handed.waits(named)).collect();
            if waiting.is_empty() {
                return Ok(());
            }
            let status = self.status()?;
            let mut failing = waiting.iter().filter_map(|named| status.of(named));
            let failing = failing.find(|input| input.state == "failing");
            let failing_since = failed.filter(|_| failing.is_some()).unwrap_or_else(Instant::now);
            failed = failing.map(|_| failing_since);
            // It is looked at again each second: what is told may be of before.
            if let Some(input) = failing.filter(|_| failing_since.elapsed() > FAILING_MIN) {
                self.withdraw();
                bail!("{}", input.detail.clone().unwrap_or_default());
            }
            let known = self.inputs.iter().filter_map(|named| status.of(named));
            let (rows, bytes) =
                known.fold((0, 0), |sum, it| (sum.0 + it.rows, sum.1 + it.read_bytes));
            has_begun |= rows > 0;
            progress.set(rows, bytes);
            if !has_begun && began.elapsed() > BEGIN_MAX {
                self.withdraw();
                bail!(
                    "the goldstream that runs on {} has not begun to read: it is of an earlier version, \
                     or stands still (goldstream status says why)",
                    self.settings.data_dir.display()
                );
            }
            std::thread::sleep(PACE);
        }
    }

    fn withdraw(&self) {
        for named in &self.inputs {
            if let Err(error) = self.handed.remove(named) {
                tracing::warn!(%error, source = &*named.key, "it cannot be withdrawn");
            }
        }
    }

    fn status(&self) -> anyhow::Result<Status> {
        let asked = Asked::Running(&self.settings).ask(Method::Get, "/api/v1/status");
        let body = asked.context("the files are read when goldstream runs there again")?;
        serde_json::from_str(&body).context("the answer is no status")
    }
}

impl Status {
    fn of(&self, named: &NamedInput) -> Option<&InputStatus> {
        self.inputs.iter().find(|input| *input.source == *named.key)
    }
}

fn has_passed(status: &Status, ends: &[Position]) -> bool {
    ends.iter().all(|end| {
        let mut now = status.positions.iter().filter(|now| now.partition == end.partition);
        now.next().is_none_or(|now| now.position >= end.end)
    })
}

//! The files that are followed, held against bronze again and again in idle time: a row that stands in a file
//! for a while and not in bronze was missed. It takes a share of one core and changes nothing.

use crate::csv::Row;
use crate::file::Stamp;
use crate::held::{FileRows, MissingRow};
use crate::input::{Input, NamedInput};
use crate::notices::{Notices, Seen};
use crate::source::{LastLine, SourceError};
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::chain::{Admission, Chain, SourceId};
use goldstream_domain::codec::CodecError;
use goldstream_domain::column::Kind;
use goldstream_domain::record::Record;
use goldstream_platform::cpu_share::CpuShare;
use goldstream_platform::health::Health;
use goldstream_platform::inputs::{InputState, InputStatus};
use goldstream_platform::log::{Log, LogError, Topic, TopicPartition};
use goldstream_platform::shutdown::Shutdown;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Under which missing rows are told.
const NAME: &str = "files";
/// How long files and their readers stand still before they are looked at, and between two looks. What changed is
/// found by who follows a file in less.
const PACE: Duration = Duration::from_secs(5);
/// After how long files in which nothing has changed are looked at again.
const AGAIN_MAX: Duration = Duration::from_secs(300);
/// Missing rows that are named.
const NAMED_MAX: usize = 3;

/// Proofs that the rows of files stand in bronze.
pub struct FilesAudit {
    /// Where bronze is.
    pub log: Arc<dyn Log>,
    /// Partitions of every topic.
    pub partitions: u32,
    /// What is followed.
    pub inputs: Vec<NamedInput>,
    /// Where it is told how the inputs fare, and what is missing.
    pub health: Health,
    /// Share of one core.
    pub cpu_percent: u32,
}

/// Why there was no proof.
#[derive(Debug, thiserror::Error)]
enum AuditError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("a record of the log cannot be read: {0}")]
    Damaged(#[from] CodecError),
}

/// How a file and its reading stood.
type Standing = (InputStatus, Option<Stamp>);

impl FilesAudit {
    /// Looks at the files once they and their readers stand still, until the end is wished.
    pub async fn run(self, mut shutdown: Shutdown) {
        let mut before: Vec<Standing> = Vec::new();
        let mut proven: Option<Instant> = None;
        let mut suspects: Option<FileRows> = None;
        loop {
            tokio::select! {
                () = tokio::time::sleep(PACE) => {}
                () = shutdown.wished() => return,
            }
            let (inputs, standing) = self.readable();
            if standing != before {
                // What is read just now is not missed.
                (before, proven, suspects) = (standing, None, None);
                continue;
            }
            let is_fresh = proven.is_some_and(|at| at.elapsed() < AGAIN_MAX);
            if is_fresh && suspects.is_none() {
                continue;
            }
            let looked = tokio::select! {
                looked = self.look(&inputs) => looked,
                () = shutdown.wished() => return,
            };
            match looked {
                Ok(rows) => {
                    suspects = self.judge(&inputs, rows, suspects).await;
                    proven = Some(Instant::now());
                }
                Err(error) => tracing::debug!(%error, "the files could not be held against bronze"),
            }
        }
    }

    /// What can be read twice and is followed, with how it stands. What cannot be read is told as that.
    fn readable(&self) -> (Vec<NamedInput>, Vec<Standing>) {
        let statuses = self.health.inputs().all();
        let standing = |named: &NamedInput| {
            let (Input::Plain(path) | Input::Packed(path, _)) = &named.input else { return None };
            let status = statuses.iter().find(|status| *status.source == *named.key)?;
            let is_read = matches!(status.state, InputState::Following | InputState::Finished);
            is_read.then(|| (named.clone(), (status.clone(), Stamp::at(path).ok())))
        };
        self.inputs.iter().filter_map(standing).unzip()
    }

    /// The rows of the files, without those that stand in bronze.
    async fn look(&self, inputs: &[NamedInput]) -> Result<FileRows, AuditError> {
        let mut share = CpuShare::of(self.cpu_percent);
        let mut notices: BTreeMap<SourceId, Notices> = BTreeMap::new();
        let notice = |named: &NamedInput, row: &Row<'_>| {
            // A file is known here by what it says in all, also where its beginning was read long ago.
            drop(notices.entry(named.key.clone()).or_default().take(named.kind, row));
        };
        let rest = async || share.rest().await;
        let mut rows = FileRows::read(inputs, LastLine::Waits, notice, rest).await?;
        for (key, notices) in notices {
            self.health.inputs().note_warnings(&key, notices.warnings(Seen::All));
        }
        for kind in Kind::ALL {
            for partition in 0..self.partitions {
                let at = TopicPartition::new(Topic::Bronze(kind), partition);
                let (mut chain, mut next) = (Chain::default(), 0);
                while let Some(fetched) = self.log.read(at, next).await? {
                    for record in fetched.block.records() {
                        strike(&mut rows, kind, &mut chain, &record?)?;
                    }
                    next = fetched.first + fetched.block.len();
                    share.rest().await;
                }
            }
        }
        Ok(rows)
    }

    /// Tells what was missing twice. Gives what is missing for the first time: the next look decides, for a file
    /// may change just when it is looked at.
    async fn judge(
        &self,
        inputs: &[NamedInput],
        mut rows: FileRows,
        earlier: Option<FileRows>,
    ) -> Option<FileRows> {
        let Some(earlier) = earlier.filter(|_| rows.missing() > 0) else {
            if rows.missing() > 0 {
                return Some(rows);
            }
            self.health.clear(NAME);
            return None;
        };
        rows.keep_missing(&earlier);
        match rows.name(inputs, NAMED_MAX).await {
            Ok(named) if !named.is_empty() => {
                let alarm = alarm(rows.missing(), &named);
                tracing::error!("{alarm}");
                self.health.report(NAME, alarm);
            }
            Ok(_) => self.health.clear(NAME),
            Err(error) => tracing::debug!(%error, "a file cannot be read any more"),
        }
        None
    }
}

fn alarm(missing: u64, named: &[MissingRow]) -> String {
    let named: Vec<String> = named.iter().map(ToString::to_string).collect();
    format!(
        "{missing} rows of the files that are followed do not stand in bronze, the first {}; \
         goldstream verify --files tells all, a restart reads them",
        named.join(" and ")
    )
}

/// What was sent again after a failure is no row of its own.
fn strike(
    rows: &mut FileRows,
    kind: Kind,
    chain: &mut Chain,
    record: &Record<'_>,
) -> Result<(), CodecError> {
    let is_repeat = record.headers.origin.is_some_and(|origin| {
        let admitted = chain.admit(origin.source_id, origin.origin, origin.prev);
        matches!(admitted, Ok(Admission::Repeat | Admission::Hole))
    });
    if !is_repeat {
        rows.strike(kind, BronzeRow::decode(record.payload)?.digest(kind));
    }
    Ok(())
}

//! `goldstream quarantine`: refused rows, to be read by reason, and to be corrected and replayed. What
//! is shown comes by the routes of the API.

use crate::ask::ask_into;
use crate::output::Output;
use crate::{Outcome, Usage};
use clap::{Args, Subcommand, ValueEnum};
use goldstream_domain::quarantine::QuarantinedJson;
use goldstream_platform::settings::Settings;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

/// Rows of one reason that are shown as samples: the newest.
const SAMPLES: usize = 3;

#[derive(Args)]
pub(crate) struct QuarantineArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// How many rows were refused for which reason, the newest of each as samples
    List {
        /// Of this reason only: bad_date, or purchases.bad_date
        #[arg(long)]
        reason: Option<String>,
    },
    /// Every refused row, newest first; as CSV in the shape of the input file, oldest first
    Show {
        /// Of this reason only: bad_date, or purchases.bad_date
        #[arg(long)]
        reason: Option<String>,
        /// How rows are written
        #[arg(long, default_value = "text")]
        format: Format,
        /// Which file's rows; only for csv, and only where the reason does not say it
        #[arg(long)]
        kind: Option<Kind>,
        /// Where to; standard output if not given
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// A line of JSON a row
    Ndjson,
    /// As the input file, to be corrected and replayed
    Csv,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Customers,
    Purchases,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Purchases => "purchases",
        }
    }

    /// The kind that a reason bears: `purchases.bad_date`.
    fn of_reason(reason: &str) -> Option<Self> {
        let (kind, _) = reason.split_once('.')?;
        [Self::Customers, Self::Purchases].into_iter().find(|known| known.name() == kind)
    }
}

pub(crate) fn run(settings: &Settings, args: &QuarantineArgs) -> anyhow::Result<Outcome> {
    match &args.what {
        What::List { reason } => list(settings, reason.as_deref()),
        What::Show { reason, format, kind, output } => {
            let path = path(*format, reason.as_deref(), *kind)?;
            let mut out = Output::new(output.clone());
            let written = match format {
                Format::Ndjson | Format::Csv => ask_into(settings, &path, &mut out),
                Format::Text => {
                    let mut rows = Lines::new(|row: &QuarantinedJson<'_>| sentence(row, &mut out));
                    ask_into(settings, &path, &mut rows)
                }
            };
            out.end(written)
        }
    }
}

/// Where the rows are had.
fn path(format: Format, reason: Option<&str>, kind: Option<Kind>) -> anyhow::Result<String> {
    let is_legal = |c: char| c.is_ascii_lowercase() || "_.".contains(c);
    if let Some(odd) = reason.filter(|reason| !reason.chars().all(is_legal)) {
        return Err(Usage(format!("--reason {odd:?} is none, as bad_date is")).into());
    }
    let reasons = reason.map_or(String::new(), |reason| format!("reason={reason}"));
    if format != Format::Csv {
        return Ok(format!("/api/v1/quarantine?format=ndjson&{reasons}"));
    }
    let Some(kind) = kind.or(reason.and_then(Kind::of_reason)) else {
        let why = "customers and purchases have different columns: --kind, or --reason purchases.…";
        return Err(Usage(why.to_owned()).into());
    };
    Ok(format!("/api/v1/quarantine/{}?{reasons}", kind.name()))
}

fn sentence(row: &QuarantinedJson<'_>, out: &mut impl Write) -> io::Result<()> {
    let QuarantinedJson { source, position, reason, detail, raw, at } = row;
    writeln!(out, "{at}  {reason}: {detail}\n    {source}, {position}: {raw}")
}

fn list(settings: &Settings, reason: Option<&str>) -> anyhow::Result<Outcome> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut rows = Lines::new(|row: &QuarantinedJson<'_>| {
        groups.entry(row.reason.to_string()).or_default().take(row);
        Ok(())
    });
    ask_into(settings, &path(Format::Ndjson, reason, None)?, &mut rows)?;
    let mut out = Output::new(None);
    let written = write_groups(&groups, &mut out);
    out.end(written.map_err(Into::into))
}

fn write_groups(groups: &BTreeMap<String, Group>, out: &mut Output) -> io::Result<()> {
    if groups.is_empty() {
        return writeln!(out, "no row was refused");
    }
    for (reason, group) in groups {
        writeln!(out, "{:>9}  {reason}", group.count)?;
        for (detail, raw) in &group.samples {
            writeln!(out, "           {detail}: {raw}")?;
        }
    }
    Ok(())
}

/// The rows of one reason.
#[derive(Default)]
struct Group {
    count: u64,
    samples: Vec<(String, String)>,
}

impl Group {
    fn take(&mut self, row: &QuarantinedJson<'_>) {
        self.count += 1;
        if self.samples.len() < SAMPLES {
            self.samples.push((row.detail.to_string(), row.raw.to_string()));
        }
    }
}

/// Hands over each row of NDJSON that is written into it, however it is cut. Holds one at a time.
struct Lines<F> {
    begun: Vec<u8>,
    take: F,
}

impl<F: FnMut(&QuarantinedJson<'_>) -> io::Result<()>> Lines<F> {
    const fn new(take: F) -> Self {
        Self { begun: Vec::new(), take }
    }
}

impl<F: FnMut(&QuarantinedJson<'_>) -> io::Result<()>> Write for Lines<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.begun.extend_from_slice(piece);
            if self.begun.ends_with(b"\n") {
                let row = serde_json::from_slice(&self.begun).map_err(io::Error::other)?;
                (self.take)(&row)?;
                self.begun.clear();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

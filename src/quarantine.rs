//! `goldstream quarantine`: refused rows, to be read by reason, and to be corrected and replayed. What
//! is shown comes by the routes of the API.

use crate::ask::ask_into;
use crate::outcome::{Outcome, Usage};
use crate::output::Output;
use clap::{Args, Subcommand, ValueEnum};
use goldstream_domain::quarantine::place;
use goldstream_domain::text::harmless;
use goldstream_platform::settings::Settings;
use serde::Deserialize;
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
    /// How many rows were refused for which reason and are not corrected, the newest of each as samples
    List {
        #[command(flatten)]
        rows: RowsArgs,
    },
    /// Every refused row that is not corrected, newest first; as CSV in the shape of the input file, oldest first
    Show {
        #[command(flatten)]
        rows: RowsArgs,
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

/// Which rows are meant.
#[derive(Args)]
struct RowsArgs {
    /// Of this reason only: bad_date, or purchases.bad_date
    #[arg(long)]
    reason: Option<String>,
    /// Whether rows are meant after which one with the same id was accepted
    #[arg(long, default_value = "no")]
    corrected: Corrected,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Corrected {
    /// Only rows that still wait
    No,
    /// Only corrected ones
    Yes,
    /// Both
    All,
}

impl RowsArgs {
    fn query(&self) -> anyhow::Result<String> {
        let is_legal = |c: char| c.is_ascii_lowercase() || "_.".contains(c);
        let reason = self.reason.as_deref();
        if let Some(odd) = reason.filter(|reason| !reason.chars().all(is_legal)) {
            return Err(Usage(format!("--reason {odd:?} is none, as bad_date is")).into());
        }
        let corrected = match self.corrected {
            Corrected::No => "no",
            Corrected::Yes => "yes",
            Corrected::All => "all",
        };
        let reason = reason.map_or(String::new(), |reason| format!("&reason={reason}"));
        Ok(format!("corrected={corrected}{reason}"))
    }
}

/// A refused row as the API gives it.
#[derive(Deserialize)]
struct RefusedRow {
    source: String,
    position: u64,
    line: Option<u64>,
    reason: String,
    detail: String,
    raw: String,
    at: String,
    corrected_at: Option<String>,
}

impl RefusedRow {
    fn place(&self) -> String {
        harmless(&place(&self.source, self.position, self.line))
    }
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
        What::List { rows } => list(settings, rows),
        What::Show { rows, format, kind, output } => {
            let path = path(*format, rows, *kind)?;
            let mut out = Output::new(output.clone());
            let written = match format {
                Format::Ndjson | Format::Csv => ask_into(settings, &path, &mut out),
                Format::Text => {
                    let mut rows = Lines::new(|row: &RefusedRow| sentence(row, &mut out));
                    ask_into(settings, &path, &mut rows)
                }
            };
            out.end(written)
        }
    }
}

/// Where the rows are had.
fn path(format: Format, rows: &RowsArgs, kind: Option<Kind>) -> anyhow::Result<String> {
    let query = rows.query()?;
    if format != Format::Csv {
        return Ok(format!("/api/v1/quarantine?format=ndjson&{query}"));
    }
    let Some(kind) = kind.or(rows.reason.as_deref().and_then(Kind::of_reason)) else {
        let why = "customers and purchases have different columns: --kind, or --reason purchases.…";
        return Err(Usage(why.to_owned()).into());
    };
    Ok(format!("/api/v1/quarantine/{}?{query}", kind.name()))
}

fn sentence(row: &RefusedRow, out: &mut impl Write) -> io::Result<()> {
    let RefusedRow { reason, detail, raw, at, .. } = row;
    let corrected = row.corrected_at.as_ref().map(|at| format!(" (corrected {at})"));
    let corrected = corrected.unwrap_or_default();
    // Whoever wrote the row wrote these.
    let (place, detail, raw) = (row.place(), harmless(detail), harmless(raw));
    writeln!(out, "{at}  {reason}: {detail}{corrected}\n    {place}: {raw}")
}

fn list(settings: &Settings, wanted: &RowsArgs) -> anyhow::Result<Outcome> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut rows = Lines::new(|row: &RefusedRow| {
        groups.entry(row.reason.clone()).or_default().take(row);
        Ok(())
    });
    ask_into(settings, &path(Format::Ndjson, wanted, None)?, &mut rows)?;
    let mut out = Output::new(None);
    let written = write_groups(&groups, &mut out);
    out.end(written.map_err(Into::into))
}

fn write_groups(groups: &BTreeMap<String, Group>, out: &mut Output) -> io::Result<()> {
    if groups.is_empty() {
        return writeln!(out, "no such row is in quarantine");
    }
    for (reason, group) in groups {
        writeln!(out, "{:>9}  {reason}", group.count)?;
        for sample in &group.samples {
            writeln!(out, "           {sample}")?;
        }
    }
    Ok(())
}

/// The rows of one reason.
#[derive(Default)]
struct Group {
    count: u64,
    samples: Vec<String>,
}

impl Group {
    fn take(&mut self, row: &RefusedRow) {
        self.count += 1;
        if self.samples.len() < SAMPLES {
            let (detail, raw) = (harmless(&row.detail), harmless(&row.raw));
            self.samples.push(format!("{}: {detail}: {raw}", row.place()));
        }
    }
}

/// Hands over each row of NDJSON that is written into it, however it is cut. Holds one at a time.
struct Lines<F> {
    begun: Vec<u8>,
    take: F,
}

impl<F: FnMut(&RefusedRow) -> io::Result<()>> Lines<F> {
    const fn new(take: F) -> Self {
        Self { begun: Vec::new(), take }
    }
}

impl<F: FnMut(&RefusedRow) -> io::Result<()>> Write for Lines<F> {
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

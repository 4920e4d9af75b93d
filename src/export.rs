//! `goldstream export`: one table, or the whole gold, as the API gives it.

use crate::ask::{Method, ask, ask_into};
use crate::outcome::{Outcome, Usage};
use crate::output::Output;
use anyhow::Context;
use clap::{Args, ValueEnum};
use goldstream_domain::gold::report::Gold;
use goldstream_domain::moment::Day;
use goldstream_platform::settings::Settings;
use serde::Serialize;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub(crate) struct ExportArgs {
    table: Table,
    /// How rows are written; if not given, as the file's extension says, else json
    #[arg(long)]
    format: Option<Format>,
    /// CSV for a spreadsheet of this language: its separators, amounts in units, nothing that runs as a formula
    #[arg(long)]
    locale: Option<Locale>,
    /// Of days, weekdays and silver: from this day on, YYYY-MM-DD; of silver the purchases alone
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Option<Day>,
    /// … up to this day, which is among them
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<Day>,
    /// Where to; standard output if not given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn day(text: &str) -> Result<Day, &'static str> {
    Day::parse(text).ok_or("a day between 1970 and 2199 is meant, YYYY-MM-DD")
}

impl ExportArgs {
    /// The days that are asked for, as parameters of the route.
    fn days(&self) -> String {
        let named = [("from", self.from), ("to", self.to)];
        let given = named.into_iter().filter_map(|(name, day)| Some(format!("{name}={}&", day?)));
        given.collect()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Locale {
    Fr,
    En,
}

impl Locale {
    /// As a parameter of the route.
    const fn parameter(self) -> &'static str {
        match self {
            Self::Fr => "&locale=fr",
            Self::En => "&locale=en",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Table {
    /// Everything, as one JSON object
    Gold,
    /// Rows by fate, as one JSON object
    Accounting,
    Summary,
    Customers,
    Products,
    Months,
    Days,
    Countries,
    /// What each hour of the week has sold
    Weekdays,
    /// Rows as they came
    Bronze,
    /// Accepted events
    Silver,
    /// Refused rows, newest first
    Quarantine,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON value
    Json,
    /// A line of JSON a row
    Ndjson,
    /// RFC 4180, null is empty
    Csv,
    /// Apache Parquet
    Parquet,
    /// Apache Arrow IPC stream
    Arrow,
}

impl Format {
    const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        }
    }
}

pub(crate) fn run(settings: &Settings, args: &ExportArgs) -> anyhow::Result<Outcome> {
    let format = format_of(args)?;
    let one_object = matches!(args.table, Table::Gold | Table::Accounting);
    if one_object && format != Format::Json {
        let reason = "gold and accounting are one JSON object; other formats are for tables";
        return Err(Usage(reason.to_owned()).into());
    }
    if args.locale.is_some() && format != Format::Csv {
        return Err(Usage("--locale is for csv".to_owned()).into());
    }
    let has_days = matches!(args.table, Table::Days | Table::Weekdays | Table::Silver);
    if !has_days && !args.days().is_empty() {
        return Err(Usage("--from and --to are for days, weekdays and silver".to_owned()).into());
    }
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from > to
    {
        return Err(Usage(format!("--from {from} lies after --to {to}")).into());
    }
    let mut out = Output::new(args.output.clone());
    let written = write(settings, args, format, &mut out);
    out.end(written)
}

/// The format that is asked for. A file whose name promises another one would deceive who opens it.
fn format_of(args: &ExportArgs) -> Result<Format, Usage> {
    let extension = args.output.as_deref().and_then(Path::extension).and_then(OsStr::to_str);
    let promised = extension.and_then(|it| Format::from_str(it, true).ok());
    match (args.format, promised, &args.output) {
        (Some(asked), Some(promised), Some(file)) if asked != promised => {
            let (file, asked, promised) = (file.display(), asked.name(), promised.name());
            Err(Usage(format!("{file} would be {promised}, but --format is {asked}")))
        }
        (asked, promised, _) => Ok(asked.or(promised).unwrap_or(Format::Json)),
    }
}

fn write(
    settings: &Settings,
    args: &ExportArgs,
    format: Format,
    out: &mut Output,
) -> anyhow::Result<()> {
    let path = match args.table {
        Table::Gold => {
            let body = ask(settings, Method::Get, "/api/v1/gold")?;
            // The same without version and moment, which would differ from run to run.
            let gold: Gold = serde_json::from_str(&body).context("the answer is no gold")?;
            return json_line(&gold, out);
        }
        Table::Accounting => return line(settings, "/api/v1/accounting", out),
        Table::Summary if format == Format::Json => {
            return line(settings, "/api/v1/summary", out);
        }
        Table::Summary => "summary?",
        // By key, as the whole gold has them.
        Table::Customers => "customers?sort=customer_id&",
        Table::Products => "products?sort=product&",
        Table::Months => "months?sort=month&",
        Table::Days => "days?sort=day&",
        Table::Countries => "gold/countries?sort=country&",
        Table::Weekdays => "weekdays?",
        Table::Bronze => "bronze?",
        Table::Silver => "silver?",
        Table::Quarantine => "quarantine?corrected=all&",
    };
    let path = format!("/api/v1/{path}{}", args.days());
    if format != Format::Json {
        let locale = args.locale.map_or("", Locale::parameter);
        let path = format!("{path}format={}{locale}", format.name());
        return ask_into(settings, &path, out);
    }
    let mut array = Array { out, state: ArrayState::Empty };
    ask_into(settings, &format!("{path}format=ndjson"), &mut array)?;
    Ok(array.finish()?)
}

fn line(settings: &Settings, path: &str, out: &mut Output) -> anyhow::Result<()> {
    let body = ask(settings, Method::Get, path)?;
    Ok(writeln!(out, "{body}")?)
}

fn json_line(value: &impl Serialize, out: &mut Output) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    Ok(writeln!(out)?)
}

/// Makes an array of the lines that are written into it: `[a,b]`.
struct Array<'a> {
    out: &'a mut Output,
    state: ArrayState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ArrayState {
    Empty,
    InLine,
    AfterLine,
}

impl Array<'_> {
    fn finish(self) -> io::Result<()> {
        let open = if self.state == ArrayState::Empty { "[" } else { "" };
        writeln!(self.out, "{open}]")
    }
}

impl Write for Array<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            match self.state {
                ArrayState::Empty => self.out.write_all(b"[")?,
                ArrayState::AfterLine => self.out.write_all(b",")?,
                ArrayState::InLine => {}
            }
            let line = piece.strip_suffix(b"\n");
            self.out.write_all(line.unwrap_or(piece))?;
            self.state = if line.is_some() { ArrayState::AfterLine } else { ArrayState::InLine };
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(pieces: &[&str]) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out");
        let mut out = Output::new(Some(path.clone()));
        let mut array = Array { out: &mut out, state: ArrayState::Empty };
        for piece in pieces {
            array.write_all(piece.as_bytes()).unwrap();
        }
        array.finish().unwrap();
        out.finish().unwrap();
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn lines_become_an_array_wherever_they_are_cut() {
        assert_eq!(array(&[]), "[]\n");
        assert_eq!(array(&["1\n2\n"]), "[1,2]\n");
        assert_eq!(array(&["{\"a\"", ":1}", "\n", "2", "\n3\n"]), "[{\"a\":1},2,3]\n");
    }
}

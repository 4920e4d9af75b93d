//! `goldstream export`: one gold table, or the whole gold.

use crate::ask::{Method, ask};
use crate::{Outcome, Usage};
use anyhow::Context;
use clap::{Args, ValueEnum};
use goldstream_domain::gold::report::Gold;
use goldstream_platform::settings::Settings;
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct ExportArgs {
    table: Table,
    /// How rows are written
    #[arg(long, default_value = "json")]
    format: Format,
    /// Where to; standard output if not given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Table {
    /// Everything, as one JSON object
    Gold,
    Accounting,
    Summary,
    Customers,
    Products,
    Months,
    Days,
    Countries,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON value
    Json,
    /// A line of JSON a row
    Ndjson,
    /// RFC 4180, null is empty
    Csv,
}

pub(crate) fn run(settings: &Settings, args: &ExportArgs) -> anyhow::Result<Outcome> {
    let one_object = matches!(args.table, Table::Gold | Table::Accounting);
    if one_object && args.format != Format::Json {
        let reason = "gold and accounting are one JSON object; other formats are for tables";
        return Err(Usage(reason.to_owned()).into());
    }
    let body = ask(settings, Method::Get, "/api/v1/gold")?;
    let gold: Gold = serde_json::from_str(&body).context("the answer is no gold")?;
    let out: Box<dyn Write> = match &args.output {
        None => Box::new(io::stdout().lock()),
        Some(path) => {
            let file = File::create(path);
            Box::new(file.with_context(|| format!("cannot write {}", path.display()))?)
        }
    };
    let mut out = BufWriter::new(out);
    match write(&gold, args, &mut out).and_then(|()| Ok(out.flush()?)) {
        // Who reads has seen enough: `| head`.
        Err(error) if is_broken_pipe(&error) => Ok(Outcome::Done),
        other => other.map(|()| Outcome::Done),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::BrokenPipe)
    })
}

fn write(gold: &Gold, args: &ExportArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    match args.table {
        Table::Gold => json_line(gold, out),
        Table::Accounting => json_line(&gold.accounting, out),
        Table::Summary if args.format == Format::Json => json_line(&gold.summary, out),
        Table::Summary => rows(&[&gold.summary], args.format, out),
        Table::Customers => rows(&gold.customers, args.format, out),
        Table::Products => rows(&gold.products, args.format, out),
        Table::Months => rows(&gold.months, args.format, out),
        Table::Days => rows(&gold.days, args.format, out),
        Table::Countries => rows(&gold.countries, args.format, out),
    }
}

fn json_line(value: &impl Serialize, out: &mut dyn Write) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    Ok(writeln!(out)?)
}

fn rows<R: Serialize>(rows: &[R], format: Format, out: &mut dyn Write) -> anyhow::Result<()> {
    match format {
        Format::Json => json_line(&rows, out),
        Format::Ndjson => rows.iter().try_for_each(|row| json_line(row, out)),
        Format::Csv => {
            let mut csv =
                csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
            rows.iter().try_for_each(|row| csv.serialize(row))?;
            Ok(csv.flush()?)
        }
    }
}

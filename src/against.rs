//! `goldstream verify --files`: the rows of files held against those of bronze, as the log's rows are exported.

use crate::ask::{Asked, Method};
use crate::inputs;
use anyhow::Context;
use clap::Args;
use futures::executor::block_on;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::column::Kind;
use goldstream_producers::files;
use goldstream_producers::held::{FileRows, MissingRow};
use goldstream_producers::input::NamedInput;
use goldstream_producers::source::LastLine;
use serde::Serialize;
use std::io::PipeReader;
use std::path::PathBuf;
use std::time::Duration;

/// Missing rows that are named.
const NAMED_MAX: usize = 20;
/// What was written to a followed file just now is given this time to be read.
const LOOK_AGAIN: Duration = Duration::from_secs(3);

#[derive(Args)]
pub(crate) struct FilesArgs {
    /// Hold bronze against the rows of this shop's folder, too
    #[arg(long, value_name = "DIR")]
    files: Option<PathBuf>,
    /// The same for a file of customers; may be given several times
    #[arg(long, value_name = "FILE")]
    customers: Vec<PathBuf>,
    /// The same for a file of purchases; may be given several times
    #[arg(long, value_name = "FILE")]
    purchases: Vec<PathBuf>,
}

/// What came of it.
#[derive(Serialize)]
pub(crate) struct Against {
    /// Rows that stand in the files.
    pub(crate) rows: u64,
    /// How many of them do not stand in bronze.
    pub(crate) missing: u64,
    /// The first of these.
    pub(crate) missing_rows: Vec<MissingRow>,
}

impl FilesArgs {
    /// The files that are given; none where there are none.
    pub(crate) fn named(&self) -> anyhow::Result<Vec<NamedInput>> {
        let mut found = match &self.files {
            Some(dir) => files::find_in(dir).map_err(|error| inputs::unfit(&error))?,
            None => Vec::new(),
        };
        found.extend(
            files::named(&self.customers, &self.purchases)
                .map_err(|error| inputs::unfit(&error))?,
        );
        inputs::named(found)
    }
}

/// Holds bronze against the files.
pub(crate) fn hold(asked: &Asked<'_>, inputs: &[NamedInput]) -> anyhow::Result<Against> {
    let mut left = missing(asked, inputs)?;
    if left.missing() > 0 {
        std::thread::sleep(LOOK_AGAIN);
        let earlier = left;
        left = missing(asked, inputs)?;
        left.keep_missing(&earlier);
    }
    let missing_rows = block_on(left.name(inputs, NAMED_MAX))?;
    Ok(Against { rows: left.rows(), missing: left.missing(), missing_rows })
}

fn missing(asked: &Asked<'_>, inputs: &[NamedInput]) -> anyhow::Result<FileRows> {
    let rows = block_on(FileRows::read(inputs, LastLine::IsRow, |_, _| (), async || ()))?;
    let (bronze, mut written) = std::io::pipe().context("there is no pipe")?;
    std::thread::scope(|scope| {
        let struck = scope.spawn(|| strike(rows, bronze));
        let answered = asked.answer(Method::Get, "/api/v1/bronze?format=csv", &mut written);
        drop(written);
        let struck = struck.join().map_err(|_| anyhow::anyhow!("bronze could not be read"))?;
        answered.and(struck)
    })
}

/// Strikes off the rows of a table of bronze.
fn strike(mut rows: FileRows, bronze: PipeReader) -> anyhow::Result<FileRows> {
    let mut table = csv::Reader::from_reader(bronze);
    let columns = table.headers()?.clone();
    let column = |name: &str| columns.iter().position(|column| column == name);
    let (topic, record) = column("topic").zip(column("record")).context("that is no bronze")?;
    let mut row = csv::StringRecord::new();
    while table.read_record(&mut row)? {
        let kind = Kind::ALL.into_iter().find(|kind| row.get(topic) == Some(kind.name()));
        let (kind, json) = kind.zip(row.get(record)).context("that is no row of bronze")?;
        rows.strike(kind, BronzeRow::Json(json.as_bytes()).digest(kind));
    }
    Ok(rows)
}

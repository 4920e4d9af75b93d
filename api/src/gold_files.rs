//! The tables of gold at one version as Parquet files, for who keeps them. Columns are those of REST.

use crate::http::table::EncodeError;
use crate::http::table::Tabular;
use crate::http::table::encode::{RowsFormat, RowsWriter};
use crate::view::View;
use crate::view::state::{Stamp, State};
use goldstream_platform::clock::rfc3339;

/// Under which the version stands in a file's metadata: `EPOCH:VERSION`.
pub const VERSION_KEY: &str = "goldstream.version";
/// Under which it stands when that version came to be: RFC 3339, UTC.
pub const AS_OF_KEY: &str = "goldstream.as_of";

/// The tables, all of one version.
#[derive(Debug)]
pub struct GoldFiles {
    /// `EPOCH:VERSION`
    pub version: String,
    /// Name and file of each.
    pub tables: Vec<(&'static str, Vec<u8>)>,
}

/// Why they could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the tables of gold have no Parquet form: {0}")]
pub struct NoGoldFiles(String);

/// The version that is shown now; none before a row is counted, and where sums are beyond the exact range.
#[must_use]
pub fn gold_version(view: &View) -> Option<String> {
    view.read(|state| {
        let has_rows = state.accounting().rows() > 0;
        let is_shown = state.is_loaded() && !state.is_overflown() && has_rows;
        is_shown.then(|| version_of(&State::stamp(state)))
    })
}

fn version_of(stamp: &Stamp) -> String {
    format!("{}:{}", stamp.epoch, stamp.version)
}

/// The tables as they are now.
///
/// # Errors
/// [`NoGoldFiles`]
pub fn gold_files(view: &View) -> Result<GoldFiles, NoGoldFiles> {
    let (stamp, gold, _) = view.gold();
    let tables = vec![
        ("customers", file(&gold.customers, &stamp)?),
        ("products", file(&gold.products, &stamp)?),
        ("months", file(&gold.months, &stamp)?),
        ("days", file(&gold.days, &stamp)?),
        ("countries", file(&gold.countries, &stamp)?),
    ];
    Ok(GoldFiles { version: version_of(&stamp), tables })
}

fn file<R: Tabular>(rows: &[R], stamp: &Stamp) -> Result<Vec<u8>, NoGoldFiles> {
    let mut file = Vec::new();
    let write = |file: &mut Vec<u8>| {
        let mut writer = RowsWriter::new::<R>(RowsFormat::Parquet, file)?;
        writer.note(VERSION_KEY, version_of(stamp));
        writer.note(AS_OF_KEY, rfc3339(stamp.as_of_ms));
        writer.write(rows)?;
        writer.finish()
    };
    write(&mut file).map_err(|error: EncodeError| NoGoldFiles(error.to_string()))?;
    Ok(file)
}

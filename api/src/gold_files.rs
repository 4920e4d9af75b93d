//! The tables of gold at one version as Parquet files, for who keeps them. Columns are those of REST.

use crate::http::table::Tabular;
use crate::http::table::columnar;
use crate::view::View;
use crate::view::state::{Stamp, State};
use goldstream_platform::clock::rfc3339;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

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
    let failed = |error: &dyn std::error::Error| NoGoldFiles(error.to_string());
    let metadata = vec![
        KeyValue::new(VERSION_KEY.to_owned(), version_of(stamp)),
        KeyValue::new(AS_OF_KEY.to_owned(), rfc3339(stamp.as_of_ms)),
    ];
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_key_value_metadata(Some(metadata))
        .build();
    let schema = columnar::schema::<R>();
    let writer = ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties));
    let mut writer = writer.map_err(|error| failed(&error))?;
    let batch = columnar::batch(&schema, rows).map_err(|error| failed(&error))?;
    writer.write(&batch).map_err(|error| failed(&error))?;
    writer.into_inner().map_err(|error| failed(&error))
}

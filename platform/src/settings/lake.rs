//! Where the lake is and how often it is written: `[lake]` of `goldstream.toml`, and `--lake`. It opens nothing.

use super::error::SettingsError;
use serde::Deserialize;
use std::time::Duration;

const ROWS_DEFAULT: u64 = 250_000;
const ROWS_MAX: u64 = 2_000_000;
const SECONDS_DEFAULT: u64 = 300;

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LakeTable {
    /// A folder, or `s3://BUCKET/PREFIX`; the command line may say it instead.
    address: Option<String>,
    /// Rows of a partition that are written at once.
    rows: Option<u64>,
    /// How long a row waits for its file at most.
    seconds: Option<u64>,
    /// What speaks S3, where that is not AWS.
    endpoint: Option<String>,
    /// The region of the bucket.
    region: Option<String>,
}

/// What holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LakeSettings {
    /// A folder, or `s3://BUCKET/PREFIX`.
    pub address: String,
    /// Rows of a partition that are written at once.
    pub rows: u64,
    /// How long a row waits for its file at most.
    pub age_max: Duration,
    /// What speaks S3; none takes what the environment says.
    pub endpoint: Option<String>,
    /// The region of the bucket; none takes what the environment says.
    pub region: Option<String>,
}

pub(super) fn resolve(
    given: Option<&str>,
    table: Option<&LakeTable>,
) -> Result<Option<LakeSettings>, SettingsError> {
    let odd = |reason: &str| Err(SettingsError::Table(reason.to_owned()));
    let of_file = table.and_then(|table| table.address.as_deref());
    let Some(address) = given.or(of_file) else { return Ok(None) };
    match address.split_once("://") {
        _ if address.is_empty() => {
            return odd("the lake has no address: give a folder or s3://BUCKET/PREFIX");
        }
        Some(("s3", rest)) if rest.split('/').next().is_none_or(str::is_empty) => {
            return odd("s3:// names no bucket: give s3://BUCKET or s3://BUCKET/PREFIX");
        }
        Some((scheme, _)) if scheme != "s3" => {
            return Err(SettingsError::Table(format!(
                "{scheme}:// is no lake: give a folder or s3://BUCKET/PREFIX (what speaks S3 is named by \
                 [lake] endpoint or AWS_ENDPOINT_URL)"
            )));
        }
        _ => {}
    }
    let rows = table.and_then(|table| table.rows).unwrap_or(ROWS_DEFAULT);
    if !(1..=ROWS_MAX).contains(&rows) {
        return Err(SettingsError::Table(format!("lake.rows is 1 to {ROWS_MAX}, not {rows}")));
    }
    let seconds = table.and_then(|table| table.seconds).unwrap_or(SECONDS_DEFAULT);
    if !(1..=86_400).contains(&seconds) {
        return Err(SettingsError::Table(format!("lake.seconds is 1 to 86400, not {seconds}")));
    }
    Ok(Some(LakeSettings {
        address: address.to_owned(),
        rows,
        age_max: Duration::from_secs(seconds),
        endpoint: table.and_then(|table| table.endpoint.clone()),
        region: table.and_then(|table| table.region.clone()),
    }))
}

#[cfg(test)]
mod tests {
    use super::super::of_file as of;
    use super::*;

    #[test]
    fn nothing_is_written_to_a_lake_that_nobody_names() {
        assert_eq!(of("").unwrap().lake, None);
        assert_eq!(of("[lake]\nrows = 10\n").unwrap().lake, None);
        let lake =
            of("[lake]\naddress = \"s3://shop/lake\"\nseconds = 60\n").unwrap().lake.unwrap();
        assert_eq!((&*lake.address, lake.rows), ("s3://shop/lake", ROWS_DEFAULT));
        assert_eq!(lake.age_max, Duration::from_secs(60));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_name() {
        for (table, says) in [
            ("address = \"\"\n", "no address"),
            ("address = \"s3://\"\n", "no bucket"),
            ("address = \"gs://x\"\n", "gs:// is no lake"),
            ("address = \"lake\"\nrows = 0\n", "1 to 2000000, not 0"),
            ("address = \"lake\"\nseconds = 0\n", "1 to 86400, not 0"),
            ("folder = \"lake\"\n", "`folder`"),
        ] {
            let error = of(&format!("[lake]\n{table}")).unwrap_err().to_string();
            assert!(error.contains(says), "{table}: {error}");
        }
    }
}

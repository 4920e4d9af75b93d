//! Where a lake is: a folder, or a bucket of S3 and of what speaks like it.

use crate::aws::Profile;
use crate::error::LakeError;
use crate::limits::{CONNECT_MAX, REQUEST_MAX, RETRIES_MAX, RETRY_FIRST};
use crate::objects::Lake;
use goldstream_platform::limits::RETRY_LAST;
use goldstream_platform::settings::LakeSettings;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use std::path::Path;
use std::sync::Arc;

/// As [`open`], but a folder that is not there is not made.
///
/// # Errors
/// [`LakeError::Refused`] where there is none, too.
pub fn open_existing(settings: &LakeSettings) -> Result<Lake, LakeError> {
    let address = &*settings.address;
    if !address.starts_with("s3://") && !Path::new(address).is_dir() {
        return Err(LakeError::Refused(format!("there is no lake at {address}: no such folder")));
    }
    open(settings)
}

/// Opens what stands at the address; a folder is made where there is none. Nothing is asked of a server yet.
///
/// # Errors
/// [`LakeError::Refused`] where it cannot be.
pub fn open(settings: &LakeSettings) -> Result<Lake, LakeError> {
    let address = &*settings.address;
    if let Some(rest) = address.strip_prefix("s3://") {
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        if ObjectPath::from(prefix).as_ref() != prefix {
            return Err(LakeError::Refused(format!(
                "s3://{bucket}/{prefix}: readers would look for another name than is written; take letters, digits, \
                 - and _"
            )));
        }
        let bucket = bucket_of(bucket, settings)?;
        return Ok(Lake::new(Arc::new(PrefixStore::new(bucket, prefix)), address));
    }
    let odd = |error: &dyn std::fmt::Display| {
        LakeError::Refused(format!("the folder {address} cannot be used: {error}"))
    };
    std::fs::create_dir_all(address).map_err(|error| odd(&error))?;
    let folder = LocalFileSystem::new_with_prefix(address).map_err(|error| odd(&error))?;
    // What is acknowledged stands there, whatever happens to the machine.
    let lake = Lake::new(Arc::new(folder.with_fsync(true)), address);
    Ok(lake.in_folder(Path::new(address)))
}

fn bucket_of(bucket: &str, settings: &LakeSettings) -> Result<impl ObjectStore, LakeError> {
    // Whose cryptography TLS uses is said once a process; somebody may have.
    rustls::crypto::ring::default_provider().install_default().ok();
    let retry = RetryConfig {
        backoff: BackoffConfig { init_backoff: RETRY_FIRST, max_backoff: RETRY_LAST, base: 2.0 },
        retry_timeout: RETRIES_MAX,
        ..RetryConfig::default()
    };
    let client = ClientOptions::new().with_timeout(REQUEST_MAX).with_connect_timeout(CONNECT_MAX);
    let of_env = AmazonS3Builder::from_env();
    let mut builder = of_env.with_bucket_name(bucket).with_retry(retry).with_client_options(client);
    let profile = Profile::of_files();
    for (key, name) in [
        (AmazonS3ConfigKey::AccessKeyId, "aws_access_key_id"),
        (AmazonS3ConfigKey::SecretAccessKey, "aws_secret_access_key"),
        (AmazonS3ConfigKey::Token, "aws_session_token"),
        (AmazonS3ConfigKey::Region, "region"),
        (AmazonS3ConfigKey::Endpoint, "endpoint_url"),
    ] {
        if let (None, Some(value)) = (builder.get_config_value(&key), profile.get(name)) {
            builder = builder.with_config(key, value);
        }
    }
    if let Some(region) = &settings.region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    // An endpoint that is named so means it.
    let endpoint = builder.get_config_value(&AmazonS3ConfigKey::Endpoint);
    if endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
        builder = builder.with_allow_http(true);
    }
    builder.build().map_err(|error| LakeError::Refused(format!("s3://{bucket}: {error}")))
}

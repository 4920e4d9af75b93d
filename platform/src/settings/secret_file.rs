//! Secrets that stand in files.

use super::error::SettingsError;
use crate::secret::Secret;
use std::path::Path;

/// What a file holds that a setting names.
pub(super) fn secret_of(setting: &str, path: &Path) -> Result<Secret, SettingsError> {
    Secret::read(path).map_err(|error| SettingsError::UnreadableFile {
        setting: setting.to_owned(),
        path: path.to_owned(),
        error,
    })
}

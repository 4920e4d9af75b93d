//! A copy of the file as it stands at one moment, while it is written on. It has every row that was acknowledged
//! until then, and state that reflects no row beyond; what that lacks is folded by who opens the copy.

use super::damage::caught;
use super::file::FileError;
use super::handle::Embedded;
use super::left_behind::PREFIX;
use crate::secret::Secret;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The disk does not do it.
    #[error("the store cannot be copied in {}: {error}", dir.display())]
    Io {
        /// Beside the store.
        dir: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The store or the copy fails.
    #[error("the store cannot be copied: {0}")]
    Store(String),
}

/// Copies a store.
pub trait Backup: Send + Sync {
    /// The copy, to be read from its beginning: a file without a name, which is gone once it is closed. Blocks.
    ///
    /// # Errors
    /// [`BackupError`].
    fn copy(&self) -> Result<File, BackupError>;
}

impl Backup for Embedded {
    fn copy(&self) -> Result<File, BackupError> {
        self.copy_in(&self.shared.dir)
    }
}

impl Embedded {
    /// The same, copied in another folder than the store's.
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn copy_in(&self, dir: &Path) -> Result<File, BackupError> {
        let failed = |error| BackupError::Io { dir: dir.to_owned(), error };
        let random = Secret::random().map_err(|error| failed(std::io::Error::other(error)))?;
        let path = dir.join(format!("{PREFIX}{}.tmp", random.expose()));
        let made = caught(|| self.shared.file.copy(&path));
        let opened = made.map(|()| File::open(&path));
        // Whoever reads it has it open.
        let removed = std::fs::remove_file(&path);
        let copy = opened.map_err(|error: FileError| BackupError::Store(error.to_string()))?;
        removed.map_err(failed)?;
        copy.map_err(failed)
    }
}

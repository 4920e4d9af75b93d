//! Removing what was folded from bronze, so that it is folded again: silver, quarantine, state and gold. The
//! rows and what is known of their sources stay. One transaction does it, so it is done or not done.

use super::damage::caught;
use super::file::{self, Place};
use super::{Embedded, OpenError};
use std::path::Path;

impl Embedded {
    /// Removes what follows from bronze in the file in `dir`, which no process has open.
    ///
    /// # Errors
    /// [`OpenError`]: it is in use, of other settings, or cannot be written; all is as it was then.
    pub fn forget_derived(
        dir: &Path,
        wanted_partitions: Option<u32>,
        future_days: Option<u32>,
    ) -> Result<(), OpenError> {
        let unusable = |reason: file::FileError| OpenError::Unusable {
            path: dir.to_owned(),
            reason: reason.to_string(),
        };
        let wanted = (wanted_partitions, future_days);
        let opened = caught(|| Ok(file::open((dir, Place::File), wanted)));
        let (file, _) = opened.map_err(unusable)??;
        let forget = || {
            let write = file.begin_write()?;
            write.forget_derived()?;
            write.commit()
        };
        caught(forget).map_err(unusable)
    }
}

//! Copies that were cut off.

use std::path::Path;

/// What the name of a copy begins with until it is handed over.
pub(super) const PREFIX: &str = "backup-";

/// Removes what a copy left that was cut off. To be asked by who has the store to himself.
pub(super) fn remove_left_behind(dir: &Path) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(PREFIX)
            && name.ends_with(".tmp")
            && let Err(error) = std::fs::remove_file(entry.path())
        {
            tracing::warn!(%error, path = %entry.path().display(), "a file stays that nobody needs");
        }
    }
}

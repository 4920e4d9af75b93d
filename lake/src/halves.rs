//! Files in a folder are written under another name and then given theirs. Who is killed between leaves a half, which
//! globs pass over, but not who reads all that a folder has.

use crate::limits::HALF_AGE_MIN;
use std::io;
use std::path::Path;

/// Removes those that nobody writes to any more.
pub(crate) fn sweep(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sweep(&entry.path())?;
        } else if is_half(&entry.file_name().to_string_lossy()) {
            let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
            if age >= HALF_AGE_MIN {
                std::fs::remove_file(entry.path())?;
            }
        }
    }
    Ok(())
}

/// Whether the name is one of `NAME.parquet#3`.
fn is_half(name: &str) -> bool {
    let Some((name, number)) = name.split_once('#') else { return false };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number && (name.ends_with(".parquet") || name.ends_with(".json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::time::SystemTime;

    #[test]
    fn halves_of_the_dead_are_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let months = dir.path().join("month=2025-01");
        std::fs::create_dir(&months).unwrap();
        let names = ["a.parquet#1", "a.parquet", "b.parquet#12", "c.parquet#x", "d.txt#1"];
        for name in names {
            let file = File::create(months.join(name)).unwrap();
            file.set_modified(SystemTime::now() - HALF_AGE_MIN).unwrap();
        }
        File::create(months.join("e.parquet#1")).unwrap();
        sweep(dir.path()).unwrap();
        let left = std::fs::read_dir(&months).unwrap().map(|it| it.unwrap().file_name());
        let mut left: Vec<_> = left.map(|name| name.into_string().unwrap()).collect();
        left.sort_unstable();
        assert_eq!(left, ["a.parquet", "c.parquet#x", "d.txt#1", "e.parquet#1"]);
    }
}

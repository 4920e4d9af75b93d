//! Files that another process hands over to be read once: a note for each in a folder of the data directory,
//! until the file is read. Who may write there may have files read. It opens none of them.

mod reading;

use crate::file::open_regular;
use crate::files;
use crate::input::NamedInput;
use goldstream_domain::column::Kind;
use serde::{Deserialize, Serialize};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

const DIR: &str = "load";
/// No path is longer.
const NOTE_BYTES_MAX: u64 = 64 * 1024;

/// The notes of one data directory.
#[derive(Debug, Clone)]
pub struct HandedOver {
    dir: PathBuf,
}

/// What a note says.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    kind: Kind,
    path: PathBuf,
}

impl HandedOver {
    /// Those of a data directory.
    #[must_use]
    pub fn in_data_dir(data_dir: &Path) -> Self {
        Self { dir: data_dir.join(DIR) }
    }

    /// Hands a file over.
    ///
    /// # Errors
    /// Where it is no file, or the note cannot be written.
    pub fn add(&self, named: &NamedInput) -> io::Result<()> {
        let path = named.path().ok_or(ErrorKind::InvalidInput)?.to_owned();
        let note = serde_json::to_vec(&Note { kind: named.kind, path })?;
        std::fs::create_dir_all(&self.dir)?;
        let place = self.place(named);
        let unfinished = place.with_extension(std::process::id().to_string());
        std::fs::write(&unfinished, note)?;
        // Who reads it sees all of it or nothing.
        std::fs::rename(unfinished, place)
    }

    /// The files that wait, customers first. What is no note is passed over: it is not whole yet, or nobody's.
    #[must_use]
    pub fn all(&self) -> Vec<NamedInput> {
        let entries = std::fs::read_dir(&self.dir).into_iter().flatten().flatten();
        let notes = entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        let read = |path: PathBuf| -> Option<NamedInput> {
            let mut json = Vec::new();
            open_regular(&path).ok()?.take(NOTE_BYTES_MAX).read_to_end(&mut json).ok()?;
            let note: Note = serde_json::from_slice(&json).ok()?;
            files::named_input(note.kind, &note.path).ok()
        };
        let mut waiting: Vec<_> = notes.filter_map(read).collect();
        waiting.sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
        waiting
    }

    /// Whether a file waits.
    #[must_use]
    pub fn waits(&self, named: &NamedInput) -> bool {
        self.place(named).exists()
    }

    /// It is read, or not to be read any more.
    ///
    /// # Errors
    /// Where the note cannot be removed.
    pub fn remove(&self, named: &NamedInput) -> io::Result<()> {
        match std::fs::remove_file(self.place(named)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Nothing that waits is to be read.
    ///
    /// # Errors
    /// Where the folder cannot be removed.
    pub fn remove_all(&self) -> io::Result<()> {
        match std::fs::remove_dir_all(&self.dir) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn place(&self, named: &NamedInput) -> PathBuf {
        let hash = xxh3_64(named.key.as_bytes());
        self.dir.join(format!("{}-{hash:016x}.json", named.kind.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_waits_until_it_is_read_and_what_is_no_note_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let handed = HandedOver::in_data_dir(dir.path());
        assert!(handed.all().is_empty());
        let (a, b) = (dir.path().join("a.csv"), dir.path().join("b.csv"));
        let add = |kind, path| handed.add(&files::named_input(kind, path).unwrap()).unwrap();
        add(Kind::Purchases, &a);
        add(Kind::Customers, &b);
        add(Kind::Purchases, &a);
        std::fs::write(dir.path().join("load/x.json"), "{").unwrap();
        let pipe =
            std::process::Command::new("mkfifo").arg(dir.path().join("load/y.json")).status();
        assert!(pipe.unwrap().success());
        let all = handed.all();
        let kinds: Vec<_> = all.iter().map(|named| named.kind).collect();
        assert_eq!(kinds, [Kind::Customers, Kind::Purchases]);
        assert!(handed.waits(&all[0]));
        handed.remove(&all[0]).unwrap();
        handed.remove(&all[0]).unwrap();
        assert!(!handed.waits(&all[0]) && handed.waits(&all[1]));
    }
}

//! A file that is written beside its place and moved there once it is whole: whatever ends the writing, its
//! place holds what stood there before, or all of the new. What is written is not known here.

use crate::outcome::Outcome;
use crate::signals;
use goldstream_platform::embedded::FILE_NAME;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

/// One that is being written.
pub(crate) struct Beside {
    file: File,
    temporary: Temporary,
    place: PathBuf,
}

/// It goes where nobody moves it to its place.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// A file that may be there no more.
fn remove(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            tracing::warn!(%error, path = %path.display(), "a file stays that nobody needs");
        }
        _ => {}
    }
}

impl Beside {
    /// Begins one. Nothing is at its place, or a file, which keeps its rights.
    pub(crate) fn begin(place: &Path) -> io::Result<Self> {
        // Behind a link the file itself is replaced.
        let place = fs::canonicalize(place).unwrap_or_else(|_| place.to_owned());
        let name = place.file_name().ok_or(ErrorKind::IsADirectory)?;
        // Whoever works on it would write on into a file that nobody finds any more.
        if name == FILE_NAME && place.exists() {
            return Err(io::Error::other("it is a store: name another file"));
        }
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.part", std::process::id()));
        let temporary = Temporary(place.with_file_name(hidden));
        go_when_ended(temporary.0.clone());
        let file = OpenOptions::new().write(true).create_new(true).open(&temporary.0)?;
        if let Ok(known) = fs::metadata(&place) {
            file.set_permissions(known.permissions())?;
        }
        Ok(Self { file, temporary, place })
    }

    /// Its owner alone may read it, before anything stands in it.
    pub(crate) fn make_private(&self) -> io::Result<()> {
        #[cfg(unix)]
        self.file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(())
    }

    /// It is whole.
    pub(crate) fn finish(self) -> io::Result<()> {
        // A full disk may be heard of only here.
        self.file.sync_all()?;
        fs::rename(&self.temporary.0, &self.place)
    }
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Sees to it that a signal that ends the process leaves nothing behind. Returns once it does.
fn go_when_ended(temporary: PathBuf) {
    let (listening, listens) = mpsc::channel();
    let wait = move || {
        signals::run(|mut signals| async move {
            drop(listening);
            Ok(signals.next().await)
        })
    };
    let begun = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let Ok(ended) = wait() else { return };
        remove(&temporary);
        // SIGTERM, too, ends a command that has not done its work.
        std::process::exit(if matches!(ended, Outcome::Interrupted) { 130 } else { 1 });
    });
    // Without the thread a signal leaves the half file beside its place.
    if begun.is_ok() {
        listens.recv().unwrap_or(());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).unwrap().map(Result::unwrap);
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_store_is_taken_the_place_of_by_nothing_whatever_leads_to_it() {
        let dir = tempfile::tempdir().unwrap();
        let (store, link) = (dir.path().join(FILE_NAME), dir.path().join("link"));
        Beside::begin(&store).unwrap().finish().unwrap();
        std::os::unix::fs::symlink(&store, &link).unwrap();
        for place in [&store, &link] {
            let error = Beside::begin(place).err().unwrap();
            assert!(error.to_string().contains("it is a store"), "{error}");
        }
        assert_eq!(names(dir.path()).len(), 2, "nothing else is left");
    }

    #[test]
    fn what_stood_there_stays_until_the_new_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("x.csv");
        fs::write(&place, "old").unwrap();
        let mut file = Beside::begin(&place).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"old");
        file.finish().unwrap();
        assert_eq!((fs::read(&place).unwrap(), names(dir.path()).len()), (b"new".to_vec(), 1));
    }

    #[test]
    fn one_that_is_given_up_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = Beside::begin(&dir.path().join("x.csv")).unwrap();
        file.write_all(b"half").unwrap();
        assert!(names(dir.path())[0].starts_with(".x.csv."));
        drop(file);
        assert_eq!(names(dir.path()), Vec::<String>::new());
    }

    #[test]
    fn a_link_stays_one_and_rights_stay_theirs() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let (link, place) = (dir.path().join("link"), dir.path().join("x.csv"));
        fs::write(&place, "old").unwrap();
        fs::set_permissions(&place, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&place, &link).unwrap();
        let mut file = Beside::begin(&link).unwrap();
        file.write_all(b"new").unwrap();
        file.finish().unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(&place).unwrap(), b"new");
        assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

//! A file that may grow, change or be replaced while it is read. What is read is of the file that was
//! opened, whatever its name leads to meanwhile.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// File systems give times in steps: a change within one of another's leaves no trace in them.
const TIME_STEP: Duration = Duration::from_millis(100);

/// What tells a file from another one, and from what it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    identity: (u64, u64),
    /// Its size in bytes as it stands on disk.
    pub size_bytes: u64,
    modified: Option<SystemTime>,
    /// When anything about it changed, its rights and the time above included.
    changed: Option<SystemTime>,
}

impl Stamp {
    /// That of the file to which the path leads now.
    ///
    /// # Errors
    /// Where there is none, or it cannot be looked at.
    pub fn at(path: &Path) -> io::Result<Self> {
        std::fs::metadata(path).map(|metadata| Self::of(&metadata))
    }

    fn of(metadata: &Metadata) -> Self {
        Self {
            identity: identity(metadata),
            size_bytes: metadata.len(),
            modified: metadata.modified().ok(),
            changed: changed(metadata),
        }
    }

    /// Whether both are of one file, whatever became of it.
    #[must_use]
    pub fn is_same_file(&self, other: &Self) -> bool {
        self.identity == other.identity
    }

    /// Whether a further change might leave this stamp as it is.
    fn is_fresh(&self) -> bool {
        let age = self.changed.and_then(|changed| changed.elapsed().ok());
        age.is_some_and(|age| age < TIME_STEP)
    }
}

/// A file as it was opened.
#[derive(Debug, Clone)]
pub struct OpenFile {
    file: Arc<File>,
    read_bytes: Arc<AtomicU64>,
    /// It is as it was read as long as it has this stamp.
    proven: Option<Stamp>,
    /// What it was when it was looked at last.
    seen: Option<Stamp>,
}

/// What a file looks like from outside, as against the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happened {
    /// It has the same stamp.
    Nothing,
    /// There is more of it. It may have been rewritten, too.
    Grown,
    /// It was written to, and there is not more of it.
    Rewritten,
}

impl OpenFile {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = open_regular(path)?;
        Ok(Self { file: Arc::new(file), read_bytes: Arc::default(), proven: None, seen: None })
    }

    /// Its bytes from the first on. How far they were read is known here.
    pub(crate) fn read_from_start(&self) -> FileReader {
        FileReader { file: Arc::clone(&self.file), at: Arc::clone(&self.read_bytes) }
    }

    /// Its bytes from the first on once more, for a proof.
    pub(crate) fn read_again(&self) -> FileReader {
        FileReader { file: Arc::clone(&self.file), at: Arc::default() }
    }

    /// How many bytes of it were read.
    pub(crate) fn read_bytes(&self) -> u64 {
        self.read_bytes.load(Ordering::Relaxed)
    }

    /// What it is now.
    pub(crate) fn stamp(&self) -> io::Result<Stamp> {
        self.file.metadata().map(|metadata| Stamp::of(&metadata))
    }

    /// What has happened to it since this was asked before.
    pub(crate) fn look(&mut self, now: Stamp) -> Happened {
        let before = self.seen.replace(now);
        match before {
            Some(before) if before == now => Happened::Nothing,
            Some(before) if before.size_bytes >= now.size_bytes => Happened::Rewritten,
            _ => Happened::Grown,
        }
    }

    /// Whether it has the stamp with which it was proven to be as it was read.
    pub(crate) fn is_proven(&self, now: &Stamp) -> bool {
        self.proven.as_ref() == Some(now)
    }

    /// It is as it was read, as of this stamp.
    pub(crate) fn prove(&mut self, now: Stamp) {
        self.proven = (!now.is_fresh()).then_some(now);
    }
}

/// Opens a file, and nothing that would keep who opens it waiting: a pipe without a writer does, for ever.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    let kind = std::fs::metadata(path)?.file_type();
    if kind.is_file() {
        return File::open(path);
    }
    let what =
        if kind.is_dir() { "it is a directory" } else { "it is a pipe or a device, not a file" };
    Err(io::Error::new(io::ErrorKind::InvalidInput, what))
}

/// Reads a file from a place of its own.
pub struct FileReader {
    file: Arc<File>,
    at: Arc<AtomicU64>,
}

impl Read for FileReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let at = self.at.load(Ordering::Relaxed);
        let count = read_at(&self.file, out, at)?;
        self.at.store(at + count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(unix)]
pub(crate) fn read_at(file: &File, out: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, out, at)
}

#[cfg(windows)]
pub(crate) fn read_at(file: &File, out: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, out, at)
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

#[cfg(unix)]
fn changed(metadata: &Metadata) -> Option<SystemTime> {
    use std::os::unix::fs::MetadataExt;
    let seconds = Duration::from_secs(u64::try_from(metadata.ctime()).ok()?);
    let nanos = Duration::from_nanos(u64::try_from(metadata.ctime_nsec()).ok()?);
    Some(SystemTime::UNIX_EPOCH + seconds + nanos)
}

#[cfg(not(unix))]
fn changed(metadata: &Metadata) -> Option<SystemTime> {
    metadata.modified().ok()
}

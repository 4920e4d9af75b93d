//! The bytes of an input, from its beginning or from a place in it, whatever they are packed in.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where bytes come from.
#[derive(Debug, Clone)]
pub enum Input {
    /// A file that may grow.
    Plain(PathBuf),
    /// A zstd file: never followed.
    Zst(PathBuf),
    /// Bytes that were made: the sample shop.
    Made(Arc<Vec<u8>>),
}

/// Tells a file from another one under its name, and from what it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    /// Its size in bytes as it stands on disk.
    pub size_bytes: u64,
    /// Which file it is.
    inode: u64,
}

impl Fingerprint {
    /// Whether what was read of the file may have changed since `earlier`.
    #[must_use]
    pub fn is_suspect_since(&self, earlier: &Self) -> bool {
        self.inode != earlier.inode || self.size_bytes < earlier.size_bytes
    }
}

impl Input {
    /// The input at `path`, packed as its name says.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        if path.extension().is_some_and(|extension| extension == "zst") {
            Self::Zst(path.to_owned())
        } else {
            Self::Plain(path.to_owned())
        }
    }

    /// Its bytes after unpacking, from the beginning.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Plain(path) => Box::new(File::open(path)?),
            Self::Zst(path) => Box::new(zstd::stream::read::Decoder::with_buffer(BufReader::new(
                File::open(path)?,
            ))?),
            Self::Made(bytes) => Box::new(Cursor::new(SharedBytes(Arc::clone(bytes)))),
        })
    }

    /// Its bytes from `offset_bytes` on; what lies before is handed to `skipped` in pieces.
    ///
    /// # Errors
    /// Where it cannot be read. An input that is shorter gives no bytes.
    pub fn open_after(
        &self,
        offset_bytes: u64,
        mut skipped: impl FnMut(&[u8]),
    ) -> io::Result<Box<dyn Read + Send>> {
        let mut reader = self.open()?;
        let mut left = offset_bytes;
        let mut piece = vec![0; 256 * 1024];
        while left > 0 {
            let wanted = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let count = reader.read(&mut piece[..wanted])?;
            if count == 0 {
                break;
            }
            skipped(&piece[..count]);
            left -= count as u64;
        }
        Ok(reader)
    }

    /// Its bytes from `offset_bytes` on, without reading those before where that can be avoided.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn open_at(&self, offset_bytes: u64) -> io::Result<Box<dyn Read + Send>> {
        match self {
            Self::Plain(path) => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(offset_bytes))?;
                Ok(Box::new(file))
            }
            Self::Zst(_) | Self::Made(_) => self.open_after(offset_bytes, |_| ()),
        }
    }

    /// What tells whether it has changed.
    ///
    /// # Errors
    /// Where it cannot be looked at.
    pub fn fingerprint(&self) -> io::Result<Fingerprint> {
        match self {
            Self::Plain(path) | Self::Zst(path) => {
                let metadata = std::fs::metadata(path)?;
                Ok(Fingerprint { size_bytes: metadata.len(), inode: inode(&metadata) })
            }
            Self::Made(bytes) => Ok(Fingerprint { size_bytes: bytes.len() as u64, inode: 0 }),
        }
    }

    /// Whether appended rows are to be expected.
    #[must_use]
    pub fn can_grow(&self) -> bool {
        matches!(self, Self::Plain(_))
    }
}

#[cfg(unix)]
fn inode(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_metadata: &std::fs::Metadata) -> u64 {
    0
}

struct SharedBytes(Arc<Vec<u8>>);

impl AsRef<[u8]> for SharedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

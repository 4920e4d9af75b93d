//! Inputs: where bytes come from, whatever they are packed in. Must not know what the bytes mean.

use crate::file::{OpenFile, Stamp, open_regular};
use crate::piped::Piped;
use crate::utf16::to_utf8;
use goldstream_domain::chain::SourceId;
use goldstream_domain::column::Kind;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where bytes come from.
#[derive(Debug, Clone)]
pub enum Input {
    /// A file that may grow.
    Plain(PathBuf),
    /// A packed file: never followed.
    Packed(PathBuf, Packing),
    /// What another program writes into this one.
    Piped(Arc<Piped>),
    /// Bytes that are made while they are read: the demo's shop.
    Made(Arc<dyn Made>),
}

/// Something to read, under the name that it keeps over restarts.
#[derive(Debug, Clone)]
pub struct NamedInput {
    /// What its rows are.
    pub kind: Kind,
    /// Its name: `file:` and the absolute path.
    pub key: SourceId,
    /// Its bytes.
    pub input: Input,
}

impl NamedInput {
    /// Where it stands, if it is a file.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.input {
            Input::Plain(path) | Input::Packed(path, _) => Some(path),
            Input::Piped(_) | Input::Made(_) => None,
        }
    }
}

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// gzip, of one or several members.
    Gz,
    /// zstd.
    Zst,
}

/// Something that makes the same bytes each time it is read, and more of them as time goes by.
pub trait Made: fmt::Debug + Send + Sync {
    /// All that there are by now, and those to come while it is being read.
    fn open(&self) -> Box<dyn Read + Send>;

    /// About how many there are; never fewer than were ever read.
    fn size_bytes(&self) -> u64;
}

/// An input's bytes from its beginning.
pub struct Opened {
    /// The bytes, unpacked, as UTF-8 where they were UTF-16.
    pub bytes: Box<dyn Read + Send>,
    /// The file, where it is one that may grow.
    pub file: Option<OpenFile>,
}

impl Input {
    /// The input at `path`, packed as its name says.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        match Packing::of(path) {
            Some(packing) => Self::Packed(path.to_owned(), packing),
            None => Self::Plain(path.to_owned()),
        }
    }

    /// Opens it.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open(&self) -> io::Result<Opened> {
        let packed = |bytes| Opened { bytes, file: None };
        Ok(match self {
            Self::Plain(path) => {
                let file = OpenFile::open(path)?;
                Opened { bytes: to_utf8(Box::new(file.read_from_start())), file: Some(file) }
            }
            Self::Packed(path, packing) => packed(to_utf8(packing.unpack(open_regular(path)?)?)),
            Self::Piped(piped) => packed(to_utf8(piped.read_from_start())),
            Self::Made(made) => packed(made.open()),
        })
    }

    /// What tells whether another file stands under the name; none where there is no file.
    ///
    /// # Errors
    /// Where it cannot be looked at.
    pub fn stamp(&self) -> io::Result<Option<Stamp>> {
        match self {
            Self::Plain(path) => Stamp::at(path).map(Some),
            Self::Packed(..) | Self::Piped(_) | Self::Made(_) => Ok(None),
        }
    }

    /// How many bytes there are, packed as they are; 0 where that cannot be told.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        match self {
            Self::Plain(path) | Self::Packed(path, _) => {
                std::fs::metadata(path).map_or(0, |metadata| metadata.len())
            }
            Self::Piped(piped) => piped.size_bytes(),
            Self::Made(made) => made.size_bytes(),
        }
    }

    /// Whether more bytes are to be expected behind those that are there.
    #[must_use]
    pub fn can_grow(&self) -> bool {
        match self {
            Self::Plain(_) | Self::Made(_) => true,
            Self::Packed(..) => false,
            Self::Piped(piped) => !piped.is_ended(),
        }
    }

    /// Whether the end of what there is now is no end at all: another program is still writing.
    #[must_use]
    pub fn is_being_piped(&self) -> bool {
        matches!(self, Self::Piped(piped) if !piped.is_ended())
    }
}

impl Packing {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "gz" => Some(Self::Gz),
            "zst" => Some(Self::Zst),
            _ => None,
        }
    }

    fn unpack(self, file: File) -> io::Result<Box<dyn Read + Send>> {
        let file = BufReader::new(file);
        Ok(match self {
            Self::Gz => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
            Self::Zst => Box::new(zstd::stream::read::Decoder::with_buffer(file)?),
        })
    }
}

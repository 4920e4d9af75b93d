//! Where a command writes its data: a file that is named, or standard output.

use crate::beside::Beside;
use crate::outcome::Outcome;
use anyhow::Context;
use std::fs::{File, metadata};
use std::io::{self, BufWriter, ErrorKind, Stdout, Write};
use std::path::{Path, PathBuf};

/// The file or standard output, opened with the first byte: a question that is not answered leaves
/// a file as it was.
pub(crate) struct Output {
    path: Option<PathBuf>,
    rights: Rights,
    open: Option<BufWriter<Target>>,
    reader: Reader,
}

/// Who may read the file.
#[derive(Clone, Copy)]
enum Rights {
    /// As the system has it.
    Usual,
    /// Its owner alone.
    Private,
}

/// Who reads what is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Reads,
    /// He has seen enough: `| head`.
    Gone,
}

enum Target {
    Stdout(Stdout),
    /// A device or a pipe, which nothing can take the place of.
    Plain(File),
    Beside(Beside),
}

impl Output {
    pub(crate) const fn new(path: Option<PathBuf>) -> Self {
        Self { path, rights: Rights::Usual, open: None, reader: Reader::Reads }
    }

    /// A file that its owner alone may read from now on.
    pub(crate) fn private(path: PathBuf) -> Self {
        Self { rights: Rights::Private, ..Self::new(Some(path)) }
    }

    fn opened(&mut self) -> io::Result<&mut BufWriter<Target>> {
        if self.open.is_none() {
            let target = match &self.path {
                None => Target::Stdout(io::stdout()),
                Some(path) => Target::of(path, self.rights).map_err(|error| {
                    let reason = format!("cannot write {}: {error}", path.display());
                    io::Error::new(error.kind(), reason)
                })?,
            };
            self.open = Some(BufWriter::with_capacity(64 * 1024, target));
        }
        self.open.as_mut().ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// All is written. An empty answer is an empty file, too.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        let flushed = self.opened()?.flush();
        self.heard(flushed)?;
        let Some(out) = self.open.take() else { return Ok(()) };
        match out.into_parts().0 {
            Target::Beside(file) => file.finish(),
            Target::Stdout(_) | Target::Plain(_) => Ok(()),
        }
    }

    /// The outcome of a command that has written all, or failed.
    pub(crate) fn end(mut self, written: anyhow::Result<()>) -> anyhow::Result<Outcome> {
        let done = written.and_then(|()| match (self.finish(), &self.path) {
            (Err(error), Some(path)) => {
                Err(error).with_context(|| format!("cannot write {}", path.display()))
            }
            (done, _) => Ok(done?),
        });
        match self.reader {
            Reader::Gone => Ok(Outcome::Done),
            Reader::Reads => done.map(|()| Outcome::Done),
        }
    }

    /// Notices that nobody reads any more.
    fn heard<T>(&mut self, written: io::Result<T>) -> io::Result<T> {
        if written.as_ref().is_err_and(|error| error.kind() == ErrorKind::BrokenPipe) {
            self.reader = Reader::Gone;
        }
        written
    }
}

/// Prints a text, where a reader that has seen enough is no failure.
pub(crate) fn print(text: &str) -> anyhow::Result<Outcome> {
    let mut out = Output::new(None);
    let written = out.write_all(text.as_bytes());
    out.end(written.map_err(Into::into))
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.opened()?.write(bytes);
        self.heard(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Target {
    fn of(path: &Path, rights: Rights) -> io::Result<Self> {
        match metadata(path) {
            Ok(known) if !known.is_file() => File::create(path).map(Self::Plain),
            Ok(_) | Err(_) => {
                let beside = Beside::begin(path)?;
                if matches!(rights, Rights::Private) {
                    beside.make_private()?;
                }
                Ok(Self::Beside(beside))
            }
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::Plain(file) => file.write(bytes),
            Self::Beside(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::Plain(file) => file.flush(),
            Self::Beside(file) => file.flush(),
        }
    }
}

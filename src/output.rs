//! Where a command writes its data: a file that is named, or standard output.

use crate::Outcome;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// The file or standard output, opened with the first byte: a question that is not answered leaves
/// a file as it was.
pub(crate) struct Output {
    path: Option<PathBuf>,
    open: Option<BufWriter<Box<dyn Write + Send>>>,
}

impl Output {
    pub(crate) const fn new(path: Option<PathBuf>) -> Self {
        Self { path, open: None }
    }

    fn opened(&mut self) -> io::Result<&mut BufWriter<Box<dyn Write + Send>>> {
        if self.open.is_none() {
            let out: Box<dyn Write + Send> = match &self.path {
                None => Box::new(io::stdout()),
                Some(path) => Box::new(File::create(path).map_err(|error| {
                    let reason = format!("cannot write {}: {error}", path.display());
                    io::Error::new(error.kind(), reason)
                })?),
            };
            self.open = Some(BufWriter::with_capacity(64 * 1024, out));
        }
        self.open.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// An empty answer is an empty file, too.
    pub(crate) fn finish(&mut self) -> anyhow::Result<()> {
        Ok(self.opened()?.flush()?)
    }

    /// The outcome of a command that has written all, or failed.
    pub(crate) fn end(mut self, written: anyhow::Result<()>) -> anyhow::Result<Outcome> {
        match written.and_then(|()| self.finish()) {
            // Who reads has seen enough: `| head`.
            Err(error) if is_broken_pipe(&error) => Ok(Outcome::Done),
            other => other.map(|()| Outcome::Done),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.opened()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::BrokenPipe)
    })
}

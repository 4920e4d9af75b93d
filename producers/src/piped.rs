//! Standard input as an input that can be read again: what comes is kept in a file without a name, so
//! that its beginning can be held against what was read of it before.

use crate::reading::read_some;
use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const PIECE_BYTES: usize = 64 * 1024;

/// What another program writes into this one.
#[derive(Debug)]
pub struct Piped {
    kept: File,
    size_bytes: AtomicU64,
    is_ended: AtomicBool,
}

impl Piped {
    /// Opens a source and keeps what it gives, on a thread of its own, until it ends. Opening may wait: a
    /// named pipe has a writer later.
    ///
    /// # Errors
    /// Where there is no room for a file or a thread.
    pub fn begin<R: Read>(
        open: impl FnOnce() -> io::Result<R> + Send + 'static,
    ) -> io::Result<Arc<Self>> {
        let kept = tempfile::tempfile()?;
        let mut written = kept.try_clone()?;
        let piped = Arc::new(Self {
            kept,
            size_bytes: AtomicU64::new(0),
            is_ended: AtomicBool::new(false),
        });
        let shared = Arc::clone(&piped);
        std::thread::Builder::new().name("standard input".to_owned()).spawn(move || {
            if let Err(error) = open().and_then(|source| shared.keep(source, &mut written)) {
                tracing::error!(%error, "what is piped in cannot be read on; it ends here");
            }
            shared.is_ended.store(true, Ordering::Release);
        })?;
        Ok(piped)
    }

    fn keep(&self, mut source: impl Read, written: &mut File) -> io::Result<()> {
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let count = read_some(&mut source, &mut piece)?;
            if count == 0 {
                return Ok(());
            }
            written.write_all(&piece[..count])?;
            self.size_bytes.fetch_add(count as u64, Ordering::Release);
        }
    }

    /// Whether all has come.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.is_ended.load(Ordering::Acquire)
    }

    /// How much has come.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes.load(Ordering::Acquire)
    }

    /// What has come and what comes, from the first byte on.
    #[must_use]
    pub(crate) fn read_from_start(self: &Arc<Self>) -> Box<dyn Read + Send> {
        Box::new(PipedReader { piped: Arc::clone(self), at: 0 })
    }
}

struct PipedReader {
    piped: Arc<Piped>,
    at: u64,
}

impl Read for PipedReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.piped.size_bytes() - self.at;
        let wanted = out.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let count = crate::file::read_at(&self.piped.kept, &mut out[..wanted], self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_piped_can_be_read_from_its_beginning_as_often_as_wanted() {
        let text = "1,2,3\n".repeat(50_000);
        let piped = Piped::begin({
            let text = text.clone();
            move || Ok(io::Cursor::new(text))
        })
        .unwrap();
        while !piped.is_ended() {
            std::thread::yield_now();
        }
        for _ in 0..2 {
            let mut read = String::new();
            piped.read_from_start().read_to_string(&mut read).unwrap();
            assert!(read == text);
        }
        assert_eq!(piped.size_bytes(), text.len() as u64);
    }
}

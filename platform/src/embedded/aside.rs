//! A file that is read and never written: what is to be written stays in memory and is gone with it. A question
//! is answered so where the disk is full. It knows nothing of what the bytes mean.

use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};
use std::collections::HashMap;
use std::io::{Error, ErrorKind, Result};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Of so many bytes what was written is kept.
const BLOCK_BYTES: usize = 4096;

/// The file, and beside it what would have been written to it.
#[derive(Debug)]
pub(super) struct Aside {
    file: FileBackend,
    written: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    len: u64,
    /// So much of the file still counts: it was cut there.
    of_file: u64,
    blocks: HashMap<u64, Vec<u8>>,
}

/// A part of one block.
struct Piece {
    block: u64,
    from: usize,
    len: usize,
}

impl Aside {
    /// Over a file that was opened to be read and written, because it is locked as one that is written.
    pub(super) fn new(file: FileBackend) -> Result<Self> {
        let len = file.len()?;
        let written = Written { len, of_file: len, blocks: HashMap::new() };
        Ok(Self { file, written: Mutex::new(written) })
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A block as the file has it; zeros where it has none.
    fn block_of_file(&self, block: u64, of_file: u64) -> Result<Vec<u8>> {
        let mut bytes = vec![0; BLOCK_BYTES];
        let start = block * BLOCK_BYTES as u64;
        let there = of_file.saturating_sub(start).min(BLOCK_BYTES as u64) as usize;
        if there > 0 {
            self.file.read(start, &mut bytes[..there])?;
        }
        Ok(bytes)
    }
}

/// The parts of blocks that these bytes are, in their order.
fn pieces(offset: u64, len: usize) -> impl Iterator<Item = Piece> {
    let size = BLOCK_BYTES as u64;
    let end = offset + len as u64;
    let blocks = offset / size..end.div_ceil(size);
    blocks.map(move |block| {
        let start = offset.max(block * size);
        let stop = end.min((block + 1) * size);
        Piece { block, from: (start - block * size) as usize, len: (stop - start) as usize }
    })
}

impl StorageBackend for Aside {
    fn len(&self) -> Result<u64> {
        Ok(self.written().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let written = self.written();
        if offset + out.len() as u64 > written.len {
            return Err(Error::from(ErrorKind::UnexpectedEof));
        }
        let mut rest = out;
        for Piece { block, from, len } in pieces(offset, rest.len()) {
            let (piece, behind) = rest.split_at_mut(len);
            match written.blocks.get(&block) {
                Some(bytes) => piece.copy_from_slice(&bytes[from..from + len]),
                None => {
                    let bytes = self.block_of_file(block, written.of_file)?;
                    piece.copy_from_slice(&bytes[from..from + len]);
                }
            }
            rest = behind;
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<()> {
        let mut written = self.written();
        if len < written.len {
            written.of_file = written.of_file.min(len);
            let whole = len / BLOCK_BYTES as u64;
            written.blocks.retain(|block, _| *block <= whole);
            if let Some(last) = written.blocks.get_mut(&whole) {
                last[(len % BLOCK_BYTES as u64) as usize..].fill(0);
            }
        }
        written.len = len;
        Ok(())
    }

    fn sync_data(&self) -> Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        let mut written = self.written();
        let mut rest = data;
        for Piece { block, from, len } in pieces(offset, data.len()) {
            let (piece, behind) = rest.split_at(len);
            if !written.blocks.contains_key(&block) {
                let bytes = self.block_of_file(block, written.of_file)?;
                written.blocks.insert(block, bytes);
            }
            if let Some(bytes) = written.blocks.get_mut(&block) {
                bytes[from..from + len].copy_from_slice(piece);
            }
            rest = behind;
        }
        written.len = written.len.max(offset + data.len() as u64);
        Ok(())
    }

    fn close(&self) -> Result<()> {
        self.file.close()
    }

    fn try_lock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::io::Write;

    /// What may be done with a file.
    #[derive(Debug, Clone)]
    enum Step {
        Write(u64, Vec<u8>),
        Cut(u64),
    }

    const BYTES_MAX: u64 = 4 * BLOCK_BYTES as u64;

    fn step() -> impl Strategy<Value = Step> {
        let bytes = vec(1_u8.., 1..2 * BLOCK_BYTES);
        prop_oneof![
            3 => (0..BYTES_MAX, bytes).prop_map(|(offset, bytes)| Step::Write(offset, bytes)),
            1 => (0..BYTES_MAX).prop_map(Step::Cut),
        ]
    }

    proptest! {
        #[test]
        fn it_is_as_if_it_were_written_and_the_file_is_not(
            content in vec(any::<u8>(), 0..BYTES_MAX as usize),
            steps in vec(step(), 0..12),
        ) {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(&content).unwrap();
            let aside = Aside::new(FileBackend::new(file.reopen().unwrap()).unwrap()).unwrap();
            let mut model = content.clone();
            for step in steps {
                match step {
                    Step::Write(offset, bytes) => {
                        aside.write(offset, &bytes).unwrap();
                        let (from, to) = (offset as usize, offset as usize + bytes.len());
                        model.resize(model.len().max(to), 0);
                        model[from..to].copy_from_slice(&bytes);
                    }
                    Step::Cut(len) => {
                        aside.set_len(len).unwrap();
                        model.resize(len as usize, 0);
                    }
                }
                prop_assert_eq!(aside.len().unwrap(), model.len() as u64);
                let mut read = vec![0; model.len()];
                aside.read(0, &mut read).unwrap();
                prop_assert!(read == model);
            }
            prop_assert!(aside.read(model.len() as u64, &mut [0]).is_err());
            prop_assert!(std::fs::read(file.path()).unwrap() == content);
        }
    }
}

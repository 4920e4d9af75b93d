//! One source being read: where it stands, what its bytes were so far, and its rows on their way.

use crate::csv::{HeaderError, OpenRow, Position, RowReader};
use crate::input::{Input, NamedInput, Opened};
use crate::prefix::Prefix;
use crate::proof;
use crate::reading::read_some;
use crate::reopen::resume;
use crate::resume::{Sent, generation_name};
use crate::route::{Held, Router};
use crate::taker::Taker;
use goldstream_domain::chain::SourceId;
use goldstream_domain::record::Block;
use goldstream_platform::store::SourceCheckpoint;
use std::io;

/// Bytes read at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// Why a source cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Its header does not fit.
    #[error("{key}: {error}")]
    Header {
        /// Which source.
        key: SourceId,
        /// Why.
        error: HeaderError,
    },
    /// It cannot be read.
    #[error("{key}: {error}")]
    Io {
        /// Which source.
        key: SourceId,
        /// Why.
        error: io::Error,
    },
}

/// What one step gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Rows were read, perhaps none yet of a long one.
    Read {
        /// Rows that came out.
        rows: u64,
        /// Bytes taken.
        bytes: u64,
    },
    /// There are no more bytes now.
    End,
    /// The rows are others than those that bronze holds: begin anew as another generation.
    Changed,
    /// The file is not what it was when it was read: look at it again from its beginning.
    Rewritten,
}

/// Whether a last line without its end is a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastLine {
    /// It is.
    IsRow,
    /// Only once its end comes.
    Waits,
}

/// A source being read.
pub struct Source {
    named: NamedInput,
    /// Under which name the store knows it: that of the path at which it was read first.
    identity: SourceId,
    generation: u64,
    reader: RowReader,
    opened: Opened,
    prefix: Prefix,
    taker: Taker,
    chunk: Vec<u8>,
    /// Of the chunk, what has been pushed.
    pushed: usize,
    bronze_ends: Vec<u64>,
    ended: bool,
}

impl Source {
    /// Goes on where the source was left; as a new generation if what was read has changed.
    ///
    /// # Errors
    /// [`SourceError`].
    pub fn open(named: NamedInput, identity: SourceId, sent: Sent) -> Result<Self, SourceError> {
        let key = named.key.clone();
        Self::try_open(named, identity, sent).map_err(|error| SourceError::Io { key, error })
    }

    fn try_open(named: NamedInput, identity: SourceId, sent: Sent) -> io::Result<Self> {
        let Sent { checkpoint, held } = sent;
        let mut opened = named.input.open()?;
        let Some((reader, prefix)) = resume(&named, &mut opened, &checkpoint)? else {
            let generation = checkpoint.generation + 1;
            return Self::begin(named, identity, generation, checkpoint.bronze_ends);
        };
        let generation = checkpoint.generation;
        let source_id = SourceId::from(generation_name(&identity, generation));
        Ok(Self {
            taker: Taker::behind(
                checkpoint.rows,
                Router::new(named.kind, source_id, &checkpoint.tails, &held),
            ),
            bronze_ends: checkpoint.bronze_ends,
            chunk: Vec::new(),
            pushed: 0,
            ended: false,
            named,
            identity,
            generation,
            reader,
            opened,
            prefix,
        })
    }

    /// Begins a generation at the first byte.
    fn begin(
        named: NamedInput,
        identity: SourceId,
        generation: u64,
        bronze_ends: Vec<u64>,
    ) -> io::Result<Self> {
        let partitions = bronze_ends.len();
        let source_id = SourceId::from(generation_name(&identity, generation));
        Ok(Self {
            opened: named.input.open()?,
            reader: RowReader::new(named.kind),
            taker: Taker::from_start(Router::new(
                named.kind,
                source_id,
                &vec![0; partitions],
                &vec![Held::default(); partitions],
            )),
            prefix: Prefix::default(),
            chunk: Vec::new(),
            pushed: 0,
            ended: false,
            named,
            identity,
            generation,
            bronze_ends,
        })
    }

    /// Begins anew as the next generation.
    ///
    /// # Errors
    /// [`SourceError::Io`].
    pub fn begin_next(self) -> Result<Self, SourceError> {
        let key = self.named.key.clone();
        let begun = Self::begin(self.named, self.identity, self.generation + 1, self.bronze_ends);
        begun.map_err(|error| SourceError::Io { key, error })
    }

    /// What is read.
    #[must_use]
    pub fn named(&self) -> &NamedInput {
        &self.named
    }

    /// Under which name the store knows it.
    #[must_use]
    pub fn identity(&self) -> &SourceId {
        &self.identity
    }

    /// How often the source was begun anew.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Takes the next bytes, at most about `rows_max` rows of them.
    ///
    /// # Errors
    /// [`SourceError`].
    pub fn step(&mut self, rows_max: u64, now_ms: i64) -> Result<Step, SourceError> {
        if self.pushed == self.chunk.len() {
            let count = self.fill()?;
            // Asked after the bytes were read: then they follow what was read before.
            if !self.is_as_it_was().map_err(|error| self.io(error))? {
                self.chunk.clear();
                self.pushed = 0;
                return Ok(Step::Rewritten);
            }
            if count == 0 {
                return Ok(Step::End);
            }
            // A line that was taken as a row without its end goes on.
            if self.reader.ended_unfinished() && !matches!(self.chunk[0], b'\n' | b'\r') {
                return Ok(Step::Changed);
            }
        }
        let piece = cut(&self.chunk[self.pushed..], rows_max);
        let before = self.reader.position();
        let Self { reader, taker, .. } = self;
        reader
            .push(piece, &mut |row| taker.take(&row, now_ms))
            .map_err(|error| SourceError::Header { key: self.named.key.clone(), error })?;
        let after = self.reader.position();
        if (before.bytes, after.bytes > 0, self.generation > 0) == (0, true, true) {
            let (source, generation) = (&*self.named.key, self.generation);
            tracing::info!(source, generation, "reading the file as a new source");
        }
        self.prefix.take(piece, after.bytes);
        let bytes = piece.len();
        self.pushed += bytes;
        if self.taker.router.changed().is_some() {
            return Ok(Step::Changed);
        }
        Ok(Step::Read { rows: after.rows - before.rows, bytes: bytes as u64 })
    }

    /// The bytes are at their end for now. Gives the rows that follow from that.
    ///
    /// # Errors
    /// [`SourceError::Header`].
    pub fn end(&mut self, last_line: LastLine, now_ms: i64) -> Result<Step, SourceError> {
        let before = self.reader.position().rows;
        // Bronze holds more of the source: it was decided before, by another process, how the file ends.
        if self.taker.router.holds_more() {
            self.give_up_open_quotes(now_ms);
        }
        let is_row = last_line == LastLine::IsRow || self.taker.router.holds_more();
        if is_row && !self.ended {
            self.ended = true;
            let Self { reader, taker, .. } = self;
            reader
                .finish(&mut |row| taker.take(&row, now_ms))
                .map_err(|error| SourceError::Header { key: self.named.key.clone(), error })?;
            self.prefix.take(&[], self.reader.position().bytes);
        }
        self.taker.end();
        Ok(self.rows_since(before))
    }

    /// The end has stood still for a while: a quote that is open there was never closed.
    #[must_use]
    pub fn stand_still(&mut self, now_ms: i64) -> Step {
        let before = self.reader.position().rows;
        self.give_up_open_quotes(now_ms);
        self.rows_since(before)
    }

    fn give_up_open_quotes(&mut self, now_ms: i64) {
        let Self { reader, taker, .. } = self;
        reader.stand_still(&mut |row| taker.take(&row, now_ms));
        self.prefix.take(&[], self.reader.position().bytes);
    }

    fn rows_since(&self, before: u64) -> Step {
        if self.taker.router.changed().is_some() || self.taker.router.holds_more() {
            return Step::Changed;
        }
        Step::Read { rows: self.reader.position().rows - before, bytes: 0 }
    }

    fn fill(&mut self) -> Result<usize, SourceError> {
        self.chunk.resize(CHUNK_BYTES, 0);
        self.pushed = 0;
        let read = read_some(&mut self.opened.bytes, &mut self.chunk);
        self.chunk.truncate(*read.as_ref().unwrap_or(&0));
        read.map_err(|error| self.io(error))
    }

    /// Whether what was read of the file still stands there, as far as that can be told at once: a large
    /// file that has grown is looked at in full by [`Self::is_proven_again`].
    fn is_as_it_was(&mut self) -> io::Result<bool> {
        match &mut self.opened.file {
            Some(file) => proof::at_once(file, &self.prefix),
            None => Ok(true),
        }
    }

    /// Whether all that was read of the file still stands there. It reads all of it, if anything has
    /// happened to it since the last time.
    ///
    /// # Errors
    /// [`SourceError::Io`].
    pub fn is_proven_again(&mut self) -> Result<bool, SourceError> {
        let Some(file) = &mut self.opened.file else { return Ok(true) };
        proof::in_full(file, &self.prefix).map_err(|error| self.io(error))
    }

    /// Whether its name leads to another file now than to the one that is read.
    ///
    /// # Errors
    /// [`SourceError::Io`] where it leads to none.
    pub fn is_replaced(&self) -> Result<bool, SourceError> {
        let Some(file) = &self.opened.file else { return Ok(false) };
        let stamps = self.named.input.stamp().and_then(|named| Ok((named, file.stamp()?)));
        let (named, open) = stamps.map_err(|error| self.io(error))?;
        Ok(named.is_some_and(|named| !named.is_same_file(&open)))
    }

    fn io(&self, error: io::Error) -> SourceError {
        SourceError::Io { key: self.named.key.clone(), error }
    }

    /// Whether enough has gathered for an append.
    #[must_use]
    pub fn largest_block_bytes(&self) -> usize {
        self.taker.router.largest_bytes()
    }

    /// The blocks that are ready, with their partitions.
    pub fn take_blocks(&mut self) -> Vec<(u32, Block)> {
        self.taker.router.take_blocks()
    }

    /// Bronze ended there after an append.
    pub fn note_end(&mut self, partition: u32, end: u64) {
        if let Some(known) = self.bronze_ends.get_mut(partition as usize) {
            *known = end;
        }
    }

    /// The row over which an open quote runs at the end of what was read.
    #[must_use]
    pub fn open_row(&self) -> Option<OpenRow> {
        self.reader.open_row()
    }

    /// How many bytes were read as they stand on disk, and how many there are.
    #[must_use]
    pub fn sizes(&self) -> (u64, u64) {
        match &self.opened.file {
            Some(file) => {
                let size_bytes = file.stamp().map_or(0, |stamp| stamp.size_bytes);
                // What waits for the end of its line, or of a quote, is behind.
                let waiting = self.reader.waiting_bytes();
                (file.read_bytes().saturating_sub(waiting), size_bytes.max(file.read_bytes()))
            }
            // How much there will be of what is made is not known.
            None if matches!(self.named.input, Input::Made(_)) => {
                (self.prefix.pushed_bytes(), self.prefix.pushed_bytes())
            }
            None => {
                let size_bytes = self.named.input.size_bytes();
                let read_bytes = if self.ended { size_bytes } else { self.prefix.pushed_bytes() };
                (read_bytes.min(size_bytes), size_bytes)
            }
        }
    }

    /// What a person should know of the rows, though nothing is wrong with them; none where the beginning was
    /// read before.
    #[must_use]
    pub fn warnings(&self) -> Option<Vec<String>> {
        self.taker.warnings()
    }

    /// Rows read.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.reader.position().rows
    }

    /// How far the source is read.
    #[must_use]
    pub fn checkpoint(&self) -> SourceCheckpoint {
        let Position { rows, bytes } = self.reader.position();
        SourceCheckpoint {
            generation: self.generation,
            rows,
            bytes,
            prefix_hash: self.prefix.rows_hash(),
            unfinished: self.reader.ended_unfinished(),
            tails: self.taker.router.tails(),
            bronze_ends: self.bronze_ends.clone(),
        }
    }
}

/// The bytes up to the end of the `rows_max`-th line.
fn cut(bytes: &[u8], rows_max: u64) -> &[u8] {
    let Some(last) = usize::try_from(rows_max).ok().filter(|rows| *rows < CHUNK_BYTES) else {
        return bytes;
    };
    let end = memchr::memchr_iter(b'\n', bytes).nth(last.saturating_sub(1));
    end.map_or(bytes, |end| &bytes[..=end])
}

//! One source being read: where it stands, what its bytes were so far, and its rows on their way.

use crate::csv::{Header, HeaderError, LineCount, Position, RowReader};
use crate::input::{Fingerprint, Input};
use crate::resume::{Sent, generation_name};
use crate::route::{Held, Router};
use goldstream_domain::chain::SourceId;
use goldstream_domain::column::Kind;
use goldstream_domain::record::Block;
use goldstream_platform::store::SourceCheckpoint;
use std::io::{self, Read};
use xxhash_rust::xxh3::Xxh3;

/// Bytes read at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// How much of a file's start is kept to find its header again.
const HEADER_SEARCH_BYTES: usize = 256 * 1024;

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
    /// What was read before has changed: begin anew as another generation.
    Changed,
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
    generation: u64,
    reader: RowReader,
    bytes: Box<dyn Read + Send>,
    prefix: Prefix,
    router: Router,
    fingerprint: Fingerprint,
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
    pub fn open(named: NamedInput, sent: Sent) -> Result<Self, SourceError> {
        let key = named.key.clone();
        Self::try_open(named, sent).map_err(|error| SourceError::Io { key, error })
    }

    fn try_open(named: NamedInput, sent: Sent) -> io::Result<Self> {
        let Sent { checkpoint, held } = sent;
        // Taken before the bytes are, so that a change in between is noticed later.
        let fingerprint = named.input.fingerprint()?;
        let Some((reader, prefix)) = resume(&named, &checkpoint)? else {
            return Self::begin(named, checkpoint.generation + 1, checkpoint.bronze_ends);
        };
        let generation = checkpoint.generation;
        let source_id = SourceId::from(generation_name(&named.key, generation));
        Ok(Self {
            bytes: named.input.open_at(checkpoint.bytes)?,
            router: Router::new(named.kind, source_id, &checkpoint.tails, &held),
            bronze_ends: checkpoint.bronze_ends,
            chunk: Vec::new(),
            pushed: 0,
            ended: false,
            named,
            generation,
            reader,
            prefix,
            fingerprint,
        })
    }

    /// Begins a generation at the first byte.
    fn begin(named: NamedInput, generation: u64, bronze_ends: Vec<u64>) -> io::Result<Self> {
        tracing::info!(source = &*named.key, generation, "reading the file as a new source");
        let partitions = bronze_ends.len();
        let source_id = SourceId::from(generation_name(&named.key, generation));
        Ok(Self {
            fingerprint: named.input.fingerprint()?,
            bytes: named.input.open()?,
            reader: RowReader::new(named.kind),
            router: Router::new(
                named.kind,
                source_id,
                &vec![0; partitions],
                &vec![Held::default(); partitions],
            ),
            prefix: Prefix::default(),
            chunk: Vec::new(),
            pushed: 0,
            ended: false,
            named,
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
        let begun = Self::begin(self.named, self.generation + 1, self.bronze_ends);
        begun.map_err(|error| SourceError::Io { key, error })
    }

    /// What is read.
    #[must_use]
    pub fn named(&self) -> &NamedInput {
        &self.named
    }

    /// Takes the next bytes, at most about `rows_max` rows of them.
    ///
    /// # Errors
    /// [`SourceError`].
    pub fn step(&mut self, rows_max: u64, now_ms: i64) -> Result<Step, SourceError> {
        if self.pushed == self.chunk.len() && self.fill()? == 0 {
            return Ok(Step::End);
        }
        let piece = cut(&self.chunk[self.pushed..], rows_max);
        let before = self.reader.position();
        let router = &mut self.router;
        self.reader
            .push(piece, &mut |row| router.take(&row, now_ms))
            .map_err(|error| SourceError::Header { key: self.named.key.clone(), error })?;
        let after = self.reader.position();
        self.prefix.take(piece, after.bytes);
        let bytes = piece.len();
        self.pushed += bytes;
        if self.router.changed().is_some() {
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
        if last_line == LastLine::IsRow && !self.ended {
            self.ended = true;
            let router = &mut self.router;
            self.reader
                .finish(&mut |row| router.take(&row, now_ms))
                .map_err(|error| SourceError::Header { key: self.named.key.clone(), error })?;
            self.prefix.take(&[], self.reader.position().bytes);
        }
        if self.router.changed().is_some() || self.router.holds_more() {
            return Ok(Step::Changed);
        }
        Ok(Step::Read { rows: self.reader.position().rows - before, bytes: 0 })
    }

    fn fill(&mut self) -> Result<usize, SourceError> {
        self.chunk.resize(CHUNK_BYTES, 0);
        self.pushed = 0;
        let read = loop {
            match self.bytes.read(&mut self.chunk) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let count = read.map_err(|error| SourceError::Io { key: self.named.key.clone(), error })?;
        self.chunk.truncate(count);
        Ok(count)
    }

    /// Whether the file under the name must be looked at again from its beginning.
    ///
    /// # Errors
    /// [`SourceError::Io`] where it cannot be looked at.
    pub fn is_suspect(&self) -> Result<bool, SourceError> {
        let now = self.named.input.fingerprint();
        let key = || self.named.key.clone();
        let now = now.map_err(|error| SourceError::Io { key: key(), error })?;
        Ok(now.is_suspect_since(&self.fingerprint) || now.size_bytes < self.prefix.pushed_bytes)
    }

    /// Whether enough has gathered for an append.
    #[must_use]
    pub fn largest_block_bytes(&self) -> usize {
        self.router.largest_bytes()
    }

    /// The blocks that are ready, with their partitions.
    pub fn take_blocks(&mut self) -> Vec<(u32, Block)> {
        self.router.take_blocks()
    }

    /// Bronze ended there after an append.
    pub fn note_end(&mut self, partition: u32, end: u64) {
        if let Some(known) = self.bronze_ends.get_mut(partition as usize) {
            *known = end;
        }
    }

    /// How far the source is read.
    #[must_use]
    pub fn checkpoint(&self) -> SourceCheckpoint {
        let Position { rows, bytes } = self.reader.position();
        SourceCheckpoint {
            generation: self.generation,
            rows,
            bytes,
            prefix_hash: format!("{:032x}", self.prefix.digest),
            unfinished: self.reader.ended_unfinished(),
            tails: self.router.tails(),
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

/// Hash of the bytes up to the last row's end.
#[derive(Clone)]
struct Prefix {
    hasher: Xxh3,
    pushed_bytes: u64,
    digest: u128,
}

impl Default for Prefix {
    fn default() -> Self {
        let hasher = Xxh3::new();
        Self { digest: hasher.digest128(), hasher, pushed_bytes: 0 }
    }
}

impl Prefix {
    /// Takes pushed bytes, of which those up to `rows_end_bytes` of the file are whole rows now.
    fn take(&mut self, piece: &[u8], rows_end_bytes: u64) {
        let whole = rows_end_bytes.checked_sub(self.pushed_bytes);
        let whole = whole.map(|whole| piece.split_at((whole as usize).min(piece.len())));
        if let Some((whole, rest)) = whole {
            self.hasher.update(whole);
            self.digest = self.hasher.digest128();
            self.hasher.update(rest);
        } else {
            self.hasher.update(piece);
        }
        self.pushed_bytes += piece.len() as u64;
    }
}

/// The reader and hash as they were at the checkpoint; none where the file has changed before it.
fn resume(
    named: &NamedInput,
    checkpoint: &SourceCheckpoint,
) -> io::Result<Option<(RowReader, Prefix)>> {
    if checkpoint.bytes == 0 {
        return Ok(Some((RowReader::new(named.kind), Prefix::default())));
    }
    let mut prefix = Prefix::default();
    let mut start = Vec::new();
    let mut lines = LineCount::default();
    let mut rest = named.input.open_after(checkpoint.bytes, |piece| {
        lines.take(piece);
        if start.len() < HEADER_SEARCH_BYTES {
            start.extend_from_slice(piece);
        }
        let end = prefix.pushed_bytes + piece.len() as u64;
        prefix.take(piece, end);
    })?;
    let same = prefix.pushed_bytes == checkpoint.bytes
        && format!("{:032x}", prefix.digest) == checkpoint.prefix_hash;
    // A line that was taken as a row without its end must not have gone on.
    let went_on = checkpoint.unfinished && !ends_here(&mut rest)?;
    if !same || went_on {
        return Ok(None);
    }
    let ended = crate::csv::Input::Ended;
    let Ok(Some((header, _))) = Header::find(named.kind, &start, ended) else { return Ok(None) };
    let position = Position { rows: checkpoint.rows, bytes: checkpoint.bytes };
    Ok(Some((RowReader::resume(named.kind, header, position, lines), prefix)))
}

/// Whether the next byte, if there is one, ends a line.
fn ends_here(rest: &mut impl Read) -> io::Result<bool> {
    let mut next = [0];
    Ok(rest.read(&mut next)? == 0 || matches!(next[0], b'\n' | b'\r'))
}

//! Files held against bronze: which of their rows do not stand there. The files are read anew, from their
//! first byte, by the rules of a batch; nothing is known here of how they were followed.
//!
//! A row is known by its text. It must stand in bronze as often as in the files at least: what bronze holds
//! beyond that came before a file was changed, or from elsewhere.

use crate::csv::{Row, RowReader};
use crate::input::NamedInput;
use crate::reading::read_some;
use crate::source::{LastLine, SourceError};
use goldstream_domain::column::Kind;
use goldstream_domain::text::Harmless;
use serde::Serialize;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Read;

const PIECE_BYTES: usize = 64 * 1024;
/// Of a long row only the beginning is told to people.
const ROW_CHARS_TOLD: usize = 200;

/// A row of a file that does not stand in bronze.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingRow {
    /// The file.
    pub file: String,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Its JSON object.
    pub row: String,
}

impl std::fmt::Display for MissingRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file, line, row } = self;
        let told = row.char_indices().nth(ROW_CHARS_TOLD).map_or(&**row, |(end, _)| &row[..end]);
        write!(Harmless(f), "{file}:{line}: {told}")?;
        if told.len() < row.len() { f.write_str("…") } else { Ok(()) }
    }
}

/// How often each row stands in the files, less how often it was struck off.
#[derive(Debug, Default)]
pub struct FileRows {
    rows: u64,
    left: [Counts; Kind::ALL.len()],
}

/// Digests in ascending order, with how often each stands in the files and how often it is left: sixteen bytes
/// a row.
#[derive(Debug, Default)]
struct Counts {
    digests: Vec<u64>,
    all: Vec<u32>,
    left: Vec<u32>,
}

impl Counts {
    fn of(mut all: Vec<u64>) -> Self {
        all.sort_unstable();
        let mut counts = Self::default();
        for digest in all {
            match (counts.digests.last(), counts.all.last_mut()) {
                (Some(last), Some(all)) if *last == digest => *all += 1,
                _ => {
                    counts.digests.push(digest);
                    counts.all.push(1);
                }
            }
        }
        counts.left.clone_from(&counts.all);
        counts
    }

    fn left_mut(&mut self, digest: u64) -> Option<&mut u32> {
        let at = self.digests.binary_search(&digest).ok()?;
        self.left.get_mut(at)
    }

    fn left(&self) -> impl Iterator<Item = (u64, u32)> {
        self.digests.iter().copied().zip(self.left.iter().copied()).filter(|(_, left)| *left > 0)
    }

    /// How often each that is left was struck off.
    fn held(&self) -> HashMap<u64, u32> {
        let counts = self.all.iter().zip(&self.left);
        let counts = self.digests.iter().zip(counts);
        let left = counts.filter(|(_, (_, left))| **left > 0);
        left.map(|(digest, (all, left))| (*digest, all - left)).collect()
    }
}

impl FileRows {
    /// Reads the files; `last_line` is that of files that may grow. Each row is shown to `see`, and `between` is
    /// done after each piece.
    ///
    /// # Errors
    /// [`SourceError`] of the first that cannot be read.
    pub async fn read(
        inputs: &[NamedInput],
        last_line: LastLine,
        mut see: impl FnMut(&NamedInput, &Row<'_>),
        mut between: impl AsyncFnMut(),
    ) -> Result<Self, SourceError> {
        let mut all: [Vec<u64>; Kind::ALL.len()] = Default::default();
        for named in inputs {
            let digests = &mut all[named.kind as usize];
            let mut reading = Reading::open(named, last_line)?;
            let mut take = |row: Row<'_>| {
                digests.push(row.content.digest(named.kind));
                see(named, &row);
            };
            while reading.step(&mut take)? {
                between().await;
            }
        }
        let rows = all.iter().map(|digests| digests.len() as u64).sum();
        Ok(Self { rows, left: all.map(Counts::of) })
    }

    /// Rows that stand in the files.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// A row of this digest stands in bronze.
    pub fn strike(&mut self, kind: Kind, digest: u64) {
        if let Some(left) = self.left[kind as usize].left_mut(digest) {
            *left = left.saturating_sub(1);
        }
    }

    /// Rows that were not struck off.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.left.iter().flat_map(Counts::left).map(|(_, left)| u64::from(left)).sum()
    }

    /// Leaves of what is missing what was missing at an earlier look, too.
    pub fn keep_missing(&mut self, earlier: &Self) {
        for (now, earlier) in self.left.iter_mut().zip(&earlier.left) {
            let earlier: HashMap<u64, u32> = earlier.left().collect();
            for (digest, left) in now.digests.iter().zip(&mut now.left) {
                *left = earlier.get(digest).copied().unwrap_or(0).min(*left);
            }
        }
    }

    /// The first of what is missing, in the order of the files. Of rows that are the same the last are missing.
    ///
    /// # Errors
    /// [`SourceError`] where a file cannot be read again.
    pub async fn name(
        &self,
        inputs: &[NamedInput],
        rows_max: usize,
    ) -> Result<Vec<MissingRow>, SourceError> {
        let mut held: [HashMap<u64, u32>; Kind::ALL.len()] = self.left.each_ref().map(Counts::held);
        let mut missing = Vec::new();
        for named in inputs {
            let held = &mut held[named.kind as usize];
            let mut reading = Reading::open(named, LastLine::IsRow)?;
            let mut take = |row: Row<'_>| match held.get_mut(&row.content.digest(named.kind)) {
                Some(0) if missing.len() < rows_max => missing.push(MissingRow::new(named, &row)),
                Some(held) => *held = held.saturating_sub(1),
                None => {}
            };
            while reading.step(&mut take)? {
                tokio::task::yield_now().await;
            }
        }
        Ok(missing)
    }
}

impl MissingRow {
    fn new(named: &NamedInput, row: &Row<'_>) -> Self {
        let file = named.key.strip_prefix("file:").unwrap_or(&named.key).to_owned();
        Self { file, line: row.line, row: row.content.to_json(named.kind) }
    }
}

/// A file on its way from its first byte to its last.
struct Reading<'a> {
    named: &'a NamedInput,
    reader: RowReader,
    bytes: Box<dyn Read + Send>,
    last_line: LastLine,
    piece: Vec<u8>,
}

impl<'a> Reading<'a> {
    fn open(named: &'a NamedInput, last_line: LastLine) -> Result<Self, SourceError> {
        let opened = named.input.open();
        let bytes =
            opened.map_err(|error| SourceError::Io { key: named.key.clone(), error })?.bytes;
        let reader = RowReader::new(named.kind);
        let last_line = if named.input.can_grow() { last_line } else { LastLine::IsRow };
        Ok(Self { named, reader, bytes, last_line, piece: vec![0; PIECE_BYTES] })
    }

    /// Gives the rows of the next piece. Whether there may be more.
    fn step(&mut self, take: &mut impl FnMut(Row<'_>)) -> Result<bool, SourceError> {
        let key = || self.named.key.clone();
        let count = read_some(&mut self.bytes, &mut self.piece)
            .map_err(|error| SourceError::Io { key: key(), error })?;
        let read = match count {
            0 if self.last_line == LastLine::Waits => Ok(()),
            0 => self.reader.finish(take),
            _ => self.reader.push(&self.piece[..count], take),
        };
        read.map_err(|error| SourceError::Header { key: key(), error })?;
        Ok(count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Input;
    use goldstream_domain::bronze::BronzeRow;

    const HEADER: &str = "id_achat,id_client,date_achat,montant,produit\n";

    fn file(dir: &tempfile::TempDir, name: &str, text: &str) -> NamedInput {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        let key = format!("file:{}", path.display()).into();
        NamedInput { kind: Kind::Purchases, key, input: Input::at(&path) }
    }

    async fn read(inputs: &[NamedInput]) -> FileRows {
        FileRows::read(inputs, LastLine::IsRow, |_, _| (), async || ()).await.unwrap()
    }

    fn strike(rows: &mut FileRows, line: &str) {
        rows.strike(Kind::Purchases, BronzeRow::Line(line).digest(Kind::Purchases));
    }

    #[tokio::test]
    async fn what_was_not_struck_off_is_named_with_its_file_and_line() {
        let dir = tempfile::tempdir().unwrap();
        let inputs = [
            file(&dir, "a.csv", &format!("{HEADER}one\n\ntwo\n")),
            file(&dir, "b.csv", &format!("{HEADER}two\nthree\ntwo")),
        ];
        let mut rows = read(&inputs).await;
        assert_eq!((rows.rows(), rows.missing()), (5, 5));
        for line in ["one", "two", "one", "four"] {
            strike(&mut rows, line);
        }
        assert_eq!(rows.missing(), 3);
        let named = rows.name(&inputs, 20).await.unwrap();
        let seen = named.iter().map(|row| (&row.file[row.file.len() - 5..], row.line));
        let seen: Vec<_> = seen.collect();
        // One of three that are the same stands in bronze: the others are those behind it.
        assert_eq!(seen, [("b.csv", 2), ("b.csv", 3), ("b.csv", 4)]);
        assert_eq!(named[1].row, r#"{"raw":"three"}"#);
        assert_eq!(rows.name(&inputs, 1).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn what_was_there_at_one_of_two_looks_is_not_missing() {
        let dir = tempfile::tempdir().unwrap();
        let inputs = [file(&dir, "a.csv", &format!("{HEADER}one\ntwo\n"))];
        let mut earlier = read(&inputs).await;
        strike(&mut earlier, "one");
        let mut now = read(&[file(&dir, "a.csv", &format!("{HEADER}one\ntwo\nthree\n"))]).await;
        now.keep_missing(&earlier);
        let inputs = [file(&dir, "a.csv", &format!("{HEADER}one\ntwo\nthree\n"))];
        assert_eq!((now.missing(), now.name(&inputs, 20).await.unwrap()[0].line), (1, 3));
    }
}

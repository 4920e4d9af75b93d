//! Where the reader of a file stands: bytes, rows, lines. It looks at line ends and at nothing else.

use super::lines::LineCount;
use super::row::{Position, Row};
use super::text::{Content, Record};
use goldstream_domain::bronze::{BronzeRow, LineFault};

/// The place of the next byte, and that of the last row.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    /// Byte offset of the next byte that is looked at.
    pub(super) read_bytes: u64,
    /// Lines before it.
    pub(super) lines: LineCount,
    /// Where the last row ended.
    pub(super) position: Position,
    /// The last byte read was the `\r` that ended the row of `position`: a `\n` belongs to it.
    pub(super) expects_line_feed: bool,
}

impl Cursor {
    pub(super) fn new(position: Position, lines: LineCount) -> Self {
        Self { read_bytes: position.bytes, lines, position, expects_line_feed: false }
    }

    /// Blank lines, of which there may be any number, never wait.
    #[inline]
    pub(super) fn skip_line_ends(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        if count == 0 {
            return 0;
        }
        if self.expects_line_feed && bytes[0] == b'\n' {
            self.position.bytes += 1;
        }
        self.expects_line_feed = false;
        self.lines.take(&bytes[..count]);
        self.read_bytes += count as u64;
        count
    }

    /// Goes behind a line of so many bytes, and behind a `\n` that belongs to its end. Gives how
    /// many bytes that is.
    pub(super) fn pass_line(&mut self, bytes: &[u8], taken: usize) -> usize {
        self.pass(bytes, taken, 1)
    }

    /// Goes behind a record and gives it, unless it is blank.
    #[inline]
    pub(super) fn pass_row(
        &mut self,
        bytes: &[u8],
        record: Record<'_>,
        content: Content<'_>,
        sink: &mut impl FnMut(Row<'_>),
    ) -> usize {
        let (from_bytes, line) = (self.read_bytes, self.lines.next_line());
        let taken = self.pass(bytes, record.taken, record.lines);
        match content {
            Content::Row(row) => sink(self.row(line, row)),
            // A blank line is no part of the position, so neither is the `\n` that may follow it.
            Content::Blank => self.expects_line_feed = false,
            Content::TooLong(text) => {
                let to_bytes = from_bytes + record.raw.len() as u64;
                let fault = LineFault::TooLong { line, from_bytes, to_bytes };
                sink(self.row(line, BronzeRow::Broken { fault, text }));
            }
        }
        taken
    }

    /// What was passed last is a row, which began on `line`.
    #[inline]
    pub(super) fn row<'a>(&mut self, line: u64, content: BronzeRow<'a>) -> Row<'a> {
        self.position = Position { rows: self.position.rows + 1, bytes: self.read_bytes };
        let Position { rows: number, bytes: end_bytes } = self.position;
        Row { number, line, end_bytes, content }
    }

    #[inline]
    fn pass(&mut self, bytes: &[u8], mut taken: usize, lines: u64) -> usize {
        self.expects_line_feed = bytes[..taken].ends_with(b"\r");
        if self.expects_line_feed && bytes[taken..].starts_with(b"\n") {
            self.expects_line_feed = false;
            taken += 1;
        }
        self.lines.pass(lines, bytes[..taken].last().copied());
        self.read_bytes += taken as u64;
        taken
    }
}

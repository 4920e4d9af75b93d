//! What stands behind the header of a file: bytes in, decided rows out, the undecided ones kept.
//! Must not decide itself: the splitter does, from the bytes alone.

use super::cursor::Cursor;
use super::header::Header;
use super::input::Input;
use super::lines::LineCount;
use super::row::{OpenRow, Position, Row};
use super::split::{Next, Splitter, Waiting};
use super::text::{LONG_LINE_KEPT_BYTES, Scratch};
use goldstream_domain::bronze::{BronzeRow, LineFault};
use goldstream_domain::column::Kind;
use memchr::memchr2;

/// The reader behind the header.
pub(super) struct Body {
    header: Header,
    splitter: Splitter,
    scratch: Scratch,
    cursor: Cursor,
    /// What was pushed of rows that are not decided yet: at most a row's limit and one push.
    pending: Vec<u8>,
    /// What the first of them waits for.
    waiting: Waiting,
    /// The line being skipped, for it is too long.
    long_line: Option<LongLine>,
    ended_unfinished: bool,
}

/// A line longer than a row may be, as far as it was read.
struct LongLine {
    from_bytes: u64,
    line: u64,
    beginning: Vec<u8>,
}

impl Body {
    pub(super) fn new(kind: Kind, header: Header, position: Position, lines: LineCount) -> Self {
        Self {
            splitter: Splitter::new(kind, &header),
            header,
            scratch: Scratch::default(),
            cursor: Cursor::new(position, lines),
            pending: Vec::new(),
            waiting: Waiting::LineEnd,
            long_line: None,
            ended_unfinished: false,
        }
    }

    /// Behind the bytes up to the end of the header line.
    pub(super) fn behind(kind: Kind, header: Header, head: &[u8]) -> Self {
        let mut lines = LineCount::default();
        lines.take(head);
        let position = Position { rows: 0, bytes: head.len() as u64 };
        let mut body = Self::new(kind, header, position, lines);
        body.cursor.expects_line_feed = head.ends_with(b"\r");
        body
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    pub(super) fn position(&self) -> Position {
        self.cursor.position
    }

    pub(super) fn ended_unfinished(&self) -> bool {
        self.ended_unfinished
    }

    /// The row that waits for the end of an open quote.
    pub(super) fn open_row(&self) -> Option<OpenRow> {
        let is_open = self.waiting == Waiting::Quote && !self.pending.is_empty();
        let bytes = self.pending.len() as u64;
        is_open.then(|| OpenRow { line: self.cursor.lines.next_line(), bytes })
    }

    pub(super) fn waiting_bytes(&self) -> u64 {
        self.pending.len() as u64
    }

    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut impl FnMut(Row<'_>)) {
        if self.pending.is_empty() {
            let taken = self.take(bytes, Input::Open, sink);
            self.pending.extend_from_slice(&bytes[taken..]);
            return;
        }
        self.pending.extend_from_slice(bytes);
        self.settle(Input::Open, sink);
    }

    /// Looks at the undecided bytes again.
    pub(super) fn settle(&mut self, input: Input, sink: &mut impl FnMut(Row<'_>)) {
        let mut pending = std::mem::take(&mut self.pending);
        let taken = self.take(&pending, input, sink);
        pending.drain(..taken);
        self.pending = pending;
    }

    pub(super) fn finish(&mut self, sink: &mut impl FnMut(Row<'_>)) {
        let rows = self.cursor.position.rows;
        let is_unfinished = self.long_line.is_some()
            || self.pending.last().is_some_and(|last| !matches!(last, b'\n' | b'\r'));
        self.settle(Input::Ended, sink);
        self.end_long_line(self.cursor.read_bytes, sink);
        let Position { rows: rows_now, bytes } = self.cursor.position;
        // A blank end is no row, so nothing of a row can go on there.
        let ends_in_row = rows_now > rows && bytes == self.cursor.read_bytes;
        self.ended_unfinished = is_unfinished && ends_in_row;
    }

    /// Gives the rows that the bytes hold, as far as they are decided; so many bytes were taken.
    fn take(&mut self, bytes: &[u8], input: Input, sink: &mut impl FnMut(Row<'_>)) -> usize {
        let mut at = 0;
        loop {
            at += match self.long_line {
                Some(_) => self.skip_long_line(&bytes[at..], sink),
                None => self.cursor.skip_line_ends(&bytes[at..]),
            };
            let rest = &bytes[at..];
            if rest.is_empty() {
                return at;
            }
            at += match self.splitter.next(rest, input) {
                Next::Row(record) => {
                    let content = self.scratch.content(record, &self.header);
                    self.cursor.pass_row(rest, record, content, sink)
                }
                Next::OpenQuote(taken) => self.refuse_open_quote(rest, taken, sink),
                Next::LongLine => self.begin_long_line(rest),
                Next::Wait(waiting) => {
                    self.waiting = waiting;
                    return at;
                }
            };
        }
    }

    fn refuse_open_quote(
        &mut self,
        bytes: &[u8],
        taken: usize,
        sink: &mut impl FnMut(Row<'_>),
    ) -> usize {
        let line = self.cursor.lines.next_line();
        let fault = LineFault::OpenQuote { line };
        let text = self.scratch.line(without_line_end(&bytes[..taken]));
        let taken = self.cursor.pass_line(bytes, taken);
        sink(self.cursor.row(line, BronzeRow::Broken { fault, text }));
        taken
    }

    /// Notes where a line begins that is too long. Nothing is taken yet.
    fn begin_long_line(&mut self, bytes: &[u8]) -> usize {
        self.long_line = Some(LongLine {
            from_bytes: self.cursor.read_bytes,
            line: self.cursor.lines.next_line(),
            beginning: bytes[..bytes.len().min(LONG_LINE_KEPT_BYTES)].to_vec(),
        });
        0
    }

    fn skip_long_line(&mut self, bytes: &[u8], sink: &mut impl FnMut(Row<'_>)) -> usize {
        let Some(end) = memchr2(b'\n', b'\r', bytes) else {
            self.cursor.read_bytes += bytes.len() as u64;
            return bytes.len();
        };
        let to_bytes = self.cursor.read_bytes + end as u64;
        let taken = self.cursor.pass_line(bytes, end + 1);
        self.end_long_line(to_bytes, sink);
        taken
    }

    fn end_long_line(&mut self, to_bytes: u64, sink: &mut impl FnMut(Row<'_>)) {
        let Some(LongLine { from_bytes, line, beginning }) = self.long_line.take() else { return };
        let fault = LineFault::TooLong { line, from_bytes, to_bytes };
        let text = self.scratch.line(&beginning);
        sink(self.cursor.row(line, BronzeRow::Broken { fault, text }));
    }
}

fn without_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

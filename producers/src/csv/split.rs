//! Where the next row of some bytes ends, and whether lines that quotes join are one row at all.
//! Must not know columns or encodings, and keeps nothing from one row to the next: what becomes of
//! a line follows from the bytes from its beginning on, however they were cut into reads.

use super::header::{Header, restart};
use super::input::Input;
use super::joined::{JoinedLines, LastLine, Verdict};
use super::lines::LineCount;
use super::text::{Record, is_blank};
use csv_core::{ReadRecordResult, Reader};
use goldstream_domain::bronze::ROW_BYTES_MAX;
use goldstream_domain::column::Kind;
use memchr::memchr2;

/// Room for one row's text at the start; it grows as rows need it.
const OUTPUT_BYTES_MIN: usize = 4096;
/// The longest row and its line end: what does not end within is too long.
const WINDOW_BYTES: usize = ROW_BYTES_MAX + 1;
/// Room for ends beyond the header's: so many surplus fields are counted, more are as good as these.
const SURPLUS_FIELDS: usize = 64;

/// What stands at the beginning of the bytes.
pub(super) enum Next<'a> {
    /// A row.
    Row(Record<'a>),
    /// A line of so many bytes, line end included, on which a quote opens that is never closed.
    OpenQuote(usize),
    /// The beginning of a line that is longer than a row may be.
    LongLine,
    /// More bytes must tell.
    Wait(Waiting),
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    /// The end of a line.
    LineEnd,
    /// A quote that closes the one that is open over at least one line end.
    Quote,
}

/// Finds rows. It has room for one.
pub(super) struct Splitter {
    machine: Reader,
    output: Vec<u8>,
    output_bytes: usize,
    ends: Vec<usize>,
    ends_count: usize,
    /// Whether the machine stands before a row, not within one.
    is_between_rows: bool,
    joined: JoinedLines,
}

impl Splitter {
    pub(super) fn new(kind: Kind, header: &Header) -> Self {
        Self {
            machine: header.reader(),
            output: vec![0; OUTPUT_BYTES_MIN],
            output_bytes: 0,
            ends: vec![0; header.fields + SURPLUS_FIELDS],
            ends_count: 0,
            is_between_rows: true,
            joined: JoinedLines::new(kind, header),
        }
    }

    /// What stands at the beginning of `bytes`, which are not empty and begin with no line end.
    #[inline]
    pub(super) fn next<'a>(&'a mut self, bytes: &'a [u8], input: Input) -> Next<'a> {
        let window = &bytes[..bytes.len().min(WINDOW_BYTES)];
        (self.output_bytes, self.ends_count) = (0, 0);
        if !self.is_between_rows {
            restart(&mut self.machine);
        }
        let (read, ended) = self.read(window);
        self.is_between_rows = ended;
        if ended {
            return self.judge(&window[..read - 1], read);
        }
        self.unfinished(bytes, window, input)
    }

    /// A row whose end was found: one line is always believed, several only where they hold together.
    #[inline]
    fn judge<'a>(&'a mut self, raw: &'a [u8], taken: usize) -> Next<'a> {
        // Without any quote there is only one line, and that is nearly every row.
        let has_quotes = self.output_bytes + self.ends_count - 1 != raw.len();
        let mut lines = 1;
        if has_quotes && let Some(first_end) = memchr2(b'\n', b'\r', raw) {
            // A blank line is no row; several that quotes join to nothing are not blank.
            let is_nothing = self.ends_count == 1 && is_blank(&self.output[..self.output_bytes]);
            if is_nothing || self.joined.judge(raw, LastLine::Ended) != Verdict::Whole {
                return Next::OpenQuote(line_bytes(raw, first_end));
            }
            lines += line_ends(raw);
        }
        let (output, ends) = (&self.output[..self.output_bytes], &self.ends[..self.ends_count]);
        Next::Row(Record { raw, taken, lines, output, ends })
    }

    /// Bytes that end within a row.
    fn unfinished<'a>(&'a mut self, bytes: &'a [u8], window: &'a [u8], input: Input) -> Next<'a> {
        let first_end = memchr2(b'\n', b'\r', window);
        let open_quote = first_end.map(|end| Next::OpenQuote(line_bytes(bytes, end)));
        if window.len() == WINDOW_BYTES {
            return open_quote.unwrap_or(Next::LongLine);
        }
        let Some(open_quote) = open_quote else {
            return match input {
                Input::Open | Input::Still => Next::Wait(Waiting::LineEnd),
                Input::Ended => self.last_line(bytes),
            };
        };
        match (self.joined.judge(bytes, LastLine::Open), input) {
            (Verdict::Torn, _) | (Verdict::Open, Input::Still | Input::Ended) => open_quote,
            (Verdict::Open, Input::Open) => Next::Wait(Waiting::Quote),
            (Verdict::Whole, Input::Open | Input::Still) => Next::Wait(Waiting::LineEnd),
            (Verdict::Whole, Input::Ended) => self.last_line(bytes),
        }
    }

    /// The last row of all bytes, which has no line end.
    fn last_line<'a>(&'a mut self, bytes: &'a [u8]) -> Next<'a> {
        // Within quotes a line end is text; elsewhere it ends the row.
        let (_, ended) = self.read(b"\n");
        self.is_between_rows = ended;
        if !ended {
            return Next::OpenQuote(bytes.len());
        }
        self.judge(bytes, bytes.len())
    }

    /// Reads to the end of the row or of the bytes: how many were read, and whether the row ended.
    #[inline]
    fn read(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut read = 0;
        loop {
            let (result, nin, nout, nend) = self.machine.read_record(
                &bytes[read..],
                &mut self.output[self.output_bytes..],
                &mut self.ends[self.ends_count..],
            );
            read += nin;
            self.output_bytes += nout;
            self.ends_count += nend;
            match result {
                ReadRecordResult::OutputFull => self.output.resize(self.output.len() * 4, 0),
                // Too many fields already: only that there is one more counts from here on.
                ReadRecordResult::OutputEndsFull => self.ends_count -= SURPLUS_FIELDS,
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return (read, false),
                ReadRecordResult::Record => return (read, true),
            }
        }
    }
}

/// How long the line is whose end begins at `end`, line end included.
fn line_bytes(bytes: &[u8], end: usize) -> usize {
    end + 1 + usize::from(bytes[end..].starts_with(b"\r\n"))
}

fn line_ends(bytes: &[u8]) -> u64 {
    let mut count = LineCount::default();
    count.take(bytes);
    count.lines
}

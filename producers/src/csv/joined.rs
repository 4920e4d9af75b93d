//! Whether lines that quotes join are one row, or a quote among them was never closed.
//! Must not say where a row ends, and judges by the lines alone: the same bytes, the same verdict.

use super::header::{Header, restart};
use super::text::decode_windows_1252;
use csv_core::{ReadRecordResult, Reader};
use goldstream_domain::clean::reads_as_row;
use goldstream_domain::column::Kind;
use std::borrow::Cow;

/// A row over several lines that has so many more fields than the header is none: scanning for its
/// end from each of its lines again would cost more than it is worth.
const SURPLUS_FIELDS_MAX: usize = 64;

/// What lines look like together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// One row, quoted as RFC 4180 has it; perhaps its last line goes on.
    Whole,
    /// A quote is open at the end, and nothing speaks against it so far.
    Open,
    /// They are not one row: a line among them is a row by itself, or a closing quote is followed by
    /// something else than a delimiter, a line end or a quote.
    Torn,
}

/// Whether the last line is all there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LastLine {
    /// It is.
    Ended,
    /// It may go on.
    Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    FieldStart,
    Unquoted,
    Quoted,
    /// Right after a quote inside a quoted field: it closes the field, or is the first of two.
    AfterQuote,
}

/// Judges lines of one file.
pub(super) struct JoinedLines {
    kind: Kind,
    header: Header,
    machine: Reader,
    output: Vec<u8>,
    ends: Vec<usize>,
}

impl JoinedLines {
    pub(super) fn new(kind: Kind, header: &Header) -> Self {
        Self {
            kind,
            machine: header.reader(),
            output: Vec::new(),
            // One more, so that a surplus field is seen.
            ends: vec![0; header.fields + 1],
            header: header.clone(),
        }
    }

    /// Lines of which all but the last end inside a quoted field.
    pub(super) fn judge(&mut self, lines: &[u8], last_line: LastLine) -> Verdict {
        let mut place = Place::FieldStart;
        let mut fields = 1;
        // The first line is not asked: the quote is its own.
        let mut line_begin = None;
        for (at, byte) in lines.iter().copied().enumerate() {
            let is_delimiter = byte == self.header.delimiter;
            place = match (place, byte) {
                (Place::FieldStart, b'"') => Place::Quoted,
                (Place::Quoted, b'"') => Place::AfterQuote,
                (Place::AfterQuote, b'"') => Place::Quoted,
                (Place::FieldStart | Place::Unquoted | Place::AfterQuote, _) if is_delimiter => {
                    fields += 1;
                    Place::FieldStart
                }
                (Place::AfterQuote, _) => return Verdict::Torn,
                (Place::FieldStart, _) => Place::Unquoted,
                (other, _) => other,
            };
            if matches!(byte, b'\n' | b'\r') {
                if line_begin.is_some_and(|begin| self.is_row(&lines[begin..at])) {
                    return Verdict::Torn;
                }
                line_begin = Some(at + 1);
            }
        }
        let last_is_row = last_line == LastLine::Ended
            && line_begin.is_some_and(|begin| self.is_row(&lines[begin..]));
        match place {
            _ if last_is_row || fields > self.header.fields + SURPLUS_FIELDS_MAX => Verdict::Torn,
            Place::Quoted => Verdict::Open,
            Place::FieldStart | Place::Unquoted | Place::AfterQuote => Verdict::Whole,
        }
    }

    /// Whether a line reads as a row of the file when it stands alone.
    fn is_row(&mut self, line: &[u8]) -> bool {
        if line.is_empty() || line.len() < self.header.fields - 1 {
            return false;
        }
        restart(&mut self.machine);
        self.output.resize(self.output.len().max(line.len() + 1), 0);
        let (result, read, written, ends) =
            self.machine.read_record(line, &mut self.output, &mut self.ends);
        // Quotes that the line opens it must close.
        if result != ReadRecordResult::InputEmpty || read < line.len() {
            return false;
        }
        let (result, _, _, last) =
            self.machine.read_record(b"\n", &mut self.output[written..], &mut self.ends[ends..]);
        let has_all = ends + last == self.header.fields;
        result == ReadRecordResult::Record && has_all && self.fields_are_a_rows()
    }

    fn fields_are_a_rows(&self) -> bool {
        let field = |place: usize| {
            let begin = place.checked_sub(1).map_or(0, |before| self.ends[before]);
            let bytes = &self.output[begin..self.ends[place]];
            match std::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => decode_windows_1252(bytes),
            }
        };
        reads_as_row(self.kind, &self.header.places.map(field))
    }
}

//! Whether lines that quotes join are one row, or a quote among them was never closed.
//! Must not say where a row ends, and judges by the lines alone: the same bytes, the same verdict.

use super::encoding::decode_windows_1252;
use super::header::{Header, restart};
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
        let mut first = None;
        let mut line_begin = 0;
        // Where the field that the last line began in is closed.
        let mut closed_at = None;
        for (at, byte) in lines.iter().copied().enumerate() {
            let is_delimiter = byte == self.header.delimiter;
            place = match (place, byte) {
                (Place::FieldStart, b'"') => Place::Quoted,
                (Place::Quoted, b'"') => Place::AfterQuote,
                (Place::AfterQuote, b'"') => Place::Quoted,
                (Place::FieldStart | Place::Unquoted | Place::AfterQuote, _) if is_delimiter => {
                    fields += 1;
                    closed_at = closed_at.or((place == Place::AfterQuote).then(|| at - 1));
                    Place::FieldStart
                }
                (Place::AfterQuote, _) => return Verdict::Torn,
                (Place::FieldStart, _) => Place::Unquoted,
                (other, _) => other,
            };
            if matches!(byte, b'\n' | b'\r') {
                // The first line is not asked alone: the quote is its own.
                if first.is_some() && self.is_row(&lines[line_begin..at]) {
                    return Verdict::Torn;
                }
                first.get_or_insert(&lines[..at]);
                (line_begin, closed_at) = (at + 1, None);
            }
        }
        if fields > self.header.fields + SURPLUS_FIELDS_MAX {
            return Verdict::Torn;
        }
        if place == Place::Quoted {
            return Verdict::Open;
        }
        let last = (&lines[line_begin..], closed_at.map(|at| at - line_begin));
        if last_line == LastLine::Ended && self.is_row_at_end(first.unwrap_or_default(), last) {
            return Verdict::Torn;
        }
        Verdict::Whole
    }

    /// Whether the last line is a row of its own: what it has inside the quotes is one, or all of it is,
    /// and so is the first line when its quote means nothing. (The rest of an honest row whose first field
    /// is the one that goes over lines looks like a row, too, but then the first line does not.)
    fn is_row_at_end(&mut self, first: &[u8], (last, closed_at): (&[u8], Option<usize>)) -> bool {
        let inside = &last[..closed_at.unwrap_or(last.len().saturating_sub(1))];
        if self.is_row(inside) {
            return true;
        }
        self.is_row(last) && (self.is_row_closed(first) || self.is_row_without_quotes(first))
    }

    /// Whether the line is a row if its open quote were closed at its end.
    fn is_row_closed(&mut self, line: &[u8]) -> bool {
        self.is_row(&[line, b"\""].concat())
    }

    fn is_row_without_quotes(&mut self, line: &[u8]) -> bool {
        let is_no_quote = |byte: &u8| *byte != b'"';
        self.is_row(&line.iter().copied().filter(is_no_quote).collect::<Vec<_>>())
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

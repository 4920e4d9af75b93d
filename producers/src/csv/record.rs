//! Splits pushed bytes into records and keeps the unfinished one, bounded whatever comes.
//! Must not know columns or encodings.

use super::header::Header;
use super::text::Record;
use csv_core::{ReadRecordResult, Reader};
use goldstream_domain::bronze::ROW_BYTES_MAX;

/// Room for one row's text at the start; it grows up to [`OUTPUT_BYTES_MAX`].
const OUTPUT_BYTES_MIN: usize = 4096;
/// One more than a row may have: filling it proves that the row is too long.
const OUTPUT_BYTES_MAX: usize = ROW_BYTES_MAX + 1;
/// Room for ends beyond the header's, so that a row of too many fields is still quickly read.
const SURPLUS_ENDS: usize = 64;

/// The state between two pushes.
pub(super) struct Splitter {
    machine: Reader,
    output: Vec<u8>,
    output_bytes: usize,
    ends: Vec<usize>,
    ends_count: usize,
    /// How many fields a row should have.
    fields: usize,
    /// The beginning of the unfinished row, at most [`ROW_BYTES_MAX`].
    carry: Vec<u8>,
    /// How many bytes of the unfinished row were read.
    row_bytes: u64,
}

impl Splitter {
    pub(super) fn new(header: &Header) -> Self {
        Self {
            machine: header.reader(),
            output: vec![0; OUTPUT_BYTES_MIN],
            output_bytes: 0,
            ends: vec![0; header.fields + SURPLUS_ENDS],
            ends_count: 0,
            fields: header.fields,
            carry: Vec::new(),
            row_bytes: 0,
        }
    }

    /// Whether the next byte begins a row.
    pub(super) fn is_between_rows(&self) -> bool {
        self.row_bytes == 0
    }

    /// Reads to the end of the row or of the bytes: how many were read, and whether the row ended.
    #[inline]
    pub(super) fn read(&mut self, bytes: &[u8]) -> (usize, bool) {
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
                ReadRecordResult::OutputFull => self.make_room(),
                // Too many fields already: only that there is one more counts from here on.
                ReadRecordResult::OutputEndsFull => self.ends_count = self.fields,
                ReadRecordResult::InputEmpty | ReadRecordResult::End => break,
                ReadRecordResult::Record => {
                    self.row_bytes += read as u64;
                    return (read, true);
                }
            }
        }
        self.row_bytes += read as u64;
        (read, false)
    }

    /// Grows the output, or begins again at its front: the row is too long, its text is not used.
    fn make_room(&mut self) {
        if self.output.len() >= OUTPUT_BYTES_MAX {
            self.output_bytes = 0;
            return;
        }
        let grown = (self.output.len() * 4).min(OUTPUT_BYTES_MAX);
        self.output.resize(grown, 0);
    }

    /// Keeps what the next push will need of a row that did not end.
    pub(super) fn keep(&mut self, bytes: &[u8]) {
        let room = ROW_BYTES_MAX - self.carry.len();
        self.carry.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// The row that just ended; `bytes` are those of this push, `line_end_bytes` stand at its end.
    #[inline]
    pub(super) fn record<'a>(&'a mut self, bytes: &'a [u8], line_end_bytes: u64) -> Record<'a> {
        let raw_bytes = self.row_bytes - line_end_bytes;
        let kept_bytes = raw_bytes.min(ROW_BYTES_MAX as u64) as usize;
        if !self.carry.is_empty() {
            self.keep(bytes);
        }
        let raw = if self.carry.is_empty() { bytes } else { &self.carry };
        Record {
            raw: &raw[..kept_bytes],
            raw_bytes,
            output: &self.output[..self.output_bytes],
            ends: &self.ends[..self.ends_count],
        }
    }

    /// Begins the next row.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.output_bytes = 0;
        self.ends_count = 0;
        self.row_bytes = 0;
        self.carry.clear();
    }
}

//! UTF-16 as UTF-8, while it is read: spreadsheets write "Unicode text" so, with a mark at its beginning.
//! Must not guess: without the mark bytes stay as they are.

use encoding_rs::{Decoder, Encoding};
use std::io::{self, Read};

const PIECE_BYTES: usize = 16 * 1024;
/// As long as the mark is.
const MARK_BYTES: usize = 2;

/// The bytes as UTF-8 where a mark says that they are UTF-16, else as they are. An input that is empty yet
/// may begin with a mark later.
pub(crate) fn to_utf8(bytes: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
    Box::new(Sniffed { bytes, state: State::Beginning(Vec::new()) })
}

struct Sniffed {
    bytes: Box<dyn Read + Send>,
    state: State,
}

enum State {
    /// The first bytes, too few to tell.
    Beginning(Vec<u8>),
    /// Bytes that were read already and are to be given as they are, then the rest.
    Plain(Vec<u8>),
    Utf16(Box<Transcoder>),
}

struct Transcoder {
    decoder: Decoder,
    piece: Vec<u8>,
    /// Text that is to be given, and how much of it was.
    text: String,
    given: usize,
}

impl Read for Sniffed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        if let State::Beginning(start) = &mut self.state {
            let mut more = [0; MARK_BYTES];
            while start.len() < MARK_BYTES {
                let room = MARK_BYTES - start.len();
                let count = self.bytes.read(&mut more[..room])?;
                if count == 0 {
                    return Ok(0);
                }
                start.extend_from_slice(&more[..count]);
                // Only these begin a mark; what does not is not held back.
                if !matches!(start[0], 0xff | 0xfe) {
                    break;
                }
            }
            self.state = State::behind(std::mem::take(start));
        }
        match &mut self.state {
            State::Beginning(_) => Ok(0),
            State::Plain(held) if held.is_empty() => self.bytes.read(out),
            State::Plain(held) => {
                let count = held.len().min(out.len());
                out[..count].copy_from_slice(&held[..count]);
                held.drain(..count);
                Ok(count)
            }
            State::Utf16(transcoder) => transcoder.read(&mut *self.bytes, out),
        }
    }
}

impl State {
    fn behind(start: Vec<u8>) -> Self {
        match Encoding::for_bom(&start) {
            Some((encoding, MARK_BYTES)) => Self::Utf16(Box::new(Transcoder {
                decoder: encoding.new_decoder_without_bom_handling(),
                piece: vec![0; PIECE_BYTES],
                text: String::with_capacity(PIECE_BYTES * 2),
                given: 0,
            })),
            _ => Self::Plain(start),
        }
    }
}

impl Transcoder {
    fn read(&mut self, bytes: &mut dyn Read, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            let count = bytes.read(&mut self.piece)?;
            if count == 0 {
                return Ok(0);
            }
            (self.given, self.text) = (0, std::mem::take(&mut self.text));
            self.text.clear();
            let room = self.decoder.max_utf8_buffer_length(count).unwrap_or(PIECE_BYTES * 3);
            self.text.reserve(room);
            // There is room for all of it, so all of it is read.
            let (_, _, _) =
                self.decoder.decode_to_string(&self.piece[..count], &mut self.text, false);
        }
        let rest = &self.text.as_bytes()[self.given..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read(bytes: Vec<u8>) -> Vec<u8> {
        let mut out = Vec::new();
        to_utf8(Box::new(Cursor::new(bytes))).read_to_end(&mut out).unwrap();
        out
    }

    fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes_of).collect()
    }

    #[test]
    fn utf16_of_either_order_becomes_utf8_and_all_else_stays() {
        let text = "id;é;😀\n".repeat(9_000);
        for order in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
            assert_eq!(read(utf16(&format!("\u{feff}{text}"), order)), text.as_bytes());
        }
        for bytes in [&b""[..], b"i", b"id", b"\xef\xbb\xbfid", b"\xff", b"\xe9,2\n"] {
            let expected = if bytes == b"\xff" { &b""[..] } else { bytes };
            assert_eq!(read(bytes.to_vec()), expected, "{bytes:?}");
        }
    }
}

//! What may stand before the header of a file: byte order marks, the line of spreadsheets that names the
//! delimiter, comments, blank lines. Must not look at the header.

use super::input::Input;
use memchr::memchr2;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const SEPARATOR: &[u8] = b"sep=";

/// What was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Preamble {
    /// The header, if there is one, begins behind so many bytes.
    pub(super) bytes: usize,
    /// The delimiter that was named.
    pub(super) delimiter: Option<u8>,
}

/// Reads to the beginning of the header; none where more bytes must tell.
pub(super) fn read(start: &[u8], input: Input) -> Option<Preamble> {
    let mut preamble = Preamble::default();
    loop {
        preamble.bytes += blank_bytes(&start[preamble.bytes..]);
        let rest = &start[preamble.bytes..];
        let end = memchr2(b'\n', b'\r', rest);
        let line = &rest[..end.unwrap_or(rest.len())];
        if end.is_none() && input != Input::Ended && may_become_preamble(line) {
            return None;
        }
        let named = named_delimiter(line);
        if named.is_none() && !line.starts_with(b"#") {
            return Some(preamble);
        }
        preamble.delimiter = preamble.delimiter.or(named);
        preamble.bytes += line.len();
    }
}

/// Marks and blanks: files put together with `cat` have marks in their middle.
fn blank_bytes(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let rest = &bytes[at..];
        at += match rest {
            _ if rest.starts_with(BYTE_ORDER_MARK) => BYTE_ORDER_MARK.len(),
            [b'\n' | b'\r', ..] => 1,
            // Blanks belong to a blank line only: a tab may be the delimiter of an empty first name.
            [b' ' | b'\t', ..] => {
                match rest.iter().position(|byte| !matches!(byte, b' ' | b'\t')) {
                    Some(end) if matches!(rest[end], b'\n' | b'\r') => end,
                    _ => return at,
                }
            }
            _ => return at,
        };
    }
}

/// `;` of `sep=;`, perhaps in quotes.
fn named_delimiter(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii_end();
    let unquoted = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\""));
    let (name, delimiter) = unquoted.unwrap_or(line).split_at_checked(SEPARATOR.len())?;
    match delimiter {
        _ if !name.eq_ignore_ascii_case(SEPARATOR) => None,
        [] => Some(b'\t'),
        [delimiter] => Some(*delimiter),
        _ => None,
    }
}

/// Whether the beginning of a line may still become one before the header.
fn may_become_preamble(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let common = line.len().min(SEPARATOR.len());
    line.starts_with(b"#")
        || BYTE_ORDER_MARK.starts_with(line)
        || line[..common].eq_ignore_ascii_case(&SEPARATOR[..common])
}

//! Going on where a source was left: its beginning is read again and held against the checkpoint.
//! Must not say what is done where it differs.

use crate::csv::{Header, LineCount, Position, RowReader};
use crate::input::{NamedInput, Opened};
use crate::prefix::Prefix;
use crate::reading::read_some;
use goldstream_platform::store::SourceCheckpoint;
use std::io::{self, Read};

/// Bytes read at a time where nothing is parsed.
const PIECE_BYTES: usize = 256 * 1024;

/// How much of a file's start is kept to find its header again.
const HEADER_SEARCH_BYTES: usize = 256 * 1024;

/// The reader and hashes as they were at the checkpoint, the bytes behind it; none where the file has
/// changed before it.
pub(crate) fn resume(
    named: &NamedInput,
    opened: &mut Opened,
    checkpoint: &SourceCheckpoint,
) -> io::Result<Option<(RowReader, Prefix)>> {
    if checkpoint.bytes == 0 {
        return Ok(Some((RowReader::new(named.kind), Prefix::default())));
    }
    let mut prefix = Prefix::default();
    let mut start = Vec::new();
    let mut lines = LineCount::default();
    let mut piece = vec![0; PIECE_BYTES];
    let mut before = (&mut opened.bytes).take(checkpoint.bytes);
    loop {
        let count = read_some(&mut before, &mut piece)?;
        if count == 0 {
            break;
        }
        let piece = &piece[..count];
        if start.len() < HEADER_SEARCH_BYTES {
            start.extend_from_slice(piece);
        }
        lines.take(piece);
        prefix.take(piece, prefix.pushed_bytes() + count as u64);
    }
    if prefix.pushed_bytes() != checkpoint.bytes || prefix.rows_hash() != checkpoint.prefix_hash {
        return Ok(None);
    }
    // A line that was taken as a row without its end must not have gone on.
    if checkpoint.unfinished && !ends_here(named, checkpoint.bytes)? {
        return Ok(None);
    }
    let ended = crate::csv::Input::Ended;
    let Ok(Some((header, _))) = Header::find(named.kind, &start, ended) else { return Ok(None) };
    let position = Position { rows: checkpoint.rows, bytes: checkpoint.bytes };
    Ok(Some((RowReader::resume(named.kind, header, position, lines), prefix)))
}

/// Whether the byte at that place, if there is one, ends a line.
fn ends_here(named: &NamedInput, at_bytes: u64) -> io::Result<bool> {
    let mut bytes = named.input.open()?.bytes;
    io::copy(&mut (&mut bytes).take(at_bytes), &mut io::sink())?;
    let mut next = [0];
    Ok(bytes.read(&mut next)? == 0 || matches!(next[0], b'\n' | b'\r'))
}

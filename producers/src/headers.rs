//! The headers of all inputs, looked at before the first row of any is sent: half of a bad start would be
//! counted else. It reads no rows.

use crate::csv::RowReader;
use crate::input::Input;
use crate::reading::read_some;
use crate::source::{NamedInput, SourceError};
use std::fmt;
use std::io;

const PIECE_BYTES: usize = 64 * 1024;

/// The inputs that cannot be read, each with why.
#[derive(Debug)]
pub struct Unreadable(pub Vec<SourceError>);

impl std::error::Error for Unreadable {}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&words.join("\n  "))?;
        match self.0.len() {
            0 | 1 => Ok(()),
            count => write!(f, "\n{count} files cannot be read; nothing was counted"),
        }
    }
}

/// Looks for the header of each input. What is still being piped is not waited for.
///
/// # Errors
/// [`Unreadable`], with all that have none.
pub fn check(inputs: &[NamedInput]) -> Result<(), Unreadable> {
    let files =
        inputs.iter().filter(|named| matches!(named.input, Input::Plain(_) | Input::Packed(..)));
    let errors: Vec<SourceError> = files.filter_map(|named| check_one(named).err()).collect();
    if errors.is_empty() { Ok(()) } else { Err(Unreadable(errors)) }
}

fn check_one(named: &NamedInput) -> Result<(), SourceError> {
    let io = |error: io::Error| SourceError::Io { key: named.key.clone(), error };
    let header = |error| SourceError::Header { key: named.key.clone(), error };
    let mut reader = RowReader::new(named.kind);
    let mut bytes = named.input.open().map_err(io)?.bytes;
    let mut piece = vec![0; PIECE_BYTES];
    while reader.header().is_none() {
        match read_some(&mut bytes, &mut piece).map_err(io)? {
            0 => return reader.finish(&mut |_| ()).map_err(header),
            count => reader.push(&piece[..count], &mut |_| ()).map_err(header)?,
        }
    }
    Ok(())
}

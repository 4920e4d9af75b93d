//! The headers of all inputs, looked at before the first row of any is sent: half of a bad start would be
//! counted else. It reads no rows.

use crate::csv::RowReader;
use crate::files;
use crate::input::{Input, NamedInput};
use crate::reading::read_some;
use crate::source::SourceError;
use goldstream_domain::column::Kind;
use std::fmt;
use std::io;
use std::path::Path;

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

/// Looks for the header of each input, and gives those that are empty: they may get one later. What is still
/// being piped is not waited for.
///
/// # Errors
/// [`Unreadable`], with all that have another one.
pub fn check(inputs: &[NamedInput]) -> Result<Vec<&NamedInput>, Unreadable> {
    let (mut empty, mut errors) = (Vec::new(), Vec::new());
    for named in inputs {
        if !matches!(named.input, Input::Plain(_) | Input::Packed(..)) {
            continue;
        }
        match has_header(named) {
            Ok(true) => {}
            Ok(false) => empty.push(named),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(empty) } else { Err(Unreadable(errors)) }
}

/// What the rows of a file are, by its header.
///
/// # Errors
/// In words, where it is neither's, both's, or cannot be read.
pub fn kind_of(path: &Path) -> Result<Kind, String> {
    let found = Kind::ALL.map(|kind| {
        let named = files::named_input(kind, path)
            .map_err(|error| SourceError::Io { key: path.display().to_string().into(), error });
        named.and_then(|named| has_header(&named))
    });
    match found {
        [Ok(true), Err(_)] => Ok(Kind::Customers),
        [Err(_), Ok(true)] => Ok(Kind::Purchases),
        [Ok(true), Ok(true)] => Err(format!(
            "{} has the columns of customers and of purchases: say --customers or --purchases before it",
            path.display()
        )),
        [Err(error @ SourceError::Io { .. }), _] => Err(error.to_string()),
        [Err(customers), Err(purchases)] => Err(format!(
            "{customers}, if its rows are customers, and\n{purchases}, if they are purchases"
        )),
        [_, _] => Err(format!("{} is empty", path.display())),
    }
}

fn has_header(named: &NamedInput) -> Result<bool, SourceError> {
    let io = |error: io::Error| SourceError::Io { key: named.key.clone(), error };
    let header = |error| SourceError::Header { key: named.key.clone(), error };
    let mut reader = RowReader::new(named.kind);
    let mut bytes = named.input.open().map_err(io)?.bytes;
    let mut piece = vec![0; PIECE_BYTES];
    while reader.header().is_none() {
        match read_some(&mut bytes, &mut piece).map_err(io)? {
            0 => {
                reader.finish(&mut |_| ()).map_err(header)?;
                break;
            }
            count => reader.push(&piece[..count], &mut |_| ()).map_err(header)?,
        }
    }
    Ok(reader.header().is_some())
}

//! Whether what was read of a file still stands there: its stamp first, its bytes where that has moved.

use crate::file::{Happened, OpenFile};
use crate::prefix::Prefix;
use crate::utf16::to_utf8;
use std::io;

/// What was read of a file is read again at once when something has happened to it, up to so many bytes;
/// of a larger one that has grown only the beginning is.
const PROOF_AT_ONCE_BYTES: u64 = 1024 * 1024;

/// As far as it can be told at once: of a large file that has grown only the beginning is read.
pub(crate) fn at_once(file: &mut OpenFile, prefix: &Prefix) -> io::Result<bool> {
    let now = file.stamp()?;
    if file.is_proven(&now) {
        return Ok(true);
    }
    if now.size_bytes < file.read_bytes() {
        return Ok(false);
    }
    let is_large = prefix.pushed_bytes() > PROOF_AT_ONCE_BYTES;
    match file.look(now) {
        Happened::Nothing if is_large => Ok(true),
        Happened::Grown if is_large => prefix.begins(to_utf8(Box::new(file.read_again()))),
        _ => in_full(file, prefix),
    }
}

/// All of it, unless nothing has happened to the file since that was done before.
pub(crate) fn in_full(file: &mut OpenFile, prefix: &Prefix) -> io::Result<bool> {
    let now = file.stamp()?;
    if file.is_proven(&now) {
        return Ok(true);
    }
    let is_same = prefix.is_prefix_of(to_utf8(Box::new(file.read_again())))?;
    if is_same {
        file.prove(now);
    }
    Ok(is_same)
}

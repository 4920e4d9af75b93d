//! Bytes that are no UTF-8.

use encoding_rs::WINDOWS_1252;
use std::borrow::Cow;

/// Bytes read as Windows-1252, which every byte sequence is.
pub(super) fn decode_windows_1252(bytes: &[u8]) -> Cow<'_, str> {
    WINDOWS_1252.decode_without_bom_handling(bytes).0
}

//! How large a row may be.

/// Longest row that is read as one: 256 KiB.
pub const ROW_BYTES_MAX: usize = 256 * 1024;

/// Longest JSON object that is looked at: a row of the longest text has room in it, escapes included.
pub const JSON_BYTES_MAX: usize = 7 * ROW_BYTES_MAX;

/// What is said of one that is larger.
pub(super) fn too_long() -> String {
    format!("row over {} KiB", ROW_BYTES_MAX / 1024)
}

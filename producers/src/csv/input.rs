//! What is known of the bytes that are to come.

/// Whether more bytes may follow those at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// More may come: a line without its end is not whole yet.
    Open,
    /// More may come, but none has for a while: open quotes are not waited for.
    Still,
    /// These are all: a line without its end is whole.
    Ended,
}

//! The clocks of a session, which reads none.

/// One moment on both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// Grows steadily, from any start.
    pub steady_ms: u64,
    /// Milliseconds since 1970 UTC.
    pub wall_ms: i64,
}

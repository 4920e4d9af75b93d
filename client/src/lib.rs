//! The reference client of the feed `goldstream.v1`, as far as it can be pure: frames go in, what is to be
//! done and what is shown comes out. It knows no socket, no clock and no terminal.
//!
//! ```text
//! text ─► message ─► machine ─► actions        tables: snapshot + updates = what the server shows
//!         (read)     (decide)       └──────────► (keep)
//! ```

pub mod backoff;
pub mod json;
pub mod machine;
#[cfg(test)]
mod machine_tests;
pub mod message;
#[cfg(test)]
mod model_tests;
pub mod stop;
pub mod tables;
pub mod wish;

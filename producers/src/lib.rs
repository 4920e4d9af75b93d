//! Producers: what turns files and the sample shop into bronze rows.
//!
//! ```text
//! file ─► input (bytes) ─► csv (rows) ─► route (partition, chain) ─► bronze
//!                 ▲ resume: checkpoint, completed from what bronze holds
//! ```

pub mod csv;
pub mod demo;
pub mod files;
pub mod input;
pub mod pace;
pub mod progress;
pub mod replay;
pub mod resume;
pub mod route;
pub mod sample;
pub mod source;

//! Producers: what turns files and the sample shop into bronze rows.
//!
//! ```text
//! file ─► input (bytes) ─► csv (rows) ─► route (partition, chain) ─► bronze
//!                 ▲ resume: checkpoint, completed from what bronze holds
//! ```

pub mod csv;
pub mod demo;
pub mod file;
pub mod files;
pub mod files_audit;
mod follow;
pub mod handed;
pub mod headers;
pub mod held;
pub mod input;
mod look_alikes;
mod moved;
mod notices;
mod opening;
pub mod pace;
pub mod piped;
mod player;
mod prefix;
pub mod progress;
mod proof;
mod reading;
mod reopen;
pub mod replay;
pub mod resume;
pub mod route;
mod running;
pub mod sample;
pub mod source;
mod taker;
mod undecided;
mod utf16;

//! Bronze: a row as it came, whatever is in it. Nothing is cleaned here.
//!
//! A row has two forms: the compact one that logs of our own keep, and the JSON object of the
//! contract that stands on Kafka topics, in exports and in the quarantine.

mod columns;
pub mod cut;
mod digest;
mod fault;
mod limits;
mod object;
mod row;

pub use fault::LineFault;
pub use limits::{JSON_BYTES_MAX, ROW_BYTES_MAX};
pub use row::{BronzeRow, Fields};

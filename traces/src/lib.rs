//! The way of a row from its file to a frame, as OpenTelemetry spans: one row of so many, the same in every role,
//! without a word between them. Log and store are looked at from outside, so who counts knows nothing of it; with
//! nobody to tell, nothing is looked at. It changes no record and no number.

mod arrived;
mod collector;
mod error;
mod export;
mod log;
mod records;
mod shown;
mod side;
mod span;
mod store;
mod traces;
mod variables;

pub use collector::{Probed, probe};
pub use error::TracesError;
pub use traces::Traces;

//! The stages between the topics: one driver, two instances.
//!
//! ```text
//! bronze ─► silver: clean, dedupe ─► silver, quarantine        state: dedupe set, marks, counts
//! silver ─► gold:   fold          ─► gold tables in the store  state: the tables
//! ```
//!
//! [`driver`] decides and does nothing; [`interpreter`] does what it decides and decides nothing.

pub mod driver;
pub mod gold;
mod held;
pub mod interpreter;
mod message;
mod notes;
pub mod reach;
pub mod silver;
mod slot;
pub mod stage;
pub mod switching;
mod watchdog;

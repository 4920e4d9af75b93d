//! The whole business of goldstream, pure: the way of a purchase from a bronze row to the gold tables.
//!
//! Nothing here knows a clock, randomness, I/O, async, floats or hash order: everything that can
//! differ between two runs is an argument. Modules in the order in which a row meets them.

pub mod batch;
pub mod bronze;
pub mod chain;
pub mod clean;
pub mod codec;
pub mod column;
pub mod dedupe;
pub mod gold;
pub mod json;
pub mod language;
pub mod moment;
pub mod money;
pub mod partition;
pub mod planted;
pub mod progress;
pub mod quarantine;
pub mod reason;
pub mod record;
pub mod silver;
pub mod text;

#[cfg(test)]
mod properties;

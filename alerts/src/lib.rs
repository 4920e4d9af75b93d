//! When a person should be told that something is wrong with the shop or with goldstream, or that a goal is
//! reached. Pure: gold's changes and the time come in as events; incidents and messages to be sent come out.
//!
//! ```text
//! gold's feed ─► Facts ─┐
//! clock ────────────────┴► judge ─► Book: incidents ─► outbox: messages, each to one receiver
//! ```
//!
//! The [`book::Book`] is what is stored. Whoever has it goes on where another was killed: an incident's id says
//! what it is about, not when it was noticed. [`schedule`] is the same of reports: when one is due, and of which
//! days. Nothing here sends, stores or reads a clock.

pub mod book;
pub mod facts;
pub mod incident;
pub mod judge;
pub mod outbox;
pub mod rules;
pub mod schedule;
pub mod words;

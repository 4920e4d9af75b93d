//! The log on Kafka.
//!
//! Records stand on topics as JSON; the group decides who reads which partition and nothing else:
//! where to read on is told by the store. Every hop may write a record twice (law 3 drops the
//! repeat); nothing that was acknowledged is lost, and nothing is skipped.
//!
//! ```text
//! append ─► lanes ─► transcode ─► producer (idempotent) ─► topics ─► fetcher ─► transcode ─► flows ─► member
//!                                                            └────► reader ─► reading: one-off reads; ends
//! ```
//!
//! `watch` looks whether the topics are still those that were made. Where they are not, `standing` lets nothing
//! be appended and no member read on.

mod admin;
mod asking;
mod client;
mod config;
mod copies;
mod departed;
mod derived;
mod ends;
mod fences;
mod fetcher;
mod fit;
mod flow;
mod group;
mod header;
mod idle;
mod lanes;
mod log;
mod member;
mod member_state;
mod names;
mod numbered;
mod orphans;
mod producer;
mod properties;
mod reachable;
mod reader;
mod reading;
mod rights;
mod settings;
mod shared;
mod sizes;
mod skips;
mod standing;
#[cfg(test)]
mod tests;
mod topic_settings;
mod transactions;
mod transcode;
mod watch;
mod why_away;

pub use admin::{Found, KafkaTopics, TopicsError};
pub use client::GroupMember;
pub use config::Patience;
pub use log::KafkaLog;
pub use properties::{
    KafkaProperties, PropertyError, VARIABLE_PREFIX, canonical, is_secret, variable,
};
pub use rights::{Answer, Asked, Right};
pub use settings::KafkaSettings;
pub use sizes::Takes;
pub use topic_settings::{Finding, TopicSettings, Weight};

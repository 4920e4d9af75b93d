//! Messages to people: mail by SMTP, and webhooks. What is told, and to whom, and whether again, is for the
//! caller; here it is sent once, within a time, or there is a sentence that says why not.
//!
//! Whatever is sent carries an id that stays the same when it is sent again, so that receivers can drop repeats.

pub mod mail;
mod roots;
mod sign;
#[cfg(feature = "testing")]
#[allow(clippy::expect_used, clippy::unwrap_used, reason = "servers of tests")]
pub mod testing;
pub mod webhook;

//! The reports of a shop: made when somebody asks, and, where `[report]` says so, when one is due. What was sent
//! stands in the store beside the book of alerts. It sends nothing: who sends takes messages from here.

pub(crate) mod book;
pub(crate) mod making;
mod watch;
pub(crate) mod wish;

pub(crate) use book::MEDIA_TYPE;
pub use book::{Reporting, period_of};
pub(crate) use watch::Watched;

#[cfg(test)]
mod tests;

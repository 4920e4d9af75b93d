//! A report that is asked for, and one that was made.

use goldstream_domain::language::Language;
use goldstream_domain::moment::Day;
use goldstream_report::{Cover, Names, Period};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish {
    pub(crate) period: Period,
    pub(crate) language: Language,
    pub(crate) names: Names,
}

/// What was made.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) pdf: Vec<u8>,
    /// What is said where it is sent.
    pub(crate) cover: Cover,
    /// The last day of the shop that has come.
    pub(crate) last: Day,
}

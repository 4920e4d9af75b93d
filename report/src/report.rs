//! What a report is made of.

use crate::period::Period;
use goldstream_domain::gold::report::Gold;
use goldstream_domain::language::Language;
use goldstream_domain::moment::{Day, Moment};
use goldstream_forecast::Forecast;

/// What a report is made of.
#[derive(Debug)]
pub struct Report<'a> {
    /// All figures, of one version.
    pub gold: &'a Gold,
    /// The last day of the shop that has come.
    pub today: Day,
    /// What it is about.
    pub period: Period,
    /// Who reads it.
    pub language: Language,
    /// What amounts are in: the three letters of its code.
    pub currency: &'a str,
    /// What is expected, where there are days enough.
    pub forecast: Option<&'a Forecast>,
    /// The last proof that the figures equal the batch.
    pub verified: Option<Verified>,
    /// Whether customers are named.
    pub names: Names,
    /// The ISO 3166-1 code of a country by its name, where it has one.
    pub code_of: fn(&str) -> Option<&'static str>,
    /// What there was to be told within the period and when it was over, the newest first; none where nobody is to
    /// be told of anything.
    pub alerts: Option<&'a [Alert]>,
}

/// Something that a person was to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// In the reader's language, without names of customers.
    pub sentence: String,
    /// When it began, by the shop's wall clock.
    pub began: Moment,
    /// When it was over.
    pub ended: Option<Moment>,
}

/// A proof that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// When.
    pub at: Moment,
    /// Over how many rows.
    pub rows: u64,
    /// How many rows differed.
    pub differences: u64,
}

/// How customers are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// By their ids, as on the page.
    Hidden,
    /// By their names.
    Shown,
}

//! A shop's figures as pages to print: gold in, PDF out. Pure: no clock, no I/O, no randomness; the same figures are
//! the same bytes. Must not count: every figure is gold's, or a sum of its days.
//!
//! ```text
//! gold, period ─► figures ─► pages: headings, tables, charts ─► sheet: marks and meaning ─► render: PDF/UA-1
//! ```

mod charts;
mod cover;
mod figures;
mod font;
mod map;
mod pages;
mod period;
mod render;
mod scope;
mod sheet;
mod table;
mod words;
mod write;

pub use cover::{Cover, Reader};
pub use period::{NoPeriod, PERIODS, Period, Range};

use crate::font::Fonts;
use crate::scope::Scope;
use crate::words::words_of;
use goldstream_domain::gold::report::Gold;
use goldstream_domain::language::Language;
use goldstream_domain::moment::{Day, Moment};
use goldstream_forecast::Forecast;
use thiserror::Error;

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

/// Why there is no report.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReportError {
    /// A font that stands in this crate is none.
    #[error("a font of the report cannot be read")]
    Font,
    /// krilla does not take its settings.
    #[error("the report's form is none that can be written")]
    Settings,
    /// What was made is no tagged PDF.
    #[error("the report is not what PDF/UA-1 asks for: {0}")]
    Refused(String),
}

impl Report<'_> {
    /// The days that it is about.
    #[must_use]
    pub fn range(&self) -> Range {
        Scope::of(&self.gold.days, self.period, self.today).range
    }

    /// The report as a tagged PDF.
    ///
    /// # Errors
    /// Where what was made is not what PDF/UA-1 asks for.
    pub fn pdf(&self) -> Result<Vec<u8>, ReportError> {
        let fonts = Fonts::new()?;
        let sheets = pages::pages(self, &fonts);
        render::render(sheets, words_of(self.language).title, self.language.code())
    }
}

//! A shop's figures as pages to print: gold in, PDF out. Pure: no clock, no I/O, no randomness; the same figures are
//! the same bytes. Must not count: every figure is gold's, or a sum of its days.
//!
//! ```text
//! gold, period ─► figures ─► pages: headings, tables, charts ─► sheet: marks and meaning ─► render: PDF/UA-1
//! ```

mod charts;
mod figures;
mod font;
mod map;
mod pages;
mod period;
mod render;
mod sheet;
mod table;
mod words;
mod write;

pub use period::{NoPeriod, PERIODS, Period, Range};
pub use words::Lang;

use crate::font::Fonts;
use goldstream_domain::gold::report::Gold;
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
    pub lang: Lang,
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
    /// What is wrong, a sentence each.
    pub alerts: &'a [String],
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
    /// The report as a tagged PDF.
    ///
    /// # Errors
    /// Where what was made is not what PDF/UA-1 asks for.
    pub fn pdf(&self) -> Result<Vec<u8>, ReportError> {
        let fonts = Fonts::new()?;
        let sheets = pages::pages(self, &fonts);
        render::render(sheets, self.lang.words().title, self.lang.code())
    }
}

//! A shop's figures as pages to print: gold in, PDF out. Pure: no clock, no I/O, no randomness; the same figures are
//! the same bytes. Must not count: every figure is gold's, or a sum of its days.
//!
//! ```text
//! gold, period ─► figures ─► pages: headings, tables, charts ─► sheet: marks and meaning ─► render: PDF/UA-1
//! ```

mod charts;
mod cover;
mod error;
mod figures;
mod font;
mod map;
mod pages;
mod period;
mod render;
mod report;
mod scope;
mod sheet;
mod table;
mod words;
mod write;

pub use cover::{Cover, Reader};
pub use error::ReportError;
pub use period::{NoPeriod, PERIODS, Period, Range};
pub use report::{Alert, Names, Report, Verified};

use crate::font::Fonts;
use crate::scope::Scope;
use crate::words::words_of;

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

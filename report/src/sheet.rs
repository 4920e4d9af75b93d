//! Pages as data: what stands where, and what it is to who hears it. Nothing of PDF here; `render` makes that of it.

use crate::font::{Fonts, Weight};
use krilla::tagging::{Tag, TagKind};
use std::num::NonZeroU16;

/// A4, in points.
pub(crate) const WIDTH: f32 = 595.0;
pub(crate) const HEIGHT: f32 = 842.0;
/// White around all.
pub(crate) const MARGIN: f32 = 48.0;
pub(crate) const ROOM: f32 = WIDTH - 2.0 * MARGIN;
/// Where the last line may stand.
const BOTTOM: f32 = HEIGHT - MARGIN - 18.0;

/// Printed on paper, so there is one theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour(pub(crate) u8, pub(crate) u8, pub(crate) u8);
pub(crate) const INK: Colour = Colour(28, 27, 24);
pub(crate) const MUTED: Colour = Colour(96, 92, 84);
pub(crate) const LINE: Colour = Colour(221, 217, 208);
pub(crate) const GOLD: Colour = Colour(173, 127, 17);
pub(crate) const GOOD: Colour = Colour(24, 112, 64);
pub(crate) const BAD: Colour = Colour(176, 42, 32);

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) weight: Weight,
    pub(crate) size: f32,
    pub(crate) colour: Colour,
}

pub(crate) const BODY: Style = Style { weight: Weight::Regular, size: 9.5, colour: INK };
pub(crate) const NOTE: Style = Style { size: 8.5, colour: MUTED, ..BODY };
pub(crate) const STRONG: Style = Style { weight: Weight::Bold, ..BODY };
pub(crate) const SMALL: Style = Style { size: 7.5, colour: MUTED, ..BODY };

/// What is drawn.
#[derive(Debug, Clone)]
pub(crate) enum Mark {
    Text { x: f32, y: f32, style: Style, text: String },
    Bar { x: f32, y: f32, width: f32, height: f32, colour: Colour },
    Rule { points: Vec<(f32, f32)>, width: f32, colour: Colour, is_dashed: bool },
    Area { points: Vec<(f32, f32)>, colour: Colour, opacity: f32 },
}

/// What marks are to who hears the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    Text,
    Shape,
    /// Nothing: it is for the eye alone.
    Not,
}

/// Marks of one meaning.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) heard: Heard,
    pub(crate) marks: Vec<Mark>,
}

/// The order in which it is read.
#[derive(Debug)]
pub(crate) enum Part {
    Group(TagKind, Vec<Self>),
    /// Page, and content on it.
    Content(usize, usize),
}

/// Pages that are being written, from top to bottom.
pub(crate) struct Sheets<'a> {
    pub(crate) fonts: &'a Fonts,
    pub(crate) pages: Vec<Vec<Content>>,
    pub(crate) parts: Vec<Part>,
    /// Headings with their page and height, for the outline.
    pub(crate) headings: Vec<(String, usize, f32)>,
    /// Where the next thing begins.
    pub(crate) y: f32,
}

impl<'a> Sheets<'a> {
    pub(crate) fn new(fonts: &'a Fonts) -> Self {
        let (pages, parts, headings) = (vec![Vec::new()], Vec::new(), Vec::new());
        Self { fonts, pages, parts, headings, y: MARGIN }
    }

    /// A new page, where less than this is left of the one that is written.
    pub(crate) fn needs(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
    }

    /// Puts marks on the page; what is not heard has no part.
    pub(crate) fn put(&mut self, heard: Heard, marks: Vec<Mark>) -> Part {
        let at = self.pages.len() - 1;
        let page = &mut self.pages[at];
        page.push(Content { heard, marks });
        Part::Content(at, page.len() - 1)
    }

    /// For the eye alone.
    pub(crate) fn decorate(&mut self, marks: Vec<Mark>) {
        self.put(Heard::Not, marks);
    }

    /// One line of text, at its feet.
    pub(crate) fn line(&mut self, x: f32, y: f32, style: Style, text: &str) -> Part {
        let text = self.fonts.writable(style.weight, text);
        self.put(Heard::Text, vec![Mark::Text { x, y, style, text }])
    }

    /// At the foot of a page, for the eye alone.
    pub(crate) fn foot(&mut self, page: usize, x: f32, y: f32, text: &str) {
        let text = self.fonts.writable(SMALL.weight, text);
        let marks = vec![Mark::Text { x, y, style: SMALL, text }];
        if let Some(page) = self.pages.get_mut(page) {
            page.push(Content { heard: Heard::Not, marks });
        }
    }

    pub(crate) fn heading(&mut self, level: u16, style: Style, text: &str) {
        self.y += style.size;
        let line = self.line(MARGIN, self.y, style, text);
        self.headings.push((text.to_owned(), self.pages.len() - 1, self.y - style.size));
        let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
        self.parts.push(Part::Group(Tag::Hn(level, Some(text.to_owned())).into(), vec![line]));
        self.y += style.size * 0.6;
    }

    /// A section, of which at least `height` stays with its heading.
    pub(crate) fn section(&mut self, text: &str, height: f32) {
        self.y += 16.0;
        self.needs(height + 24.0);
        self.heading(2, Style { size: 12.5, ..STRONG }, text);
    }

    pub(crate) fn paragraph(&mut self, style: Style, text: &str) {
        let lines = self.fonts.lines(style.weight, style.size, text, ROOM);
        let mut parts = Vec::with_capacity(lines.len());
        for line in lines {
            self.needs(style.size * 1.45);
            self.y += style.size * 1.45;
            parts.push(self.line(MARGIN, self.y - style.size * 0.35, style, &line));
        }
        self.parts.push(Part::Group(Tag::P.into(), parts));
    }
}

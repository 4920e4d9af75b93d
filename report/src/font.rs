//! The two fonts of a report, which stand in it: how wide a text is, and its glyphs. One glyph a character; what the
//! fonts have not is a question mark, for a box says less.

use crate::error::ReportError;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use ttf_parser::Face;

/// Latin, Greek and Cyrillic of Inter, as `fonts/README.md` says.
static REGULAR: &[u8] = include_bytes!("../fonts/Inter-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../fonts/Inter-Bold.ttf");

/// How heavy a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// Both of them.
pub(crate) struct Fonts {
    regular: One,
    bold: One,
}

struct One {
    font: Font,
    face: Face<'static>,
}

impl One {
    fn new(data: &'static [u8]) -> Result<Self, ReportError> {
        let font = Font::new(data.into(), 0).ok_or(ReportError::Font)?;
        let face = Face::parse(data, 0).map_err(|_| ReportError::Font)?;
        Ok(Self { font, face })
    }

    /// Glyph and width of a character, in parts of the size.
    fn glyph(&self, char: char) -> Option<(u16, f32)> {
        let id = self.face.glyph_index(char)?;
        let advance = f32::from(self.face.glyph_hor_advance(id)?);
        Some((id.0, advance / f32::from(self.face.units_per_em())))
    }
}

impl Fonts {
    pub(crate) fn new() -> Result<Self, ReportError> {
        Ok(Self { regular: One::new(REGULAR)?, bold: One::new(BOLD)? })
    }

    pub(crate) fn font(&self, weight: Weight) -> Font {
        self.one(weight).font.clone()
    }

    fn one(&self, weight: Weight) -> &One {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// The text without what the font has not.
    pub(crate) fn writable(&self, weight: Weight, text: &str) -> String {
        let one = self.one(weight);
        let known = |char: char| match char {
            '\u{202f}' | '\t' | '\n' => '\u{a0}',
            char if one.glyph(char).is_some() => char,
            _ => '?',
        };
        text.chars().map(known).collect()
    }

    pub(crate) fn width(&self, weight: Weight, size: f32, text: &str) -> f32 {
        let one = self.one(weight);
        text.chars().filter_map(|char| one.glyph(char)).map(|(_, advance)| advance * size).sum()
    }

    /// One glyph a character.
    pub(crate) fn glyphs(&self, weight: Weight, text: &str) -> Vec<KrillaGlyph> {
        let one = self.one(weight);
        let placed = text.char_indices().filter_map(|(at, char)| {
            let (id, x_advance) = one.glyph(char)?;
            let text_range = at..at + char.len_utf8();
            Some(KrillaGlyph {
                glyph_id: GlyphId::new(id.into()),
                text_range,
                x_advance,
                x_offset: 0.0,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            })
        });
        placed.collect()
    }

    /// As much of the text as has room, with an ellipsis where that is not all.
    pub(crate) fn cut(&self, weight: Weight, size: f32, text: &str, room: f32) -> String {
        let text = self.writable(weight, text);
        if self.width(weight, size, &text) <= room {
            return text;
        }
        let room = room - self.width(weight, size, "…");
        let mut width = 0.0;
        let fits = |char: &char| {
            width += one_width(self.one(weight), *char) * size;
            width <= room
        };
        let kept: String = text.chars().take_while(fits).collect();
        format!("{}…", kept.trim_end())
    }

    /// The lines into which a text falls.
    pub(crate) fn lines(&self, weight: Weight, size: f32, text: &str, room: f32) -> Vec<String> {
        let text = self.writable(weight, text);
        let mut lines = vec![String::new()];
        for word in text.split(' ') {
            let Some(line) = lines.last_mut() else { continue };
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if line.is_empty() || self.width(weight, size, &longer) <= room {
                *line = longer;
            } else {
                lines.push(word.to_owned());
            }
        }
        lines
    }
}

fn one_width(one: &One, char: char) -> f32 {
    one.glyph(char).map_or(0.0, |(_, advance)| advance)
}

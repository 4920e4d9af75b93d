//! Tables: headed, ruled, tagged, and split between pages with their heads. Must not know what is in them.

use crate::sheet::{BODY, GOLD, LINE, MARGIN, MUTED, Mark, Part, ROOM, STRONG, Sheets, Style};
use krilla::tagging::{TableHeaderScope, Tag};

const ROW: f32 = 16.0;
const PADDING: f32 = 4.0;

/// On which side of its column a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// A column.
pub(crate) struct Column<'a> {
    pub(crate) title: &'a str,
    /// Its part of the width.
    pub(crate) share: f32,
    pub(crate) side: Side,
}

/// A row: its cells, and how long the bar under its first one is, from nothing to all of it.
pub(crate) struct Row {
    pub(crate) cells: Vec<(String, Style)>,
    pub(crate) bar: Option<f32>,
}

impl Row {
    /// One in plain text.
    pub(crate) fn plain(cells: Vec<String>) -> Self {
        Self { cells: cells.into_iter().map(|cell| (cell, BODY)).collect(), bar: None }
    }
}

/// How high a table of so many rows is: one that has room on a page is not torn.
pub(crate) fn height_of(rows: usize) -> f32 {
    ROW * (rows + 1) as f32
}

/// Puts a table under what is there.
pub(crate) fn table(sheets: &mut Sheets<'_>, columns: &[Column<'_>], rows: &[Row]) {
    let mut parts = Vec::new();
    let mut is_headed = false;
    for row in rows {
        let page = sheets.pages.len();
        sheets.needs(ROW * if is_headed { 1.0 } else { 2.0 });
        if !is_headed || sheets.pages.len() > page {
            let head = columns
                .iter()
                .map(|column| (column.title.to_owned(), Style { colour: MUTED, ..BODY }));
            let head = Row { cells: head.collect(), bar: None };
            let cells = line_of(sheets, columns, &head, Is::Head);
            // On the next page it is said to the eye only: a table has one head.
            parts.push(Part::Group(Tag::TR.into(), cells));
            is_headed = true;
        }
        let cells = line_of(sheets, columns, row, Is::Body);
        parts.push(Part::Group(Tag::TR.into(), cells));
    }
    sheets.parts.push(Part::Group(Tag::Table.into(), parts));
    sheets.y += 4.0;
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Is {
    Head,
    Body,
}

fn line_of(sheets: &mut Sheets<'_>, columns: &[Column<'_>], row: &Row, is: Is) -> Vec<Part> {
    let (top, bottom) = (sheets.y, sheets.y + ROW);
    let whole: f32 = columns.iter().map(|column| column.share).sum();
    if let Some(share) = row.bar {
        let room = columns.first().map_or(ROOM, |column| ROOM * column.share / whole);
        let width = (room * 0.9 * share).max(0.5);
        sheets.decorate(vec![Mark::Bar {
            x: MARGIN,
            y: bottom - 1.6,
            width,
            height: 1.6,
            colour: GOLD,
        }]);
    }
    let points = vec![(MARGIN, bottom), (MARGIN + ROOM, bottom)];
    sheets.decorate(vec![Mark::Rule { points, width: 0.5, colour: LINE, is_dashed: false }]);
    let mut left = MARGIN;
    let mut parts = Vec::with_capacity(columns.len());
    for (at, (column, (text, style))) in columns.iter().zip(&row.cells).enumerate() {
        let width = ROOM * column.share / whole;
        let text = sheets.fonts.cut(style.weight, style.size, text, width - PADDING);
        let wide = sheets.fonts.width(style.weight, style.size, &text);
        let x = match column.side {
            Side::Left => left,
            Side::Right => left + width - wide,
        };
        let line = sheets.line(x, top + ROW * 0.68, *style, &text);
        let tag = match (is, at) {
            (Is::Head, _) => Tag::TH(TableHeaderScope::Column).into(),
            (Is::Body, 0) => Tag::TH(TableHeaderScope::Row).into(),
            (Is::Body, _) => Tag::TD.into(),
        };
        parts.push(Part::Group(tag, vec![line]));
        left += width;
    }
    sheets.y = bottom;
    parts
}

/// A cell that is looked at first.
pub(crate) fn strong(text: String) -> (String, Style) {
    (text, STRONG)
}

/// The first is text, the others are figures.
pub(crate) fn columns_of<'a>(columns: &[(&'a str, f32); 4]) -> Vec<Column<'a>> {
    let sided = columns.iter().enumerate().map(|(at, (title, share))| {
        let side = if at == 0 { Side::Left } else { Side::Right };
        Column { title, share: *share, side }
    });
    sided.collect()
}

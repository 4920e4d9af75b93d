//! The live table in a terminal: one picture that is drawn over the former, at most ten times a second.

use super::words::{name, plain, text};
use console::{Alignment, Style, Term, measure_text_width, pad_str, truncate_str};
use goldstream_client::json::Json;
use goldstream_client::message::Message;
use goldstream_client::tables::{Tables, key_field};
use std::time::Duration;
use tokio::time::Instant;

/// The shortest time between two pictures.
const DRAW_PACE: Duration = Duration::from_millis(100);
/// Size of a terminal that does not tell it: rows, columns.
const SIZE_DEFAULT: (u16, u16) = (24, 80);
/// Widest column.
const COLUMN_MAX: usize = 32;
/// Between columns.
const GAP: &str = "  ";

const HIDE_CURSOR: &str = "\x1b[?25l";
const SHOW_CURSOR: &str = "\x1b[?25h";
const CLEAR: &str = "\x1b[2J";
const HOME: &str = "\x1b[H";
/// From here to the end of the line, or of the screen.
const CLEAR_LINE: &str = "\x1b[K";
const CLEAR_REST: &str = "\x1b[J";

/// Whether the picture has colours.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Coloured,
}

impl Look {
    /// A line in a style, or as it is.
    fn dress(self, line: String, style: Style) -> String {
        match self {
            Self::Plain => line,
            Self::Coloured => style.force_styling(true).apply_to(line).to_string(),
        }
    }
}

/// The picture and what is on it.
pub(super) struct Screen {
    views: Vec<String>,
    look: Look,
    /// What the keys do.
    hint: &'static str,
    tables: Tables,
    /// How the connection goes.
    head: String,
    is_due: bool,
    drawn: Option<Instant>,
}

impl Screen {
    pub(super) fn new(views: Vec<String>, look: Look, hint: &'static str) -> Self {
        let (tables, head) = (Tables::default(), String::new());
        Self { views, look, hint, tables, head, is_due: false, drawn: None }
    }

    pub(super) fn begin(&self) -> String {
        format!("{HIDE_CURSOR}{CLEAR}")
    }

    /// The last picture stays.
    pub(super) fn end(&self) -> String {
        format!("{SHOW_CURSOR}\n")
    }

    pub(super) fn take(&mut self, message: &Message) {
        self.tables.take(message);
        // Also at a heartbeat, since the terminal may have another size.
        self.is_due = true;
    }

    pub(super) fn tell(&mut self, url: &str, sentence: &str) {
        self.head = plain(&format!("{url}: {sentence}"));
        self.is_due = true;
    }

    pub(super) fn draw_at(&self) -> Option<Instant> {
        self.is_due.then(|| self.drawn.map_or_else(Instant::now, |drawn| drawn + DRAW_PACE))
    }

    pub(super) fn draw(&mut self) -> String {
        (self.is_due, self.drawn) = (false, Some(Instant::now()));
        let (rows, columns) = Term::stdout().size_checked().unwrap_or(SIZE_DEFAULT);
        let head = self.look.dress(format!("{}{}", self.head, self.hint), Style::new().dim());
        let size = (rows.into(), columns.into());
        let lines = picture(&self.views, &self.tables, &head, self.look, size);
        let lines: Vec<_> = lines.iter().map(|line| format!("{line}{CLEAR_LINE}")).collect();
        format!("{HOME}{}{CLEAR_REST}", lines.join("\n"))
    }
}

/// The lines of the picture: no more than `height`, each shorter than `width`.
fn picture(
    views: &[String],
    tables: &Tables,
    head: &str,
    look: Look,
    (height, width): (usize, usize),
) -> Vec<String> {
    let sections: Vec<_> = views.iter().map(|view| section(view, tables, width)).collect();
    // Each has an empty line and its name above it.
    let room = height.saturating_sub(1 + 2 * sections.len());
    let wanted: Vec<_> = sections.iter().map(|section| section.lines.len()).collect();
    let mut lines = vec![head.to_owned()];
    for (section, share) in sections.iter().zip(shares(&wanted, room)) {
        lines
            .extend([String::new(), look.dress(section.title.clone(), Style::new().cyan().bold())]);
        lines.extend(section.cut(share));
    }
    lines.truncate(height);
    // A line that ends at the edge would lose its last sign to what clears the rest of it.
    let width = width.saturating_sub(1);
    let tail = if width == 0 { "" } else { "…" };
    lines.iter().map(|line| truncate_str(line, width, tail).into_owned()).collect()
}

/// Divides the room evenly; what a small one does not need goes to the others.
fn shares(wanted: &[usize], room: usize) -> Vec<usize> {
    let mut order: Vec<_> = (0..wanted.len()).collect();
    order.sort_by_key(|place| wanted[*place]);
    let (mut shares, mut left) = (vec![0; wanted.len()], room);
    for (done, place) in order.iter().enumerate() {
        shares[*place] = wanted[*place].min(left / (wanted.len() - done));
        left -= shares[*place];
    }
    shares
}

struct Section {
    title: String,
    /// The names of the columns, where there are rows; then one line each.
    lines: Vec<String>,
    is_dated: bool,
}

impl Section {
    /// So many lines: the first rows, or the last days and months.
    fn cut(&self, share: usize) -> Vec<String> {
        if self.lines.len() <= share || !self.is_dated {
            return self.lines.iter().take(share).cloned().collect();
        }
        let (names, rows) = self.lines.split_at(share.min(1));
        let left_out = self.lines.len() - share;
        names.iter().chain(rows.iter().skip(left_out)).cloned().collect()
    }
}

fn section(view: &str, tables: &Tables, width: usize) -> Section {
    let title = plain(view).to_uppercase();
    let is_dated = ["months", "days"].contains(&view);
    let Some(key) = key_field(view) else {
        let leaves = tables.object(view).map(Json::leaves).unwrap_or_default();
        let facts = leaves.iter().map(|(path, value)| vec![left(name(path)), cell(path, value)]);
        let lines = side_by_side(&aligned(&facts.collect::<Vec<_>>()), width);
        return Section { title, lines, is_dated };
    };
    let rows = tables.rows(view);
    let columns = rows.first().map(|row| columns(row, key)).unwrap_or_default();
    let named = |(path, is_figure): &(&str, bool)| Cell {
        text: name(path),
        side: if *is_figure { Alignment::Right } else { Alignment::Left },
    };
    let mut table = vec![columns.iter().map(named).collect::<Vec<_>>()];
    table.extend(rows.iter().map(|row| {
        let cells =
            columns.iter().map(|(path, _)| cell(path, row.get(path).unwrap_or(&Json::Null)));
        cells.collect::<Vec<_>>()
    }));
    Section { title: format!("{title} ({})", rows.len()), lines: aligned(&table), is_dated }
}

/// The columns, and which of them are figures: the key first, then what moves, so that a narrow terminal
/// loses the rest.
fn columns<'a>(row: &'a Json, key: &str) -> Vec<(&'a str, bool)> {
    let is_figure = |path: &str, value: &Json| path.ends_with("_cents") || value.whole().is_some();
    let fields = row.fields().iter().map(|(path, value)| (path.as_str(), is_figure(path, value)));
    let mut columns: Vec<_> = fields.collect();
    columns.sort_by_key(|(path, is_figure)| (*path != key, !is_figure));
    columns
}

struct Cell {
    text: String,
    side: Alignment,
}

fn left(text: String) -> Cell {
    Cell { text, side: Alignment::Left }
}

/// Numbers stand under each other.
fn cell(path: &str, value: &Json) -> Cell {
    let side = if let Json::Number(_) = value { Alignment::Right } else { Alignment::Left };
    Cell { text: truncate_str(&text(path, value), COLUMN_MAX, "…").into_owned(), side }
}

fn aligned(table: &[Vec<Cell>]) -> Vec<String> {
    let mut widths: Vec<usize> = Vec::new();
    for row in table {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(measure_text_width(&cell.text));
        }
    }
    let padded =
        |(cell, width): (&Cell, &usize)| pad_str(&cell.text, *width, cell.side, None).into_owned();
    table
        .iter()
        .map(|row| row.iter().zip(&widths).map(padded).collect::<Vec<_>>().join(GAP))
        .collect()
}

/// As many on one line as the width allows. All are of one length.
fn side_by_side(facts: &[String], width: usize) -> Vec<String> {
    let gap = "    ";
    let each = facts.first().map_or(0, |fact| measure_text_width(fact)) + gap.len();
    let count = ((width.saturating_sub(1) + gap.len()) / each.max(1)).max(1);
    facts.chunks(count).map(|facts| facts.join(gap)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use console::strip_ansi_codes;
    use serde_json::json;

    fn tables(views: &serde_json::Value) -> Tables {
        let frame =
            json!({"op": "snapshot", "id": "main", "epoch": "e", "version": 1, "views": views});
        let mut tables = Tables::default();
        tables.take(&Message::parse(&frame.to_string()).unwrap());
        tables
    }

    fn shop() -> Tables {
        let country = |name: &str, cents: i64| json!({"country": name, "revenue_cents": cents});
        let countries: Vec<_> =
            (0..50).map(|n| country(&format!("Land {n}"), 100_000 - n)).collect();
        let days: Vec<_> = (10..40).map(|n| json!({"day": format!("2024-01-{n}")})).collect();
        let summary = json!({"orders": 7, "revenue_cents": 123_456});
        tables(&json!({"summary": summary, "countries": countries, "days": days}))
    }

    fn of(views: &[&str], height: usize, width: usize) -> Vec<String> {
        let views: Vec<_> = views.iter().map(|view| (*view).to_owned()).collect();
        picture(&views, &shop(), "live", Look::Plain, (height, width))
    }

    #[test]
    fn the_picture_has_totals_and_the_first_rows_with_figures_under_each_other() {
        let lines = of(&["countries", "summary"], 11, 80);
        assert_eq!(
            lines,
            [
                "live",
                "",
                "COUNTRIES (50)",
                "country  revenue",
                "Land 0   1000.00",
                "Land 1    999.99",
                "Land 2    999.98",
                "Land 3    999.97",
                "",
                "SUMMARY",
                "orders         7    revenue  1234.56",
            ]
        );
    }

    #[test]
    fn colours_are_where_they_are_wanted_and_take_no_room() {
        let views = ["summary".to_owned()];
        let of = |look: Look| picture(&views, &shop(), "live", look, (9, 12));
        let (plain, coloured) = (of(Look::Plain), of(Look::Coloured));
        assert!(plain.iter().all(|line| !line.contains('\x1b')), "{plain:?}");
        assert!(coloured[2].starts_with("\x1b[36m\x1b[1mSUMMARY\x1b[0m"), "{coloured:?}");
        let bare: Vec<_> = coloured.iter().map(|line| strip_ansi_codes(line)).collect();
        assert_eq!(bare, plain);
    }

    #[test]
    fn of_days_the_last_are_shown() {
        assert_eq!(of(&["days"], 6, 80)[3..], ["day       ", "2024-01-38", "2024-01-39"]);
    }

    #[test]
    fn it_fits_into_any_terminal() {
        for (height, width) in [(0, 0), (1, 1), (3, 5), (7, 20), (24, 80), (200, 200)] {
            let lines = of(&["countries", "days", "summary", "status"], height, width);
            assert!(lines.len() <= height, "{height}: {lines:?}");
            for line in lines {
                assert!(measure_text_width(&line) <= width.saturating_sub(1), "{width}: {line}");
            }
        }
    }

    #[test]
    fn it_is_drawn_where_something_is_new_and_at_most_ten_times_a_second() {
        let mut screen = Screen::new(vec!["summary".to_owned()], Look::Plain, "");
        assert_eq!(screen.draw_at(), None);
        screen.tell("ws://x", "live");
        assert!(screen.draw_at().is_some());
        let began = Instant::now();
        screen.draw();
        assert_eq!(screen.draw_at(), None);
        screen.take(&Message::Other);
        assert!(screen.draw_at().unwrap() >= began + DRAW_PACE);
    }

    #[test]
    fn room_that_one_does_not_need_goes_to_the_others() {
        assert_eq!(shares(&[2, 50, 50], 32), [2, 15, 15]);
        assert_eq!(shares(&[50, 1], 3), [2, 1]);
        assert_eq!(shares(&[5, 5], 0), [0, 0]);
        assert_eq!(shares(&[1, 1], 9), [1, 1]);
    }
}

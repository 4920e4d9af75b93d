//! Charts of a report: bars over an axis, and what is expected behind them. Drawn for paper; each has a sentence for
//! who does not see it. Must not know where its figures come from.

use crate::sheet::{
    Colour, GOLD, Heard, LINE, MARGIN, MUTED, Mark, Part, ROOM, SMALL, Sheets, Style,
};
use crate::write::Writer;
use krilla::geom::Rect;
use krilla::tagging::{BBox, Tag};

/// Room for what the axis says.
const AXIS: f32 = 40.0;
const LABELS: f32 = 14.0;
const LINES: i64 = 4;
/// Labels nearer to each other would touch.
const LABEL_ROOM: f32 = 34.0;
const EXPECTED: Colour = MUTED;

/// A mark on the axis with its bar.
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) cents: i64,
}

/// What is expected of a mark behind the bars.
pub(crate) struct Coming {
    pub(crate) label: String,
    pub(crate) expected_cents: i64,
    pub(crate) low_cents: i64,
    pub(crate) high_cents: i64,
}

/// A chart, and what it shows in words.
pub(crate) struct Chart<'a> {
    pub(crate) bars: &'a [Bar],
    pub(crate) coming: &'a [Coming],
    pub(crate) height: f32,
    pub(crate) alt: String,
}

/// Where values and places stand on the page.
struct Axes {
    left: f32,
    bottom: f32,
    step: f32,
    height: f32,
    top_cents: i64,
}

impl Axes {
    fn x(&self, at: usize) -> f32 {
        self.left + self.step * at as f32
    }

    fn y(&self, cents: i64) -> f32 {
        self.bottom - self.height * (cents.max(0) as f64 / self.top_cents as f64) as f32
    }

    fn middle(&self, at: usize) -> f32 {
        self.x(at) + self.step / 2.0
    }
}

/// Puts a chart under what is there.
pub(crate) fn chart(sheets: &mut Sheets<'_>, writer: Writer<'_>, chart: Chart<'_>) {
    sheets.needs(chart.height + LABELS);
    let top = sheets.y;
    let axes = axes(&chart, top);
    let mut marks = grid(&axes, writer, sheets);
    marks.extend(labels(&axes, &chart, sheets));
    let bars = chart.bars.iter().enumerate().filter(|(_, bar)| bar.cents > 0);
    marks.extend(bars.map(|(at, bar)| {
        let y = axes.y(bar.cents);
        let (x, width) = (axes.x(at) + axes.step * 0.12, axes.step * 0.76);
        Mark::Bar { x, y, width, height: axes.bottom - y, colour: GOLD }
    }));
    marks.extend(expected(&axes, &chart));
    let page_idx = sheets.pages.len() - 1;
    let rect = Rect::from_xywh(MARGIN, top, ROOM, chart.height + LABELS);
    let bbox = rect.map(|rect| BBox { page_idx, rect });
    let content = sheets.put(Heard::Shape, marks);
    let figure = Tag::Figure(Some(chart.alt)).with_bbox(bbox);
    sheets.parts.push(Part::Group(figure.into(), vec![content]));
    sheets.y = axes.bottom + LABELS;
}

fn axes(chart: &Chart<'_>, top: f32) -> Axes {
    let bars = chart.bars.iter().map(|bar| bar.cents);
    let largest = bars.chain(chart.coming.iter().map(|it| it.high_cents)).max().unwrap_or(0);
    let count = (chart.bars.len() + chart.coming.len()).max(1);
    Axes {
        left: MARGIN + AXIS,
        bottom: top + chart.height,
        step: (ROOM - AXIS) / count as f32,
        height: chart.height - 6.0,
        top_cents: round_up(largest),
    }
}

/// The next value whose quarters are round: 1, 2, 4 or 8 times a power of ten, in units.
fn round_up(cents: i64) -> i64 {
    let mut power = 100_i64;
    while power.saturating_mul(10) < cents {
        power = power.saturating_mul(10);
    }
    let steps = [1, 2, 4, 6, 8, 10].map(|step| power.saturating_mul(step));
    steps.into_iter().find(|step| *step >= cents).unwrap_or(i64::MAX)
}

fn grid(axes: &Axes, writer: Writer<'_>, sheets: &Sheets<'_>) -> Vec<Mark> {
    let mut marks = Vec::new();
    for line in 0..=LINES {
        let cents = axes.top_cents / LINES * line;
        let y = axes.y(cents);
        let points = vec![(axes.left, y), (MARGIN + ROOM, y)];
        marks.push(Mark::Rule { points, width: 0.5, colour: LINE, is_dashed: false });
        let text = sheets.fonts.writable(SMALL.weight, &writer.short(cents));
        let x = axes.left - 6.0 - sheets.fonts.width(SMALL.weight, SMALL.size, &text);
        marks.push(Mark::Text { x, y: y + 2.5, style: SMALL, text });
    }
    marks
}

/// Each under the middle of its bar, and none beyond the end of the axis.
fn labels(axes: &Axes, chart: &Chart<'_>, sheets: &Sheets<'_>) -> Vec<Mark> {
    let each = (LABEL_ROOM / axes.step).ceil().max(1.0) as usize;
    let all =
        chart.bars.iter().map(|bar| &bar.label).chain(chart.coming.iter().map(|it| &it.label));
    let shown = all.enumerate().step_by(each);
    let shown = shown.map(|(at, label)| {
        let style = Style { size: 7.0, ..SMALL };
        let width = sheets.fonts.width(style.weight, style.size, label);
        let x = (axes.middle(at) - width / 2.0).min(MARGIN + ROOM - width);
        Mark::Text { x, y: axes.bottom + 10.0, style, text: label.clone() }
    });
    shown.collect()
}

/// The band, and the line of what is expected, dashed.
fn expected(axes: &Axes, chart: &Chart<'_>) -> Vec<Mark> {
    if chart.coming.is_empty() {
        return Vec::new();
    }
    let first = chart.bars.len();
    let at = |of: fn(&Coming) -> i64| {
        let days = chart.coming.iter().enumerate();
        days.map(move |(at, day)| (axes.middle(first + at), axes.y(of(day))))
    };
    let band: Vec<_> = at(|day| day.high_cents).chain(at(|day| day.low_cents).rev()).collect();
    let line: Vec<_> = at(|day| day.expected_cents).collect();
    vec![
        Mark::Area { points: band, colour: EXPECTED, opacity: 0.18 },
        Mark::Rule { points: line, width: 1.2, colour: EXPECTED, is_dashed: true },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_a_round_value_that_is_large_enough() {
        for (cents, top) in
            [(0, 100), (100, 100), (15_000, 20_000), (18_432_966, 20_000_000), (50_000, 60_000)]
        {
            assert_eq!(round_up(cents), top, "{cents}");
        }
        assert_eq!(round_up(i64::MAX), i64::MAX);
    }
}

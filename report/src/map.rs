//! The world by revenue: each country the stronger, the more it brings, on a logarithmic scale. The outlines are those of
//! the page's own map, read from its file, so that there is one. Must not know names: codes are given.

use crate::sheet::{Colour, GOLD, Heard, LINE, MARGIN, Mark, Part, ROOM, Sheets};
use krilla::geom::Rect;
use krilla::tagging::{BBox, Tag};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Written by `npm run map` in `dashboard/`: Natural Earth, in the projection Equal Earth.
const FILE: &str = include_str!("../../dashboard/src/charts/map/world.json");
/// The least that is told from nothing.
const FAINTEST: f64 = 0.22;
/// What is too small for an outline is a square of so many points.
const SPOT: f32 = 3.0;

/// Code, outline, a point within, size.
type Area = (Option<String>, String, f32, f32, f32);

#[derive(Deserialize)]
struct World {
    width: f32,
    height: f32,
    areas: Vec<Area>,
    points: Vec<(String, f32, f32)>,
}

static WORLD: LazyLock<Option<World>> = LazyLock::new(|| {
    let mut world: World = serde_json::from_str(FILE).ok()?;
    // One that lies within another is drawn over it.
    world.areas.sort_by(|one, other| other.4.total_cmp(&one.4));
    Some(world)
});

/// Puts the map under what is there, with what it shows in words.
pub(crate) fn map(sheets: &mut Sheets<'_>, by_code: &BTreeMap<&str, i64>, alt: String) {
    let Some(world) = &*WORLD else { return };
    let scale = ROOM / world.width;
    let height = world.height * scale;
    sheets.needs(height);
    let top = sheets.y;
    let place = |(x, y): (f32, f32)| (MARGIN + x * scale, top + y * scale);
    let most = by_code.values().copied().max().unwrap_or(0);
    let mut marks = Vec::new();
    for (code, outline, ..) in &world.areas {
        let strength = strength(code.as_deref().and_then(|code| by_code.get(code)), most);
        for ring in rings(outline) {
            let points: Vec<_> = ring.into_iter().map(place).collect();
            let ground = Mark::Area { points: points.clone(), colour: LINE, opacity: 1.0 };
            marks.push(ground);
            if let Some(opacity) = strength {
                marks.push(Mark::Area { points, colour: GOLD, opacity });
            }
        }
    }
    for (code, x, y) in &world.points {
        if let Some(opacity) = strength(by_code.get(code.as_str()), most) {
            marks.push(spot(place((*x, *y)), GOLD, opacity));
        }
    }
    let page_idx = sheets.pages.len() - 1;
    let bbox = Rect::from_xywh(MARGIN, top, ROOM, height).map(|rect| BBox { page_idx, rect });
    let content = sheets.put(Heard::Shape, marks);
    let figure = Tag::Figure(Some(alt)).with_bbox(bbox);
    sheets.parts.push(Part::Group(figure.into(), vec![content]));
    sheets.y = top + height;
}

fn spot((x, y): (f32, f32), colour: Colour, opacity: f32) -> Mark {
    let half = SPOT / 2.0;
    let corners = [(-half, -half), (half, -half), (half, half), (-half, half)];
    let points = corners.map(|(right, down)| (x + right, y + down)).into();
    Mark::Area { points, colour, opacity }
}

/// None where nothing was bought.
fn strength(cents: Option<&i64>, most: i64) -> Option<f32> {
    let cents = *cents.filter(|cents| **cents > 0)?;
    let share = (cents as f64).ln_1p() / (most as f64).ln_1p();
    // Half of a logarithm is little money: what is below is as good as nothing.
    let above = ((share - 0.5) * 2.0).max(0.0);
    Some((FAINTEST + (1.0 - FAINTEST) * above) as f32)
}

/// `M1 2l3 4-1-2z…`: where each ring begins, and the steps from there.
fn rings(outline: &str) -> Vec<Vec<(f32, f32)>> {
    let rings = outline.split('M').filter(|ring| !ring.is_empty());
    let points = rings.map(|ring| {
        let mut numbers = numbers(ring).into_iter();
        let mut points = Vec::new();
        let (mut x, mut y) = (0.0, 0.0);
        while let (Some(right), Some(down)) = (numbers.next(), numbers.next()) {
            (x, y) = (x + right, y + down);
            points.push((x, y));
        }
        points
    });
    points.collect()
}

/// Numbers with nothing but a minus, a space or a letter between them.
fn numbers(text: &str) -> Vec<f32> {
    let mut numbers = Vec::new();
    let mut begin = None;
    for (at, char) in text.char_indices().chain([(text.len(), ' ')]) {
        let is_digit = char.is_ascii_digit();
        if !is_digit && let Some(from) = begin.take() {
            numbers.extend(text[from..at].parse::<f32>());
        }
        if (is_digit || char == '-') && begin.is_none() {
            begin = Some(at);
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_are_read_from_place_to_place() {
        assert_eq!(
            numbers("1919 625l2-1 1 2-2 3"),
            [1919.0, 625.0, 2.0, -1.0, 1.0, 2.0, -2.0, 3.0]
        );
        let read = rings("M10 20l5 0 0-5zM1 2l-1 1z");
        assert_eq!(
            read,
            [vec![(10.0, 20.0), (15.0, 20.0), (15.0, 15.0)], vec![(1.0, 2.0), (0.0, 3.0)]]
        );
    }

    #[test]
    fn every_outline_of_the_page_lies_on_the_map() {
        let world = WORLD.as_ref().unwrap();
        assert!(world.areas.len() > 150 && world.points.len() > 10);
        for (code, outline, ..) in &world.areas {
            let rings = rings(outline);
            assert!(!rings.is_empty(), "{code:?}");
            for (x, y) in rings.into_iter().flatten() {
                assert!(
                    (0.0..=world.width).contains(&x) && (0.0..=world.height).contains(&y),
                    "{code:?}"
                );
            }
        }
    }

    #[test]
    fn who_brings_more_is_stronger_and_who_brings_nothing_is_not_there() {
        let most = 700_000_000;
        let of = |cents: i64| strength(Some(&cents), most);
        assert_eq!((of(0), strength(None, most)), (None, None));
        assert_eq!(of(most), Some(1.0));
        assert!(of(1_000) < of(1_000_000) && of(1_000_000) < of(most));
    }
}

//! Pages into PDF: tagged, after PDF/UA-1, which krilla holds it against. Must not decide where anything stands.

use crate::error::ReportError;
use crate::font::Fonts;
use crate::sheet::{Colour, Content, HEIGHT, Heard, Mark, Part, Sheets, WIDTH};
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TagGroup, TagTree,
};
use krilla::{Document, SerializeSettings};

/// The pages as one file.
pub(crate) fn render(sheets: Sheets<'_>, title: &str, lang: &str) -> Result<Vec<u8>, ReportError> {
    let Sheets { fonts, pages, parts, headings, .. } = sheets;
    let accessible = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1);
    let configuration = accessible.finish().map_err(|_| ReportError::Settings)?;
    let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    document.set_metadata(
        Metadata::new()
            .title(title.to_owned())
            .language(lang.to_owned())
            .creator("goldstream".to_owned()),
    );
    let mut identifiers = Vec::with_capacity(pages.len());
    for contents in &pages {
        let size = PageSettings::from_wh(WIDTH, HEIGHT).ok_or(ReportError::Settings)?;
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        identifiers
            .push(contents.iter().map(|it| draw(&mut surface, fonts, it)).collect::<Vec<_>>());
        surface.finish();
        page.finish();
    }
    let mut tree = TagTree::new().with_lang(Some(lang.to_owned()));
    for part in parts {
        if let Some(node) = node(part, &mut identifiers) {
            tree.push(node);
        }
    }
    document.set_tag_tree(tree);
    let mut outline = Outline::new();
    for (text, page, y) in headings {
        outline
            .push_child(OutlineNode::new(text, XyzDestination::new(page, Point::from_xy(0.0, y))));
    }
    document.set_outline(outline);
    document.finish().map_err(|error| ReportError::Refused(format!("{error:?}")))
}

type Identifiers = Vec<Vec<Option<Identifier>>>;

/// Each content has one place in the tree.
fn node(part: Part, identifiers: &mut Identifiers) -> Option<Node> {
    match part {
        Part::Content(page, at) => identifiers.get_mut(page)?.get_mut(at)?.take().map(Node::from),
        Part::Group(kind, parts) => {
            let mut group = TagGroup::new(kind);
            for part in parts {
                if let Some(node) = node(part, identifiers) {
                    group.push(node);
                }
            }
            Some(group.into())
        }
    }
}

fn draw(surface: &mut Surface<'_>, fonts: &Fonts, content: &Content) -> Option<Identifier> {
    let tag = match content.heard {
        Heard::Text => ContentTag::Span(SpanTag::empty()),
        Heard::Shape => ContentTag::Other,
        Heard::Not => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Other)),
    };
    let identifier = surface.start_tagged(tag);
    for mark in &content.marks {
        draw_mark(surface, fonts, mark);
    }
    surface.end_tagged();
    (content.heard != Heard::Not).then_some(identifier)
}

fn draw_mark(surface: &mut Surface<'_>, fonts: &Fonts, mark: &Mark) {
    match mark {
        Mark::Text { x, y, style, text } => {
            fill(surface, style.colour, 1.0);
            let glyphs = fonts.glyphs(style.weight, text);
            let font = fonts.font(style.weight);
            surface.draw_glyphs(Point::from_xy(*x, *y), &glyphs, font, text, style.size, false);
        }
        Mark::Bar { x, y, width, height, colour } => {
            let mut path = PathBuilder::new();
            if let Some(rect) = Rect::from_xywh(*x, *y, *width, *height) {
                path.push_rect(rect);
            }
            fill(surface, *colour, 1.0);
            draw_path(surface, path.finish());
        }
        Mark::Rule { points, width, colour, is_dashed } => {
            let dash = is_dashed.then(|| StrokeDash { array: vec![3.0, 2.0], offset: 0.0 });
            let paint = colour_of(*colour).into();
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke { paint, width: *width, dash, ..Stroke::default() }));
            draw_path(surface, through(points).finish());
        }
        Mark::Area { points, colour, opacity } => {
            let mut path = through(points);
            path.close();
            fill(surface, *colour, *opacity);
            draw_path(surface, path.finish());
        }
    }
}

fn through(points: &[(f32, f32)]) -> PathBuilder {
    let mut path = PathBuilder::new();
    for (at, (x, y)) in points.iter().enumerate() {
        if at == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
    }
    path
}

/// One without an extent has no path, and is not seen.
fn draw_path(surface: &mut Surface<'_>, path: Option<Path>) {
    if let Some(path) = path {
        surface.draw_path(&path);
    }
}

fn fill(surface: &mut Surface<'_>, colour: Colour, opacity: f32) {
    let opacity = NormalizedF32::new(opacity).unwrap_or(NormalizedF32::ONE);
    surface.set_stroke(None);
    let paint = colour_of(colour).into();
    surface.set_fill(Some(Fill { paint, opacity, rule: FillRule::default() }));
}

fn colour_of(Colour(red, green, blue): Colour) -> rgb::Color {
    rgb::Color::new(red, green, blue)
}

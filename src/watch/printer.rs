//! What becomes of a frame on paper: itself, a line for each change, or a picture that is drawn anew.

use super::screen::{Look, Screen};
use super::words;
use goldstream_client::message::Message;
use goldstream_client::tables::Tables;
use tokio::time::Instant;

/// A way to print.
pub(super) enum Printer {
    Frames,
    Lines(Tables),
    Screen(Screen),
}

impl Printer {
    pub(super) const fn frames() -> Self {
        Self::Frames
    }

    pub(super) fn lines() -> Self {
        Self::Lines(Tables::default())
    }

    /// The hint stands behind the head.
    pub(super) fn screen(views: Vec<String>, look: Look, hint: &'static str) -> Self {
        Self::Screen(Screen::new(views, look, hint))
    }

    /// The first words.
    pub(super) fn begin(&self) -> Option<String> {
        if let Self::Screen(screen) = self { Some(screen.begin()) } else { None }
    }

    /// What is to be printed of a frame at once; may be nothing.
    pub(super) fn take(&mut self, text: &str, message: &Message) -> String {
        match self {
            // Between two JSON tokens a line end is a space.
            Self::Frames => format!("{}\n", text.replace(['\n', '\r'], " ")),
            Self::Lines(tables) => tables.take(message).iter().map(words::line).collect(),
            Self::Screen(screen) => {
                screen.take(message);
                String::new()
            }
        }
    }

    /// Tells a person how the connection goes: on stderr, or in the picture, which it would spoil there.
    pub(super) fn tell(&mut self, url: &str, sentence: &str) {
        match self {
            Self::Frames | Self::Lines(_) => eprintln!("{url}: {sentence}"),
            Self::Screen(screen) => screen.tell(url, sentence),
        }
    }

    /// When a picture is due.
    pub(super) fn draw_at(&self) -> Option<Instant> {
        if let Self::Screen(screen) = self { screen.draw_at() } else { None }
    }

    /// The picture.
    pub(super) fn draw(&mut self) -> String {
        if let Self::Screen(screen) = self { screen.draw() } else { String::new() }
    }

    /// The last words.
    pub(super) fn end(&self) -> String {
        if let Self::Screen(screen) = self { screen.end() } else { String::new() }
    }
}

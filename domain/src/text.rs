//! Text as people paste it: what cannot be seen does not count. It knows characters, not columns.

use std::borrow::Cow;
use std::fmt::{self, Write};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Words that databases and data frames write where there is nothing.
const WORDS_FOR_NOTHING: [&str; 7] = ["null", "\\n", "nan", "none", "n/a", "#n/a", "<na>"];

/// Characters without width: they come with what is copied from pages and put together from files.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{61c}' | '\u{180e}'
    )
}

/// Without blanks and invisible characters at both ends.
#[must_use]
#[inline]
pub fn trim(text: &str) -> &str {
    // Nearly every text begins and ends with a sign of its own.
    if let [first, .., last] = text.as_bytes()
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
    {
        return text;
    }
    trim_any(text)
}

fn trim_any(text: &str) -> &str {
    let trimmed = text.trim();
    let is_plain = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii);
    let bytes = trimmed.as_bytes();
    if is_plain(bytes.first()) && is_plain(bytes.last()) {
        return trimmed;
    }
    trimmed.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

/// The one form of texts that look the same: trimmed, with plain spaces for no-break ones, composed
/// characters (NFC).
#[must_use]
pub fn canonical(text: &str) -> Cow<'_, str> {
    let text = trim(text);
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let has_wide_spaces = text.contains(['\u{a0}', '\u{202f}']);
    if !has_wide_spaces && is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    let plain = |c: char| if matches!(c, '\u{a0}' | '\u{202f}') { ' ' } else { c };
    Cow::Owned(text.chars().map(plain).nfc().collect())
}

/// What a text looks like: two of one look cannot be told apart in a table.
#[must_use]
pub fn look(text: &str) -> Cow<'_, str> {
    let is_odd = |c: char| is_invisible(c) || matches!(c, '\u{fe00}'..='\u{fe0f}');
    match canonical(text) {
        Cow::Borrowed(text) if text.is_ascii() || !text.contains(is_odd) => Cow::Borrowed(text),
        looks => Cow::Owned(looks.chars().filter(|c| !is_odd(*c)).collect()),
    }
}

/// Escapes what a terminal would obey, or what turns the direction of text.
#[derive(Debug)]
pub struct Harmless<'a, W: ?Sized>(pub &'a mut W);

impl<W: Write + ?Sized> Write for Harmless<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for char in text.chars() {
            if char.is_control() || turns(char) {
                write!(self.0, "{}", char.escape_unicode())?;
            } else {
                self.0.write_char(char)?;
            }
        }
        Ok(())
    }
}

/// The text with that escaped.
#[must_use]
pub fn harmless(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    // A string takes everything.
    Harmless(&mut escaped).write_str(text).ok();
    escaped
}

const fn turns(char: char) -> bool {
    matches!(char, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a text says that there is nothing: it is empty, or one of the words for it.
#[must_use]
pub fn is_nothing(text: &str) -> bool {
    text.is_empty() || WORDS_FOR_NOTHING.iter().any(|word| word.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_at_the_ends_does_not_count() {
        for text in ["7", " 7\u{200b}", "\u{200e}7", "\u{feff}7\u{a0}", "\u{2060} 7 \u{feff}\t"] {
            assert_eq!(trim(text), "7", "{text:?}");
        }
        assert_eq!(trim("a\u{200b}b"), "a\u{200b}b");
        assert_eq!(trim("\u{200b}"), "");
        assert_eq!(trim("é"), "é");
    }

    #[test]
    fn texts_that_look_the_same_are_one() {
        for text in ["Côte d'Ivoire", "Co\u{302}te d'Ivoire", "Côte\u{a0}d'Ivoire\u{feff}"] {
            assert_eq!(canonical(text), "Côte d'Ivoire");
        }
        assert!(matches!(canonical(" plain "), Cow::Borrowed("plain")));
    }

    #[test]
    fn what_looks_the_same_has_one_look() {
        for text in ["Pain", "Pa\u{200b}in", "Pa\u{ad}in\u{fe0f}", " Pain\u{a0}"] {
            assert_eq!(look(text), "Pain");
        }
        assert_eq!(look("Cafe\u{301}"), "Caf\u{e9}");
        assert!(matches!(look("Caf\u{e9}"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(
            harmless("a\u{1b}[31m\u{9b}b\u{202e}c\né"),
            "a\\u{1b}[31m\\u{9b}b\\u{202e}c\\u{a}é"
        );
    }

    #[test]
    fn words_for_nothing_are_nothing_and_names_are_not() {
        for text in ["", "NULL", "null", "\\N", "NaN", "nan", "None", "N/A"] {
            assert!(is_nothing(text), "{text}");
        }
        for text in ["NA", "Nulle", "n", "-"] {
            assert!(!is_nothing(text), "{text}");
        }
    }
}

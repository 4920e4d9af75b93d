//! Reading JSON that is bytes, and writing texts as JSON. It holds no form of its own.

use serde::de::Visitor;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;

/// Reads a value. That all of it is UTF-8 is seen once, and not string by string: a tenth of what reading
/// short records costs.
///
/// # Errors
/// Where it is no UTF-8, no JSON, or not of this form.
pub fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, serde_json::Error> {
    serde_json::from_str(text(json)?)
}

/// The same bytes as text.
///
/// # Errors
/// Where they are no UTF-8.
pub(crate) fn text(json: &[u8]) -> Result<&str, serde_json::Error> {
    std::str::from_utf8(json).map_err(serde::de::Error::custom)
}

/// Appends a string literal. Nearly no text has anything to escape, and then it is copied in one go.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    let has_escapes = text.bytes().fold(false, |found, byte| found | must_be_escaped(byte));
    if has_escapes {
        // Text always has a JSON form, and writing to memory does not fail.
        return serde_json::to_writer(out, text).unwrap_or_default();
    }
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

const fn must_be_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Takes apart JSON that is to the byte as we write it: no blanks, no escapes, members in their order. It
/// costs a third of what reading any JSON does; where it gives nothing, that is for [`read`] to do.
#[derive(Debug, Clone, Copy)]
pub struct Plain<'a>(&'a str);

impl<'a> Plain<'a> {
    /// All of it lies before us.
    #[must_use]
    pub const fn new(json: &'a str) -> Self {
        Self(json)
    }

    /// Goes over this.
    pub fn skip(&mut self, literal: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(literal)?;
        Some(())
    }

    /// Goes over a text.
    pub fn text(&mut self) -> Option<&'a str> {
        let rest = self.0.strip_prefix('"')?;
        let len = rest.bytes().position(must_be_escaped)?;
        let (text, rest) = rest.split_at(len);
        self.0 = rest.strip_prefix('"')?;
        Some(text)
    }

    /// Goes over a whole number without a sign.
    pub fn whole(&mut self) -> Option<u64> {
        let len = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(len);
        if len == 0 || (len > 1 && digits.starts_with('0')) {
            return None;
        }
        self.0 = rest;
        digits.parse().ok()
    }

    /// Goes over a whole number.
    pub fn signed(&mut self) -> Option<i64> {
        if self.skip("-").is_none() {
            return self.whole()?.try_into().ok();
        }
        let number = self.whole().filter(|number| *number > 0)?;
        0_i64.checked_sub_unsigned(number)
    }

    /// Whether nothing lies before us.
    #[must_use]
    pub const fn end(self) -> Option<()> {
        if self.0.is_empty() { Some(()) } else { None }
    }
}

/// Text that borrows from the input unless it has escapes; in an `Option`, too, where a plain `Cow` of
/// serde's copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<'a>(pub Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_json_is_taken_apart_and_no_other() {
        let mut json = Plain::new(r#"{"é":18446744073709551615,-9223372036854775808}"#);
        assert_eq!(json.skip("{"), Some(()));
        assert_eq!((json.text(), json.skip(":")), (Some("é"), Some(())));
        assert_eq!((json.whole(), json.skip(",")), (Some(u64::MAX), Some(())));
        assert_eq!(json.signed(), Some(i64::MIN));
        assert_eq!((json.end(), json.skip("}"), json.end()), (None, Some(()), Some(())));
        for odd in ["a", "\"", "\"a", "\"a\\n\"", "\"a\nb\"", ""] {
            assert_eq!(Plain::new(odd).text(), None, "{odd}");
        }
        for odd in
            ["", "-", "007", "-0", "-01", "18446744073709551616", "+1", "9223372036854775808"]
        {
            assert_eq!(Plain::new(odd).signed(), None, "{odd}");
        }
    }

    #[test]
    fn a_text_is_written_as_serde_writes_it() {
        let all: String = (0..0x250).filter_map(char::from_u32).collect();
        for text in ["", "plain", "a \"b\"", "c\\d", "\u{7f}é\u{2028}", "tab\t", &all] {
            let mut out = b"before".to_vec();
            write_text(text, &mut out);
            assert_eq!(out, format!("before{}", serde_json::json!(text)).into_bytes());
        }
    }
}

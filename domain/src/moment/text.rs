//! Moments, hours, days and months as text, and as serde writes them.

use super::{DAY_SECONDS, Day, Hour, Moment, Month};
use crate::json;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The text of a moment, hour, day or month, without the machinery of formatting: a customer's row
/// holds more than a dozen of them.
struct Text {
    bytes: [u8; 19],
    len: usize,
}

impl Text {
    fn new() -> Self {
        Self { bytes: [0; 19], len: 0 }
    }

    /// Appends `before` and the last two digits of `number`.
    fn two_digits(mut self, before: Option<u8>, number: u32) -> Self {
        let digits = [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8];
        for byte in before.into_iter().chain(digits) {
            if let Some(place) = self.bytes.get_mut(self.len) {
                *place = byte;
                self.len += 1;
            }
        }
        self
    }

    fn month(year: u32, month: u32) -> Self {
        let century = Self::new().two_digits(None, year / 100);
        century.two_digits(None, year).two_digits(Some(b'-'), month)
    }

    fn day(day: Day) -> Self {
        let (year, month, day) = day.to_civil();
        Self::month(year, month).two_digits(Some(b'-'), day)
    }

    fn as_str(&self) -> &str {
        // Only ASCII digits and separators were put in.
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl Moment {
    fn text(self) -> Text {
        let seconds = (self.0 % DAY_SECONDS) as u32;
        Text::day(self.day())
            .two_digits(Some(b'T'), seconds / 3600)
            .two_digits(Some(b':'), seconds / 60 % 60)
            .two_digits(Some(b':'), seconds % 60)
    }
}

impl Hour {
    fn text(self) -> Text {
        Text::day(self.day()).two_digits(Some(b'T'), self.of_day())
    }
}

impl Day {
    fn text(self) -> Text {
        Text::day(self)
    }
}

impl Month {
    fn text(self) -> Text {
        let (year, month) = self.to_civil();
        Text::month(year, month)
    }
}

/// Shown as its text, read back by `parse`; serialised so for people, as its number else.
macro_rules! text_and_number {
    ($type:ty, $number:ty) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.text().as_str())
            }
        }
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    return serializer.serialize_str(self.text().as_str());
                }
                self.0.serialize(serializer)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if !deserializer.is_human_readable() {
                    return <$number>::deserialize(deserializer).map(Self);
                }
                let json::Text(text) = json::Text::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a date"))
            }
        }
    };
}
text_and_number!(Moment, i64);
text_and_number!(Hour, u32);
text_and_number!(Day, u32);
text_and_number!(Month, u16);

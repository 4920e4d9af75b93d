//! How people write figures and dates, in each language that goldstream speaks to them. The one place that knows
//! it; whole sentences stand with who says them. The system's locale is not asked: the same figure is the same text
//! everywhere.

use crate::moment::{Day, Moment, Month};
use serde::Deserialize;

/// Between the thousands of French.
const NARROW: char = '\u{202f}';
/// Keeps an amount on its line.
const NO_BREAK: char = '\u{a0}';

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// The language of who reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// By its code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == text)
    }

    /// Its code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// A whole number, in groups of three.
    #[must_use]
    pub fn whole(self, number: u64) -> String {
        let between = if self == Self::En { ',' } else { NARROW };
        let digits = number.to_string();
        let mut text = String::with_capacity(digits.len() * 2);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(between);
            }
            text.push(digit);
        }
        text
    }

    /// An amount to the cent, in a currency by its code.
    #[must_use]
    pub fn money(self, cents: i64, currency: &str) -> String {
        let (units, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
        let point = if self == Self::En { '.' } else { ',' };
        self.with_currency(cents < 0, &format!("{}{point}{rest:02}", self.whole(units)), currency)
    }

    /// An amount in whole units, of what is only expected.
    #[must_use]
    pub fn about(self, cents: i64, currency: &str) -> String {
        self.with_currency(cents < 0, &self.whole((cents.unsigned_abs() + 50) / 100), currency)
    }

    fn with_currency(self, is_negative: bool, amount: &str, currency: &str) -> String {
        let minus = if is_negative { "−" } else { "" };
        let sign = match currency {
            "EUR" => "€",
            "USD" => "$",
            "GBP" => "£",
            other => other,
        };
        match self {
            Self::Fr => format!("{minus}{amount}{NO_BREAK}{sign}"),
            Self::En if sign.chars().count() == 1 => format!("{minus}{sign}{amount}"),
            Self::En => format!("{minus}{sign}{NO_BREAK}{amount}"),
        }
    }

    /// `28 November 2026`.
    #[must_use]
    pub fn day(self, day: Day) -> String {
        let (year, month, number) = day.to_civil();
        let first = if self == Self::Fr && number == 1 { "er" } else { "" };
        format!("{number}{first}{NO_BREAK}{} {year}", self.month_name(month))
    }

    /// `28 November 2026 at 10:59`.
    #[must_use]
    pub fn moment(self, at: Moment) -> String {
        let text = at.to_string();
        let time = text.get(11..16).unwrap_or_default();
        let between = if self == Self::En { "at" } else { "à" };
        format!("{} {between} {time}", self.day(at.day()))
    }

    /// `November 2026`.
    #[must_use]
    pub fn month(self, month: Month) -> String {
        let (year, number) = month.to_civil();
        format!("{} {year}", self.month_name(number))
    }

    /// The name of a month, from 1; no text where there is none.
    #[must_use]
    pub fn month_name(self, number: u32) -> &'static str {
        let names = if self == Self::En { &MONTHS_EN } else { &MONTHS_FR };
        names.get(number.wrapping_sub(1) as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FR: Language = Language::Fr;
    const EN: Language = Language::En;

    #[test]
    fn amounts_are_written_as_the_language_does() {
        assert_eq!(FR.money(888_720_889, "EUR"), "8\u{202f}887\u{202f}208,89\u{a0}€");
        assert_eq!(EN.money(888_720_889, "GBP"), "£8,887,208.89");
        assert_eq!(EN.money(-5, "USD"), "−$0.05");
        assert_eq!(FR.money(100_000, "CHF"), "1\u{202f}000,00\u{a0}CHF");
        assert_eq!(EN.money(-100_000, "CHF"), "−CHF\u{a0}1,000.00");
        assert_eq!(
            (FR.about(149, "EUR"), FR.about(150, "EUR")),
            ("1\u{a0}€".into(), "2\u{a0}€".into())
        );
    }

    #[test]
    fn days_and_months_are_named() {
        let day = Day::parse("2011-12-09").unwrap();
        assert_eq!(
            (FR.day(day), EN.month(day.month())),
            ("9\u{a0}décembre 2011".into(), "December 2011".into())
        );
        let first = Day::parse("2011-12-01").unwrap();
        assert_eq!(FR.day(first), "1er\u{a0}décembre 2011");
        assert_eq!(
            (EN.month_name(1), FR.month_name(12), FR.month_name(13)),
            ("January", "décembre", "")
        );
        assert_eq!(EN.month_name(0), "");
        let at = Moment::parse("2011-12-09 08:05:59").unwrap();
        assert_eq!(FR.moment(at), "9\u{a0}décembre 2011 à 08:05");
    }

    #[test]
    fn a_language_is_known_by_its_code() {
        for language in Language::ALL {
            assert_eq!(Language::parse(language.code()), Some(language));
        }
        assert_eq!(Language::parse("de"), None);
    }
}

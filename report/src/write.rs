//! Figures and dates as a reader of a language writes them. Pure, and without the system's locale: the same report
//! is the same bytes everywhere.

use goldstream_domain::language::Language;
use goldstream_domain::moment::{Day, Moment, Month};

/// Keeps a figure on its line.
const NO_BREAK: char = '\u{a0}';

/// Writes for a reader.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer<'a> {
    pub(crate) language: Language,
    /// Its three letters.
    pub(crate) currency: &'a str,
}

impl Writer<'_> {
    pub(crate) fn count(self, value: u64) -> String {
        on_paper(&self.language.whole(value))
    }

    /// An amount to the cent.
    pub(crate) fn money(self, cents: i64) -> String {
        on_paper(&self.language.money(cents, self.currency))
    }

    /// An amount in whole units, of what is only expected.
    pub(crate) fn about(self, cents: i64) -> String {
        on_paper(&self.language.about(cents, self.currency))
    }

    pub(crate) fn money_or_dash(self, cents: Option<i64>) -> String {
        cents.map_or_else(|| "–".to_owned(), |cents| self.money(cents))
    }

    /// What became of `before`, in per cent with its sign; none where there was nothing.
    pub(crate) fn change(self, now: i64, before: i64) -> Option<String> {
        if before <= 0 {
            return None;
        }
        let half = i128::from(before) / 2;
        let tenths = (i128::from(now - before) * 1000 + half).div_euclid(i128::from(before));
        let sign = match tenths {
            0 => "",
            1.. => "+",
            _ => "−",
        };
        Some(format!("{sign}{}", self.percent(tenths.unsigned_abs() as f64 / 10.0)))
    }

    pub(crate) fn percent(self, percent: f64) -> String {
        match self.language {
            Language::Fr => format!("{percent:.1}").replace('.', ",") + &format!("{NO_BREAK}%"),
            Language::En => format!("{percent:.1}%"),
        }
    }

    /// `9 décembre 2011`.
    pub(crate) fn day(self, day: Day) -> String {
        self.language.day(day)
    }

    /// `9 décembre 2011 à 08:05`.
    pub(crate) fn moment(self, at: Moment) -> String {
        self.language.moment(at)
    }

    /// `9/12`, under a chart.
    pub(crate) fn day_short(self, day: Day) -> String {
        let (_, month, date) = day.to_civil();
        let name: String = self.language.month_name(month).chars().take(3).collect();
        match self.language {
            Language::Fr => format!("{date}/{month:02}"),
            Language::En => format!("{date} {name}"),
        }
    }

    /// `décembre 2011`.
    pub(crate) fn month(self, month: Month) -> String {
        self.language.month(month)
    }

    /// `12/11`, under a chart.
    pub(crate) fn month_short(self, month: Month) -> String {
        let (year, month) = month.to_civil();
        format!("{month:02}/{:02}", year % 100)
    }

    /// An axis's figure: `50 k`.
    pub(crate) fn short(self, cents: i64) -> String {
        let units = cents / 100;
        match units {
            1_000_000.. => format!("{}{NO_BREAK}M", self.tenths(units, 1_000_000)),
            1_000.. => format!("{}{NO_BREAK}k", self.tenths(units, 1_000)),
            _ => units.to_string(),
        }
    }

    fn tenths(self, units: i64, of: i64) -> String {
        let tenths = units * 10 / of;
        let point = if self.language == Language::Fr { ',' } else { '.' };
        match tenths % 10 {
            0 => (tenths / 10).to_string(),
            rest => format!("{}{point}{rest}", tenths / 10),
        }
    }
}

/// The narrow space of French is none of the fonts'.
fn on_paper(text: &str) -> String {
    text.replace('\u{202f}', "\u{a0}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FR: Writer<'static> = Writer { language: Language::Fr, currency: "EUR" };
    const EN: Writer<'static> = Writer { language: Language::En, currency: "GBP" };

    #[test]
    fn amounts_are_written_as_the_language_does() {
        assert_eq!(FR.money(888_720_889), "8\u{a0}887\u{a0}208,89\u{a0}€");
        assert_eq!(EN.money(888_720_889), "£8,887,208.89");
        assert_eq!(EN.money(-5), "−£0.05");
        assert_eq!(Writer { currency: "CHF", ..FR }.money(100_000), "1\u{a0}000,00\u{a0}CHF");
        assert_eq!(FR.about(149), "1\u{a0}€");
        assert_eq!(FR.about(150), "2\u{a0}€");
        assert_eq!(
            (FR.short(12_345_600), EN.short(500_000)),
            ("123,4\u{a0}k".into(), "5\u{a0}k".into())
        );
    }

    #[test]
    fn a_change_has_its_sign_and_nothing_has_none() {
        assert_eq!(FR.change(150, 100).as_deref(), Some("+50,0\u{a0}%"));
        assert_eq!(EN.change(50, 100).as_deref(), Some("−50.0%"));
        assert_eq!(EN.change(2, 3).as_deref(), Some("−33.3%"));
        assert_eq!(EN.change(100, 100).as_deref(), Some("0.0%"));
        assert_eq!(EN.change(100, 0), None);
    }

    #[test]
    fn days_and_months_are_named() {
        let day = Day::parse("2011-12-09").unwrap();
        assert_eq!(FR.day(day), "9\u{a0}décembre 2011");
        assert_eq!(
            (EN.month(day.month()), EN.day_short(day)),
            ("December 2011".into(), "9 Dec".into())
        );
    }
}

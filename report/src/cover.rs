//! The mail that a report comes with: the period against the one before in a few lines. It sends nothing.

use crate::period::Period;
use crate::scope::Scope;
use crate::words::{fill, words_of};
use crate::write::Writer;
use goldstream_domain::gold::report::DayReport;
use goldstream_domain::language::Language;
use goldstream_domain::moment::Day;

/// A mail without its report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// In one line.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The name of the file that comes with it.
    pub file_name: String,
}

/// Who reads it.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// His language.
    pub language: Language,
    /// What amounts are in: the three letters of its code.
    pub currency: &'a str,
}

impl Cover {
    /// That of a period, from all days of the shop, as of the last that has come.
    #[must_use]
    pub fn of(days: &[DayReport], period: Period, today: Day, reader: Reader<'_>) -> Self {
        let Reader { language, currency } = reader;
        let (words, writer) = (words_of(language), Writer { language, currency });
        let Scope { range, now, then, .. } = Scope::of(days, period, today);
        let [from, to] = [range.from, range.to].map(|day| writer.day(day));
        let subject = format!(
            "{}{}{}",
            words.title,
            words.colon,
            small(&fill(words.subtitle, &[&from, &to]))
        );
        let line = |name: &str, now: String, then: Option<(String, Option<String>)>| {
            let Some((then, change)) = then else { return format!("{name}{}{now}", words.colon) };
            let change = change.map_or_else(String::new, |change| format!(" ({change})"));
            format!("{name}{}{now}, {}{change}", words.colon, fill(words.before_it, &[&then]))
        };
        let revenue = then.map(|then| {
            let change = writer.change(now.revenue_cents, then.revenue_cents);
            (writer.money(then.revenue_cents), change)
        });
        let orders = then.map(|then| {
            let change = writer.change(now.orders as i64, then.orders as i64);
            (writer.count(then.orders), change)
        });
        let lines = [
            line(words.revenue, writer.money(now.revenue_cents), revenue),
            line(words.orders, writer.count(now.orders), orders),
            words.enclosed.to_owned(),
        ];
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        // Figures and words of ours: there is no markup in them.
        let html: String = lines.iter().map(|line| format!("<p>{line}</p>")).collect();
        Self {
            subject: subject.replace('\u{a0}', " "),
            text,
            html: format!("<html><body>{html}</body></html>"),
            // A longer one takes two lines of the mail's head, which not every mail program reads.
            file_name: format!("goldstream-{}.pdf", range.to),
        }
    }
}

/// A sentence inside another.
fn small(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days() -> Vec<DayReport> {
        let day = |text: &str, revenue_cents: i64, orders: u64| DayReport {
            day: Day::parse(text).unwrap(),
            orders,
            revenue_cents,
        };
        vec![
            day("2026-11-01", 1, 1),
            day("2026-11-16", 100_000, 8),
            day("2026-11-22", 50_000, 4),
            day("2026-11-23", 200_000, 11),
            day("2026-11-29", 25_000, 2),
            day("2026-11-30", 999, 1),
        ]
    }

    fn cover(from: &str, to: &str, language: Language) -> Cover {
        let period = Period::parse(&format!("{from}..{to}")).unwrap();
        let today = Day::parse("2026-11-30").unwrap();
        Cover::of(&days(), period, today, Reader { language, currency: "EUR" })
    }

    #[test]
    fn it_says_what_the_period_brought_against_the_one_before_and_that_the_report_comes_with_it() {
        let english = cover("2026-11-23", "2026-11-29", Language::En);
        assert_eq!(
            english.subject,
            "Report of the shop: from 23 November 2026 to 29 November 2026"
        );
        let lines: Vec<_> = english.text.lines().collect();
        assert_eq!(
            lines,
            [
                "Revenue: €2,250.00, against €1,500.00 before (+50.0%)",
                "Orders: 13, against 12 before (+8.3%)",
                "The report is attached.",
            ]
        );
        assert!(english.html.contains("<p>Revenue: €2,250.00"), "{}", english.html);
        assert_eq!(english.file_name, "goldstream-2026-11-29.pdf");
        let french = cover("2026-11-23", "2026-11-29", Language::Fr);
        assert_eq!(
            french.text.lines().next().unwrap(),
            "Chiffre d’affaires\u{a0}: 2\u{a0}250,00\u{a0}€, contre 1\u{a0}500,00\u{a0}€ avant (+50,0\u{a0}%)"
        );
        assert_eq!(
            french.subject,
            "Rapport de la boutique : du 23 novembre 2026 au 29 novembre 2026"
        );
    }

    #[test]
    fn a_period_with_nothing_before_it_is_held_against_nothing() {
        let first = cover("2026-11-01", "2026-11-07", Language::En);
        assert!(first.text.starts_with("Revenue: €0.01\nOrders: 1\n"), "{}", first.text);
    }
}

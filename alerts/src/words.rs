//! An incident in words: the sentence of the API, and a message as subject, text and HTML, in French and English.
//! It decides nothing.

use crate::incident::{Figures, Incident};
use crate::outbox::Turn;
pub use goldstream_domain::language::Language;
use goldstream_domain::moment::{Day, Hour, Moment, Month};
use std::fmt::Write;

/// In which words.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// The language.
    pub language: Language,
    /// The code of the currency.
    pub currency: &'a str,
    /// Where the page is: `https://shop.example`.
    pub page: &'a str,
}

/// A message, whichever way it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// In one line.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// Space that does not break, before the units of French and inside numbers.
const NARROW: char = '\u{202f}';
const WIDE: char = '\u{a0}';

impl Words<'_> {
    const fn pick<'w>(&self, en: &'w str, fr: &'w str) -> &'w str {
        match self.language {
            Language::En => en,
            Language::Fr => fr,
        }
    }

    /// An amount, as the language writes it.
    #[must_use]
    pub fn money(&self, cents: i64) -> String {
        self.language.money(cents, self.currency)
    }

    /// A whole number.
    #[must_use]
    pub fn whole(&self, number: u64) -> String {
        self.language.whole(number)
    }

    fn day(&self, day: Day) -> String {
        self.language.day(day)
    }

    fn month(&self, month: Month) -> String {
        self.language.month(month)
    }

    fn moment(&self, at: Moment) -> String {
        self.language.moment(at)
    }

    fn hour(&self, hour: Hour) -> String {
        let (from, to) = (hour.of_day(), hour.of_day() + 1);
        let day = self.day(hour.day());
        match self.language {
            Language::En => format!("{day} between {from:02}:00 and {to:02}:00"),
            Language::Fr => format!("{day} entre {from}{WIDE}h et {to}{WIDE}h"),
        }
    }

    /// What happened, in one sentence with its figures.
    #[must_use]
    pub fn sentence(&self, figures: &Figures) -> String {
        match self.language {
            Language::En => self.english(figures),
            Language::Fr => self.french(figures),
        }
    }

    /// The same for paper, which goes from hand to hand: no customer is named in it.
    #[must_use]
    pub fn printed(&self, figures: &Figures) -> String {
        let Figures::NotEqual { differences, .. } = figures else { return self.sentence(figures) };
        let count = self.whole(*differences);
        match self.language {
            Language::En => format!("Gold is not what the batch says in {count} places."),
            Language::Fr => {
                format!("Les chiffres diffèrent du calcul complet en {count} endroits.")
            }
        }
    }

    fn english(&self, figures: &Figures) -> String {
        match figures {
            Figures::SalesDrop { day, revenue_cents, median_cents, weeks, percent } => format!(
                "Sales dropped: {} on {}, where the {weeks} weeks before had {} on that weekday (median); below {percent}%.",
                self.money(*revenue_cents),
                self.day(*day),
                self.money(*median_cents)
            ),
            Figures::HourSalesDrop { hour, revenue_cents, median_cents, weeks, percent } => {
                format!(
                    "Sales dropped: {} on {}, where the {weeks} weeks before had {} in that hour of the week (median); below {percent}%.",
                    self.money(*revenue_cents),
                    self.hour(*hour),
                    self.money(*median_cents)
                )
            }
            Figures::Silence { last_purchase, silent_minutes, .. } => format!(
                "No purchase for {silent_minutes} minutes of selling time; the last one was on {}.",
                self.moment(*last_purchase)
            ),
            Figures::QuarantineShare { rows, refused_rows, percent, .. } => format!(
                "{} of the last {} rows were refused, more than {percent}%.",
                self.whole(*refused_rows),
                self.whole(*rows)
            ),
            Figures::Lag { lag_ms: Some(ms), .. } => {
                format!("Rows have waited for {} minutes to be counted.", ms / 60_000)
            }
            Figures::Lag { lag_ms: None, max_ms, .. } => {
                format!(
                    "It has not been known for over {} minutes what waits to be counted.",
                    max_ms / 60_000
                )
            }
            Figures::NotEqual { differences, first_difference, .. } => format!(
                "Gold is not what the batch says in {} places; the first: {first_difference}",
                self.whole(*differences)
            ),
            Figures::Goal { month, revenue_cents, goal_cents } => format!(
                "The goal of {} is reached: {} of {}.",
                self.month(*month),
                self.money(*revenue_cents),
                self.money(*goal_cents)
            ),
        }
    }

    fn french(&self, figures: &Figures) -> String {
        match figures {
            Figures::SalesDrop { day, revenue_cents, median_cents, weeks, percent } => format!(
                "Ventes en baisse{WIDE}: {} le {}, contre {} ce jour-là les {weeks} semaines d’avant (médiane){NARROW}; moins de {percent}{NARROW}%.",
                self.money(*revenue_cents),
                self.day(*day),
                self.money(*median_cents)
            ),
            Figures::HourSalesDrop { hour, revenue_cents, median_cents, weeks, percent } => {
                format!(
                    "Ventes en baisse{WIDE}: {} le {}, contre {} à cette heure de la semaine les {weeks} semaines d’avant (médiane){NARROW}; moins de {percent}{NARROW}%.",
                    self.money(*revenue_cents),
                    self.hour(*hour),
                    self.money(*median_cents)
                )
            }
            Figures::Silence { last_purchase, silent_minutes, .. } => format!(
                "Aucun achat depuis {silent_minutes} minutes d’ouverture{NARROW}; le dernier date du {}.",
                self.moment(*last_purchase)
            ),
            Figures::QuarantineShare { rows, refused_rows, percent, .. } => format!(
                "{} des {} dernières lignes ont été refusées, plus de {percent}{NARROW}%.",
                self.whole(*refused_rows),
                self.whole(*rows)
            ),
            Figures::Lag { lag_ms: Some(ms), .. } => {
                format!("Des lignes attendent depuis {} minutes d’être comptées.", ms / 60_000)
            }
            Figures::Lag { lag_ms: None, max_ms, .. } => format!(
                "On ignore depuis plus de {} minutes ce qui attend d’être compté.",
                max_ms / 60_000
            ),
            Figures::NotEqual { differences, first_difference, .. } => format!(
                "Les chiffres diffèrent du calcul complet en {} endroits{NARROW}; le premier{WIDE}: {first_difference}",
                self.whole(*differences)
            ),
            Figures::Goal { month, revenue_cents, goal_cents } => format!(
                "L’objectif de {} est atteint{WIDE}: {} sur {}.",
                self.month(*month),
                self.money(*revenue_cents),
                self.money(*goal_cents)
            ),
        }
    }

    /// Where the page shows it: the chart of sales up to that day, or how the stream is.
    #[must_use]
    pub fn link(&self, figures: &Figures) -> String {
        /// Days before that give a chart its measure.
        const BEFORE: u32 = 27;
        let page = self.page.trim_end_matches('/');
        match (figures, figures.day()) {
            (
                Figures::SalesDrop { .. } | Figures::HourSalesDrop { .. } | Figures::Silence { .. },
                Some(day),
            ) => {
                let from = Day(day.0.saturating_sub(BEFORE));
                format!("{page}/?page=tendances&from={from}&to={day}")
            }
            (Figures::Goal { month, .. }, _) => format!("{page}/?page=tendances&from={month}-01"),
            _ => format!("{page}/?page=performances"),
        }
    }

    /// The message that tells these, in their order; there is at least one.
    #[must_use]
    pub fn letter(&self, told: &[(&Incident, Turn)]) -> Letter {
        let of = |(incident, turn): &(&Incident, Turn)| self.told(incident, *turn);
        let subject = match told {
            [one] => of(one),
            several => {
                // What is wrong comes before what is well.
                let is_wrong = |(incident, turn): &&(&Incident, Turn)| {
                    *turn == Turn::Opened && !matches!(incident.figures, Figures::Goal { .. })
                };
                let first = several.iter().find(is_wrong).or(several.first());
                let first = first.map(of).unwrap_or_default();
                match (self.language, several.len().saturating_sub(1)) {
                    (Language::En, more) => format!("{first} And {more} more"),
                    (Language::Fr, 1) => format!("{first} Et une autre"),
                    (Language::Fr, more) => format!("{first} Et {more} autres"),
                }
            }
        };
        let (mut text, mut html) = (String::new(), String::new());
        for one in told {
            let (line, link) = (of(one), self.link(&one.0.figures));
            // Writing into text cannot fail.
            write!(text, "{line}\n{link}\n\n").unwrap_or_default();
            let chart = self.pick("show it", "voir");
            let (line, link) = (escaped(&line), escaped(&link));
            write!(html, "<p>{line}<br><a href=\"{link}\">{chart}</a></p>").unwrap_or_default();
        }
        Letter { subject: cut(&subject), text, html: format!("<html><body>{html}</body></html>") }
    }

    /// A message that only shows that messages arrive.
    #[must_use]
    pub fn sample(&self) -> Letter {
        let subject = self.pick("goldstream: a test", "goldstream{WIDE}: un essai");
        let subject = subject.replace("{WIDE}", "\u{a0}");
        let line = self.pick(
            "This is what goldstream sends when something should be known. Nothing is wrong.",
            "Voici ce que goldstream envoie quand il y a quelque chose à savoir. Tout va bien.",
        );
        let (text, page) = (format!("{line}\n{}\n", self.page), escaped(self.page));
        let html =
            format!("<html><body><p>{line}<br><a href=\"{page}\">{page}</a></p></body></html>");
        Letter { subject, text, html }
    }

    fn told(&self, incident: &Incident, turn: Turn) -> String {
        let sentence = self.sentence(&incident.figures);
        match turn {
            Turn::Opened => sentence,
            Turn::Resolved => format!("{} {sentence}", self.pick("Resolved:", "Résolu :")),
        }
    }
}

/// A subject is read in a list.
fn cut(subject: &str) -> String {
    const CHARS_MAX: usize = 160;
    let line: String = subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match line.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Text that is no markup, whatever stands in it.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            sign => safe.push(sign),
        }
    }
    safe
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;

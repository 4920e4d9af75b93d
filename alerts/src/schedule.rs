//! When a report is due and of which days it is, by the shop's wall clock, and what is stored of it. Pure: one step
//! takes the time and leaves what is stored as it follows. It makes no report and sends none.

use crate::facts::Now;
use crate::outbox::{Outbox, Told};
use goldstream_domain::moment::{Day, Moment};
use serde::{Deserialize, Serialize};

/// Who finds a later report already sent than this many days ahead has had a clock that was wrong.
const AHEAD_MAX_DAYS: u32 = 1;

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// Each Monday, of the week before.
    Week,
    /// Each first, of the month before.
    Month,
}

/// When reports are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rhythm {
    /// On which days.
    pub every: Every,
    /// From which hour of these on, up to 23.
    pub hour: u32,
}

/// A report that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// Of what.
    pub every: Every,
    /// On which day: a Monday, or a first.
    pub on: Day,
}

impl Told for Due {
    /// `report.week.2026-11-30`.
    fn id(&self) -> String {
        let every = match self.every {
            Every::Week => "week",
            Every::Month => "month",
        };
        format!("report.{every}.{}", self.on)
    }
}

impl Due {
    /// The last that was due at a moment. The first days of the calendar have none.
    #[must_use]
    pub fn last(rhythm: Rhythm, now: Moment) -> Option<Self> {
        let is_later = now.0.rem_euclid(86_400) >= i64::from(rhythm.hour) * 3_600;
        let Day(day) = now.day();
        let day = Day(if is_later { day } else { day.checked_sub(1)? });
        let back = match rhythm.every {
            Every::Week => day.weekday() - 1,
            Every::Month => day.to_civil().2 - 1,
        };
        let on = Day(day.0.checked_sub(back)?);
        let due = Self { every: rhythm.every, on };
        due.days().map(|_| due)
    }

    /// The first and the last day that it is about.
    #[must_use]
    pub fn days(self) -> Option<(Day, Day)> {
        let last = Day(self.on.0.checked_sub(1)?);
        let days = match self.every {
            Every::Week => 7,
            Every::Month => last.to_civil().2,
        };
        Some((Day(self.on.0.checked_sub(days)?), last))
    }

    /// From which moment on it is due.
    fn at(self, hour: u32) -> Moment {
        Moment(i64::from(self.on.0) * 86_400 + i64::from(hour) * 3_600)
    }
}

/// What is stored of the reports of one shop.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reports {
    /// Which shop: part of the ids of messages, for two shops may write to one receiver.
    pub shop: String,
    /// How often, and since when: nothing is sent of a time before.
    pub on: Option<On>,
    /// The day of the last report that was begun to be sent since then.
    pub last: Option<Day>,
    /// What is to be sent.
    pub outbox: Outbox<Due>,
}

/// That reports are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct On {
    /// How often.
    pub every: Every,
    /// Since which moment of the shop's clock.
    pub since: Moment,
}

/// What a step is made with.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// When reports are due.
    pub rhythm: Rhythm,
    /// The time.
    pub now: Now,
    /// Whether all rows that are there are in the numbers; a report waits for them.
    pub is_whole: bool,
    /// Names of those who get one.
    pub receivers: &'a [String],
}

impl Reports {
    /// None yet.
    #[must_use]
    pub fn new(shop: &str) -> Self {
        Self { shop: shop.to_owned(), ..Self::default() }
    }

    /// What is due at this moment and nobody has begun to send.
    #[must_use]
    pub fn due(&self, rhythm: Rhythm, now: Moment) -> Option<Due> {
        let on = self.on.filter(|on| on.every == rhythm.every)?;
        let due = Due::last(rhythm, now)?;
        let is_news = self.last.is_none_or(|last| due.on > last);
        (is_news && due.at(rhythm.hour) >= on.since).then_some(due)
    }

    /// Takes what follows from this moment.
    pub fn step(&mut self, step: Step<'_>) {
        let Step { rhythm, now, is_whole, receivers } = step;
        self.begin(rhythm, now.local);
        let Some(due) = self.due(rhythm, now.local).filter(|_| is_whole) else { return };
        self.last = Some(due.on);
        for to in receivers {
            self.outbox.post(to, due, now.utc_ms);
        }
    }

    /// Reports are not sent any more: what is not sent yet is not to be, and whoever switches them on again begins
    /// anew.
    pub fn switch_off(&mut self) {
        (self.on, self.last, self.outbox) = (None, None, Outbox::default());
    }

    /// Begins from now, where that has not begun, another rhythm has, or a clock was wrong that was ahead.
    fn begin(&mut self, rhythm: Rhythm, now: Moment) {
        let is_ahead = |last: Day| last.0 > now.day().0 + AHEAD_MAX_DAYS;
        let has_begun = self.on.is_some_and(|on| {
            on.every == rhythm.every && on.since.day().0 <= now.day().0 + AHEAD_MAX_DAYS
        });
        if !has_begun || self.last.is_some_and(is_ahead) {
            self.on = Some(On { every: rhythm.every, since: now });
            self.last = None;
        }
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;

//! What an incident is. It is about a rule and a day, hour or month; when it was noticed is not in its id.

use goldstream_domain::moment::{Day, Hour, Moment, Month};
use serde::{Deserialize, Serialize};

/// Which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A day's revenue is far below what its weekday usually has, or an hour's.
    SalesDrop,
    /// Nobody has bought for long.
    Silence,
    /// Too many rows are refused.
    QuarantineShare,
    /// Rows wait for long.
    Lag,
    /// Gold is not what the batch says.
    NotEqual,
    /// The month's revenue has reached its goal.
    Goal,
}

impl Rule {
    /// All rules.
    pub const ALL: [Self; 6] = [
        Self::SalesDrop,
        Self::Silence,
        Self::QuarantineShare,
        Self::Lag,
        Self::NotEqual,
        Self::Goal,
    ];

    /// As it stands in settings, ids and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SalesDrop => "sales_drop",
            Self::Silence => "silence",
            Self::QuarantineShare => "quarantine_share",
            Self::Lag => "lag",
            Self::NotEqual => "not_equal",
            Self::Goal => "goal",
        }
    }

    /// Whether somebody is told that it is over. That a month has ended is no news.
    #[must_use]
    pub const fn tells_its_end(self) -> bool {
        !matches!(self, Self::Goal)
    }
}

/// What is judged by itself, and of which one incident is open at a time: a rule, or a rule over one span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// [`Rule::SalesDrop`] of a day.
    DaySales,
    /// [`Rule::SalesDrop`] of an hour.
    HourSales,
    /// [`Rule::Silence`].
    Silence,
    /// [`Rule::QuarantineShare`].
    QuarantineShare,
    /// [`Rule::Lag`].
    Lag,
    /// [`Rule::NotEqual`].
    NotEqual,
    /// [`Rule::Goal`].
    Goal,
}

impl Check {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::DaySales,
        Self::HourSales,
        Self::Silence,
        Self::QuarantineShare,
        Self::Lag,
        Self::NotEqual,
        Self::Goal,
    ];

    /// Its rule.
    #[must_use]
    pub const fn rule(self) -> Rule {
        match self {
            Self::DaySales | Self::HourSales => Rule::SalesDrop,
            Self::Silence => Rule::Silence,
            Self::QuarantineShare => Rule::QuarantineShare,
            Self::Lag => Rule::Lag,
            Self::NotEqual => Rule::NotEqual,
            Self::Goal => Rule::Goal,
        }
    }
}

/// The first day, hour or month that an incident is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A day.
    Day(Day),
    /// An hour.
    Hour(Hour),
    /// A month.
    Month(Month),
}

impl About {
    /// The id of an incident of this rule: `sales_drop:2026-11-28`, `lag:2026-11-29T10`.
    #[must_use]
    pub fn id(self, rule: Rule) -> String {
        let rule = rule.name();
        match self {
            Self::Day(day) => format!("{rule}:{day}"),
            Self::Month(month) => format!("{rule}:{month}"),
            Self::Hour(hour) => format!("{rule}:{hour}"),
        }
    }
}

/// How an incident is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// It holds, and nobody has said that he knows.
    Open,
    /// It holds, and somebody knows.
    Acknowledged,
    /// It is over.
    Resolved,
}

impl IncidentState {
    /// All of them as they stand in JSON.
    pub const NAMES: [&str; 3] = ["open", "acknowledged", "resolved"];
}

/// The figures that caused it. Their names differ, so each is known by them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Figures {
    /// Of [`Rule::SalesDrop`] over a day.
    SalesDrop {
        /// The day.
        day: Day,
        /// Its revenue.
        revenue_cents: i64,
        /// Of the same weekday in the weeks before.
        median_cents: i64,
        /// How many weeks these were.
        weeks: u32,
        /// What is still enough.
        percent: u32,
    },
    /// Of [`Rule::SalesDrop`] over an hour.
    HourSalesDrop {
        /// The hour.
        hour: Hour,
        /// Its revenue.
        revenue_cents: i64,
        /// Of the same hour of the same weekday in the weeks before.
        median_cents: i64,
        /// How many weeks these were.
        weeks: u32,
        /// What is still enough.
        percent: u32,
    },
    /// Of [`Rule::Silence`].
    Silence {
        /// The last purchase.
        last_purchase: Moment,
        /// Minutes without one within the hours of the shop.
        silent_minutes: u32,
        /// When it was noticed.
        until: Moment,
    },
    /// Of [`Rule::QuarantineShare`].
    QuarantineShare {
        /// Rows of the hour.
        rows: u64,
        /// Those of them that were refused.
        refused_rows: u64,
        /// What is still good.
        percent: u32,
        /// When it was noticed.
        until: Moment,
    },
    /// Of [`Rule::Lag`].
    Lag {
        /// How long the oldest row has waited; none where that is not known.
        lag_ms: Option<u64>,
        /// What is still good.
        max_ms: u64,
        /// When it was noticed.
        until: Moment,
    },
    /// Of [`Rule::NotEqual`].
    NotEqual {
        /// In how many places gold differs.
        differences: u64,
        /// The first of them.
        first_difference: String,
        /// When it was noticed.
        until: Moment,
    },
    /// Of [`Rule::Goal`].
    Goal {
        /// The month.
        month: Month,
        /// What it had when it was noticed.
        revenue_cents: i64,
        /// What it was to have.
        goal_cents: i64,
    },
}

impl Figures {
    /// The day at which the chart of the page shows it.
    #[must_use]
    pub fn day(&self) -> Option<Day> {
        match self {
            Self::SalesDrop { day, .. } => Some(*day),
            Self::HourSalesDrop { hour, .. } => Some(hour.day()),
            Self::Silence { until, .. }
            | Self::QuarantineShare { until, .. }
            | Self::Lag { until, .. }
            | Self::NotEqual { until, .. } => Some(until.day()),
            Self::Goal { .. } => None,
        }
    }

    /// What was judged.
    #[must_use]
    pub const fn check(&self) -> Check {
        match self {
            Self::SalesDrop { .. } => Check::DaySales,
            Self::HourSalesDrop { .. } => Check::HourSales,
            Self::Silence { .. } => Check::Silence,
            Self::QuarantineShare { .. } => Check::QuarantineShare,
            Self::Lag { .. } => Check::Lag,
            Self::NotEqual { .. } => Check::NotEqual,
            Self::Goal { .. } => Check::Goal,
        }
    }
}

/// Something that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its rule and what it is about.
    pub id: String,
    /// Which rule.
    pub rule: Rule,
    /// How it is.
    pub state: IncidentState,
    /// When it was noticed: milliseconds since 1970 UTC.
    pub opened_at_ms: i64,
    /// When it was over.
    pub resolved_at_ms: Option<i64>,
    /// The version of the view that it follows from, for people: `EPOCH/VERSION`.
    pub version: String,
    /// What caused it.
    pub figures: Figures,
}

impl Incident {
    /// Whether it is not over.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.state != IncidentState::Resolved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_what_it_is_about() {
        let at = Moment::parse("2026-11-29T10:59:59").unwrap();
        assert_eq!(About::Hour(at.hour()).id(Rule::Lag), "lag:2026-11-29T10");
        assert_eq!(About::Hour(at.hour()).id(Rule::SalesDrop), "sales_drop:2026-11-29T10");
        assert_eq!(About::Day(at.day()).id(Rule::SalesDrop), "sales_drop:2026-11-29");
        assert_eq!(About::Month(at.day().month()).id(Rule::Goal), "goal:2026-11");
    }

    #[test]
    fn figures_are_known_by_their_names() {
        let at = Moment::parse("2026-11-29T10:59:59").unwrap();
        for figures in [
            Figures::SalesDrop {
                day: at.day(),
                revenue_cents: 1,
                median_cents: 5,
                weeks: 8,
                percent: 50,
            },
            Figures::HourSalesDrop {
                hour: at.hour(),
                revenue_cents: 1,
                median_cents: 5,
                weeks: 8,
                percent: 50,
            },
            Figures::Silence { last_purchase: at, silent_minutes: 190, until: at },
            Figures::QuarantineShare { rows: 100, refused_rows: 9, percent: 5, until: at },
            Figures::Lag { lag_ms: None, max_ms: 300_000, until: at },
            Figures::NotEqual { differences: 1, first_difference: "x".to_owned(), until: at },
            Figures::Goal { month: at.day().month(), revenue_cents: 7, goal_cents: 7 },
        ] {
            let json = serde_json::to_string(&figures).unwrap();
            assert_eq!(serde_json::from_str::<Figures>(&json).unwrap(), figures, "{json}");
        }
    }
}

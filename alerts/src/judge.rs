//! What each rule says of the facts: pure, and of one moment. What was said before is not asked here but where
//! an hour's rows are counted from; what follows from it is the book's.

use crate::facts::{Counted, Facts, Now, Waiting};
use crate::incident::{About, Check, Figures};
use crate::rules::Rules;
use goldstream_domain::moment::{Day, Hour, Moment};
use serde::{Deserialize, Serialize};

/// Rows that wait no longer than this are as good as counted.
pub const SETTLED_MAX_MS: u64 = 30_000;

/// A shop that has not sold for so long is history, or closed: it is not silent.
const LIVE_MAX_SECONDS: i64 = 7 * 86_400;

/// Weeks before a day or an hour that it is held against, and how many of them there must be.
const WEEKS: u32 = 8;
const WEEKS_MIN: u32 = 4;

const WEEK_HOURS: u32 = 7 * 24;

/// What a check says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A person should know.
    Wrong(About, Figures),
    /// All is well.
    Right,
    /// Nothing can be said.
    Unknown,
}

/// Where an hour's rows are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourMark {
    /// The hour.
    #[serde(with = "hours_since_1970")]
    pub hour: Hour,
    /// What was counted when it began.
    pub counted: Counted,
}

/// In books an hour is a number, as it always was there.
mod hours_since_1970 {
    use super::Hour;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
    pub(super) fn serialize<S: Serializer>(hour: &Hour, serializer: S) -> Result<S::Ok, S::Error> {
        hour.0.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Hour, D::Error> {
        u32::deserialize(from).map(Hour)
    }
}

/// What a check says at this moment. `mark` is where the hour's rows are counted from.
#[must_use]
pub fn judge(check: Check, rules: &Rules, facts: &Facts, mark: Option<HourMark>) -> Verdict {
    let Some(now) = facts.now else { return Verdict::Unknown };
    match check {
        Check::DaySales if rules.sales_drop.enabled => sales_drop(rules, facts, now),
        Check::HourSales if rules.sales_drop.enabled && rules.sales_drop.hourly => {
            hour_sales_drop(rules, facts, now)
        }
        Check::Silence if rules.silence.enabled => silence(rules, facts, now),
        Check::QuarantineShare if rules.quarantine_share.enabled => {
            quarantine_share(rules, facts, now, mark)
        }
        Check::Lag if rules.lag.enabled => lag(rules, facts, now),
        Check::NotEqual if rules.not_equal.enabled => not_equal(facts, now),
        Check::Goal if rules.goal.enabled => goal(rules, facts, now),
        // A rule that is switched off resolves what it had opened.
        _ => Verdict::Right,
    }
}

/// Whether all that is there is in the numbers: a part of a day looks like a bad day.
fn is_settled(facts: &Facts) -> bool {
    matches!(facts.waiting, Some(Waiting::For(ms)) if ms <= SETTLED_MAX_MS)
}

fn is_live(facts: &Facts, now: Now) -> bool {
    facts.last_purchase.is_some_and(|last| now.local.0 - last.0 <= LIVE_MAX_SECONDS)
}

fn sales_drop(rules: &Rules, facts: &Facts, now: Now) -> Verdict {
    let is_whole = now.local.hour().of_day() >= rules.sales_drop.from_hour;
    let Some(day) = now.local.day().0.checked_sub(if is_whole { 1 } else { 2 }).map(Day) else {
        return Verdict::Unknown;
    };
    let Some((median_cents, weeks)) = usual(facts, day) else { return Verdict::Unknown };
    let (revenue_cents, percent) = (facts.revenue_cents(day), rules.sales_drop.percent);
    let is_below = is_below(revenue_cents, median_cents, percent);
    match (is_below, is_settled(facts) && is_live(facts, now)) {
        (false, _) => Verdict::Right,
        (true, false) => Verdict::Unknown,
        (true, true) => Verdict::Wrong(
            About::Day(day),
            Figures::SalesDrop { day, revenue_cents, median_cents, weeks, percent },
        ),
    }
}

/// The median of the same weekday in the weeks before, and how many these are. A day without a sale counts,
/// unless the shop had none before.
fn usual(facts: &Facts, day: Day) -> Option<(i64, u32)> {
    let first = facts.first_day()?;
    let before = (1..=WEEKS).filter_map(|weeks| day.0.checked_sub(7 * weeks)).map(Day);
    let revenues: Vec<_> =
        before.filter(|day| *day >= first).map(|day| facts.revenue_cents(day)).collect();
    median(revenues)
}

/// The median, and of how many; none where these are too few.
fn median(mut values: Vec<i64>) -> Option<(i64, u32)> {
    let weeks = values.len() as u32;
    if weeks < WEEKS_MIN {
        return None;
    }
    values.sort_unstable();
    let upper = values.len() / 2;
    let lower = (values.len() - 1) / 2;
    Some((i64::midpoint(values[lower], values[upper]), weeks))
}

/// The last hour that is whole; one that has only just ended may still have rows to come.
fn last_hour(rules: &Rules, now: Moment) -> Option<Hour> {
    let minute = now.0.rem_euclid(3_600) / 60;
    let is_whole = minute >= i64::from(rules.sales_drop.from_minute);
    now.hour().0.checked_sub(if is_whole { 1 } else { 2 }).map(Hour)
}

fn weeks_before(hour: Hour) -> impl Iterator<Item = Hour> {
    (1..=WEEKS).filter_map(move |weeks| hour.0.checked_sub(weeks * WEEK_HOURS)).map(Hour)
}

/// The hours that are judged at this moment, and those that they are held against.
#[must_use]
pub fn hours_wanted(rules: &Rules, now: Moment) -> Vec<Hour> {
    if !(rules.sales_drop.enabled && rules.sales_drop.hourly) {
        return Vec::new();
    }
    let last = last_hour(rules, now);
    last.into_iter().flat_map(|hour| std::iter::once(hour).chain(weeks_before(hour))).collect()
}

fn hour_sales_drop(rules: &Rules, facts: &Facts, now: Now) -> Verdict {
    let Some(hour) = last_hour(rules, now.local) else { return Verdict::Unknown };
    let Some(sales) = facts.hour(hour) else { return Verdict::Unknown };
    let Some(first) = facts.first_day() else { return Verdict::Unknown };
    let before = weeks_before(hour).filter(|hour| hour.day() >= first);
    let before: Vec<_> = before.filter_map(|hour| facts.hour(hour)).collect();
    let orders = before.iter().map(|sales| i64::try_from(sales.orders).unwrap_or(i64::MAX));
    let revenues = before.iter().map(|sales| sales.revenue_cents);
    let (Some((orders, _)), Some((median_cents, weeks))) =
        (median(orders.collect()), median(revenues.collect()))
    else {
        return Verdict::Unknown;
    };
    // An hour in which the shop is closed, or sells little, says nothing: neither that all is well again.
    if orders.unsigned_abs() < rules.sales_drop.orders_min {
        return Verdict::Unknown;
    }
    let (revenue_cents, percent) = (sales.revenue_cents, rules.sales_drop.percent);
    if !is_below(revenue_cents, median_cents, percent) {
        return Verdict::Right;
    }
    // Rows that come at night have none of the day while it lasts.
    let has_sold = facts.last_purchase.is_some_and(|last| last.day() >= hour.day());
    if !(has_sold && is_settled(facts) && is_live(facts, now)) {
        return Verdict::Unknown;
    }
    let figures = Figures::HourSalesDrop { hour, revenue_cents, median_cents, weeks, percent };
    Verdict::Wrong(About::Hour(hour), figures)
}

fn is_below(revenue_cents: i64, median_cents: i64, percent: u32) -> bool {
    i128::from(revenue_cents) * 100 < i128::from(median_cents) * i128::from(percent)
}

fn silence(rules: &Rules, facts: &Facts, now: Now) -> Verdict {
    let Some(last) = facts.last_purchase else { return Verdict::Unknown };
    let [from, to] = rules.silence.hours;
    let wanted_seconds = i64::from(rules.silence.minutes) * 60;
    if now.local.0 - last.0 < wanted_seconds {
        return Verdict::Right;
    }
    let hour = now.local.hour().of_day();
    if !(from..to).contains(&hour) || !is_settled(facts) || !is_live(facts, now) {
        return Verdict::Unknown;
    }
    // Time outside the hours does not count; a shop that never closes has none.
    let opened = Moment(i64::from(now.local.day().0) * 86_400 + i64::from(from) * 3_600);
    let begun = if [from, to] == [0, 24] { last } else { last.max(opened) };
    let silent_seconds = now.local.0 - begun.0;
    if silent_seconds < wanted_seconds {
        return Verdict::Unknown;
    }
    let silent_minutes = (silent_seconds / 60) as u32;
    let figures = Figures::Silence { last_purchase: last, silent_minutes, until: now.local };
    Verdict::Wrong(About::Hour(begun.hour()), figures)
}

fn quarantine_share(rules: &Rules, facts: &Facts, now: Now, mark: Option<HourMark>) -> Verdict {
    let (Some(counted), Some(mark)) = (facts.counted, mark) else { return Verdict::Unknown };
    let rows = counted.rows.saturating_sub(mark.counted.rows);
    let refused_rows = counted.refused_rows.saturating_sub(mark.counted.refused_rows);
    let percent = rules.quarantine_share.percent;
    let is_above = u128::from(refused_rows) * 100 > u128::from(rows) * u128::from(percent);
    if is_above && rows >= rules.quarantine_share.rows_min {
        let figures = Figures::QuarantineShare { rows, refused_rows, percent, until: now.local };
        return Verdict::Wrong(About::Hour(mark.hour), figures);
    }
    // An hour that has ended well: until then it may yet become a bad one.
    if now.local.hour() > mark.hour { Verdict::Right } else { Verdict::Unknown }
}

fn lag(rules: &Rules, facts: &Facts, now: Now) -> Verdict {
    let max_ms = u64::from(rules.lag.minutes) * 60_000;
    let wrong = |lag_ms| {
        let figures = Figures::Lag { lag_ms, max_ms, until: now.local };
        Verdict::Wrong(About::Hour(now.local.hour()), figures)
    };
    match facts.waiting {
        Some(Waiting::For(ms)) if ms > max_ms => wrong(Some(ms)),
        // Not at the limit itself, where it would come and go.
        Some(Waiting::For(ms)) if ms <= max_ms / 2 => Verdict::Right,
        Some(Waiting::Unknown) => {
            let since = facts.unknown_since.unwrap_or(now.local);
            let is_long = now.local.0 - since.0 > i64::from(rules.lag.minutes) * 60;
            if is_long { wrong(None) } else { Verdict::Unknown }
        }
        _ => Verdict::Unknown,
    }
}

fn not_equal(facts: &Facts, now: Now) -> Verdict {
    match &facts.audit {
        None => Verdict::Unknown,
        Some(audit) if audit.differences == 0 => Verdict::Right,
        Some(audit) => Verdict::Wrong(
            About::Hour(now.local.hour()),
            Figures::NotEqual {
                differences: audit.differences,
                first_difference: audit.first.clone(),
                until: now.local,
            },
        ),
    }
}

fn goal(rules: &Rules, facts: &Facts, now: Now) -> Verdict {
    let Some(goal) = rules.goal.revenue else { return Verdict::Right };
    let (month, goal_cents) = (now.local.day().month(), i64::from(goal) * 100);
    let revenue_cents = facts.month_cents(month);
    if revenue_cents >= goal_cents {
        return Verdict::Wrong(
            About::Month(month),
            Figures::Goal { month, revenue_cents, goal_cents },
        );
    }
    // While the numbers are a part of what they will be, the month has not sunk below its goal.
    if is_settled(facts) { Verdict::Right } else { Verdict::Unknown }
}

//! The rules and their settings, as `[alerts]` of `goldstream.toml` has them. Nothing is judged here.

use serde::Deserialize;

/// How each rule is set. What is not said has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// A day's revenue is far below what its weekday usually has.
    pub sales_drop: SalesDrop,
    /// Nobody has bought for long.
    pub silence: Silence,
    /// Too many rows are refused.
    pub quarantine_share: QuarantineShare,
    /// Rows wait for long.
    pub lag: LagRule,
    /// Gold is not what the batch says.
    pub not_equal: NotEqual,
    /// The month's revenue has reached its goal.
    pub goal: Goal,
}

/// The last whole day against the median of the same weekday of the eight weeks before; where that is wished,
/// the last whole hour, too, against the same hour of the same weekdays.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SalesDrop {
    /// Whether it is looked at.
    pub enabled: bool,
    /// Below so many hundredths of the median.
    pub percent: u32,
    /// From this hour on the day before is taken for whole: many shops hand over their rows at night.
    pub from_hour: u32,
    /// Whether hours are looked at, too. Not if it is not said: where rows come at night, no hour has any before.
    pub hourly: bool,
    /// From this minute on the hour before is taken for whole: rows come a little after their purchases.
    pub from_minute: u32,
    /// Of so many orders at least, as a median: of few orders half may be missing by chance.
    pub orders_min: u64,
}

/// No purchase for so long, within the hours in which the shop sells.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Silence {
    /// Whether it is looked at.
    pub enabled: bool,
    /// For so long.
    pub minutes: u32,
    /// First hour and the hour at which it ends: `[9, 21]`. Time outside does not count.
    pub hours: [u32; 2],
}

/// Refused rows among those of an hour.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuarantineShare {
    /// Whether it is looked at.
    pub enabled: bool,
    /// Above so many hundredths.
    pub percent: u32,
    /// Of so many rows at least.
    pub rows_min: u64,
}

/// The oldest row that waits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LagRule {
    /// Whether it is looked at.
    pub enabled: bool,
    /// For longer than that, or it has not been known for so long what waits.
    pub minutes: u32,
}

/// The audit has found a difference.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotEqual {
    /// Whether it is looked at.
    pub enabled: bool,
}

/// Revenue of the month. There is no goal where none is given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Goal {
    /// Whether it is looked at.
    pub enabled: bool,
    /// In whole units of the shop's currency; none is no goal.
    pub revenue: Option<u32>,
}

impl Default for SalesDrop {
    fn default() -> Self {
        Self {
            enabled: true,
            percent: 50,
            from_hour: 6,
            hourly: false,
            from_minute: 10,
            orders_min: 50,
        }
    }
}

impl Default for Silence {
    fn default() -> Self {
        Self { enabled: true, minutes: 180, hours: [9, 21] }
    }
}

impl Default for QuarantineShare {
    fn default() -> Self {
        Self { enabled: true, percent: 5, rows_min: 100 }
    }
}

impl Default for LagRule {
    fn default() -> Self {
        Self { enabled: true, minutes: 5 }
    }
}

impl Default for NotEqual {
    fn default() -> Self {
        Self { enabled: true }
    }
}

impl Default for Goal {
    fn default() -> Self {
        Self { enabled: true, revenue: None }
    }
}

impl Rules {
    /// What cannot be meant, as a sentence; none where all can.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let [from, to] = self.silence.hours;
        if from >= to || to > 24 {
            return Some(format!(
                "silence.hours must be two hours of one day, the first before the second, as [9, 21], not [{from}, {to}]"
            ));
        }
        if self.sales_drop.from_hour > 23 {
            let hour = self.sales_drop.from_hour;
            return Some(format!("sales_drop.from_hour must be between 0 and 23, not {hour}"));
        }
        if self.sales_drop.from_minute > 59 {
            let minute = self.sales_drop.from_minute;
            return Some(format!("sales_drop.from_minute must be between 0 and 59, not {minute}"));
        }
        let percents = [
            ("sales_drop.percent", self.sales_drop.percent),
            ("quarantine_share.percent", self.quarantine_share.percent),
        ];
        let odd = percents.into_iter().find(|(_, percent)| !(1..=100).contains(percent));
        if let Some((name, percent)) = odd {
            return Some(format!("{name} must be between 1 and 100, not {percent}"));
        }
        let minutes =
            [("silence.minutes", self.silence.minutes), ("lag.minutes", self.lag.minutes)];
        let odd = minutes.into_iter().find(|(_, minutes)| !(1..=10_080).contains(minutes));
        odd.map(|(name, minutes)| {
            format!("{name} must be between 1 and 10080 (a week), not {minutes}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_named() {
        let rules = Rules::default();
        assert_eq!(rules.fault(), None);
        let odd = Silence { hours: [21, 9], ..Silence::default() };
        let fault = Rules { silence: odd, ..Rules::default() }.fault().unwrap();
        assert!(fault.contains("[21, 9]"), "{fault}");
        let odd = SalesDrop { percent: 101, ..SalesDrop::default() };
        let fault = Rules { sales_drop: odd, ..Rules::default() }.fault().unwrap();
        assert!(fault.contains("sales_drop.percent"), "{fault}");
        let odd = SalesDrop { from_minute: 60, ..SalesDrop::default() };
        let fault = Rules { sales_drop: odd, ..Rules::default() }.fault().unwrap();
        assert!(fault.contains("sales_drop.from_minute"), "{fault}");
        let odd = LagRule { minutes: 0, ..LagRule::default() };
        let fault = Rules { lag: odd, ..Rules::default() }.fault().unwrap();
        assert!(fault.contains("lag.minutes"), "{fault}");
    }
}

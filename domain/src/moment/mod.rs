//! Moments of the shop: local wall time to the second, hours, days and months.
//! No time zone and no clock: a moment is what the row says.

mod parse;
mod text;

const YEAR_MIN: u32 = 1970;
const YEAR_MAX: u32 = 2199;
const DAY_SECONDS: i64 = 86_400;
const HOUR_SECONDS: i64 = 3_600;
const DAY_HOURS: u32 = 24;

/// A local wall time: seconds since 1970-01-01T00:00:00 of the same wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

/// An hour of the shop's wall clock: hours since 1970-01-01T00. Where the clock is put back an hour comes twice
/// and is one; where it is put forward one never comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hour(pub u32);

/// A calendar day: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub u32);

/// A calendar month: months since 1970-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(pub u16);

impl Moment {
    /// The moment of a civil date and time, if there is such a date between 1970 and 2199.
    #[must_use]
    pub fn from_civil(date: (u32, u32, u32), time: (u32, u32, u32)) -> Option<Self> {
        let day = Day::from_civil(date.0, date.1, date.2)?;
        let (hour, minute, second) = time;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds = i64::from(hour * 3600 + minute * 60 + second);
        Some(Self(i64::from(day.0) * DAY_SECONDS + seconds))
    }

    /// The day it falls on.
    #[must_use]
    pub fn day(self) -> Day {
        Day((self.0 / DAY_SECONDS) as u32)
    }

    /// The hour it falls in.
    #[must_use]
    pub const fn hour(self) -> Hour {
        Hour((self.0 / HOUR_SECONDS) as u32)
    }
}

impl Hour {
    /// The day it is of.
    #[must_use]
    pub const fn day(self) -> Day {
        Day(self.0 / DAY_HOURS)
    }

    /// Which of its day: 0 to 23.
    #[must_use]
    pub const fn of_day(self) -> u32 {
        self.0 % DAY_HOURS
    }

    /// Its first moment.
    #[must_use]
    pub const fn begin(self) -> Moment {
        Moment(self.0 as i64 * HOUR_SECONDS)
    }
}

impl Day {
    /// The day of a civil date, if it exists and lies between 1970 and 2199.
    #[must_use]
    pub fn from_civil(year: u32, month: u32, day: u32) -> Option<Self> {
        let valid = (YEAR_MIN..=YEAR_MAX).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day);
        if !valid {
            return None;
        }
        // Days since 1970 by counting years from March, so that the leap day is the last of its year.
        let shifted_year = if month > 2 { year } else { year - 1 };
        let shifted_month = if month > 2 { month - 3 } else { month + 9 };
        let (era, year_of_era) = (shifted_year / 400, shifted_year % 400);
        let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Self(era * 146_097 + day_of_era - 719_468))
    }

    /// Year, month and day of the month.
    #[must_use]
    pub fn to_civil(self) -> (u32, u32, u32) {
        let shifted = self.0 + 719_468;
        let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        (era * 400 + year_of_era + u32::from(month <= 2), month, day)
    }

    /// The month it falls in.
    #[must_use]
    pub fn month(self) -> Month {
        let (year, month, _) = self.to_civil();
        Month(((year - YEAR_MIN) * 12 + month - 1) as u16)
    }

    /// ISO weekday: Monday is 1, Sunday is 7.
    #[must_use]
    pub fn weekday(self) -> u32 {
        (self.0 + 3) % 7 + 1
    }

    /// Its hour of that number: 0 to 23.
    #[must_use]
    pub const fn hour(self, number: u32) -> Hour {
        Hour(self.0 * DAY_HOURS + number)
    }
}

impl Month {
    /// Year and month of the year.
    #[must_use]
    pub fn to_civil(self) -> (u32, u32) {
        (u32::from(self.0) / 12 + YEAR_MIN, u32::from(self.0) % 12 + 1)
    }
}

fn days_in_month(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let parsed = Moment::parse(text).map(|moment| moment.to_string());
        assert_eq!(parsed.as_deref(), expected, "{text:?}");
    }

    #[test]
    fn iso_dates_are_read_with_or_without_time_fraction_and_offset() {
        check("2024-03-01", Some("2024-03-01T00:00:00"));
        check("2024-03-01 14:03", Some("2024-03-01T14:03:00"));
        check("2024-03-01T14:03:22", Some("2024-03-01T14:03:22"));
        check("2024-03-01 14:03:22.987654", Some("2024-03-01T14:03:22"));
        check("2024-03-01T14:03:22Z", Some("2024-03-01T14:03:22"));
        check("2024-03-01T14:03:22.5+02:00", Some("2024-03-01T14:03:22"));
        check("2024-03-01T14:03-05:30", Some("2024-03-01T14:03:00"));
        check("2024-03-01Z", Some("2024-03-01T00:00:00"));
        check("2024/03/01", Some("2024-03-01T00:00:00"));
        check("2024/03/01 14:03:22", Some("2024-03-01T14:03:22"));
    }

    #[test]
    fn offsets_are_read_as_databases_and_shops_write_them() {
        for text in [
            "2024-03-01 14:03:22+02",
            "2024-03-01 14:03:22 +0200",
            "2024-03-01T14:03:22+0200",
            "2024-03-01 14:03:22 UTC",
            "2024-03-01T14:03:22.000+0000",
            "2024-03-01 14:03:22.5 -05:30",
            "2024-03-01 14:03:22 Z",
        ] {
            check(text, Some("2024-03-01T14:03:22"));
        }
    }

    #[test]
    fn day_first_dates_are_read_with_slash_or_dash() {
        check("1/3/2024", Some("2024-03-01T00:00:00"));
        check("01-03-2024", Some("2024-03-01T00:00:00"));
        check("15-3-2024", Some("2024-03-15T00:00:00"));
        check("5-03-2024 9:05", Some("2024-03-05T09:05:00"));
        check("1-3-2024", Some("2024-03-01T00:00:00"));
        check("01.03.2024", Some("2024-03-01T00:00:00"));
        check("1.3.2024 9:05", Some("2024-03-01T09:05:00"));
        check("31/12/2199 9:05", Some("2199-12-31T09:05:00"));
        check("1/1/1970 23:59:59", Some("1970-01-01T23:59:59"));
    }

    #[test]
    fn anything_else_is_no_date() {
        for text in [
            "",
            "20240301",
            "2024/3/1",
            "2024/03-01",
            "2024.03.01",
            "2024-3-1",
            "1.3/2024",
            "1.3.24",
            "2024-03-01-05",
            "2024-03-01 UTC",
            "2024-03-01 14:03 CET",
            "2024-03-01 14:03  UTC",
            "2024-03-01 14:03+2",
            "2024-03-01 14:03+2400",
            "2024-03-01 14:03+0260",
            "2024-02-30",
            "2023-02-29",
            "1969-12-31",
            "2200-01-01",
            "2024-03-01  14:03",
            "2024-03-01 14",
            "2024-03-01 24:00",
            "2024-03-01 14:60",
            "2024-03-01 14:03:60",
            "2024-03-01 14:03:22.",
            "2024-03-01t14:03",
            "2024-03-01T14:03z",
            "2024-03-01 14:03 ",
            "13/13/2024",
            "1/3-2024",
            "1/3/24",
            "001/3/2024",
            "1/3/2024T10:00",
            "1/3/2024 10:5",
            "1/3/2024 10",
            "٢٠٢٤-٠٣-٠١",
            "2024-03-01Tgarbage",
            "1/3/2024 10:00Z",
            "1//2024",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn every_day_of_the_range_converts_there_and_back() {
        let last = Day::from_civil(2199, 12, 31).unwrap();
        let mut month = Month(0);
        for n in 0..=last.0 {
            let (year, m, d) = Day(n).to_civil();
            assert_eq!(Day::from_civil(year, m, d), Some(Day(n)));
            assert!(Day(n).month() >= month);
            month = Day(n).month();
        }
        assert_eq!(month.to_string(), "2199-12");
    }

    #[test]
    fn an_hour_is_of_its_day_and_read_back_from_its_text() {
        let hour = Moment::parse("2026-11-30T14:59:59").unwrap().hour();
        assert_eq!((hour.to_string().as_str(), hour.of_day()), ("2026-11-30T14", 14));
        assert_eq!((hour.day().to_string().as_str(), hour.day().hour(14)), ("2026-11-30", hour));
        assert_eq!(Hour::parse("2026-11-30T14"), Some(hour));
        assert_eq!(hour.begin().to_string(), "2026-11-30T14:00:00");
        for text in
            ["2026-11-30", "2026-11-30T24", "2026-11-30T1", "2026-11-30T1x", "2026-02-30T01", "T01"]
        {
            assert_eq!(Hour::parse(text), None, "{text}");
        }
    }

    #[test]
    fn weekdays_are_iso() {
        assert_eq!(Day::from_civil(2024, 3, 1).unwrap().weekday(), 5);
        assert_eq!(Day::from_civil(1970, 1, 1).unwrap().weekday(), 4);
    }
}

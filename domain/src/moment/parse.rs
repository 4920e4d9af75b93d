//! The accepted forms of dates, byte by byte: nothing is guessed and nothing is converted.

use super::{DAY_HOURS, DAY_SECONDS, Day, Hour, Moment, Month};

impl Moment {
    /// Reads `YYYY-MM-DD[(T| )HH:MM[:SS[.fraction]]][Z|±HH:MM]` (also with `/`) or `D/M/YYYY[ H:MM[:SS]]` (also
    /// with `-` or `.`). Behind a time the offset may be `±HHMM`, `±HH` or `UTC`, too, and a space before it.
    /// Fraction and offset are checked and dropped. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        // A day has at most two digits; `15-3-2024` has a dash in the same place as a year.
        let year_first = bytes.len() > 4 && bytes[..4].iter().all(u8::is_ascii_digit);
        if year_first { parse_year_first(bytes) } else { parse_day_first(bytes) }
    }
}

impl Hour {
    /// Reads `YYYY-MM-DDTHH`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (day, hour) = text.split_once('T')?;
        let hour = (hour.len() == 2).then(|| number(hour.as_bytes())).flatten()?;
        let day = Day::parse(day)?;
        (hour < DAY_HOURS).then(|| day.hour(hour))
    }
}

impl Day {
    /// Reads `YYYY-MM-DD`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        (bytes.len() == 10).then(|| parse_iso_day(bytes)).flatten()
    }
}

impl Month {
    /// Reads `YYYY-MM`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 7 || bytes[4] != b'-' {
            return None;
        }
        let first = Day::from_civil(number(&bytes[..4])?, number(&bytes[5..])?, 1)?;
        Some(first.month())
    }
}

/// ASCII digits only, at most four of them.
fn number(digits: &[u8]) -> Option<u32> {
    let valid = (1..=4).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    valid.then(|| digits.iter().fold(0, |sum, d| sum * 10 + u32::from(d - b'0')))
}

fn parse_iso_day(bytes: &[u8]) -> Option<Day> {
    let date = bytes.get(..10)?;
    if date[4] != b'-' || date[7] != b'-' {
        return None;
    }
    Day::from_civil(number(&date[..4])?, number(&date[5..7])?, number(&date[8..])?)
}

/// `YYYY-MM-DD` or `YYYY/MM/DD`.
fn parse_year_first_day(bytes: &[u8]) -> Option<Day> {
    let date = bytes.get(..10)?;
    if !matches!((date[4], date[7]), (b'-', b'-') | (b'/', b'/')) {
        return None;
    }
    Day::from_civil(number(&date[..4])?, number(&date[5..7])?, number(&date[8..])?)
}

fn parse_year_first(bytes: &[u8]) -> Option<Moment> {
    let day = parse_year_first_day(bytes)?;
    let midnight = i64::from(day.0) * DAY_SECONDS;
    match &bytes[10..] {
        rest if is_offset(rest) => Some(Moment(midnight)),
        [b'T' | b' ', time @ ..] => {
            let (seconds, rest) = parse_clock(time)?;
            let is_known = is_offset(rest) || is_offset_of_others(rest);
            is_known.then_some(Moment(midnight + i64::from(seconds)))
        }
        _ => None,
    }
}

/// `HH:MM[:SS[.fraction]]`: the seconds, and what follows.
fn parse_clock(time: &[u8]) -> Option<(u32, &[u8])> {
    let (hour, minute) = (number(time.get(..2)?)?, number(time.get(3..5)?)?);
    if time[2] != b':' {
        return None;
    }
    let mut rest = &time[5..];
    let mut second = 0;
    if let [b':', tail @ ..] = rest {
        second = number(tail.get(..2)?)?;
        rest = &tail[2..];
        if let [b'.', fraction @ ..] = rest {
            let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            rest = &fraction[digits..];
        }
    }
    let valid = hour <= 23 && minute <= 59 && second <= 59;
    valid.then_some((hour * 3600 + minute * 60 + second, rest))
}

/// Nothing, `Z` or `±HH:MM`.
fn is_offset(text: &[u8]) -> bool {
    match text {
        [] | [b'Z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => is_hours_minutes([*h1, *h2], [*m1, *m2]),
        _ => false,
    }
}

/// As databases and shops write it behind a time: `±HHMM`, `±HH`, `UTC`, each perhaps behind a space.
/// Behind a day alone they would be other numbers of a date.
fn is_offset_of_others(text: &[u8]) -> bool {
    match text.strip_prefix(b" ").unwrap_or(text) {
        b"UTC" | b"Z" => true,
        [b'+' | b'-', h1, h2] => is_hours_minutes([*h1, *h2], *b"00"),
        [b'+' | b'-', h1, h2, m1, m2] | [b'+' | b'-', h1, h2, b':', m1, m2] => {
            is_hours_minutes([*h1, *h2], [*m1, *m2])
        }
        _ => false,
    }
}

fn is_hours_minutes(hours: [u8; 2], minutes: [u8; 2]) -> bool {
    number(&hours).is_some_and(|hours| hours <= 23)
        && number(&minutes).is_some_and(|minutes| minutes <= 59)
}

fn parse_day_first(bytes: &[u8]) -> Option<Moment> {
    let (date, time) = match bytes.iter().position(|b| *b == b' ') {
        Some(space) => (&bytes[..space], Some(&bytes[space + 1..])),
        None => (bytes, None),
    };
    let separator = *date.iter().find(|b| matches!(b, b'/' | b'-' | b'.'))?;
    let mut parts = date.split(|b| *b == separator);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || day.len() > 2 || month.len() > 2 || year.len() != 4 {
        return None;
    }
    let time = match time {
        None => (0, 0, 0),
        Some(time) => parse_short_clock(time)?,
    };
    Moment::from_civil((number(year)?, number(month)?, number(day)?), time)
}

/// `H:MM[:SS]`.
fn parse_short_clock(time: &[u8]) -> Option<(u32, u32, u32)> {
    let mut parts = time.split(|b| *b == b':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next());
    let two_digits = minute.len() == 2 && second.is_none_or(|second| second.len() == 2);
    if parts.next().is_some() || hour.len() > 2 || !two_digits {
        return None;
    }
    Some((number(hour)?, number(minute)?, second.map_or(Some(0), number)?))
}

//! The accepted forms of dates, byte by byte: nothing is guessed and nothing is converted.

use super::{DAY_SECONDS, Day, Moment};

/// ASCII digits only, at most four of them.
pub(super) fn number(digits: &[u8]) -> Option<u32> {
    let valid = (1..=4).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    valid.then(|| digits.iter().fold(0, |sum, d| sum * 10 + u32::from(d - b'0')))
}

pub(super) fn parse_iso_day(bytes: &[u8]) -> Option<Day> {
    let date = bytes.get(..10)?;
    if date[4] != b'-' || date[7] != b'-' {
        return None;
    }
    Day::from_civil(number(&date[..4])?, number(&date[5..7])?, number(&date[8..])?)
}

pub(super) fn parse_iso(bytes: &[u8]) -> Option<Moment> {
    let day = parse_iso_day(bytes)?;
    let midnight = i64::from(day.0) * DAY_SECONDS;
    match &bytes[10..] {
        [b'T' | b' ', time @ ..] => {
            let (seconds, rest) = parse_clock(time)?;
            is_offset(rest).then_some(Moment(midnight + i64::from(seconds)))
        }
        rest => is_offset(rest).then_some(Moment(midnight)),
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
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            number(&[*h1, *h2]).is_some_and(|hours| hours <= 23)
                && number(&[*m1, *m2]).is_some_and(|minutes| minutes <= 59)
        }
        _ => false,
    }
}

pub(super) fn parse_day_first(bytes: &[u8]) -> Option<Moment> {
    let (date, time) = match bytes.iter().position(|b| *b == b' ') {
        Some(space) => (&bytes[..space], Some(&bytes[space + 1..])),
        None => (bytes, None),
    };
    let separator = *date.iter().find(|b| matches!(b, b'/' | b'-'))?;
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

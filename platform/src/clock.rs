//! The wall clock: the one place that reads it. Times travel beside events, never into the fold.

use goldstream_domain::moment::{Hour, Moment};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[must_use]
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The same, as finely as the system tells it: for spans, which are shorter than a millisecond.
#[must_use]
pub fn now() -> SystemTime {
    SystemTime::now()
}

/// The local wall time, to the second. Where it is local, `TZ` says before the system does.
#[must_use]
pub fn local_now() -> Moment {
    Moment(local_now_ms().div_euclid(1000))
}

/// The local wall time in milliseconds since 1970-01-01T00:00:00 there.
#[must_use]
pub fn local_now_ms() -> i64 {
    local_at_ms(now_ms())
}

/// Whether that hour comes once and whole on the local wall clock. Where the clock is put forward an hour is
/// left out, where it is put back one comes twice.
#[must_use]
pub fn comes_once(hour: Hour) -> bool {
    comes_once_in(&TimeZone::system(), hour)
}

fn comes_once_in(zone: &TimeZone, hour: Hour) -> bool {
    let (year, month, day) = hour.day().to_civil();
    let number = |number: u32| i8::try_from(number).ok();
    let (Ok(year), Some(month), Some(day), Some(of_day)) =
        (i16::try_from(year), number(month), number(day), number(hour.of_day()))
    else {
        return true;
    };
    // Some clocks are moved by half an hour.
    [(0, 0), (30, 0), (59, 59)].into_iter().all(|(minute, second)| {
        DateTime::new(year, month, day, of_day, minute, second, 0).is_ok_and(|at| {
            matches!(zone.to_ambiguous_timestamp(at).offset(), AmbiguousOffset::Unambiguous { .. })
        })
    })
}

/// What the local wall clock shows at a moment of UTC; UTC's where that is none.
#[must_use]
pub fn local_at(utc_ms: i64) -> Moment {
    Moment(local_at_ms(utc_ms).div_euclid(1000))
}

fn local_at_ms(utc_ms: i64) -> i64 {
    let offset = |at| i64::from(TimeZone::system().to_offset(at).seconds());
    utc_ms + jiff::Timestamp::from_millisecond(utc_ms).map_or(0, offset) * 1000
}

/// RFC 3339 in UTC with milliseconds.
#[must_use]
pub fn rfc3339(at_ms: i64) -> String {
    let at = Moment(at_ms.div_euclid(1000).max(0));
    format!("{at}.{:03}Z", at_ms.rem_euclid(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_that_the_clock_leaves_out_or_has_twice_does_not_come_once() {
        let paris = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        for (text, expected) in [
            ("2026-03-29T01", true),
            ("2026-03-29T02", false),
            ("2026-03-29T03", true),
            ("2026-10-25T01", true),
            ("2026-10-25T02", false),
            ("2026-10-25T03", true),
            ("2026-07-01T02", true),
        ] {
            assert_eq!(comes_once_in(&paris, Hour::parse(text).unwrap()), expected, "{text}");
        }
        // Lord Howe Island moves its clock by half an hour.
        let half = TimeZone::posix("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0").unwrap();
        assert!(!comes_once_in(&half, Hour::parse("2026-10-04T02").unwrap()));
        assert!(!comes_once_in(&half, Hour::parse("2026-04-05T01").unwrap()));
        assert!(comes_once_in(&half, Hour::parse("2026-04-05T03").unwrap()));
    }

    #[test]
    fn the_wall_clock_shows_at_a_moment_what_it_shows_then() {
        let (before, told, after) = (local_now(), local_at(now_ms()), local_now());
        assert!(before <= told && told <= after, "{before} {told} {after}");
        assert_eq!(local_at(i64::MAX), Moment(i64::MAX.div_euclid(1000)));
    }

    #[test]
    fn moments_of_the_machine_are_utc_with_milliseconds() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_709_301_802_005), "2024-03-01T14:03:22.005Z");
    }
}

//! The wall clock: the one place that reads it. Times travel beside events, never into the fold.

use goldstream_domain::moment::Moment;
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[must_use]
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The local wall time, to the second. Where it is local, `TZ` says before the system does.
#[must_use]
pub fn local_now() -> Moment {
    Moment(local_now_ms().div_euclid(1000))
}

/// The local wall time in milliseconds since 1970-01-01T00:00:00 there.
#[must_use]
pub fn local_now_ms() -> i64 {
    let now = jiff::Zoned::now();
    now.timestamp().as_millisecond() + i64::from(now.offset().seconds()) * 1000
}

/// What the local wall clock shows at a moment of UTC; UTC's where that is none.
#[must_use]
pub fn local_at(utc_ms: i64) -> Moment {
    let Ok(at) = jiff::Timestamp::from_millisecond(utc_ms) else {
        return Moment(utc_ms.div_euclid(1000));
    };
    let offset = jiff::tz::TimeZone::system().to_offset(at);
    Moment(utc_ms.div_euclid(1000) + i64::from(offset.seconds()))
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

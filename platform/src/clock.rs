//! The wall clock: the one place that reads it. Times travel beside events, never into the fold.

use goldstream_domain::moment::Moment;
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[must_use]
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The local wall time, to the second.
#[must_use]
pub fn local_now() -> Moment {
    let now = jiff::Zoned::now();
    let offset_seconds = i64::from(now.offset().seconds());
    Moment(now.timestamp().as_second() + offset_seconds)
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
    fn moments_of_the_machine_are_utc_with_milliseconds() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_709_301_802_005), "2024-03-01T14:03:22.005Z");
    }
}

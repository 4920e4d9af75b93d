//! How fast rows are replayed: a number of rows a second, over all files.
//! It counts; it does not wait and reads no clock.

use std::str::FromStr;
use std::time::Duration;

/// Rows a second, above zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Thousandths of a row a second: `0.5` is 500.
    milli_rows_per_second: u64,
}

/// A text is no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no rate: give rows a second, as 450, 450/s or 0.5")]
pub struct RateError(String);

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || RateError(text.to_owned());
        let number = text.trim();
        let number = number.strip_suffix("/s").unwrap_or(number).trim();
        let rows: f64 = number.parse().map_err(|_| error())?;
        if !(0.001..=1e9).contains(&rows) {
            return Err(error());
        }
        Ok(Self { milli_rows_per_second: (rows * 1000.0).round() as u64 })
    }
}

/// Counts the rows that were allowed since it began.
#[derive(Debug)]
pub struct Pacer {
    rate: Rate,
    sent: u64,
}

impl Pacer {
    /// Begins now, with nothing sent.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self { rate, sent: 0 }
    }

    /// How many rows may go after `elapsed`, or how long to wait for the next.
    ///
    /// # Errors
    /// The time until one row may go.
    pub fn allowance(&self, elapsed: Duration) -> Result<u64, Duration> {
        let rate = u128::from(self.rate.milli_rows_per_second);
        // The first row goes at once.
        let due = (elapsed.as_micros() * rate / 1_000_000_000) as u64 + 1;
        if due > self.sent {
            return Ok(due - self.sent);
        }
        let next_at_us = u128::from(self.sent) * 1_000_000_000 / rate + 1;
        let wait_us = next_at_us.saturating_sub(elapsed.as_micros());
        Err(Duration::from_micros(wait_us.min(u128::from(u64::MAX)) as u64))
    }

    /// Notes that rows went.
    pub fn sent(&mut self, rows: u64) {
        self.sent += rows;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_numbers_with_or_without_per_second() {
        for (text, milli) in [("450", 450_000), ("450/s", 450_000), ("0.5", 500), (" 2 /s", 2000)] {
            assert_eq!(text.parse::<Rate>().unwrap().milli_rows_per_second, milli);
        }
        for text in ["", "0", "-1", "fast", "1/m", "NaN", "inf"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }

    #[test]
    fn rows_go_at_the_rate_and_none_too_early() {
        let mut pacer = Pacer::new("2".parse().unwrap());
        assert_eq!(pacer.allowance(Duration::ZERO), Ok(1));
        pacer.sent(1);
        let wait = pacer.allowance(Duration::ZERO).unwrap_err();
        assert!(wait > Duration::from_millis(499) && wait < Duration::from_millis(501));
        assert_eq!(pacer.allowance(Duration::from_millis(501)), Ok(1));
        assert_eq!(pacer.allowance(Duration::from_secs(10)), Ok(20));
    }
}

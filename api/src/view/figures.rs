//! Figures about the stream itself: rows a second, and how long a row takes to be counted.
//! They are for people who operate it and decide nothing.

use std::collections::VecDeque;

/// Seconds over which the rate is taken.
const RATE_SECONDS: i64 = 5;
/// How long a latency counts: between one and two of these.
const LATENCY_WINDOW_MS: i64 = 30_000;
/// Buckets: exact to 7 ms, then four to each doubling, up to some 9 hours.
const BUCKETS: usize = 96;

/// Rows a second over the last seconds.
#[derive(Debug, Default)]
pub(super) struct Rate {
    /// Second, and rows at its end.
    samples: VecDeque<(i64, u64)>,
}

impl Rate {
    /// That many rows are counted now.
    pub(super) fn note(&mut self, now_ms: i64, rows: u64) {
        let second = now_ms.div_euclid(1000);
        match self.samples.back_mut() {
            Some((last, at_end)) if *last == second => *at_end = rows,
            _ => self.samples.push_back((second, rows)),
        }
        while self.samples.len() > RATE_SECONDS as usize + 1 {
            self.samples.pop_front();
        }
    }

    /// Mean over the last seconds, the running one included.
    pub(super) fn rows_per_second(&self, now_ms: i64) -> u64 {
        let from = now_ms.div_euclid(1000) - RATE_SECONDS;
        let Some((_, last)) = self.samples.back() else { return 0 };
        // The newest sample before the window says what was counted when it began.
        let before = self.samples.iter().rev().find(|(second, _)| *second < from);
        let first = before.or(self.samples.front()).map_or(*last, |(_, rows)| *rows);
        last.saturating_sub(first) / RATE_SECONDS as u64
    }
}

/// Latencies of the last seconds.
#[derive(Debug)]
pub(super) struct Latency {
    now: [u32; BUCKETS],
    before: [u32; BUCKETS],
    window: i64,
}

impl Default for Latency {
    fn default() -> Self {
        Self { now: [0; BUCKETS], before: [0; BUCKETS], window: 0 }
    }
}

impl Latency {
    /// A row was counted so long after it came.
    pub(super) fn note(&mut self, now_ms: i64, latency_ms: i64) {
        let window = now_ms.div_euclid(LATENCY_WINDOW_MS);
        if window != self.window {
            let is_next = window == self.window + 1;
            self.before = if is_next { self.now } else { [0; BUCKETS] };
            self.now = [0; BUCKETS];
            self.window = window;
        }
        self.now[bucket(latency_ms.max(0) as u64)] += 1;
    }

    /// The latency that so many hundredths do not exceed, to a fifth exact.
    pub(super) fn percentile_ms(&self, hundredths: u64) -> Option<u64> {
        let counts = self.now.iter().zip(&self.before).map(|(a, b)| u64::from(a + b));
        let total: u64 = counts.clone().sum();
        let rank = (total * hundredths).div_ceil(100).max(1);
        let mut seen = 0;
        let place = counts.clone().position(|count| {
            seen += count;
            seen >= rank
        });
        place.map(upper_ms)
    }
}

fn bucket(ms: u64) -> usize {
    if ms < 8 {
        return ms as usize;
    }
    let exponent = ms.ilog2() as usize;
    let quarter = (ms >> (exponent - 2)) as usize & 3;
    (8 + (exponent - 3) * 4 + quarter).min(BUCKETS - 1)
}

fn upper_ms(bucket: usize) -> u64 {
    if bucket < 8 {
        return bucket as u64;
    }
    let (exponent, quarter) = ((bucket - 8) / 4 + 3, (bucket - 8) as u64 % 4);
    ((4 + quarter + 1) << (exponent - 2)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_lies_in_its_bucket() {
        for ms in (0..5_000).chain([40_000, 3_600_000]) {
            let upper = upper_ms(bucket(ms));
            assert!(upper >= ms && upper <= ms + ms / 4, "{ms} ≤ {upper}");
        }
    }

    #[test]
    fn percentiles_come_from_the_last_seconds_only() {
        let mut latency = Latency::default();
        assert_eq!(latency.percentile_ms(50), None);
        for n in 0..100 {
            latency.note(1_000, if n < 98 { 3 } else { 100 });
        }
        assert_eq!(latency.percentile_ms(50), Some(3));
        assert_eq!(latency.percentile_ms(99), Some(111));
        latency.note(1_000 + 3 * LATENCY_WINDOW_MS, 5);
        assert_eq!(latency.percentile_ms(99), Some(5));
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut rate = Rate::default();
        for second in 0..20 {
            rate.note(second * 1000, second as u64 * 10);
        }
        assert_eq!(rate.rows_per_second(19_500), 10);
        assert_eq!(rate.rows_per_second(60_000), 0);
    }
}

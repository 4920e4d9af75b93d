//! A share of one core for work that may take its time: it rests after each piece. It knows no work.

use std::time::{Duration, Instant};
use tokio::time::sleep;

/// A piece that took long has mostly waited, for a server or a disk.
const REST_MAX: Duration = Duration::from_millis(250);

/// Work that keeps to its share.
#[derive(Debug)]
pub struct CpuShare {
    percent: u32,
    worked_since: Instant,
}

impl CpuShare {
    /// So much of one core, from now on; at least one percent.
    #[must_use]
    pub fn of(percent: u32) -> Self {
        Self { percent, worked_since: Instant::now() }
    }

    /// Rests for what was done since the last time.
    pub async fn rest(&mut self) {
        sleep(rest(self.worked_since.elapsed(), self.percent)).await;
        self.worked_since = Instant::now();
    }
}

/// How long to rest after so much work.
fn rest(worked: Duration, percent: u32) -> Duration {
    let share = f64::from(percent.clamp(1, 100)) / 100.0;
    worked.mul_f64(1.0 / share - 1.0).min(REST_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_leaves_its_share() {
        let worked = Duration::from_millis(10);
        assert_eq!(rest(worked, 10), Duration::from_millis(90));
        assert_eq!(rest(worked, 50), Duration::from_millis(10));
        assert_eq!(rest(worked, 100), Duration::ZERO);
        assert_eq!(rest(Duration::from_secs(5), 10), REST_MAX);
    }
}

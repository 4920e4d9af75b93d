//! When the tables of gold are written: now and then while they change, and for who waits for them. It makes none.

use crate::error::LakeError;
use crate::gold::{self, GoldSource, Occasion};
use crate::objects::Lake;
use goldstream_platform::clock::now_ms;
use goldstream_platform::health::Health;
use goldstream_platform::limits::RETRY_LAST;
use std::time::{Duration, Instant};

/// Under which troubles are told.
const NAME: &str = "lake gold";

/// How far the tables are.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    is_busy: bool,
    written: Option<String>,
    tried_at: Option<Instant>,
    /// When they were written last: milliseconds since 1970 UTC.
    pub(crate) written_at_ms: Option<i64>,
    /// Why they were not, the last time, and will not be by themselves.
    failed: Option<String>,
    /// They were not, and may be later.
    is_retry: bool,
}

impl Keeper {
    /// Whether they are to be written now. Who waits for them waits no longer than they take.
    pub(crate) fn is_due(
        &self,
        shown: Option<&str>,
        age_max: Duration,
        somebody_waits: Waits,
    ) -> bool {
        let is_new = shown.is_some() && shown != self.written.as_deref();
        let is_early = self.tried_at.is_some_and(|at| at.elapsed() < age_max);
        let is_time = match somebody_waits {
            Waits::Nobody => !is_early,
            Waits::Somebody => {
                let is_soon = self.tried_at.is_some_and(|at| at.elapsed() < RETRY_LAST);
                self.failed.is_none() && !(self.is_retry && is_soon)
            }
        };
        is_new && is_time && !self.is_busy
    }

    /// They are being written: on which occasion.
    pub(crate) fn begin(&mut self, somebody_waits: Waits) -> Occasion {
        self.is_busy = true;
        match (self.tried_at, somebody_waits) {
            (None, Waits::Nobody) => Occasion::First,
            _ => Occasion::Settled,
        }
    }

    /// What came of it.
    pub(crate) fn done(&mut self, came: Result<String, LakeError>, health: &Health) {
        self.is_busy = false;
        self.tried_at = Some(Instant::now());
        match came {
            Ok(version) => {
                (self.written, self.failed, self.is_retry) = (Some(version), None, false);
                self.written_at_ms = Some(now_ms());
                health.clear(NAME);
            }
            Err(error) => {
                health.report(NAME, error.to_string());
                // What may work later is tried again, also for who waits.
                self.failed = (!error.is_passing()).then(|| error.to_string());
                self.is_retry = error.is_passing();
            }
        }
    }

    /// Somebody waits: what failed before is tried once more.
    pub(crate) fn try_again(&mut self) {
        self.failed = None;
    }

    /// What came of it for who waits; none while it has not come.
    pub(crate) fn came(&self, shown: Option<&str>) -> Option<Result<(), String>> {
        if self.is_busy {
            return None;
        }
        if let Some(why) = &self.failed {
            return Some(Err(why.clone()));
        }
        (shown.is_none() || shown == self.written.as_deref()).then_some(Ok(()))
    }
}

/// Whether somebody waits until all is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waits {
    Nobody,
    Somebody,
}

/// Writes the newest tables: which version that was.
pub(crate) async fn put(
    lake: &Lake,
    source: &dyn GoldSource,
    occasion: Occasion,
) -> Result<String, LakeError> {
    let tables = source.tables().await?;
    gold::write(lake, &tables, occasion).await?;
    Ok(tables.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3_600);

    #[test]
    fn who_waits_gets_the_newest_tables_and_else_they_wait_their_time() {
        let (mut keeper, health) = (Keeper::default(), Health::default());
        assert!(!keeper.is_due(None, LONG, Waits::Somebody), "nothing is shown");
        assert!(keeper.is_due(Some("1"), LONG, Waits::Nobody));
        assert_eq!(keeper.begin(Waits::Nobody), Occasion::First);
        assert_eq!(
            (keeper.is_due(Some("1"), LONG, Waits::Somebody), keeper.came(Some("1"))),
            (false, None)
        );
        keeper.done(Ok("1".to_owned()), &health);
        assert_eq!(keeper.came(Some("1")), Some(Ok(())));
        assert!(!keeper.is_due(Some("2"), LONG, Waits::Nobody), "it is early");
        assert_eq!(
            (keeper.is_due(Some("2"), LONG, Waits::Somebody), keeper.came(Some("2"))),
            (true, None)
        );
        keeper.done(Err(LakeError::Refused("full".to_owned())), &health);
        assert_eq!(keeper.came(Some("2")), Some(Err("full".to_owned())));
        assert!(!keeper.is_due(Some("2"), LONG, Waits::Somebody), "it is told");
        keeper.try_again();
        assert!(keeper.is_due(Some("2"), LONG, Waits::Somebody));
        keeper.done(Err(LakeError::Unavailable("away".to_owned())), &health);
        assert_eq!(keeper.came(Some("2")), None, "it may come");
        assert!(!keeper.is_due(Some("2"), LONG, Waits::Somebody), "a little later");
    }
}

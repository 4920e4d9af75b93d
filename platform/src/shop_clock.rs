//! The clock of a shop whose sales are made up: the wall clock's time, or some time ahead of it.
//!
//! It never goes back. It can be made to run sixty times as fast, and it knows whether a rush hour is
//! on. It sells nothing: whoever makes the sales looks at it.

use crate::clock::{local_now_ms, now_ms};
use goldstream_domain::moment::{Day, Moment};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How many times as fast it can be made to run.
pub const FAST: u32 = 60;
/// How long a rush hour takes by the wall clock.
pub const RUSH: Duration = Duration::from_secs(60);
/// More of them and the shop's day would be none that anybody believes.
pub const RUSHES_A_DAY_MAX: u32 = 2;
/// How far ahead it may get. A purchase dated over 366 days ahead is refused as a bad date.
pub const AHEAD_MAX: Duration = Duration::from_secs(360 * 86_400);
/// How far it is put forward so that somebody buys soon after a start: at night sales are minutes apart.
pub const LEAD_MAX: Duration = Duration::from_secs(180);
/// How long before that sale it is put.
const LEAD_TO: Duration = Duration::from_secs(3);
/// What it runs fast over between two looks; the rest was a machine that slept.
const FAST_STEP_MAX: Duration = Duration::from_secs(5);

/// What it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The shop's time.
    pub now: Moment,
    /// 1, or [`FAST`].
    pub pace: u32,
    /// By how much it is ahead of the wall clock.
    pub ahead_seconds: u64,
    /// How much is left of a rush hour by the wall clock; 0 where there is none.
    pub rush_seconds: u64,
}

/// Why a wish is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The day has had its rush hours.
    #[error("the shop's day has had its {RUSHES_A_DAY_MAX} rush hours: more would not be believed")]
    RushedEnough,
    /// It is as far ahead as it may be.
    #[error("the shop's clock is as far ahead as purchases may be dated")]
    FarAhead,
}

/// The clock; its clones are the same one.
#[derive(Clone)]
pub struct ShopClock {
    wall_ms: Arc<dyn Fn() -> i64 + Send + Sync>,
    hands: Arc<Mutex<Hands>>,
    rush_began: Arc<Notify>,
}

#[derive(Debug)]
struct Hands {
    /// The wall clock when it was last looked at.
    wall_ms: i64,
    ahead_ms: i64,
    shown_ms: i64,
    pace: u32,
    is_near: bool,
    rush_ends_ms: i64,
    /// The day of the last rush hour, and how many it has had.
    rushes: (Day, u32),
}

impl ShopClock {
    /// The wall clock of this machine.
    #[must_use]
    pub fn of_wall() -> Self {
        Self::over(local_now_ms)
    }

    /// As if it were `begin` now.
    #[must_use]
    pub fn beginning_at(begin: Moment) -> Self {
        let started_ms = now_ms();
        Self::over(move || begin.0 * 1000 + now_ms() - started_ms)
    }

    /// Over another wall clock, which gives milliseconds of local time since 1970.
    #[must_use]
    pub fn over(wall_ms: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        let now_ms = wall_ms();
        let hands = Hands {
            wall_ms: now_ms,
            ahead_ms: 0,
            shown_ms: now_ms,
            pace: 1,
            is_near: false,
            rush_ends_ms: i64::MIN,
            rushes: (Day(0), 0),
        };
        Self {
            wall_ms: Arc::new(wall_ms),
            hands: Arc::new(Mutex::new(hands)),
            rush_began: Arc::default(),
        }
    }

    /// The shop's time.
    #[must_use]
    pub fn now(&self) -> Moment {
        Moment(self.looked_at().shown_ms.div_euclid(1000))
    }

    /// All that it shows.
    #[must_use]
    pub fn read(&self) -> Reading {
        let hands = self.looked_at();
        let seconds = |ms: i64| u64::try_from(ms.div_euclid(1000)).unwrap_or(0);
        Reading {
            now: Moment(hands.shown_ms.div_euclid(1000)),
            pace: hands.pace,
            ahead_seconds: seconds(hands.shown_ms - hands.wall_ms),
            rush_seconds: seconds(
                hands.rush_ends_ms.saturating_sub(hands.wall_ms).saturating_add(999),
            ),
        }
    }

    /// Something was sold then: it is not earlier.
    pub fn has_been(&self, moment: Moment) {
        self.looked_at().put_forward(moment.0 * 1000);
    }

    /// The next sale is to come then. Once a start it is put forward a little, where that brings the
    /// sale near.
    pub fn bring_near(&self, moment: Moment) {
        let mut hands = self.looked_at();
        if std::mem::replace(&mut hands.is_near, true) {
            return;
        }
        let near_ms = moment.0 * 1000 - in_ms(LEAD_TO);
        if near_ms - hands.wall_ms <= in_ms(LEAD_MAX) {
            hands.put_forward(near_ms);
        }
    }

    /// Runs as the wall clock does, or [`FAST`].
    ///
    /// # Errors
    /// [`Refused::FarAhead`].
    pub fn run(&self, pace: u32) -> Result<(), Refused> {
        let mut hands = self.looked_at();
        if pace > 1 && hands.ahead_ms >= in_ms(AHEAD_MAX) {
            return Err(Refused::FarAhead);
        }
        hands.pace = pace.clamp(1, FAST);
        Ok(())
    }

    /// Begins a rush hour; one that is on goes on.
    ///
    /// # Errors
    /// [`Refused::RushedEnough`].
    pub fn begin_rush(&self) -> Result<(), Refused> {
        let mut hands = self.looked_at();
        if hands.is_rush() {
            return Ok(());
        }
        let today = Moment(hands.shown_ms.div_euclid(1000)).day();
        let before = if hands.rushes.0 == today { hands.rushes.1 } else { 0 };
        if before >= RUSHES_A_DAY_MAX {
            return Err(Refused::RushedEnough);
        }
        hands.rushes = (today, before + 1);
        hands.rush_ends_ms = hands.wall_ms.saturating_add(in_ms(RUSH));
        drop(hands);
        self.rush_began.notify_one();
        Ok(())
    }

    /// Whether a rush hour is on.
    #[must_use]
    pub fn is_rush(&self) -> bool {
        self.looked_at().is_rush()
    }

    /// Resolves when a rush hour is on. One waits at a time.
    pub async fn rush(&self) {
        while !self.is_rush() {
            self.rush_began.notified().await;
        }
    }

    fn looked_at(&self) -> MutexGuard<'_, Hands> {
        let wall_ms = (self.wall_ms)();
        let mut hands = self.hands.lock().unwrap_or_else(PoisonError::into_inner);
        hands.turn(wall_ms);
        hands
    }
}

impl Hands {
    fn turn(&mut self, wall_ms: i64) {
        if self.pace > 1 {
            let elapsed_ms = (wall_ms - self.wall_ms).clamp(0, in_ms(FAST_STEP_MAX));
            self.ahead_ms += elapsed_ms * i64::from(self.pace - 1);
            if self.ahead_ms >= in_ms(AHEAD_MAX) {
                self.ahead_ms = in_ms(AHEAD_MAX);
                self.pace = 1;
            }
        }
        self.wall_ms = wall_ms;
        self.shown_ms = self.shown_ms.max(wall_ms + self.ahead_ms);
    }

    fn put_forward(&mut self, to_ms: i64) {
        self.ahead_ms = self.ahead_ms.max(to_ms - self.wall_ms);
        self.shown_ms = self.shown_ms.max(to_ms);
    }

    fn is_rush(&self) -> bool {
        self.wall_ms < self.rush_ends_ms
    }
}

impl fmt::Debug for ShopClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.read().fmt(f)
    }
}

fn in_ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    const NOON: i64 = 1_795_953_600;

    /// A clock over a wall clock that the test winds, in seconds.
    fn wound() -> (ShopClock, impl Fn(i64)) {
        let wall = Arc::new(AtomicI64::new(NOON * 1000));
        let hand = Arc::clone(&wall);
        let clock = ShopClock::over(move || wall.load(Ordering::SeqCst));
        (clock, move |seconds| {
            hand.fetch_add(seconds * 1000, Ordering::SeqCst);
        })
    }

    fn shown(clock: &ShopClock) -> i64 {
        clock.now().0 - NOON
    }

    #[test]
    fn it_shows_the_wall_clocks_time_and_never_goes_back() {
        let (clock, wind) = wound();
        wind(3600);
        assert_eq!((shown(&clock), clock.read().ahead_seconds), (3600, 0));
        wind(-1800);
        assert_eq!((shown(&clock), clock.read().ahead_seconds), (3600, 1800));
        wind(1900);
        assert_eq!((shown(&clock), clock.read().ahead_seconds), (3700, 0));
    }

    #[test]
    fn it_runs_sixty_times_as_fast_and_then_goes_on_from_there() {
        let (clock, wind) = wound();
        clock.run(FAST).unwrap();
        for second in 1..=10 {
            wind(1);
            assert_eq!(shown(&clock), second * 60);
        }
        clock.run(1).unwrap();
        wind(5);
        assert_eq!((shown(&clock), clock.read().ahead_seconds), (605, 590));
        // A machine that slept while it ran fast did not sleep a year.
        clock.run(FAST).unwrap();
        wind(8 * 3600);
        assert_eq!(shown(&clock), 605 + 8 * 3600 + 5 * 59);
    }

    #[test]
    fn it_stops_running_fast_before_purchases_would_be_dated_too_far_ahead() {
        let (clock, wind) = wound();
        let nearly = AHEAD_MAX.as_secs() as i64 - 30;
        clock.has_been(Moment(NOON + nearly));
        clock.run(FAST).unwrap();
        wind(1);
        assert_eq!((clock.read().pace, clock.read().ahead_seconds), (1, AHEAD_MAX.as_secs()));
        assert_eq!(clock.run(FAST), Err(Refused::FarAhead));
        assert_eq!(clock.run(1), Ok(()));
    }

    #[test]
    fn it_is_put_forward_to_what_was_sold_and_once_to_what_comes_soon() {
        let (clock, wind) = wound();
        clock.has_been(Moment(NOON - 60));
        assert_eq!(shown(&clock), 0);
        clock.bring_near(Moment(NOON + 90));
        assert_eq!(shown(&clock), 87);
        clock.bring_near(Moment(NOON + 170));
        wind(3);
        assert_eq!(shown(&clock), 90);
        clock.has_been(Moment(NOON + 7200));
        assert_eq!((shown(&clock), clock.read().ahead_seconds), (7200, 7197));
        let (late, _wind) = wound();
        late.bring_near(Moment(NOON + 900));
        assert_eq!(shown(&late), 0);
    }

    #[test]
    fn a_rush_hour_takes_a_minute_and_a_day_has_only_some() {
        let (clock, wind) = wound();
        for _ in 0..RUSHES_A_DAY_MAX {
            assert_eq!(clock.read().rush_seconds, 0);
            clock.begin_rush().unwrap();
            wind(10);
            clock.begin_rush().unwrap();
            assert_eq!(clock.read().rush_seconds, 50);
            wind(50);
            assert!(!clock.is_rush());
        }
        assert_eq!(clock.begin_rush(), Err(Refused::RushedEnough));
        wind(86_400);
        assert_eq!(clock.begin_rush(), Ok(()));
    }

    #[tokio::test]
    async fn who_waits_for_a_rush_hour_is_told() {
        let (clock, _wind) = wound();
        let waiting = clock.clone();
        let told = tokio::spawn(async move { waiting.rush().await });
        tokio::task::yield_now().await;
        clock.begin_rush().unwrap();
        told.await.unwrap();
    }
}

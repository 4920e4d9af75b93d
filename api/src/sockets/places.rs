//! Who has a place: as many sockets as may be open, a few spare ones beside them, and who goes where
//! another comes. Nothing is read or written here.

use super::course::{Course, Worth};
use super::files;
use crate::limits::{FILES_KEPT, SOCKETS_SPARE};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::time::Instant;

/// How many sockets may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// For everybody.
    pub(crate) usual: usize,
    /// Beside them, for who watches over the process.
    pub(crate) spare: usize,
}

impl Room {
    /// For so many, or for as many as the system lets this process have.
    pub(crate) fn of_process(usual: usize) -> Self {
        Self::within(usual, files::open_max())
    }

    fn within(usual: usize, files_max: Option<usize>) -> Self {
        let spare = SOCKETS_SPARE;
        let files_max = files_max.unwrap_or(usize::MAX);
        // Half of very few is for sockets, too.
        let for_sockets = files_max.saturating_sub(FILES_KEPT + spare).max(files_max / 2);
        if for_sockets < usual {
            tracing::warn!(
                "this process may have {files_max} open files (ulimit -n), so it has {for_sockets} \
                 sockets instead of {usual}"
            );
        }
        Self { usual: usual.min(for_sockets), spare }
    }
}

/// For whom a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// For everybody.
    Usual,
    /// For who watches over the process: all others have taken what there is.
    Spare,
}

/// All places.
#[derive(Debug)]
pub(super) struct Places {
    room: Room,
    began: Instant,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    usual: HashMap<u64, Arc<Held>>,
    spare: HashMap<u64, Arc<Held>>,
}

/// A place that a socket has, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) held: Arc<Held>,
    pub(super) kind: Kind,
    places: Arc<Places>,
    number: u64,
}

/// What is known of a socket that has a place.
#[derive(Debug)]
pub(super) struct Held {
    course: Course,
    began: Instant,
    given_up: Notify,
}

impl Places {
    /// All of them free.
    pub(super) fn new(room: Room) -> Arc<Self> {
        Arc::new(Self { room, began: Instant::now(), taken: Mutex::default() })
    }

    /// A place for one more: free, or another's that was only waiting; none where all are in use.
    pub(super) fn take(self: &Arc<Self>) -> Option<Place> {
        let mut taken = self.taken();
        let number = taken.next;
        taken.next += 1;
        let Taken { usual, spare, .. } = &mut *taken;
        let (kind, among) = if has_room(usual, self.room.usual) {
            (Kind::Usual, usual)
        } else if has_room(spare, self.room.spare) {
            (Kind::Spare, spare)
        } else {
            return None;
        };
        let course = Course::begin(now_ms(self.began));
        let held = Arc::new(Held { course, began: self.began, given_up: Notify::new() });
        among.insert(number, Arc::clone(&held));
        Some(Place { held, kind, places: Arc::clone(self), number })
    }

    /// Gives up one that only waits.
    pub(super) fn give_one_up(&self) {
        let mut taken = self.taken();
        give_up_one(&mut taken.usual);
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn has_room(taken: &mut HashMap<u64, Arc<Held>>, most: usize) -> bool {
    taken.len() < most || give_up_one(taken)
}

fn give_up_one(taken: &mut HashMap<u64, Arc<Held>>) -> bool {
    let worth = |(number, held): (&u64, &Arc<Held>)| Some((held.course.worth()?, *number));
    let least: Option<(Worth, u64)> = taken.iter().filter_map(worth).min();
    let held = least.and_then(|(_, number)| taken.remove(&number));
    if let Some(held) = &held {
        held.given_up.notify_one();
    }
    held.is_some()
}

impl Held {
    pub(super) fn heard(&self) {
        self.course.heard(self.now_ms());
    }

    pub(super) fn asked(&self) {
        self.course.asked(self.now_ms());
    }

    pub(super) fn answered(&self) {
        self.course.answered(self.now_ms());
    }

    pub(super) fn wrote(&self) {
        self.course.wrote(self.now_ms());
    }

    pub(super) fn blocked(&self) {
        self.course.blocked(self.now_ms());
    }

    /// Until when it may go on like that.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let deadline_ms = self.course.deadline_ms()?;
        Some(self.began + std::time::Duration::from_millis(deadline_ms))
    }

    /// Resolves once another has its place.
    pub(super) async fn given_up(&self) {
        self.given_up.notified().await;
    }

    fn now_ms(&self) -> u64 {
        now_ms(self.began)
    }
}

fn now_ms(began: Instant) -> u64 {
    began.elapsed().as_millis() as u64 + 1
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        match self.kind {
            Kind::Usual => taken.usual.remove(&self.number),
            Kind::Spare => taken.spare.remove(&self.number),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    fn places(usual: usize, spare: usize) -> Arc<Places> {
        Places::new(Room { usual, spare })
    }

    fn is_given_up(place: &Place) -> bool {
        place.held.given_up().now_or_never().is_some()
    }

    #[tokio::test]
    async fn a_socket_that_only_waits_gives_its_place_to_a_newcomer() {
        let places = places(2, 1);
        let (busy, half) = (places.take().unwrap(), places.take().unwrap());
        busy.held.asked();
        let newcomer = places.take().unwrap();
        assert!(is_given_up(&half) && !is_given_up(&busy));
        assert_eq!(newcomer.kind, Kind::Usual);
        // Its own end frees nothing more.
        drop(half);
        newcomer.held.asked();
        assert_eq!(places.take().unwrap().kind, Kind::Spare);
    }

    #[tokio::test]
    async fn where_all_are_in_use_there_are_spare_places_and_then_none() {
        let places = places(1, 1);
        let usual = places.take().unwrap();
        usual.held.asked();
        let spare = places.take().unwrap();
        assert_eq!(spare.kind, Kind::Spare);
        spare.held.asked();
        assert!(places.take().is_none());
        drop(usual);
        assert_eq!(places.take().unwrap().kind, Kind::Usual);
    }

    #[test]
    fn a_process_that_may_open_few_files_has_fewer_sockets() {
        let usual = |files_max| Room::within(3_000, files_max).usual;
        assert_eq!(usual(None), 3_000);
        assert_eq!(usual(Some(20_000)), 3_000);
        assert_eq!(usual(Some(1_024)), 704);
        assert_eq!(usual(Some(256)), 128);
    }
}

//! Who has a place: as many sockets as may be open, a few spare ones beside them, and who goes where
//! another comes. Nothing is read or written here.

use super::course::{Course, Worth};
use super::files;
use crate::limits::{FILES_KEPT, SOCKETS_SPARE};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
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

impl Room {
    /// How many of the usual places sockets from one site may have: nobody alone keeps all others out. What comes
    /// from this machine may be a proxy, behind which everybody is.
    fn share(self, site: IpAddr) -> Option<usize> {
        (!site.is_loopback()).then(|| self.usual.div_ceil(2))
    }
}

/// Where a socket comes from: an address, of version 6 the network that a site has to itself.
fn site(address: IpAddr) -> IpAddr {
    const OF_A_SITE: u128 = !0 << 64;
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & OF_A_SITE))
        }
        address => address,
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
    site: IpAddr,
    course: Course,
    began: Instant,
    given_up: Notify,
}

impl Places {
    /// All of them free.
    pub(super) fn new(room: Room) -> Arc<Self> {
        Arc::new(Self { room, began: Instant::now(), taken: Mutex::default() })
    }

    /// A place for one more: free, or another's that was only waiting; none where all are in use, or all that
    /// its site may have.
    pub(super) fn take(self: &Arc<Self>, from: IpAddr) -> Option<Place> {
        let site = site(from);
        let mut taken = self.taken();
        let number = taken.next;
        taken.next += 1;
        let Taken { usual, spare, .. } = &mut *taken;
        let own = |held: &Held| held.site == site;
        if self.room.share(site).is_some_and(|share| !has_room(usual, share, own)) {
            return None;
        }
        let (kind, among) = if has_room(usual, self.room.usual, |_| true) {
            (Kind::Usual, usual)
        } else if has_room(spare, self.room.spare, |_| true) {
            (Kind::Spare, spare)
        } else {
            return None;
        };
        let course = Course::begin(now_ms(self.began));
        let held = Arc::new(Held { site, course, began: self.began, given_up: Notify::new() });
        among.insert(number, Arc::clone(&held));
        Some(Place { held, kind, places: Arc::clone(self), number })
    }

    /// Gives up one that only waits.
    pub(super) fn give_one_up(&self) {
        let mut taken = self.taken();
        give_up_one(&mut taken.usual, |_| true);
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether one more of those that count may come, perhaps because one of them goes.
fn has_room(
    taken: &mut HashMap<u64, Arc<Held>>,
    most: usize,
    counts: impl Fn(&Held) -> bool,
) -> bool {
    let is_full = || taken.values().filter(|held| counts(held)).count() >= most;
    taken.len() < most || !is_full() || give_up_one(taken, counts)
}

fn give_up_one(taken: &mut HashMap<u64, Arc<Held>>, counts: impl Fn(&Held) -> bool) -> bool {
    let counted = taken.iter().filter(|(_, held)| counts(held));
    let worth = |(number, held): (&u64, &Arc<Held>)| Some((held.course.worth()?, *number));
    let least: Option<(Worth, u64)> = counted.filter_map(worth).min();
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

    const HERE: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

    fn places(usual: usize, spare: usize) -> Arc<Places> {
        Places::new(Room { usual, spare })
    }

    fn is_given_up(place: &Place) -> bool {
        place.held.given_up().now_or_never().is_some()
    }

    #[tokio::test]
    async fn a_socket_that_only_waits_gives_its_place_to_a_newcomer() {
        let places = places(2, 1);
        let (busy, half) = (places.take(HERE).unwrap(), places.take(HERE).unwrap());
        busy.held.asked();
        let newcomer = places.take(HERE).unwrap();
        assert!(is_given_up(&half) && !is_given_up(&busy));
        assert_eq!(newcomer.kind, Kind::Usual);
        // Its own end frees nothing more.
        drop(half);
        newcomer.held.asked();
        assert_eq!(places.take(HERE).unwrap().kind, Kind::Spare);
    }

    #[tokio::test]
    async fn where_all_are_in_use_there_are_spare_places_and_then_none() {
        let places = places(1, 1);
        let usual = places.take(HERE).unwrap();
        usual.held.asked();
        let spare = places.take(HERE).unwrap();
        assert_eq!(spare.kind, Kind::Spare);
        spare.held.asked();
        assert!(places.take(HERE).is_none());
        drop(usual);
        assert_eq!(places.take(HERE).unwrap().kind, Kind::Usual);
    }

    #[tokio::test]
    async fn one_site_has_half_of_the_places_and_a_proxy_on_this_machine_all() {
        let places = places(4, 1);
        let [one, other]: [IpAddr; 2] = ["192.0.2.1", "192.0.2.2"].map(|it| it.parse().unwrap());
        let busy = |from| {
            let place = places.take(from)?;
            place.held.asked();
            Some(place)
        };
        let (first, _second) = (busy(one).unwrap(), busy(one).unwrap());
        assert!(busy(one).is_none(), "not even a spare place");
        let theirs = (busy(other).unwrap(), busy(other).unwrap());
        assert!(theirs.0.kind == Kind::Usual && theirs.1.kind == Kind::Usual);
        // One of its own that only waits gives its place up, and no other site's.
        first.held.answered();
        let again = busy(one).unwrap();
        assert!(is_given_up(&first) && again.kind == Kind::Usual);
        let local = super::tests::places(4, 0);
        let all: Vec<_> = std::iter::repeat_with(|| local.take(HERE)).take(4).collect();
        assert!(all.iter().all(Option::is_some));
    }

    #[test]
    fn addresses_of_one_network_are_one_site() {
        let site = |text: &str| site(text.parse().unwrap());
        assert_eq!(site("2001:db8::1"), site("2001:db8::ffff:2"));
        assert_ne!(site("2001:db8::1"), site("2001:db8:0:1::1"));
        assert_eq!(site("::ffff:192.0.2.1"), site("192.0.2.1"));
        assert!(site("::1").is_loopback());
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

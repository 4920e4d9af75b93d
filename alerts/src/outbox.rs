//! What is to be sent: each message to one receiver, in order, until it is sent or a day has passed. Pure: who
//! sends claims a message for a time, so that of several servers one sends it; what was claimed once keeps its
//! content and its id, so that a receiver knows it again where it was sent and the sender killed before it could
//! say so.

use serde::{Deserialize, Serialize};

/// What happens within this time is told in one message.
pub const GATHER_MS: i64 = 10_000;

/// Who claims a message has this long to send it; longer than any channel may take.
pub const LEASE_MS: i64 = 60_000;

/// First pause after a failure. It doubles each time, up to the longest.
const RETRY_FIRST_MS: i64 = 5_000;
const RETRY_LONGEST_MS: i64 = 1_800_000;

/// A message that could not be sent for so long is given up: what it says is in the list of incidents.
pub const GIVE_UP_MS: i64 = 86_400_000;

/// Messages that wait for one receiver; a few are enough, since what waits is gathered.
const PER_RECEIVER_MAX: usize = 4;

/// Which end of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// It has begun.
    Opened,
    /// It is over.
    Resolved,
}

impl Turn {
    /// As it stands in ids and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Resolved => "resolved",
        }
    }
}

/// What a message tells, or a part of it.
pub trait Told: Clone + PartialEq {
    /// What a message that begins with it is called: the same however often it is told.
    fn id(&self) -> String;
}

/// A part of a message about incidents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The id of the incident.
    pub incident: String,
    /// What of it.
    pub turn: Turn,
}

impl Told for Item {
    fn id(&self) -> String {
        format!("{}.{}", self.incident.replace(':', "."), self.turn.name())
    }
}

/// Who is sending a message now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The process.
    pub by: String,
    /// After this it has died: milliseconds since 1970 UTC.
    pub until_ms: i64,
}

/// A message to one receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message<I = Item> {
    /// The same however often it is sent: `sales_drop.2026-11-28.opened`.
    pub id: String,
    /// The receiver's name.
    pub to: String,
    /// What it tells, in the order in which it happened.
    pub items: Vec<I>,
    /// When its first item happened: milliseconds since 1970 UTC.
    pub since_ms: i64,
    /// Not to be sent before.
    pub due_at_ms: i64,
    /// How often it failed.
    pub failures: u32,
    /// Who is sending it.
    pub claim: Option<Claim>,
}

impl<I: Told> Message<I> {
    fn new(to: &str, item: I, now_ms: i64, due_at_ms: i64) -> Self {
        Self {
            id: item.id(),
            to: to.to_owned(),
            items: vec![item],
            since_ms: now_ms,
            due_at_ms,
            failures: 0,
            claim: None,
        }
    }

    /// Whether somebody may have seen it as it is.
    const fn is_sealed(&self) -> bool {
        self.failures > 0 || self.claim.is_some()
    }
}

/// What became of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// It is tried again, then.
    AgainAt(i64),
    /// It was tried for a day.
    GivenUp,
    /// It is another's by now, or gone.
    NotOurs,
}

/// All that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Outbox<I = Item> {
    messages: Vec<Message<I>>,
}

impl<I> Default for Outbox<I> {
    fn default() -> Self {
        Self { messages: Vec::new() }
    }
}

impl<I: Told> Outbox<I> {
    /// Tells this receiver, at once and in a message of its own.
    pub(crate) fn post(&mut self, to: &str, item: I, now_ms: i64) {
        self.messages.push(Message::new(to, item, now_ms, now_ms));
    }

    /// Tells this receiver, with what else he has not been told.
    pub(crate) fn tell(&mut self, to: &str, item: I, now_ms: i64) {
        let waiting = self.messages.iter().filter(|message| message.to == to).count();
        let last = self.messages.iter_mut().rfind(|message| message.to == to);
        match last {
            Some(last) if !last.is_sealed() || waiting >= PER_RECEIVER_MAX => last.items.push(item),
            _ => self.messages.push(Message::new(to, item, now_ms, now_ms + GATHER_MS)),
        }
    }

    /// What waits, in order.
    #[must_use]
    pub fn messages(&self) -> &[Message<I>] {
        &self.messages
    }

    /// Drops what waits for receivers that there are no more.
    pub fn keep_only(&mut self, receivers: &[String]) {
        self.messages.retain(|message| receivers.contains(&message.to));
    }

    /// Claims the next message to this receiver, if it is due: his messages go one after the other. Who claims
    /// sends one of them at a time, so what he has claimed already he has not sent, or not said so.
    pub fn claim(&mut self, by: &str, to: &str, now_ms: i64) -> Option<Message<I>> {
        let message = self.messages.iter_mut().find(|message| message.to == to)?;
        let is_anothers = |claim: &Claim| claim.by != by && claim.until_ms > now_ms;
        if message.due_at_ms > now_ms || message.claim.as_ref().is_some_and(is_anothers) {
            return None;
        }
        message.claim = Some(Claim { by: by.to_owned(), until_ms: now_ms + LEASE_MS });
        Some(message.clone())
    }

    /// Whether there is something for this process to claim.
    #[must_use]
    pub fn is_due(&self, by: &str, to: &str, now_ms: i64) -> bool {
        self.clone().claim(by, to, now_ms).is_some()
    }

    /// Frees what others have claimed: there are none any more.
    pub fn free(&mut self) {
        for claim in self.messages.iter_mut().filter_map(|message| message.claim.as_mut()) {
            claim.until_ms = 0;
        }
    }

    fn place(&self, message: &Message<I>, by: &str) -> Option<usize> {
        self.messages.iter().position(|known| {
            (&known.id, &known.to) == (&message.id, &message.to)
                && known.claim.as_ref().is_some_and(|claim| claim.by == by)
        })
    }

    /// It is sent.
    pub fn sent(&mut self, message: &Message<I>, by: &str) {
        if let Some(place) = self.place(message, by) {
            self.messages.remove(place);
        }
    }

    /// It could not be sent.
    pub fn failed(&mut self, message: &Message<I>, by: &str, now_ms: i64) -> Failed {
        let Some(place) = self.place(message, by) else { return Failed::NotOurs };
        let known = &mut self.messages[place];
        if now_ms - known.since_ms >= GIVE_UP_MS {
            self.messages.remove(place);
            return Failed::GivenUp;
        }
        known.claim = None;
        known.failures += 1;
        known.due_at_ms = now_ms + pause_ms(known.failures);
        Failed::AgainAt(known.due_at_ms)
    }
}

/// The pause after so many failures.
fn pause_ms(failures: u32) -> i64 {
    let doubled = RETRY_FIRST_MS.checked_shl(failures.saturating_sub(1).min(20));
    doubled.unwrap_or(RETRY_LONGEST_MS).min(RETRY_LONGEST_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(incident: &str) -> Item {
        Item { incident: incident.to_owned(), turn: Turn::Opened }
    }

    fn to() -> Vec<String> {
        vec!["a".to_owned(), "b".to_owned()]
    }

    #[test]
    fn what_happens_in_a_burst_is_one_message_to_each() {
        let mut outbox = Outbox::default();
        for (incident, at_ms) in [("lag:2026-11-29T10", 0), ("silence:2026-11-29T10", 900)] {
            for to in to() {
                outbox.tell(&to, item(incident), at_ms);
            }
        }
        for to in to() {
            assert!(!outbox.is_due("x", &to, GATHER_MS - 1));
            let message = outbox.claim("x", &to, GATHER_MS).unwrap();
            assert_eq!((&*message.id, message.items.len()), ("lag.2026-11-29T10.opened", 2));
            assert_eq!(outbox.claim("y", &to, GATHER_MS), None);
        }
    }

    #[test]
    fn of_several_servers_one_sends_and_another_goes_on_where_it_died() {
        let mut outbox = Outbox::default();
        outbox.tell("a", item("lag:1"), 0);
        let first = outbox.claim("x", "a", GATHER_MS).unwrap();
        assert_eq!(outbox.claim("y", "a", GATHER_MS + LEASE_MS - 1), None);
        // What comes meanwhile goes into another message: the first may have been seen.
        outbox.tell("a", item("lag:2"), GATHER_MS + 1);
        let again = outbox.claim("y", "a", GATHER_MS + LEASE_MS).unwrap();
        assert_eq!((&again.id, &again.items), (&first.id, &first.items));
        // It was only slow: its word counts no more.
        outbox.sent(&first, "x");
        assert_eq!(outbox.messages().len(), 2);
        assert_eq!(outbox.failed(&first, "x", 0), Failed::NotOurs);
        outbox.sent(&again, "y");
        assert_eq!(outbox.messages().len(), 1);
    }

    #[test]
    fn a_receiver_that_is_down_is_tried_for_a_day_with_growing_pauses() {
        let mut outbox = Outbox::default();
        outbox.tell("a", item("lag:1"), 0);
        let (mut now_ms, mut tries, mut last_pause_ms) = (GATHER_MS, 0, 0);
        loop {
            let message = outbox.claim("x", "a", now_ms).unwrap();
            tries += 1;
            match outbox.failed(&message, "x", now_ms) {
                Failed::AgainAt(at_ms) => {
                    assert!(at_ms - now_ms >= last_pause_ms);
                    assert_eq!(outbox.claim("x", "a", at_ms - 1), None);
                    (last_pause_ms, now_ms) = (at_ms - now_ms, at_ms);
                }
                Failed::GivenUp => break,
                Failed::NotOurs => panic!(),
            }
        }
        assert!((50..70).contains(&tries), "{tries}");
        assert_eq!(last_pause_ms, RETRY_LONGEST_MS);
        assert!(outbox.messages().is_empty());
    }

    #[test]
    fn whoever_is_no_receiver_any_more_is_not_told() {
        let mut outbox = Outbox::default();
        outbox.tell("gone", item("lag:1"), 0);
        outbox.tell("a", item("lag:1"), 0);
        outbox.keep_only(&to());
        let left: Vec<_> = outbox.messages().iter().map(|message| &*message.to).collect();
        assert_eq!(left, ["a"]);
    }

    #[test]
    fn what_was_claimed_before_a_restart_is_sent_at_once_and_unchanged() {
        let mut outbox = Outbox::default();
        outbox.tell("a", item("lag:1"), 0);
        let first = outbox.claim("x", "a", GATHER_MS).unwrap();
        outbox.free();
        outbox.tell("a", item("lag:2"), GATHER_MS);
        let again = outbox.claim("y", "a", GATHER_MS).unwrap();
        assert_eq!((&again.id, &again.items), (&first.id, &first.items));
    }
}

//! What ends a session that was served until then: too many pings, and sums that are not exact. No socket,
//! no clock.

use super::message::{Close, ErrorCode, ServerMessage};
use super::session::{Action, Event};
use super::session_tests::{Client, only};
use crate::limits::{MESSAGES_PER_MINUTE_MAX, PING_MS};
use crate::testing::shop::empty_store;
use crate::view::state::Continuity;
use goldstream_domain::gold::shard::SumOverflow;
use goldstream_domain::money::SUM_CENTS_MAX;

#[test]
fn pings_are_messages_and_so_are_pongs_that_nobody_asked_for() {
    for event in [|| Event::Ping, || Event::Pong] {
        let mut client = Client::connect();
        for _ in 0..MESSAGES_PER_MINUTE_MAX {
            assert_eq!(client.on(event()), []);
        }
        assert_eq!(client.on(event()), [Action::Close(Close::TooManyMessages)]);
    }
}

#[test]
fn a_pong_that_was_asked_for_is_no_message() {
    let mut client = Client::connect();
    for _ in 0..MESSAGES_PER_MINUTE_MAX {
        client.now_ms += PING_MS;
        assert!(client.on(Event::Woken).contains(&Action::Ping));
        client.on(Event::Pong);
    }
    for _ in 0..MESSAGES_PER_MINUTE_MAX {
        assert!(matches!(only(client.says(r#"{"op":"ping"}"#)), Some(ServerMessage::Pong { .. })));
    }
    assert_eq!(client.on(Event::Pong), [Action::Close(Close::TooManyMessages)]);
}

/// What is said where sums are not exact.
fn farewell() -> [Action; 2] {
    let (code, detail) = (ErrorCode::SumOverflow, SumOverflow.to_string());
    let error = ServerMessage::Error { id: None, code, detail };
    [Action::Send(error), Action::Close(Close::SumOverflow)]
}

#[test]
fn a_reader_is_told_and_sent_away_before_he_is_shown_a_sum_that_he_would_round() {
    let mut client = Client::connect();
    client.buys("1", SUM_CENTS_MAX / 2);
    client.subscribes(r#"{"months":{}}"#, "");
    client.buys("2", SUM_CENTS_MAX / 2 - 1);
    assert!(matches!(client.after(50), Some(ServerMessage::Update { .. })));
    client.buys("2", 1);
    client.now_ms += 50;
    assert_eq!(client.on(Event::Woken), farewell());
    // Nor is he shown one who comes then, until it is below again.
    let mut other = Client { session: Client::open().0.session, ..client };
    let wish = r#"{"op":"subscribe","id":"a","views":{"summary":{}}}"#;
    assert_eq!(other.says(wish), farewell());
    other.state.install(empty_store(), Continuity::Same, 0);
    assert!(matches!(only(other.says(wish)), Some(ServerMessage::Snapshot { .. })));
}

#[test]
fn what_shows_no_sums_goes_on_beyond_them() {
    let mut client = Client::connect();
    client.subscribes(r#"{"accounting":{},"purchases":{}}"#, "");
    client.buys("1", SUM_CENTS_MAX / 2);
    client.buys("2", SUM_CENTS_MAX / 2);
    assert!(matches!(client.after(50), Some(ServerMessage::Update { .. })));
}

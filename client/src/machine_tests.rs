//! The connection as sentences: every way it can go.

use crate::machine::{Action, Event, Machine, Notice};
use crate::stop::{Loss, Stop};
use crate::wish::Wish;
use serde_json::{Map, Value, json};

fn wish() -> Wish {
    Wish::new(Map::from_iter([("summary".to_owned(), json!({}))]), Some(50))
}

fn text(frame: &Value) -> Event {
    Event::Text(frame.to_string())
}

fn snapshot(epoch: &str, version: u64) -> Event {
    text(&json!({"op": "snapshot", "id": "main", "epoch": epoch, "version": version, "views": {}}))
}

fn update(epoch: &str, prev: u64, version: u64) -> Event {
    text(&json!({"op": "update", "id": "main", "epoch": epoch, "prev": prev, "version": version,
        "views": {}}))
}

fn closed(code: u16) -> Event {
    Event::Lost(Loss::Closed { code, reason: "why".to_owned() })
}

fn broken() -> Event {
    Event::Lost(Loss::Broken("refused".to_owned()))
}

fn hello() -> Event {
    text(&json!({"op": "hello", "heartbeat_ms": 200}))
}

/// Takes all of them; the last one's actions.
fn on(machine: &mut Machine, events: impl IntoIterator<Item = Event>) -> Vec<Action> {
    let mut actions = Vec::new();
    for event in events {
        actions = machine.on(event, u32::MAX);
    }
    actions
}

fn live() -> Machine {
    let mut machine = Machine::new(wish()).0;
    on(&mut machine, [Event::Opened, hello(), snapshot("e", 41)]);
    machine
}

/// What is asked for, where that is the last action.
fn asked(actions: &[Action]) -> Value {
    match actions.last() {
        Some(Action::Send(text)) => serde_json::from_str(text).unwrap(),
        other => panic!("nothing is sent but {other:?}"),
    }
}

fn takes(actions: &[Action]) -> bool {
    actions.iter().any(|action| matches!(action, Action::Take { .. }))
}

fn waits(actions: &[Action]) -> Option<u64> {
    match actions {
        [Action::Disconnect, Action::Tell(Notice::Waiting { ms, .. })] => Some(*ms),
        _ => None,
    }
}

#[test]
fn it_connects_subscribes_and_is_live_with_the_first_frame() {
    let (mut machine, actions) = Machine::new(wish());
    assert_eq!(actions, [Action::Connect]);
    let request = asked(&on(&mut machine, [Event::Opened]));
    let expected =
        json!({"op": "subscribe", "id": "main", "views": {"summary": {}}, "interval_ms": 50});
    assert_eq!(request, expected);
    let actions = on(&mut machine, [hello(), snapshot("e", 41)]);
    assert!(matches!(&actions[..], [Action::Take { .. }, Action::Tell(Notice::Live)]));
}

#[test]
fn an_update_that_follows_is_taken_and_the_text_stays_as_it_came() {
    let Event::Text(text) = update("e", 41, 44) else { panic!() };
    let actions = live().on(Event::Text(text.clone()), 0);
    assert!(matches!(&actions[..], [Action::Take { text: taken, .. }] if *taken == text));
}

#[test]
fn a_gap_is_asked_for_whole_and_late_updates_are_ignored_meanwhile() {
    let mut machine = live();
    let actions = on(&mut machine, [update("e", 43, 44)]);
    assert!(!takes(&actions) && asked(&actions).get("after").is_none());
    assert_eq!(on(&mut machine, [update("e", 44, 45)]), []);
    assert!(takes(&on(&mut machine, [snapshot("e", 45)])));
    assert!(takes(&on(&mut machine, [update("e", 45, 46)])));
}

#[test]
fn another_epoch_is_a_gap_wherever_it_shows() {
    let heartbeat = json!({"op": "heartbeat", "epoch": "f", "version": 41});
    for event in [update("f", 41, 42), text(&heartbeat)] {
        let actions = on(&mut live(), [event]);
        assert!(!takes(&actions) && asked(&actions).get("after").is_none());
    }
    assert!(takes(&on(&mut live(), [snapshot("f", 1)])), "a snapshot begins anew by itself");
}

#[test]
fn a_frame_that_comes_twice_is_taken_once_and_does_no_harm() {
    let mut machine = live();
    assert_eq!(on(&mut machine, [update("e", 41, 44), update("e", 41, 44)]), []);
    assert!(takes(&on(&mut machine, [update("e", 44, 45)])));
    // Status moves within one version.
    assert!(takes(&on(&mut machine, [update("e", 45, 45), update("e", 45, 45)])));
}

#[test]
fn it_goes_on_after_what_it_has_when_it_comes_back() {
    let mut machine = live();
    let actions = on(&mut machine, [broken(), Event::Timer, Event::Opened]);
    assert_eq!(asked(&actions)["after"], json!({"epoch": "e", "version": 41}));
    assert!(takes(&on(&mut machine, [update("e", 41, 50)])));
    // The one that comes back may know nothing of it.
    let actions = on(&mut machine, [closed(1006), Event::Timer, Event::Opened]);
    assert_eq!(asked(&actions)["after"], json!({"epoch": "e", "version": 50}));
    assert!(takes(&on(&mut machine, [snapshot("f", 3)])));
}

#[test]
fn two_and_a_half_heartbeats_of_silence_are_a_lost_connection() {
    let mut machine = Machine::new(wish()).0;
    assert_eq!(machine.patience_ms(), 5_000);
    on(&mut machine, [Event::Opened]);
    assert_eq!(machine.patience_ms(), 2_500);
    on(&mut machine, [hello()]);
    assert_eq!(machine.patience_ms(), 500);
    let actions = on(&mut machine, [Event::Timer]);
    assert_eq!(waits(&actions), Some(249));
    assert_eq!(machine.patience_ms(), 249);
    assert_eq!(on(&mut machine, [Event::Timer]), [Action::Connect]);
    let unanswered = on(&mut machine, [Event::Timer]);
    assert_eq!(waits(&unanswered), Some(499));
}

#[test]
fn a_heartbeat_is_believed_within_reason_only() {
    for (said, patience_ms) in [(0, 250), (u64::MAX, 150_000)] {
        let mut machine = Machine::new(wish()).0;
        on(&mut machine, [Event::Opened, text(&json!({"op": "hello", "heartbeat_ms": said}))]);
        assert_eq!(machine.patience_ms(), patience_ms);
    }
}

#[test]
fn attempts_count_anew_only_after_a_good_connection() {
    let mut machine = live();
    let lose = |machine: &mut Machine| waits(&on(machine, [broken()]));
    let back = |machine: &mut Machine| {
        on(machine, [Event::Timer, Event::Opened, hello(), snapshot("e", 41)]);
    };
    assert_eq!(lose(&mut machine), Some(249));
    back(&mut machine);
    assert_eq!(lose(&mut machine), Some(499), "a server that drops all at once is not hammered");
    back(&mut machine);
    on(&mut machine, (41..60).map(|version| update("e", version, version + 1)));
    assert_eq!(lose(&mut machine), Some(249));
}

#[test]
fn a_server_that_ends_says_when_to_come_back() {
    let shutdown = |ms: u64| text(&json!({"op": "server_shutdown", "reconnect_after_ms": ms}));
    assert_eq!(waits(&on(&mut live(), [shutdown(1200), closed(1012)])), Some(1200));
    assert_eq!(waits(&on(&mut live(), [shutdown(u64::MAX), closed(1012)])), Some(60_000));
    // It may be gone before it closes.
    assert_eq!(waits(&on(&mut live(), [shutdown(1200), Event::Timer])), Some(1200));
}

#[test]
fn codes_that_would_only_come_again_stop_it_and_all_others_do_not() {
    for code in [1009, 4400, 4401, 4403, 4406, 4429] {
        let mut machine = live();
        let actions = on(&mut machine, [closed(code)]);
        let [Action::Disconnect, Action::Stop(why)] = &actions[..] else { panic!("{actions:?}") };
        let said = why.to_string();
        assert!(said.contains(&code.to_string()) && said.contains("why"), "{said}");
        assert_eq!(on(&mut machine, [Event::Timer, Event::Opened, hello()]), []);
    }
    for code in [1000, 1001, 1005, 1006, 1011, 1012, 1013, 4008, 4013, 4999] {
        assert!(waits(&on(&mut live(), [closed(code)])).is_some(), "{code}");
    }
}

#[test]
fn an_answer_that_is_no_connection_stops_it_where_it_would_stay_the_same() {
    let http = |status| Event::Lost(Loss::Http { status, detail: String::new() });
    for status in [400, 401, 403, 404, 426] {
        let actions = on(&mut Machine::new(wish()).0, [http(status)]);
        assert!(matches!(actions.last(), Some(Action::Stop(Stop::Final(_)))), "{status}");
    }
    for status in [408, 429, 500, 502, 503] {
        assert!(waits(&on(&mut Machine::new(wish()).0, [http(status)])).is_some(), "{status}");
    }
    let no_feed = Event::Lost(Loss::NoFeed("it speaks no WebSocket".to_owned()));
    assert!(matches!(on(&mut live(), [no_feed]).last(), Some(Action::Stop(_))));
}

#[test]
fn a_refused_wish_stops_it_and_somebody_elses_error_does_not() {
    let error =
        |id: Value| json!({"op": "error", "id": id, "code": "unknown_view", "detail": "no"});
    let mut machine = Machine::new(wish()).0;
    let actions = on(&mut machine, [Event::Opened, hello(), text(&error(json!("main")))]);
    let (code, detail) = ("unknown_view".to_owned(), "no".to_owned());
    assert_eq!(actions.last(), Some(&Action::Stop(Stop::Refused { code, detail })));
    for id in [json!("other"), Value::Null] {
        assert!(matches!(&on(&mut live(), [text(&error(id))])[..], [Action::Take { .. }]));
    }
}

#[test]
fn an_unreadable_frame_costs_the_connection_and_what_it_had() {
    let mut machine = live();
    assert!(waits(&on(&mut machine, [Event::Text("{".to_owned())])).is_some());
    let actions = on(&mut machine, [Event::Timer, Event::Opened]);
    assert_eq!(asked(&actions).get("after"), None);
}

#[test]
fn what_it_does_not_know_is_taken_and_changes_nothing() {
    let mut machine = live();
    let dance = json!({"op": "dance", "id": "main", "version": 99});
    assert!(takes(&on(&mut machine, [text(&dance)])));
    let foreign =
        json!({"op": "update", "id": "x", "epoch": "e", "prev": 7, "version": 8, "views": {}});
    assert_eq!(on(&mut machine, [text(&foreign)]), []);
    assert!(takes(&on(&mut machine, [update("e", 41, 42)])));
}

#[test]
fn what_comes_from_a_connection_that_is_no_more_is_ignored() {
    let mut machine = live();
    on(&mut machine, [broken()]);
    assert_eq!(on(&mut machine, [update("e", 41, 42)]), []);
    assert_eq!(on(&mut machine, [closed(4400)]), []);
    assert_eq!(on(&mut machine, [Event::Timer]), [Action::Connect]);
}

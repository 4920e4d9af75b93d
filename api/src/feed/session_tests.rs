//! The session machine over a real state: conflation, resuming, gaps, limits. No socket, no clock.

use super::hub::Hub;
use super::message::{Close, ErrorCode, IngestedAt, ServerMessage};
use super::now::Now;
use super::session::{Action, Event, Session};
use crate::limits::MESSAGES_PER_MINUTE_MAX;
use crate::testing::shop::{BRONZE, PARTITIONS, Shop, empty_store};
use crate::view::state::{Continuity, State};
use serde_json::{Map, Value, json};

pub(super) struct Client {
    pub(super) session: Session,
    pub(super) state: State,
    pub(super) hub: Hub,
    pub(super) shop: Shop,
    pub(super) now_ms: u64,
}

impl Client {
    pub(super) fn connect() -> Self {
        let (client, hello) = Self::open();
        assert!(matches!(hello[..], [Action::Send(ServerMessage::Hello { version: 0, .. })]));
        client
    }

    /// With what it is told first.
    pub(super) fn open() -> (Self, Vec<Action>) {
        let mut state = State::new(PARTITIONS, 0);
        state.install(empty_store(), Continuity::Same, 0);
        let now = Now { steady_ms: 0, wall_ms: 0 };
        let (session, hello) = Session::open(now, &state);
        let (hub, shop) = (Hub::default(), Shop::default());
        (Self { session, state, hub, shop, now_ms: 0 }, hello)
    }

    pub(super) fn on(&mut self, event: Event) -> Vec<Action> {
        let now = Now { steady_ms: self.now_ms, wall_ms: self.now_ms as i64 };
        let actions = self.session.on(event, now, &self.state, &self.hub);
        let [Action::Rank(subscribe)] = &actions[..] else { return actions };
        self.state.rank();
        let next = subscribe.clone().map_or(Event::Woken, Event::Subscribe);
        self.session.on(next, now, &self.state, &self.hub)
    }

    pub(super) fn says(&mut self, text: &str) -> Vec<Action> {
        self.on(Event::Text(text.to_owned()))
    }

    pub(super) fn subscribes(&mut self, views: &str, rest: &str) -> ServerMessage {
        let text = format!(r#"{{"op":"subscribe","id":"a","views":{views}{rest}}}"#);
        only(self.says(&text)).unwrap()
    }

    /// What comes when it is woken after that long.
    pub(super) fn after(&mut self, ms: u64) -> Option<ServerMessage> {
        self.now_ms += ms;
        only(self.on(Event::Woken))
    }

    pub(super) fn buys(&mut self, customer_id: &str, cents: i64) {
        let commit = self.shop.buys(customer_id, cents);
        self.state.apply(&commit, 0);
    }

    fn repeats(&mut self) {
        let commit = self.shop.repeats();
        self.state.apply(&commit, 0);
    }

    fn listens(&self) -> bool {
        self.session.is_listening(Now { steady_ms: self.now_ms, wall_ms: 0 })
    }

    fn wakes_in_ms(&self) -> u64 {
        let now = Now { steady_ms: self.now_ms, wall_ms: 0 };
        self.session.wake_at_ms(now) - self.now_ms
    }
}

pub(super) fn only(mut actions: Vec<Action>) -> Option<ServerMessage> {
    assert!(actions.len() < 2, "{actions:?}");
    match actions.pop()? {
        Action::Send(message) => Some(message),
        other => panic!("no message: {other:?}"),
    }
}

/// Versions and views of an update.
fn update(message: Option<ServerMessage>) -> (u64, u64, Map<String, Value>) {
    match message {
        Some(ServerMessage::Update { prev, version, views, .. }) => {
            (prev, version, serde_json::from_str(views.0.get()).unwrap())
        }
        other => panic!("no update: {other:?}"),
    }
}

fn snapshot_version(message: &ServerMessage) -> u64 {
    match message {
        ServerMessage::Snapshot { version, .. } => *version,
        other => panic!("no snapshot: {other:?}"),
    }
}

#[test]
fn a_change_on_an_idle_subscription_is_sent_at_once_and_the_next_after_its_interval() {
    let mut client = Client::connect();
    client.subscribes(r#"{"summary":{}}"#, r#","interval_ms":200"#);
    assert!(!client.listens());
    assert_eq!(client.wakes_in_ms(), 200);
    client.buys("1", 100);
    assert_eq!(client.after(100), None);
    let (prev, version, _) = update(client.after(100));
    assert_eq!((prev, version), (0, 1));
    client.now_ms += 300;
    assert!(client.listens(), "it is idle");
    client.buys("1", 100);
    assert_eq!(update(client.after(0)).0, 1);
}

#[test]
fn changes_within_an_interval_become_one_frame() {
    let mut client = Client::connect();
    client.subscribes(r#"{"summary":{},"countries":{}}"#, "");
    for n in 0..7 {
        client.buys(&n.to_string(), 100);
    }
    let (prev, version, views) = update(client.after(50));
    assert_eq!((prev, version, views.len()), (0, 7, 2));
    assert_eq!(views["countries"]["upsert"][0]["revenue_cents"], 700);
    assert_eq!(views["countries"]["delete"], json!([]));
    assert_eq!(client.after(50), None);
}

#[test]
fn a_version_that_changes_nothing_in_its_views_sends_nothing_and_keeps_the_chain() {
    let mut client = Client::connect();
    client.subscribes(r#"{"summary":{},"countries":{}}"#, "");
    client.buys("1", 100);
    assert_eq!(update(client.after(50)).1, 1);
    client.repeats();
    assert_eq!(client.after(50), None);
    let commit = client.shop.lives_in("1", "France");
    client.state.apply(&commit, 0);
    let (prev, version, views) = update(client.after(50));
    assert_eq!((prev, version), (1, 3));
    assert_eq!(views["countries"]["delete"], json!([null]));
}

#[test]
fn a_change_of_the_summary_alone_does_not_send_countries() {
    let mut client = Client::connect();
    client.subscribes(r#"{"summary":{},"countries":{},"accounting":{}}"#, "");
    let commit = client.shop.lives_in("1", "France");
    client.state.apply(&commit, 0);
    let (_, _, views) = update(client.after(50));
    assert_eq!(views.keys().collect::<Vec<_>>(), ["accounting", "summary"]);
}

#[test]
fn a_frame_names_the_ingestion_of_its_oldest_row_not_yet_shown() {
    let mut client = Client::connect();
    client.subscribes(r#"{"summary":{}}"#, "");
    client.buys("1", 100);
    client.after(50);
    client.buys("1", 100);
    client.buys("1", 100);
    let Some(ServerMessage::Update { ingested_at, .. }) = client.after(50) else { panic!() };
    assert_eq!(ingested_at.unwrap(), IngestedAt(1_002));
}

#[test]
fn a_lost_connection_goes_on_with_one_update() {
    let mut client = Client::connect();
    client.buys("1", 100);
    client.buys("2", 100);
    let epoch = client.state.stamp().epoch;
    let after = |version: u64| format!(r#","after":{{"epoch":"{epoch}","version":{version}}}"#);
    let frame = client.subscribes(r#"{"summary":{}}"#, &after(1));
    assert_eq!((update(Some(frame.clone())).0, update(Some(frame)).1), (1, 2));
    let (prev, version, views) = update(Some(client.subscribes(r#"{"summary":{}}"#, &after(2))));
    assert_eq!((prev, version, views.len()), (2, 2, 0));
    snapshot_version(&client.subscribes(r#"{"summary":{}}"#, &after(3)));
    let other = r#","after":{"epoch":"other","version":2}"#;
    assert_eq!(snapshot_version(&client.subscribes(r#"{"summary":{}}"#, other)), 2);
}

#[test]
fn what_is_not_known_any_more_is_sent_whole() {
    let mut client = Client::connect();
    client.subscribes(r#"{"summary":{}}"#, "");
    let mut store = empty_store();
    store.silver.get_mut(&BRONZE).unwrap().position = 9;
    client.state.install(store, Continuity::Same, 0);
    assert_eq!(snapshot_version(&client.after(50).unwrap()), 1);
}

#[test]
fn a_heartbeat_comes_when_nothing_else_does() {
    let mut client = Client::connect();
    client.subscribes(r#"{"summary":{}}"#, "");
    assert_eq!(client.after(999), None);
    assert_eq!(client.wakes_in_ms(), 1);
    assert!(matches!(client.after(1), Some(ServerMessage::Heartbeat { version: 0, .. })));
    assert_eq!(client.wakes_in_ms(), 1_000);
}

#[test]
fn requests_that_cannot_be_done_leave_the_connection_and_its_subscriptions() {
    let mut client = Client::connect();
    client.subscribes(r#"{"summary":{}}"#, "");
    let answer = client.subscribes(r#"{"summary":{},"weather":{}}"#, "");
    let ServerMessage::Error { id, code, .. } = answer else { panic!() };
    assert_eq!((id.as_deref(), code), (Some("a"), ErrorCode::UnknownView));
    client.buys("1", 100);
    assert_eq!(update(client.after(50)).1, 1);
    assert_eq!(client.says(r#"{"op":"unsubscribe","id":"a"}"#), []);
    client.buys("1", 100);
    assert_eq!(client.after(50), None);
    let pong = only(client.says(r#"{"op":"ping","id":"x"}"#));
    assert!(matches!(pong, Some(ServerMessage::Pong { id: Some(id), .. }) if &*id == "x"));
}

#[test]
fn a_client_that_breaks_the_protocol_is_closed() {
    assert_eq!(Client::connect().says("[]"), [Action::Close(Close::NotAnObject)]);
    assert_eq!(Client::connect().on(Event::Binary), [Action::Close(Close::NotAnObject)]);
    assert_eq!(Client::connect().on(Event::TooLong), [Action::Close(Close::MessageTooLong)]);
    let mut client = Client::connect();
    for _ in 0..MESSAGES_PER_MINUTE_MAX {
        assert_eq!(client.says(r#"{"op":"dance"}"#), []);
    }
    assert_eq!(client.says("{}"), [Action::Close(Close::TooManyMessages)]);
}

#[test]
fn too_many_subscriptions_are_refused_but_an_id_can_be_replaced() {
    let mut client = Client::connect();
    let text = |n| format!(r#"{{"op":"subscribe","id":"{n}","views":{{"summary":{{}}}}}}"#);
    for n in 0..16 {
        snapshot_version(&only(client.says(&text(n))).unwrap());
    }
    let refused = only(client.says(&text(16)));
    let code = ErrorCode::TooManySubscriptions;
    assert!(matches!(refused, Some(ServerMessage::Error { code: it, .. }) if it == code));
    snapshot_version(&only(client.says(&text(3))).unwrap());
}

#[test]
fn the_end_of_the_server_is_said_before_the_close() {
    let actions = Client::connect().on(Event::Shutdown { reconnect_after_ms: 900 });
    let said = ServerMessage::ServerShutdown { reconnect_after_ms: 900 };
    assert_eq!(actions, [Action::Send(said), Action::Close(Close::ServerEnds)]);
}

#[test]
fn a_top_tells_who_comes_and_who_is_pushed_out() {
    let mut client = Client::connect();
    for (id, cents) in [("1", 300), ("2", 200), ("3", 100)] {
        client.buys(id, cents);
    }
    let views = r#"{"customers":{"top":2}}"#;
    let ServerMessage::Snapshot { views: shown, .. } = client.subscribes(views, "") else {
        panic!()
    };
    let shown: Value = serde_json::from_str(shown.0.get()).unwrap();
    let ids = |rows: &Value| -> Vec<String> {
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| row["customer_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&shown["customers"]), ["1", "2"]);
    client.buys("3", 500);
    let (_, _, views) = update(client.after(50));
    assert_eq!(ids(&views["customers"]["upsert"]), ["3"]);
    assert_eq!(views["customers"]["delete"], json!(["2"]));
    client.buys("2", 1);
    assert_eq!(client.after(50), None, "nobody in the top has changed");
}

#[test]
fn the_customers_of_one_country_have_a_top_of_their_own() {
    let mut client = Client::connect();
    for (id, country) in [("1", "France"), ("2", "Spain"), ("3", "")] {
        client.buys(id, 100);
        let commit = client.shop.lives_in(id, country);
        client.state.apply(&commit, 0);
    }
    for (country, id) in
        [("\"France\"", "1"), ("\"france\"", "1"), ("\"SPAÏN\"", "2"), ("null", "3")]
    {
        let views = format!(r#"{{"customers":{{"country":{country}}}}}"#);
        let ServerMessage::Snapshot { views, .. } = client.subscribes(&views, "") else { panic!() };
        let views: Value = serde_json::from_str(views.0.get()).unwrap();
        assert_eq!(views["customers"].as_array().unwrap().len(), 1);
        assert_eq!(views["customers"][0]["customer_id"], id);
    }
    let commit = client.shop.lives_in("3", "France");
    client.state.apply(&commit, 0);
    let (_, _, views) = update(client.after(50));
    assert_eq!(views["customers"]["delete"], json!(["3"]), "he is not unknown any more");
}

#[test]
fn every_table_says_which_rows_changed() {
    let mut client = Client::connect();
    client.subscribes(r#"{"products":{},"months":{},"days":{},"purchases":{}}"#, "");
    client.buys("1", 100);
    client.buys("1", 150);
    let (_, _, views) = update(client.after(50));
    for (view, key) in [("products", "product"), ("months", "month"), ("days", "day")] {
        let upsert = views[view]["upsert"].as_array().unwrap();
        let orders: u64 = upsert.iter().map(|row| row["orders"].as_u64().unwrap()).sum();
        assert_eq!(orders, 2, "{view}");
        assert!(upsert.iter().all(|row| row[key].is_string()), "{upsert:?}");
    }
}

/// Everything that is done when it is woken after that long.
fn woken(client: &mut Client, ms: u64) -> Vec<Action> {
    client.now_ms += ms;
    client.on(Event::Woken)
}

#[test]
fn a_client_is_asked_whether_it_is_there_and_one_that_is_silent_for_a_minute_is_let_go() {
    let mut client = Client::connect();
    assert!(woken(&mut client, 20_000).contains(&Action::Ping));
    assert!(!woken(&mut client, 10_000).contains(&Action::Ping));
    client.now_ms += 10_000;
    assert!(client.on(Event::Pong).contains(&Action::Ping));
    assert!(woken(&mut client, 20_000).contains(&Action::Ping));
    assert!(woken(&mut client, 20_000).contains(&Action::Ping));
    assert_eq!(woken(&mut client, 20_000), [Action::Close(Close::TooSlow)]);
}

#[test]
fn a_ping_is_no_frame_and_delays_no_heartbeat() {
    let mut client = Client::connect();
    let actions = woken(&mut client, 20_000);
    assert!(matches!(actions[..], [Action::Ping, Action::Send(ServerMessage::Heartbeat { .. })]));
}

#[test]
fn rows_loaded_anew_cost_no_frame_of_the_other_subscriptions() {
    let mut client = Client::connect();
    client.subscribes(r#"{"summary":{}}"#, "");
    let text = r#"{"op":"subscribe","id":"b","views":{"customers":{}}}"#;
    only(client.says(text)).unwrap();
    client.state.install(empty_store(), Continuity::Same, 0);
    client.buys("1", 100);
    client.now_ms += 50;
    let now = Now { steady_ms: client.now_ms, wall_ms: 0 };
    let actions = client.session.on(Event::Woken, now, &client.state, &client.hub);
    assert!(matches!(actions[..], [Action::Send(_), Action::Rank(None)]), "{actions:?}");
}

#[test]
fn a_status_that_was_never_told_is_left_out_and_comes_once_it_is() {
    let mut client = Client::connect();
    let snapshot = client.subscribes(r#"{"summary":{},"status":{}}"#, "");
    let ServerMessage::Snapshot { views, .. } = snapshot else { panic!("{snapshot:?}") };
    let shown: Map<String, Value> = serde_json::from_str(views.0.get()).unwrap();
    assert_eq!(shown.keys().collect::<Vec<_>>(), ["summary"]);
    client.hub.tell_status(serde_json::value::to_raw_value(&json!({ "clients": 1 })).unwrap());
    let (_, _, views) = update(client.after(50));
    assert_eq!(Value::from(views), json!({ "status": { "clients": 1 } }));
}

//! Frames of a session as it might be, recorded: what other programs can be tested with. They are what
//! the document of the feed says.

use super::session::{Action, Event};
use super::session_tests::Client;
use crate::http::must_be_golden;
use crate::testing::schema::must_be_documented;
use goldstream_platform::store::Commit;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A client, and the frames that it gets as lines.
struct Recording {
    client: Client,
    lines: Vec<String>,
}

impl Recording {
    fn begin() -> Self {
        let (client, actions) = Client::open();
        let mut recording = Self { client, lines: Vec::new() };
        recording.write(actions);
        recording
    }

    fn write(&mut self, actions: Vec<Action>) {
        let epoch = self.client.state.stamp().epoch;
        for action in actions {
            if let Action::Send(message) = action {
                let line = serde_json::to_string(&message).unwrap();
                self.lines.push(line.replace(&*epoch, "7f3a12c0"));
            }
        }
    }

    fn on(&mut self, event: Event) {
        let actions = self.client.on(event);
        self.write(actions);
    }

    fn says(&mut self, message: &Value) {
        self.on(Event::Text(message.to_string()));
    }

    /// Commits are made, and it is woken once it may be told.
    fn commits(&mut self, commits: Vec<Commit>) {
        for commit in commits {
            self.client.state.apply(&commit, 0);
        }
        self.client.now_ms += 50;
        self.on(Event::Woken);
    }
}

fn recorded() -> Vec<String> {
    let mut recording = Recording::begin();
    let mut shop = std::mem::take(&mut recording.client.shop);
    let views = json!({
        "summary": {}, "accounting": {}, "customers": { "top": 2 }, "products": {}, "months": {},
        "days": {}, "countries": {}, "purchases": { "top": 2 },
    });
    recording.commits(vec![shop.buys("1", 500), shop.lives_in("1", "France"), shop.buys("2", 700)]);
    recording.says(&json!({ "op": "subscribe", "id": "main", "views": views }));
    recording.commits(vec![shop.buys_product("3", 1_990, "Clavier"), shop.repeats()]);
    recording.commits(vec![shop.lives_in("2", "Espagne"), shop.lives_in("3", "Espagne")]);
    recording.says(&json!({ "op": "ping", "id": "x" }));
    recording.says(&json!({ "op": "subscribe", "id": "more", "views": { "weather": {} } }));
    recording.client.now_ms += 1_000;
    recording.on(Event::Woken);
    recording.on(Event::Shutdown { reconnect_after_ms: 1_200 });
    recording.lines
}

#[test]
fn the_recorded_frames_are_those_that_others_have_seen() {
    must_be_golden("frames.ndjson", &format!("{}\n", recorded().join("\n")));
}

#[test]
fn every_recorded_frame_is_what_the_document_says_and_every_kind_of_frame_is_recorded() {
    let mut ops = BTreeSet::new();
    for line in recorded() {
        let frame: Value = serde_json::from_str(&line).unwrap();
        must_be_documented(&frame);
        ops.insert(frame["op"].as_str().unwrap().to_owned());
    }
    let all = ["error", "heartbeat", "hello", "pong", "server_shutdown", "snapshot", "update"];
    assert_eq!(ops.iter().map(String::as_str).collect::<Vec<_>>(), all);
}

#[test]
#[should_panic(expected = "is not of type")]
fn a_frame_that_is_not_what_the_document_says_is_noticed() {
    let frame = json!({ "op": "heartbeat", "epoch": "7f3a12c0", "version": "41", "at": "" });
    must_be_documented(&frame);
}

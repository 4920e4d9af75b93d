//! What clients may send, by the thousand: every text is answered, is of an operation that nobody knows,
//! or ends the connection; nothing panics, and who is still connected is served as if nothing had been.

use super::message::ServerMessage;
use super::session::Action;
use super::session_tests::Client;
use goldstream_platform::conformance::draw::Draw;

/// Each says one text.
const CLIENTS: u64 = 6_000;
const PIECES: [&str; 28] = [
    r#"{"op":"subscribe","#,
    r#"{"op":"unsubscribe","#,
    r#"{"op":"ping"}"#,
    r#"{"op":"auth","#,
    r#""id":"a""#,
    r#""id":7"#,
    r#""id":"","#,
    r#""views":["summary"]"#,
    r#""views":["top"],"#,
    r#""views":{"name":"top","limit":0}"#,
    r#""views":[{"name":"customers","limit":1000000}]"#,
    r#""views":[]"#,
    r#""resume":{"epoch":"x","version":1}"#,
    r#""resume":{"version":-1}"#,
    r#""every_ms":0"#,
    r#""every_ms":99999999999999999999"#,
    r#""token":"x""#,
    ",",
    "}",
    "{",
    "[",
    "]",
    "null",
    "\"",
    "\\ud800",
    "\u{feff}",
    "é",
    " ",
];
const VALID: &str = r#"{"op":"subscribe","id":"z","views":["summary"]}"#;

fn text(draw: &mut Draw) -> String {
    let mut text: String = (0..draw.below(7)).map(|_| *draw.one_of(&PIECES)).collect();
    if draw.once_in(3) {
        text = VALID.to_owned();
        let places: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
        let place = *draw.one_of(&places);
        match draw.below(3) {
            0 => text.truncate(place),
            1 => text.insert_str(place, draw.one_of::<&str>(&PIECES)),
            _ => drop(text.remove(place)),
        }
    }
    text
}

/// Operations that nobody knows are ignored, and one who leaves is not told so.
fn needs_no_answer(text: &str) -> bool {
    let read: Option<serde_json::Value> = serde_json::from_str(text).ok();
    let op = read.as_ref().and_then(|message| message["op"].as_str());
    op.is_some_and(|op| !["subscribe", "ping"].contains(&op))
}

#[test]
fn any_text_is_answered_or_ends_the_connection_and_who_stays_is_served_after_it() {
    let (mut served, mut closed) = (0, 0);
    for seed in 0..CLIENTS {
        let (mut client, _) = Client::open();
        let text = text(&mut Draw::new(seed));
        let actions = client.says(&text);
        assert!(!actions.is_empty() || needs_no_answer(&text), "no answer to {text}");
        if actions.iter().any(|action| matches!(action, Action::Close(_))) {
            closed += 1;
            continue;
        }
        let actions = client.says(VALID);
        let is_served = |action: &Action| {
            matches!(
                action,
                Action::Send(ServerMessage::Snapshot { .. } | ServerMessage::Error { .. })
            )
        };
        assert!(actions.iter().any(is_served), "after {text}: {actions:?}");
        served += 1;
    }
    assert!(served > 500 && closed > 500, "{served} served, {closed} closed");
}

//! What clients may send, by the thousand: every text is answered or ends the connection, nothing
//! panics, and who is still connected is served as if nothing had been.

use super::message::ServerMessage;
use super::session::Action;
use super::session_tests::Client;
use crate::testing::draw::Draw;

const CLIENTS: u64 = 400;
/// Of each client; more in a minute are too many.
const TEXTS: usize = 30;
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

#[test]
fn any_text_is_answered_or_ends_the_connection_and_others_are_served_after_it() {
    let (mut served, mut closed) = (0, 0);
    for seed in 0..CLIENTS {
        let (mut draw, (mut client, _)) = (Draw::new(seed), Client::open());
        let mut is_open = true;
        for _ in 0..TEXTS {
            let text = text(&mut draw);
            let actions = client.says(&text);
            assert!(!actions.is_empty(), "no answer to {text}");
            is_open &= !actions.iter().any(|action| matches!(action, Action::Close(_)));
            if !is_open {
                break;
            }
        }
        if !is_open {
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
        assert!(actions.iter().any(is_served), "seed {seed}: {actions:?}");
        served += 1;
    }
    assert!(served > 50, "{served} served, {closed} closed");
}

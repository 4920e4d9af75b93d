//! Bodies by the hundred, good and bad ones: each is taken whole or refused whole, and the log holds
//! exactly what was acknowledged.

use super::ingest::all_rows;
use crate::testing::server::TestServer;
use goldstream_platform::conformance::draw::Draw;

const BODIES: usize = 600;
const PATHS: [&str; 2] = ["/api/v1/purchases", "/api/v1/customers"];
const FORMS: [&str; 5] = [
    "Content-Type: application/json\r\n",
    "Content-Type: application/json; charset=utf-8\r\n",
    "Content-Type: application/x-ndjson\r\n",
    "Content-Type: text/csv\r\n",
    "",
];
const VALUES: [&str; 14] = [
    "\"7\"",
    "7",
    "null",
    "true",
    "-1.5",
    "12.50",
    "\"\"",
    "\"\\ud800\"",
    "\"é\\n\"",
    "[1]",
    "{}",
    "\"2024-03-01\"",
    "99999999999999999999999",
    "\"\\u0000\"",
];
const NAMES: [&str; 6] = ["id_achat", "id_client", "customer_id", "montant", "autre", ""];

fn object(draw: &mut Draw) -> String {
    let columns = (0..draw.below(5)).map(|_| {
        let (name, value) = (*draw.one_of(&NAMES), *draw.one_of(&VALUES));
        format!("\"{name}\":{value}")
    });
    format!("{{{}}}", columns.collect::<Vec<_>>().join(","))
}

/// Mostly what somebody could mean, then spoiled now and then.
fn body(draw: &mut Draw) -> Vec<u8> {
    let objects: Vec<_> = (0..draw.below(4)).map(|_| object(draw)).collect();
    let mut body = match draw.below(4) {
        0 => format!("[{}]", objects.join(",")),
        1 => objects.join("\n"),
        2 => objects.join("\r\n\r\n"),
        _ => object(draw),
    }
    .into_bytes();
    if draw.once_in(3) && !body.is_empty() {
        let place = draw.below(body.len());
        match draw.below(3) {
            0 => body.truncate(place),
            1 => body[place] = draw.below(256) as u8,
            _ => body.insert(place, *draw.one_of(b"[]{}\",:\\\n")),
        }
    }
    body
}

#[tokio::test]
async fn any_body_is_taken_whole_or_refused_whole_and_never_an_error_of_ours() {
    let server = TestServer::start().await;
    let mut draw = Draw::new(7);
    let (mut accepted, mut refused) = ([0, 0], 0);
    for _ in 0..BODIES {
        let (of, form, body) = (draw.below(PATHS.len()), *draw.one_of(&FORMS), body(&mut draw));
        let answer = server.post(PATHS[of], form, &body).await;
        let told = format!("{form}{}\n{}", String::from_utf8_lossy(&body), answer.body);
        match answer.status {
            202 => accepted[of] += answer.json()["accepted"].as_u64().unwrap(),
            400 | 413 | 415 => refused += 1,
            other => panic!("{other} for {told}"),
        }
        assert!(answer.status == 202 || answer.json()["detail"].is_string(), "{told}");
    }
    assert!(
        accepted[0] > 20 && accepted[1] > 20 && refused > 50,
        "{accepted:?} rows, {refused} bodies refused"
    );
    assert_eq!(all_rows(&server).await as u64, accepted[0]);
}

//! The API held against its own document: seeded requests, good and bad ones, are made from
//! `/openapi.json` and sent to a server with data. Nothing may fail, every status and form must be
//! documented, and every JSON body must be what its schema says.

use super::lists::stocked;
use crate::testing::schema::{faults, validator};
use crate::testing::server::{Answer, TestServer};
use goldstream_platform::conformance::draw::Draw;
use goldstream_platform::rebuilding::Anew;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Requests for each operation of the document.
const TRIES: usize = 60;
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];
const ODD_TEXTS: [&str; 12] = [
    "",
    "0",
    "-1",
    "1001",
    "99999999999999999999",
    "1e3",
    "null",
    "%00",
    "%ff",
    "%C3%A9%20'%22",
    "..%2f..",
    "%F0%9F%98%80",
];
const ODD_HEADERS: [&str; 14] = [
    "Accept: image/png\r\n",
    "Accept: text/csv\r\n",
    "Accept: */*;q=nonsense, ;;;,\r\n",
    "Accept-Encoding: gzip;q=0, br\r\n",
    "If-None-Match: *\r\n",
    "If-None-Match: \"x\", W/\"y\", nonsense\r\n",
    "X-Request-Id: <>\r\n",
    "Origin: null\r\n",
    "Upgrade: websocket\r\n",
    "Content-Type: application/json\r\n",
    "Range: bytes=0-1\r\n",
    "Range: bytes=9999999-\r\n",
    "If-Match: \"x\"\r\n",
    "Cookie: a=b; c\r\n",
];

/// A request, and whether the document says that it is a good one.
struct Drawn {
    method: String,
    path: String,
    headers: String,
    body: Vec<u8>,
    is_good: bool,
}

fn draw(draw: &mut Draw, path: &str, method: &str, operation: &Value) -> Drawn {
    let mut drawn = Drawn {
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        headers: String::new(),
        body: Vec::new(),
        is_good: true,
    };
    let mut query = Vec::new();
    let none = Vec::new();
    for parameter in operation["parameters"].as_array().unwrap_or(&none) {
        let name = parameter["name"].as_str().unwrap();
        let (value, is_good) = value(draw, parameter);
        match parameter["in"].as_str().unwrap() {
            "path" => {
                // Without a key it is another path.
                let value = if value.is_empty() { "-".to_owned() } else { value };
                drawn.path = drawn.path.replace(&format!("{{{name}}}"), &value);
                drawn.is_good &= is_good;
            }
            "query" if parameter["required"] == true || draw.once_in(2) => {
                drawn.is_good &= is_good;
                query.push(format!("{name}={value}"));
            }
            _ => {}
        }
    }
    let body = &operation["requestBody"]["content"]["application/json"]["example"];
    if !body.is_null() {
        drawn.headers.push_str("Content-Type: application/json\r\n");
        drawn.body = body.to_string().into_bytes();
    }
    spoil(draw, &mut drawn, &mut query);
    if !query.is_empty() {
        drawn.path = format!("{}?{}", drawn.path, query.join("&"));
    }
    drawn
}

fn value(draw: &mut Draw, parameter: &Value) -> (String, bool) {
    let schema = &parameter["schema"];
    if draw.once_in(4) {
        return ((*draw.one_of(&ODD_TEXTS)).to_owned(), false);
    }
    if let Some(words) = schema["enum"].as_array() {
        return (draw.one_of(words).as_str().unwrap().to_owned(), true);
    }
    if schema["type"] == "integer" {
        let least = schema["minimum"].as_u64().unwrap_or(0);
        let most = schema["maximum"].as_u64().unwrap_or(1_000);
        return ((least + draw.below((most - least + 1) as usize) as u64).to_string(), true);
    }
    match &parameter["example"] {
        Value::String(text) => (encoded(text), true),
        // A cursor is given back, not made up.
        _ => ("bm9wZQ".to_owned(), false),
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn spoil(draw: &mut Draw, drawn: &mut Drawn, query: &mut Vec<String>) {
    if draw.once_in(8) {
        query.push((*draw.one_of(&["x=1", "limit", "a=b=c", "=", "%zz=1"])).to_owned());
        drawn.is_good = false;
    }
    if draw.once_in(8)
        && let Some(first) = query.first().cloned()
    {
        query.push(first);
        drawn.is_good = false;
    }
    for _ in 0..draw.below(5) {
        let header = *draw.one_of(&ODD_HEADERS);
        if !drawn.headers.contains(header.split(':').next().unwrap()) {
            drawn.headers.push_str(header);
            let is_condition = header.starts_with("If-Match") || header.contains("=9999999-");
            drawn.is_good &= !(header.starts_with("Accept: ") || is_condition);
            // Reading is for everybody; writing is not, nor what stays open.
            let is_guarded = drawn.method == "POST" || drawn.path.starts_with("/api/v1/stream");
            drawn.is_good &= !(header.starts_with("Origin: ") && is_guarded);
        }
    }
    if draw.once_in(6) {
        drawn.body = draw.one_of(&[&b"{"[..], b"[]", b"\xff\xfe", b"null", b"a=b"]).to_vec();
        drawn.is_good &= drawn.method == "GET";
    }
    if draw.once_in(5) {
        drawn.method = (*draw.one_of(&METHODS)).to_owned();
        drawn.is_good = false;
    }
}

/// Why an answer is not what the document says, if it is not.
fn fault(document: &Value, path: &str, sent: &Drawn, answer: &Answer) -> Option<String> {
    let method = if sent.method == "HEAD" { "get" } else { &*sent.method.to_ascii_lowercase() };
    if answer.status >= 500 {
        return Some("it failed".to_owned());
    }
    let operation = &document["paths"][path][method];
    if operation.is_null() {
        let is_told = answer.status == 405 && answer.header("allow").is_some();
        return (!is_told).then(|| "the method is not known, and it does not say so".to_owned());
    }
    let response = &operation["responses"][answer.status.to_string()];
    if response.is_null() {
        return Some("the status is not documented".to_owned());
    }
    if sent.is_good && !matches!(answer.status, 101 | 200 | 202 | 206 | 304 | 404 | 308 | 426) {
        let is_upgrade_missing = path.ends_with("/feed") && answer.status == 400;
        let is_real_shop = path.ends_with("/demo") && answer.status == 409;
        // It has sold on few days.
        let is_young_shop = path.ends_with("/forecast") && answer.status == 409;
        // A language goes with CSV alone.
        let is_of_no_sheet = sent.path.contains("locale=") && answer.status == 400;
        let is_excused = is_upgrade_missing || is_real_shop || is_young_shop || is_of_no_sheet;
        return (!is_excused).then(|| "a good request is refused".to_owned());
    }
    if sent.method == "HEAD" || answer.status == 304 {
        return (!answer.bytes.is_empty()).then(|| "there is a body".to_owned());
    }
    let form = answer.header("content-type").unwrap_or_default();
    let form = form.split(';').next().unwrap_or_default();
    let Some(content) = response["content"].get(form) else {
        let is_empty = response["content"].is_null() && answer.bytes.is_empty();
        return (!is_empty).then(|| format!("the form {form} is not documented"));
    };
    if !form.ends_with("json") || form == "application/x-ndjson" {
        return None;
    }
    let body: Value = serde_json::from_slice(&answer.bytes).ok()?;
    let errors = faults(document, &content["schema"], &body);
    (!errors.is_empty()).then(|| errors.join("; "))
}

#[tokio::test]
async fn every_answer_is_one_that_the_document_describes() {
    let (server, _) = stocked().await;
    // There is something to be compared with what is served.
    let shadow = Anew { is_shadow: true, ..Anew::served(0) };
    server.store.begin_rebuild(shadow).await.unwrap();
    let document = server.get("/openapi.json").await.json();
    let (mut numbers, mut statuses) = (Draw::new(7), BTreeMap::<u16, usize>::new());
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for _ in 0..TRIES {
                let sent = draw(&mut numbers, path, method, operation);
                let answer = ask(&server, &sent).await;
                *statuses.entry(answer.status).or_default() += 1;
                if let Some(fault) = fault(&document, path, &sent, &answer) {
                    let Drawn { method, path, headers, .. } = &sent;
                    panic!(
                        "{method} {path}\n{headers}\n{}: {fault}\n{}",
                        answer.status, answer.body
                    );
                }
            }
        }
    }
    assert!(statuses.values().sum::<usize>() > 1_000, "{statuses:?}");
    for status in [200, 202, 206, 304, 400, 404, 405, 406, 412, 416, 422] {
        assert!(statuses.contains_key(&status), "no request was answered {status}: {statuses:?}");
    }
}

async fn ask(server: &TestServer, sent: &Drawn) -> Answer {
    server.any(&sent.method, &sent.path, &sent.headers, &sent.body).await
}

#[tokio::test]
async fn every_example_of_the_document_is_what_its_schema_says() {
    let (server, _) = stocked().await;
    let document = server.get("/openapi.json").await.json();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut examples = 0;
    for (name, schema) in schemas {
        for example in schema["examples"].as_array().unwrap_or(&Vec::new()) {
            assert_eq!(faults(&document, schema, example), [""; 0], "{name}");
            examples += 1;
        }
    }
    assert!(examples >= 10, "{examples}");
    let bad = json!({ "orders": -1 });
    let summary = validator(&document, &schemas["Summary"]);
    assert!(!summary.is_valid(&bad), "the schemas say something");
}

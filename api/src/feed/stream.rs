//! The wire that is a stream of server-sent events: the client has asked in the address, and says
//! nothing more. Browsers come back by themselves, with the id of the last frame that they have.

use super::interpreter::{Opening, Surroundings, Wire, run, text_of};
use super::message::{Close, ServerMessage};
use super::request::{After, Subscribe};
use super::session::Event;
use super::view::{FeedView, unknown};
use crate::connections::Connection;
use crate::http::problem::Problem;
use crate::http::query::{Parameters, bad};
use crate::limits::{
    HEARTBEAT_MS, INTERVAL_DEFAULT_MS, INTERVAL_MAX_MS, INTERVAL_MIN_MS, RECONNECT_FIRST_MS,
    RECONNECT_LATER_MS, WRITE_MAX,
};
use crate::server::Server;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::stream::unfold;
use serde_json::{Map, Value};
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// The id of the one subscription.
const ID: &str = "stream";
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const MEDIA_TYPE: &str = "text/event-stream";
const HEAD: [(HeaderName, &str); 3] = [
    (header::CONTENT_TYPE, MEDIA_TYPE),
    (header::CACHE_CONTROL, "no-store"),
    // Proxies that know it do not hold events back.
    (HeaderName::from_static("x-accel-buffering"), "no"),
];

/// `GET /api/v1/stream`.
pub(crate) async fn stream(
    State(server): State<Arc<Server>>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let subscribe = subscribe(&mut parameters, after(&headers))?;
    parameters.none_left()?;
    server.must_be_asked_by_own_page(&headers)?;
    let Some(connection) = server.connections.admit() else {
        return come_back(&headers).ok_or_else(Problem::too_many_connections);
    };
    // One frame at a time: what changes before it is taken is merged into the next.
    let (events, received) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut events = Events(events);
        if events.wait(&server, &connection).await.is_continue() {
            let around = Surroundings::of(&server, &connection);
            run(events, around, Opening::Told(subscribe)).await;
        }
        drop(connection);
    });
    let body = Body::from_stream(unfold(received, |mut received| async {
        let event: Bytes = received.recv().await?;
        Some((Ok::<_, Infallible>(event), received))
    }));
    Ok((HEAD, body).into_response())
}

/// The answer to a reader of events for whom there is no room: browsers never come back after anything
/// but a stream, so they get one that ends. None for who says that he reads something else.
pub(crate) fn come_back(headers: &HeaderMap) -> Option<Response> {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|it| it.to_str().ok());
    let reads_events = accepted.flat_map(|it| it.split(',')).any(is_event_stream);
    let body = format!("retry: {RECONNECT_LATER_MS}\n: {}\n\n", Close::TooManyConnections.reason());
    reads_events.then(|| (HEAD, body).into_response())
}

fn is_event_stream(accepted: &str) -> bool {
    let (media, _) = accepted.split_once(';').unwrap_or((accepted, ""));
    media.trim().eq_ignore_ascii_case(MEDIA_TYPE)
}

/// A client that reads events.
struct Events(mpsc::Sender<Bytes>);

impl Events {
    /// Waits until there are numbers to show, and tells why there are none meanwhile: a browser never comes
    /// back to who refuses it.
    async fn wait(&mut self, server: &Server, connection: &Connection) -> ControlFlow<()> {
        let mut shutdown = server.shutdown.clone();
        let mut exact = pin!(server.state.view.wait_exact());
        let mut first = format!("retry: {RECONNECT_FIRST_MS}\n");
        while let Err(why) = server.must_be_loaded() {
            self.write(format!("{}: {}\n\n", std::mem::take(&mut first), why.detail())).await?;
            tokio::select! {
                () = exact.as_mut() => break,
                () = sleep(Duration::from_millis(HEARTBEAT_MS)) => {}
                () = self.0.closed() => return ControlFlow::Break(()),
                () = shutdown.wished() => {
                    let reconnect_after_ms = connection.reconnect_after_ms();
                    self.send(&ServerMessage::ServerShutdown { reconnect_after_ms }).await?;
                    return ControlFlow::Break(());
                }
            }
        }
        ControlFlow::Continue(())
    }

    async fn write(&mut self, event: String) -> ControlFlow<()> {
        match self.0.send_timeout(event.into(), WRITE_MAX).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

impl Wire for Events {
    async fn heard(&mut self) -> Option<Event> {
        self.0.closed().await;
        None
    }

    async fn send(&mut self, message: &ServerMessage) -> ControlFlow<()> {
        self.write(event(message, &text_of(message)?)).await
    }

    /// Whoever is gone is noticed at the next frame, which a heartbeat is at the latest.
    async fn ping(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// The stream ends; there is no word for why.
    async fn close(&mut self, _: Close) {}
}

/// A frame as an event. Only what moves the client on has an id: with another's he would ask to go on
/// behind frames that he has not seen.
fn event(message: &ServerMessage, text: &str) -> String {
    let more = match message {
        ServerMessage::Hello { .. } => format!("retry: {RECONNECT_FIRST_MS}\n"),
        ServerMessage::Snapshot { epoch, version, .. }
        | ServerMessage::Update { epoch, version, .. } => format!("id: {epoch}:{version}\n"),
        ServerMessage::ServerShutdown { reconnect_after_ms } => {
            format!("retry: {reconnect_after_ms}\n")
        }
        ServerMessage::Heartbeat { .. }
        | ServerMessage::Pong { .. }
        | ServerMessage::Error { .. } => String::new(),
    };
    format!("event: {}\n{more}data: {text}\n\n", message.op())
}

/// Where the client was. What is no id of ours is of another server: he gets a snapshot.
fn after(headers: &HeaderMap) -> Option<After> {
    let id = headers.get(LAST_EVENT_ID).map(HeaderValue::to_str)?.ok()?;
    let (epoch, version) = id.split_once(':')?;
    Some(After { epoch: epoch.to_owned(), version: version.parse().ok()? })
}

fn subscribe(parameters: &mut Parameters, after: Option<After>) -> Result<Subscribe, Problem> {
    let names = parameters.take("views").unwrap_or_default();
    let top = parameters.take_as("top", "a whole number", |text| text.parse::<u64>().ok())?;
    let country = parameters.take("country");
    let options = options(top, country);
    let mut views: Vec<FeedView> = Vec::new();
    for name in names.split(',') {
        // `top` has always been that of customers and purchases: whoever asks for products has all.
        let options = if name == "products" { &Value::Null } else { &options };
        let view = FeedView::read(name, options).ok_or_else(|| bad(unknown(name)))?;
        let view = view.map_err(|why| bad(format!("{name}: {why}")))?;
        if !views.contains(&view) {
            views.push(view);
        }
    }
    let range = INTERVAL_MIN_MS..=INTERVAL_MAX_MS;
    let wanted = format!("a whole number from {INTERVAL_MIN_MS} to {INTERVAL_MAX_MS}");
    let interval_ms = parameters
        .take_as("interval_ms", &wanted, |text| text.parse().ok().filter(|ms| range.contains(ms)))?
        .unwrap_or(INTERVAL_DEFAULT_MS);
    Ok(Subscribe { id: ID.into(), views: views.into(), interval_ms, after })
}

/// The options of all views, which take from them what they know. A country of no letters is the
/// unknown one, as in the lists.
fn options(top: Option<u64>, country: Option<String>) -> Value {
    let country = country.map(|it| if it.is_empty() { Value::Null } else { it.into() });
    let options = [("top", top.map(Value::from)), ("country", country)];
    let given = options.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::view::CustomersTop;

    fn asked(query: &str) -> Result<Subscribe, Problem> {
        let mut parameters = Parameters::parse(query)?;
        let subscribe = subscribe(&mut parameters, None)?;
        parameters.none_left().map(|()| subscribe)
    }

    #[test]
    fn the_address_says_what_a_message_would() {
        let subscribe = asked("views=summary,customers&top=50&country=France&interval_ms=200");
        let subscribe = subscribe.unwrap();
        let top = CustomersTop { top: 50, country: Some(Some("France".into())) };
        assert_eq!(*subscribe.views, [FeedView::Summary, FeedView::Customers(top)]);
        assert_eq!((subscribe.interval_ms, subscribe.after), (200, None));
        let subscribe = asked("views=customers,customers&country=").unwrap();
        let unknown = CustomersTop { top: 100, country: Some(None) };
        assert_eq!(*subscribe.views, [FeedView::Customers(unknown)]);
    }

    #[test]
    fn what_cannot_be_shown_is_refused() {
        for query in [
            "",
            "views=",
            "views=summary,",
            "views=weather",
            "views=summary&interval_ms=19",
            "views=customers&top=1001",
            "views=purchases&top=201",
            "views=customers&top=x",
            "views=summary&since=3",
        ] {
            assert!(asked(query).is_err(), "{query}");
        }
    }

    #[test]
    fn an_id_is_where_the_client_was_and_nonsense_is_not() {
        let after = |id: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(LAST_EVENT_ID, HeaderValue::from_static(id));
            super::after(&headers)
        };
        assert_eq!(after("7f3a:41"), Some(After { epoch: "7f3a".to_owned(), version: 41 }));
        for id in ["", "7f3a", "7f3a:", "7f3a:x", "7f3a:-1"] {
            assert_eq!(after(id), None, "{id}");
        }
    }

    #[test]
    fn only_frames_that_move_the_client_on_have_an_id() {
        let heartbeat =
            ServerMessage::Heartbeat { epoch: "7f3a".into(), version: 41, at: String::new() };
        assert_eq!(event(&heartbeat, "{}"), "event: heartbeat\ndata: {}\n\n");
        let shutdown = ServerMessage::ServerShutdown { reconnect_after_ms: 900 };
        assert_eq!(event(&shutdown, "{}"), "event: server_shutdown\nretry: 900\ndata: {}\n\n");
    }
}

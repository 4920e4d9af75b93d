//! A server on a port of its own, over an embedded store in a directory of its own.

use super::shop::PARTITIONS;
use crate::access::Access;
use crate::alerting::{Alerting, Looking, Surroundings};
use crate::api_state::ApiState;
use crate::limits::CONNECTIONS_MAX;
use crate::origins::Origins;
use crate::ready::Readiness;
use crate::reporting::Reporting;
use crate::sockets::Room;
use crate::view::{BronzeEnds, Followed, View};
use crate::{serve, serve_within};
use goldstream_domain::clean::Rules;
use goldstream_platform::embedded::Embedded;
use goldstream_platform::health::Health;
use goldstream_platform::metrics::Metrics;
use goldstream_platform::rebuilding::Rebuilding;
use goldstream_platform::secret::Secret;
use goldstream_platform::settings::Currency;
use goldstream_platform::shop_clock::ShopClock;
use goldstream_platform::shutdown::{Shutdown, ShutdownHandle};
use goldstream_platform::store::{Commit, Store};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;

pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) store: Embedded,
    view: View,
    end: ShutdownHandle,
    shutdown: Shutdown,
    serving: JoinHandle<()>,
    _dir: TempDir,
}

impl TestServer {
    /// Over an empty store.
    pub(crate) async fn start() -> Self {
        Self::ready_at(BronzeEnds::new()).await
    }

    /// Ready once the rows before these ends are counted.
    pub(crate) async fn ready_at(folded_to: BronzeEnds) -> Self {
        let readiness = Readiness::when_folded(folded_to);
        Self::begin(|listener, state, shutdown| async move {
            serve(listener, ApiState { readiness, ..state }, shutdown).await.unwrap();
        })
        .await
    }

    /// Over an empty store, for pages of these origins, too.
    pub(crate) async fn for_origins(listed: &[&str]) -> Self {
        let listed: Vec<_> = listed.iter().map(|origin| (*origin).to_owned()).collect();
        let origins = Origins::new(&listed);
        Self::begin(|listener, state, shutdown| async move {
            serve(listener, ApiState { origins, ..state }, shutdown).await.unwrap();
        })
        .await
    }

    /// Over an empty store, for who knows this token.
    pub(crate) async fn for_token(token: &str) -> Self {
        let access = Access::with_tokens(vec![Secret::new(token)]);
        Self::begin(|listener, state, shutdown| async move {
            serve(listener, ApiState { access, ..state }, shutdown).await.unwrap();
        })
        .await
    }

    /// The same, for so many readers of the feed.
    pub(crate) async fn for_token_and_readers(token: &str, connections_max: usize) -> Self {
        let access = Access::with_tokens(vec![Secret::new(token)]);
        Self::begin(move |listener, state, shutdown| async move {
            let state = ApiState { access, connections_max, ..state };
            serve(listener, state, shutdown).await.unwrap();
        })
        .await
    }

    /// Over a store that is not loaded before it is told so.
    pub(crate) fn loading() -> Self {
        Self::loading_for(|listener, state, shutdown| async move {
            serve(listener, state, shutdown).await.unwrap();
        })
    }

    /// Loads the store.
    pub(crate) async fn load(&self) {
        let followed = Followed {
            store: Arc::new(self.store.clone()),
            log: Arc::new(self.store.clone()),
            shown: None,
        };
        self.view.follow(followed, Health::default(), self.shutdown.clone()).unwrap();
        self.view.wait_loaded().await;
    }

    /// Over an empty store of a shop whose rows this process makes up.
    pub(crate) async fn for_demo(clock: ShopClock) -> Self {
        Self::begin(|listener, state, shutdown| async move {
            let state = ApiState { demo: true, shop_clock: Some(clock), ..state };
            serve(listener, state, shutdown).await.unwrap();
        })
        .await
    }

    /// Over an empty store, for so many readers of the feed.
    pub(crate) async fn for_readers(connections_max: usize) -> Self {
        Self::begin(move |listener, state, shutdown| async move {
            serve(listener, ApiState { connections_max, ..state }, shutdown).await.unwrap();
        })
        .await
    }

    /// Over an empty store, on so many sockets.
    pub(crate) async fn on_sockets(room: Room) -> Self {
        Self::begin(move |listener, state, shutdown| async move {
            serve_within(room, listener, state, shutdown).await.unwrap();
        })
        .await
    }

    /// Of these routes alone.
    pub(crate) async fn of(router: axum::Router) -> Self {
        Self::begin(|listener, _, _| async move {
            listener.set_nonblocking(true).unwrap();
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        })
        .await
    }

    async fn begin<F: Future<Output = ()> + Send + 'static>(
        make: impl FnOnce(TcpListener, ApiState, Shutdown) -> F,
    ) -> Self {
        let server = Self::loading_for(make);
        server.load().await;
        server
    }

    fn loading_for<F: Future<Output = ()> + Send + 'static>(
        make: impl FnOnce(TcpListener, ApiState, Shutdown) -> F,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Embedded::open(dir.path(), Some(PARTITIONS)).unwrap();
        let (end, shutdown) = ShutdownHandle::new();
        let view = View::new(PARTITIONS);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let alerting = Alerting::new(Surroundings {
            documents: Arc::new(store.clone()),
            settings: None,
            looking: Looking::Off,
            currency: Currency::default(),
            page: format!("http://{address}"),
            new_shop: || "7f3a".to_owned(),
        });
        let reporting = Reporting::new(Arc::new(store.clone()), None, || "7f3a".to_owned());
        let state = ApiState {
            shown: None,
            alerting,
            reporting,
            told: None,
            view: view.clone(),
            log: Arc::new(store.clone()),
            ingest: Arc::new(store.clone()),
            health: Health::default(),
            metrics: Metrics::new().unwrap(),
            roles: vec!["serve".to_owned()],
            partitions: PARTITIONS,
            warnings: Vec::new(),
            rules: Rules::default(),
            rebuilding: folding(&store),
            next: Some(Arc::new(store.clone())),
            backup: Some(Arc::new(store.clone())),
            started_at_ms: 0,
            readiness: Readiness::when_loaded(),
            access: Access::open(),
            origins: Origins::default(),
            connections_max: CONNECTIONS_MAX,
            audit_cpu_percent: 0,
            currency: Currency::default(),
            demo: false,
            shop_clock: None,
        };
        let serving = tokio::spawn(make(listener, state, shutdown.clone()));
        Self { address, store, view, end, shutdown, serving, _dir: dir }
    }

    /// That of the numbers that are shown.
    pub(crate) fn epoch(&self) -> Arc<str> {
        self.view.read(|state| state.stamp().epoch)
    }

    /// Makes a commit and waits until it is a version.
    pub(crate) async fn commit(&self, commit: Commit) {
        let mut versions = self.view.versions();
        versions.borrow_and_update();
        self.store.commit(Arc::new(commit)).await.unwrap();
        versions.changed().await.unwrap();
    }

    /// Begins the end; resolves when it is reached.
    pub(crate) fn stop(self) -> impl Future<Output = ()> {
        self.end.begin();
        async move { self.serving.await.unwrap() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path, "").await
    }

    pub(crate) async fn request(&self, method: &str, path: &str, headers: &str) -> Answer {
        self.send(format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n{headers}")).await
    }

    /// Asks for a WebSocket that is not given.
    pub(crate) async fn upgrade(&self, path: &str, headers: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nConnection: close, Upgrade\r\n{headers}")).await
    }

    /// Sends a body, too.
    pub(crate) async fn post(&self, path: &str, headers: &str, body: &[u8]) -> Answer {
        let head = format!("POST {path} HTTP/1.1\r\nConnection: close\r\n{headers}");
        self.send_body(head, body).await
    }

    /// The status of the answer to an upgrade, which may be given.
    pub(crate) async fn upgrade_status(&self, path: &str, headers: &str) -> u16 {
        let head = format!("GET {path} HTTP/1.1\r\nConnection: Upgrade\r\n{headers}");
        self.first_bytes(&head).await
    }

    /// The answer to a GET under this name.
    pub(crate) async fn asked_as(&self, host: &str, path: &str) -> Answer {
        self.raw(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await
    }

    /// The answer to a request whose body does not come.
    pub(crate) async fn head_only(&self, method: &str, path: &str, headers: &str) -> Answer {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"
        );
        self.raw(&head).await
    }

    async fn raw(&self, head: &str) -> Answer {
        let mut socket = tokio::net::TcpStream::connect(self.address).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        socket.read_to_end(&mut bytes).await.unwrap();
        Answer::read(&bytes)
    }

    async fn first_bytes(&self, head: &str) -> u16 {
        let mut socket = tokio::net::TcpStream::connect(self.address).await.unwrap();
        let head = format!("{head}Host: {}\r\n\r\n", self.address);
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut first = [0; 12];
        socket.read_exact(&mut first).await.unwrap();
        std::str::from_utf8(&first[9..]).unwrap().parse().unwrap()
    }

    /// Whatever it is.
    pub(crate) async fn any(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n{headers}");
        self.send_body(head, body).await
    }

    async fn send(&self, head: String) -> Answer {
        self.send_body(head, b"").await
    }

    async fn send_body(&self, head: String, body: &[u8]) -> Answer {
        let mut socket = tokio::net::TcpStream::connect(self.address).await.unwrap();
        let head =
            format!("{head}Host: {}\r\nContent-Length: {}\r\n\r\n", self.address, body.len());
        socket.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
        let mut bytes = Vec::new();
        // Events go on for ever: their head says what there is to say.
        while socket.read_buf(&mut bytes).await.unwrap() > 0 && !is_head_of_events(&bytes) {}
        Answer::read(&bytes)
    }
}

fn is_head_of_events(bytes: &[u8]) -> bool {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|end| &bytes[..end]);
    head.is_some_and(|head| String::from_utf8_lossy(head).contains("text/event-stream"))
}

/// An answer over HTTP.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: BTreeMap<String, String>,
    pub(crate) bytes: Vec<u8>,
    /// The same as text.
    pub(crate) body: String,
}

impl Answer {
    /// Reads what came over a socket; chunks are put together.
    fn read(all: &[u8]) -> Self {
        let end = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = std::str::from_utf8(&all[..end]).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = BTreeMap::new();
        for (name, value) in lines.map(|line| line.split_once(": ").unwrap()) {
            let entry: &mut String = headers.entry(name.to_owned()).or_default();
            let comma = if entry.is_empty() { "" } else { ", " };
            entry.push_str(&format!("{comma}{value}"));
        }
        let is_chunked = headers.get("transfer-encoding").is_some_and(|it| it == "chunked");
        let rest = &all[end + 4..];
        let is_whole = !is_head_of_events(all);
        let bytes = if is_chunked && is_whole { dechunked(rest) } else { rest.to_vec() };
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Self { status, headers, bytes, body }
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).cloned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// The chunks' content; they must end with the empty one.
fn dechunked(mut rest: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n").expect("the body is cut off");
        let len = std::str::from_utf8(&rest[..line]).unwrap();
        let len = usize::from_str_radix(len, 16).unwrap();
        if len == 0 {
            return bytes;
        }
        bytes.extend_from_slice(&rest[line + 2..line + 2 + len]);
        rest = &rest[line + 2 + len + 2..];
    }
}

/// As a process sees it that folds this.
fn folding(store: &Embedded) -> Rebuilding {
    let rebuilding = Rebuilding::default();
    rebuilding.tell(store.served().0, None);
    rebuilding
}

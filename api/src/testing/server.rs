//! A server on a port of its own, over an embedded store in a directory of its own.

use super::shop::PARTITIONS;
use crate::ready::Readiness;
use crate::serve;
use crate::server::ApiState;
use crate::view::{BronzeEnds, View};
use goldstream_platform::embedded::Embedded;
use goldstream_platform::health::Health;
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
        let dir = tempfile::tempdir().unwrap();
        let store = Embedded::open(dir.path(), Some(PARTITIONS)).unwrap();
        let (end, shutdown) = ShutdownHandle::new();
        let (view, health) = (View::new(PARTITIONS), Health::default());
        view.follow(Arc::new(store.clone()), health.clone(), shutdown.clone()).unwrap();
        view.wait_loaded().await;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = ApiState {
            view: view.clone(),
            log: Arc::new(store.clone()),
            health,
            roles: vec!["serve".to_owned()],
            partitions: PARTITIONS,
            started_at_ms: 0,
            readiness: Readiness::when_loaded(),
        };
        let serving = tokio::spawn(make(listener, state, shutdown));
        Self { address, store, view, end, serving, _dir: dir }
    }

    /// Makes a commit and waits until it is a version.
    pub(crate) async fn commit(&self, commit: Commit) {
        let mut versions = self.view.versions();
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

    async fn send(&self, head: String) -> Answer {
        let mut socket = tokio::net::TcpStream::connect(self.address).await.unwrap();
        let head = format!("{head}Host: {}\r\nContent-Length: 0\r\n\r\n", self.address);
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut text = String::new();
        socket.read_to_string(&mut text).await.unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Answer { status, headers, body: body.to_owned() }
    }
}

/// An answer over HTTP.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).cloned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

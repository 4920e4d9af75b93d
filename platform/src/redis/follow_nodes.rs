//! Following the feeds of a cluster. One command may wait for the keys of one slot only, and holds up
//! everything behind it: so every feed has a connection of its own, to the node that has it.
//!
//! A feed that moves to another node is followed there from the same cursor; its entries keep their ids.

use super::follow::{Feeds, Read, waiting};
use super::link::{self, Request};
use super::links::{asked, asking};
use super::server::Server;
use super::shared::Shared;
use super::slots::{Detour, Node, detour, slot_of};
use crate::limits::REDIS_DETOURS_MAX;
use crate::store::{FeedEvent, StoreError};
use ::redis::aio::MultiplexedConnection;
use ::redis::{Cmd, Value};
use futures::StreamExt;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::FuturesUnordered;
use std::sync::Arc;

/// The connection of one feed.
struct Line {
    node: Node,
    server: Server,
    connection: MultiplexedConnection,
}

/// A feed's place in the list, its connection, and what came over it.
type Answer = (usize, Option<Line>, Result<Value, StoreError>);

pub(super) struct NodesReader {
    shared: Arc<Shared>,
    feeds: Feeds,
    waiting: FuturesUnordered<BoxFuture<'static, Answer>>,
}

impl NodesReader {
    /// A reader that sees every commit made after this resolves.
    pub(super) async fn open(shared: Arc<Shared>) -> Result<Self, StoreError> {
        let feeds = Feeds::open(Arc::clone(&shared)).await?;
        let this = Self { shared, feeds, waiting: FuturesUnordered::new() };
        this.wait_for_all();
        Ok(this)
    }

    fn wait_for_all(&self) {
        for place in 0..self.feeds.streams.len() {
            self.wait_for(place, None);
        }
    }

    fn wait_for(&self, place: usize, line: Option<Line>) {
        let stream = std::slice::from_ref(&self.feeds.streams[place]);
        let (ask, slot) = (waiting(stream), slot_of(stream[0].key.as_bytes()));
        let shared = Arc::clone(&self.shared);
        let read = async move {
            let mut line = line;
            let answer = entries(&shared, &ask, slot, &mut line).await;
            (place, line, answer)
        };
        self.waiting.push(read.boxed());
    }
}

impl Read for NodesReader {
    /// Takes what comes first. That feed is waited for again before this resolves.
    async fn read(&mut self) -> Result<Vec<FeedEvent>, StoreError> {
        let Some((place, line, answer)) = self.waiting.next().await else { return Ok(Vec::new()) };
        let answer = answer?;
        let topology = self.feeds.topology().await?;
        let events = self.feeds.events(answer, topology).await?;
        if matches!(events.as_slice(), [FeedEvent::Replaced]) {
            // All cursors are others now; what is still waited for was asked with the old ones.
            self.waiting.clear();
            self.wait_for_all();
        } else {
            self.wait_for(place, line);
        }
        Ok(events)
    }
}

/// Asks for the entries of a feed wherever it is.
async fn entries(
    shared: &Shared,
    ask: &Cmd,
    slot: u16,
    line: &mut Option<Line>,
) -> Result<Value, StoreError> {
    let mut moved = String::new();
    for _ in 0..=REDIS_DETOURS_MAX {
        let node = shared.loads.node_of(slot).await?;
        let at = match line.take() {
            Some(known) if known.node == node => known,
            _ => connect(shared, node).await?,
        };
        let Line { server, connection, .. } = line.insert(at);
        let error = match link::send(connection, Request::One(ask)).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        match detour(&error, server.host()) {
            Some(Detour::Moved(to)) => shared.site.moved(slot, to),
            // Only until the slot has followed it.
            Some(Detour::Ask(to)) => {
                let mut there = connect(shared, to).await?;
                let both = asking(ask);
                let answer = link::send(&mut there.connection, Request::Many(&both)).await;
                let answer = answer.map_err(|error| shared.site.trouble(&there.server, &error))?;
                return Ok(asked(answer));
            }
            None => return Err(shared.site.trouble(server, &error)),
        }
        moved = error.to_string();
    }
    Err(StoreError::Unavailable(format!("a feed moves about: {moved}")))
}

async fn connect(shared: &Shared, node: Node) -> Result<Line, StoreError> {
    let server = shared.site.server(&node);
    match server.connect().await {
        Ok(connection) => Ok(Line { node, server, connection }),
        Err(error) => Err(shared.site.trouble(&server, &error)),
    }
}

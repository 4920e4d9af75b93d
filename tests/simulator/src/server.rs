//! The server: the real view that follows the store's feed, and the real sessions of its clients. Only the
//! sockets are missing.

use crate::clock::{now_ms, steady_ms};
use crate::port::Handle;
use crate::shared::Owner;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use futures::task::noop_waker_ref;
use goldstream_api::feed::line::{Feed, Line, Now, Said};
use goldstream_api::view::state::State;
use goldstream_api::view::{Followed, View};
use goldstream_platform::generations::Generation;
use goldstream_platform::health::Health;
use goldstream_platform::served::{Served, Side};
use goldstream_platform::shutdown::ShutdownHandle;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Context;

/// One life of the server.
pub(crate) struct Server {
    /// Which.
    pub(crate) owner: Owner,
    /// What it shows.
    pub(crate) view: View,
    handle: Handle,
    served: Served,
    /// What is served, as it was told last.
    told: Generation,
    /// What it was told before since the view went over to another generation, and the one that it shows since then.
    told_before: Vec<Generation>,
    /// Of the view, when it was told last.
    epoch: Arc<str>,
    /// What its clients share.
    pub(crate) feed: Feed,
    /// By client.
    lines: BTreeMap<usize, Line>,
    following: LocalBoxFuture<'static, ()>,
    _end: ShutdownHandle,
}

impl Server {
    /// A server that begins to load the store.
    #[must_use]
    pub(crate) fn new(handle: &Handle, generation: Generation) -> Self {
        let (end, shutdown) = ShutdownHandle::new();
        let view = View::with_clock(generation.topology.partitions, now_ms);
        let served = Served::new(side(handle, generation.number));
        let followed =
            Followed { store: Arc::new(served.store()), log: Arc::new(served.log()), shown: None };
        let following = view.clone().follow_here(followed, Health::default(), shutdown);
        Self {
            owner: handle.owner(),
            handle: handle.clone(),
            served,
            told: generation,
            told_before: Vec::new(),
            epoch: view.read(epoch_of),
            view,
            feed: Feed::default(),
            lines: BTreeMap::new(),
            following: following.boxed_local(),
            _end: end,
        }
    }

    /// Another generation is served.
    pub(crate) fn tell(&mut self, generation: Generation) {
        self.served.tell(side(&self.handle, generation.number));
        let epoch = self.view.read(epoch_of);
        if epoch != self.epoch {
            self.told_before.clear();
        }
        self.told_before.push(std::mem::replace(&mut self.told, generation));
        self.epoch = epoch;
    }

    /// What it was told last.
    pub(crate) const fn told(&self) -> &Generation {
        &self.told
    }

    /// What it was told before that, and may still show: one that is told while it loads another is loaded next.
    pub(crate) fn told_before(&self) -> &[Generation] {
        &self.told_before
    }

    /// Lets the view do what it can.
    pub(crate) fn poll(&mut self) {
        let mut context = Context::from_waker(noop_waker_ref());
        let _never_ends = self.following.poll_unpin(&mut context);
    }

    /// Whether clients are let in.
    #[must_use]
    pub(crate) fn is_loaded(&self) -> bool {
        self.view.read(State::is_loaded)
    }

    /// A client comes.
    pub(crate) fn open(&mut self, client: usize) -> Vec<Said> {
        let (line, said) = Line::open(now(), &self.view, &self.feed);
        self.lines.insert(client, line);
        said
    }

    /// A client is gone.
    pub(crate) fn close(&mut self, client: usize) {
        self.lines.remove(&client);
    }

    /// A client says something.
    pub(crate) fn hear(&mut self, client: usize, text: String) -> Vec<Said> {
        let Some(line) = self.lines.get_mut(&client) else { return Vec::new() };
        line.heard(text, now(), &self.view, &self.feed)
    }

    /// What a client is to be told by now.
    pub(crate) fn wake(&mut self, client: usize) -> Vec<Said> {
        let Some(line) = self.lines.get_mut(&client) else { return Vec::new() };
        if line.is_listening(now()) || line.wake_at_ms(now()) <= steady_ms() {
            return line.woken(now(), &self.view, &self.feed);
        }
        Vec::new()
    }
}

fn epoch_of(state: &State) -> Arc<str> {
    state.stamp().epoch
}

fn side(handle: &Handle, generation: u32) -> Side {
    let handle = Arc::new(handle.of_generation(generation));
    Side { generation, log: handle.clone(), ingest: handle.clone(), store: handle }
}

fn now() -> Now {
    Now { steady_ms: steady_ms(), wall_ms: now_ms() }
}

//! A TCP proxy between goldstream and a server: it holds up what passes, and cuts lines when that hurts
//! most. It understands nothing of what passes: a piece is what one read gives.

use super::wait::eventually;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::Notify;

/// When a line is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The request does not arrive.
    BeforeRequest,
    /// It arrives, and nobody hears the reply.
    AfterRequest,
    /// Half of the reply arrives.
    InReply,
    /// The reply arrives, and then the line is gone.
    AfterReply,
}

impl Cut {
    pub(crate) const ALL: [Self; 4] =
        [Self::BeforeRequest, Self::AfterRequest, Self::InReply, Self::AfterReply];
}

#[derive(Debug, Default)]
struct State {
    target: Mutex<Option<SocketAddr>>,
    armed: Mutex<Option<Cut>>,
    delay_ms: AtomicU64,
    cuts: AtomicU64,
    /// Told when all lines end.
    ends: Notify,
}

/// Which way a piece goes.
#[derive(Clone, Copy)]
enum Way {
    Request,
    Reply,
}

/// A running proxy; its lines end with it.
pub(crate) struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
    _runtime: Runtime,
}

impl Proxy {
    /// One that leads nowhere yet.
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let (address, state) = (listener.local_addr().unwrap(), Arc::<State>::default());
        let for_lines = Arc::clone(&state);
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(line(client, Arc::clone(&for_lines)));
            }
        });
        Self { address, state, _runtime: runtime }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Leads to this server from now on: `HOST:PORT`.
    pub(crate) fn lead_to(&self, address: &str) {
        *self.state.target.lock().unwrap() = Some(address.parse().unwrap());
    }

    /// Every piece is held up so long.
    pub(crate) fn delay(&self, ms: u64) {
        self.state.delay_ms.store(ms, Ordering::Relaxed);
    }

    /// Leads nowhere from now on, and ends all lines.
    pub(crate) fn cut_off(&self) {
        *self.state.target.lock().unwrap() = None;
        self.state.ends.notify_waiters();
    }

    /// Cuts one line at the first occasion, and waits for that.
    pub(crate) fn cut(&self, cut: Cut) {
        let before = self.state.cuts.load(Ordering::Relaxed);
        *self.state.armed.lock().unwrap() = Some(cut);
        eventually(&format!("a line is cut {cut:?}"), || {
            match self.state.cuts.load(Ordering::Relaxed) {
                cuts if cuts > before => Ok(()),
                cuts => Err(format!("{cuts} cuts")),
            }
        });
    }
}

/// One line, until one of its ends or the proxy does not go on.
async fn line(client: TcpStream, state: Arc<State>) {
    let Some(target) = *state.target.lock().unwrap() else { return };
    let Ok(server) = TcpStream::connect(target).await else { return };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let ((client_in, client_out), (server_in, server_out)) =
        (client.into_split(), server.into_split());
    tokio::select! {
        _ = pass(client_in, server_out, Way::Request, &state) => {}
        _ = pass(server_in, client_out, Way::Reply, &state) => {}
        () = state.ends.notified() => {}
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    way: Way,
    state: &State,
) -> std::io::Result<()> {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let count = from.read(&mut piece).await?;
        if count == 0 {
            return Ok(());
        }
        let delay_ms = state.delay_ms.load(Ordering::Relaxed);
        if delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        }
        let cut = state.take(way);
        let passing = match cut {
            Some(Cut::BeforeRequest) => 0,
            Some(Cut::InReply) => count / 2,
            Some(Cut::AfterRequest | Cut::AfterReply) | None => count,
        };
        to.write_all(&piece[..passing]).await?;
        if cut.is_some() {
            // Both halves are dropped: whatever the other end says now, nobody hears it.
            state.cuts.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
    }
}

impl State {
    /// The cut that waits for a piece on this way.
    fn take(&self, way: Way) -> Option<Cut> {
        let mut armed = self.armed.lock().unwrap();
        armed.take_if(|cut| match way {
            Way::Request => matches!(cut, Cut::BeforeRequest | Cut::AfterRequest),
            Way::Reply => matches!(cut, Cut::InReply | Cut::AfterReply),
        })
    }
}

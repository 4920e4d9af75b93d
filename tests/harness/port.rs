//! Ports for what must know its own before it listens.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// A port that is free now, below those that a system gives to clients: a server can come back to it.
pub(crate) fn free_port() -> u16 {
    static DRAWN: AtomicU16 = AtomicU16::new(0);
    // Test binaries that run at the same time begin elsewhere.
    let first = (std::process::id() % 120) as u16 * 100;
    loop {
        let port = 20_000 + (first + DRAWN.fetch_add(1, Ordering::Relaxed)) % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

//! A server that takes what webhooks post, over real sockets, and answers as it is told. It keeps what it takes.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// What was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Lines of the head, names in lower case.
    pub head: Vec<String>,
    /// The body.
    pub body: String,
    /// The same, as it came.
    pub bytes: Vec<u8>,
    /// What was answered.
    pub status: u16,
}

impl Posted {
    /// The value of a field of the head.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.head.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

#[derive(Debug, Default)]
struct Shared {
    posted: Mutex<Vec<Posted>>,
    /// The next answers; then all is well.
    answers: Mutex<VecDeque<u16>>,
    ends: AtomicBool,
}

/// The server. It ends when it is dropped.
#[derive(Debug)]
pub struct HookServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl HookServer {
    /// Answers so, and then that all is well.
    ///
    /// # Panics
    /// Where there is no port.
    #[must_use]
    pub fn start(answers: &[u16]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        lock(&shared.answers).extend(answers);
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if of_thread.ends.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let shared = Arc::clone(&of_thread);
                // A client that goes away is no failure of a test.
                std::thread::spawn(move || take(&shared, stream).unwrap_or_default());
            }
        });
        Self { address, shared, thread: Some(thread) }
    }

    /// What to post to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/hook?key=not-to-be-shown", self.address)
    }

    /// What was posted.
    #[must_use]
    pub fn posted(&self) -> Vec<Posted> {
        lock(&self.shared.posted).clone()
    }
}

impl Drop for HookServer {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::SeqCst);
        // Wakes it, so that it sees that it ends.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn take(shared: &Shared, stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        let line = line.trim_end();
        head.push(match line.split_once(": ") {
            Some((name, value)) => format!("{}: {value}", name.to_ascii_lowercase()),
            None => line.to_owned(),
        });
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut bytes = vec![0; length.unwrap_or_default()];
    reader.read_exact(&mut bytes)?;
    let status = lock(&shared.answers).pop_front().unwrap_or(200);
    let body = String::from_utf8_lossy(&bytes).into_owned();
    lock(&shared.posted).push(Posted { head, body, bytes, status });
    let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    reader.get_mut().write_all(answer.as_bytes())
}

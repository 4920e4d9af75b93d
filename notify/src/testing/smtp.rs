//! A server that takes mail by SMTP over real sockets: plainly, by STARTTLS or over TLS, with a login where one
//! is wanted. It keeps what it takes.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// How it is spoken with.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Certificate and key; none encrypts nothing.
    pub tls: Option<Arc<ServerConfig>>,
    /// Encrypted from the first byte, rather than by STARTTLS.
    pub wrapped: bool,
    /// Name and password that are wanted.
    pub login: Option<(&'static str, &'static str)>,
}

impl Setup {
    /// With the certificate and the key in these files.
    ///
    /// # Panics
    /// Where they are none.
    #[must_use]
    pub fn encrypted(certificate: &Path, key: &Path) -> Self {
        let chain =
            CertificateDer::pem_file_iter(certificate).unwrap().map(Result::unwrap).collect();
        let key = PrivateKeyDer::from_pem_file(key).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let tls = Some(Arc::new(config.with_single_cert(chain, key).unwrap()));
        Self { tls, ..Self::default() }
    }
}

/// A mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// To whom, as the envelope says.
    pub to: Vec<String>,
    /// Head and body.
    pub data: String,
    /// Whether it came encrypted.
    pub encrypted: bool,
}

impl Taken {
    /// The value of a field of its head.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let head = self.data.split("\r\n\r\n").next()?;
        head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

impl Taken {
    /// The file that comes with it, with its name.
    #[must_use]
    pub fn file(&self) -> Option<(&str, Vec<u8>)> {
        let (_, part) = self.data.split_once("Content-Disposition: attachment; filename=\"")?;
        let (name, part) = part.split_once('"')?;
        let (_, body) = part.split_once("\r\n\r\n")?;
        let body: String = body.split("\r\n--").next()?.split_whitespace().collect();
        Some((name, data_encoding::BASE64.decode(body.as_bytes()).ok()?))
    }
}

#[derive(Debug, Default)]
struct Shared {
    setup: Setup,
    taken: Mutex<Vec<Taken>>,
    connections: AtomicUsize,
    /// How many mails more are taken without an answer.
    unanswered: AtomicUsize,
    ends: AtomicBool,
}

/// The server. It ends when it is dropped.
#[derive(Debug)]
pub struct SmtpServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl SmtpServer {
    /// On a port of its own.
    #[must_use]
    pub fn start(setup: Setup) -> Self {
        Self::start_at(0, setup)
    }

    /// On this port.
    ///
    /// # Panics
    /// Where another has it.
    #[must_use]
    pub fn start_at(port: u16, setup: Setup) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { setup, ..Shared::default() });
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if of_thread.ends.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                of_thread.connections.fetch_add(1, Ordering::SeqCst);
                let shared = Arc::clone(&of_thread);
                // A client that goes away is no failure of a test.
                std::thread::spawn(move || serve(&shared, stream).unwrap_or_default());
            }
        });
        Self { address, shared, thread: Some(thread) }
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What it has taken.
    #[must_use]
    pub fn taken(&self) -> Vec<Taken> {
        self.shared.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often somebody came.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Takes so many mails more without saying so: the line breaks after them.
    pub fn lose_answers(&self, mails: usize) {
        self.shared.unanswered.store(mails, Ordering::SeqCst);
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::SeqCst);
        // Wakes it, so that it sees that it ends.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// A line to the client, plain or encrypted.
trait Line: Read + Write {}
impl<T: Read + Write> Line for T {}

/// How a conversation over one line ended.
enum Ended {
    Quit,
    StartTls,
}

fn serve(shared: &Shared, stream: TcpStream) -> std::io::Result<()> {
    let encrypt = |stream: TcpStream| {
        let config = shared.setup.tls.clone().expect("a certificate");
        let connection = ServerConnection::new(config).expect("a connection");
        StreamOwned::new(connection, stream)
    };
    if shared.setup.wrapped {
        let mut line = encrypt(stream);
        line.write_all(b"220 test ESMTP\r\n")?;
        return Talk::new(shared, &mut line, true).go_on().map(drop);
    }
    let mut plain = stream.try_clone()?;
    plain.write_all(b"220 test ESMTP\r\n")?;
    match Talk::new(shared, &mut plain, false).go_on()? {
        Ended::Quit => Ok(()),
        Ended::StartTls => Talk::new(shared, &mut encrypt(stream), true).go_on().map(drop),
    }
}

/// A conversation.
struct Talk<'a> {
    shared: &'a Shared,
    line: BufReader<&'a mut dyn Line>,
    encrypted: bool,
    is_known: bool,
    to: Vec<String>,
}

impl<'a> Talk<'a> {
    fn new(shared: &'a Shared, line: &'a mut dyn Line, encrypted: bool) -> Self {
        let is_known = shared.setup.login.is_none();
        Self { shared, line: BufReader::new(line), encrypted, is_known, to: Vec::new() }
    }

    fn say(&mut self, text: &str) -> std::io::Result<()> {
        self.line.get_mut().write_all(format!("{text}\r\n").as_bytes())?;
        self.line.get_mut().flush()
    }

    fn hear(&mut self) -> std::io::Result<String> {
        let mut said = String::new();
        match self.line.read_line(&mut said)? {
            0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(said.trim_end().to_owned()),
        }
    }

    fn go_on(mut self) -> std::io::Result<Ended> {
        loop {
            let said = self.hear()?;
            let verb = said.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => self.offer()?,
                "STARTTLS" => {
                    self.say("220 go on")?;
                    return Ok(Ended::StartTls);
                }
                "AUTH" => self.log_in(&said)?,
                "MAIL" if !self.is_known => self.say("530 5.7.0 log in first")?,
                "MAIL" => self.say("250 ok")?,
                "RCPT" => {
                    let address = said.split(['<', '>']).nth(1).unwrap_or_default();
                    self.to.push(address.to_owned());
                    self.say("250 ok")?;
                }
                "DATA" => self.take()?,
                "QUIT" => {
                    self.say("221 bye")?;
                    return Ok(Ended::Quit);
                }
                _ => self.say("502 5.5.2 what?")?,
            }
        }
    }

    fn offer(&mut self) -> std::io::Result<()> {
        let can_encrypt = self.shared.setup.tls.is_some() && !self.encrypted;
        let wants_login = self.shared.setup.login.is_some() && !can_encrypt;
        self.say("250-test")?;
        if can_encrypt {
            self.say("250-STARTTLS")?;
        }
        if wants_login {
            self.say("250-AUTH PLAIN")?;
        }
        self.say("250 8BITMIME")
    }

    fn log_in(&mut self, said: &str) -> std::io::Result<()> {
        let shown = said.rsplit(' ').next().unwrap_or_default();
        let shown = data_encoding::BASE64.decode(shown.as_bytes()).unwrap_or_default();
        let wanted =
            self.shared.setup.login.map(|(user, password)| format!("\0{user}\0{password}"));
        self.is_known = wanted.is_some_and(|wanted| wanted.as_bytes() == shown);
        self.say(if self.is_known { "235 2.7.0 ok" } else { "535 5.7.8 wrong password" })
    }

    fn take(&mut self) -> std::io::Result<()> {
        self.say("354 go on")?;
        let mut data = String::new();
        loop {
            match self.hear()?.as_str() {
                "." => break,
                line => {
                    data.push_str(line.strip_prefix('.').unwrap_or(line));
                    data.push_str("\r\n");
                }
            }
        }
        let taken = Taken { to: std::mem::take(&mut self.to), data, encrypted: self.encrypted };
        self.shared.taken.lock().unwrap_or_else(PoisonError::into_inner).push(taken);
        let one_less = |left: usize| left.checked_sub(1);
        let unanswered = &self.shared.unanswered;
        if unanswered.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() {
            return Err(std::io::ErrorKind::ConnectionAborted.into());
        }
        self.say("250 2.0.0 taken")
    }
}

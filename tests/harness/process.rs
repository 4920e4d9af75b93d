//! Processes of the binary: those that answer and end, and those that go on until they are told.
//! None outlives its test.

use super::http;
use super::wait::eventually;
use goldstream_domain::gold::report::{Accounting, Gold};
use goldstream_platform::server_file::ServerFile;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What a command answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    line: String,
}

impl Answer {
    /// It must have ended with this code.
    pub(crate) fn expect(self, code: i32) -> Self {
        let Self { line, stdout, stderr, .. } = &self;
        assert_eq!(self.code, Some(code), "goldstream {line}\n{stdout}\n{stderr}");
        self
    }

    /// Its last words must contain all these.
    pub(crate) fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "no {word:?} in {}", self.stderr);
        }
        self
    }
}

/// Waits for a command that ends by itself.
pub(crate) fn wait_for_end(child: Child, line: &str) -> Answer {
    let mut guard = Guard(child);
    let (out, stdout) = gather(guard.0.stdout.take().unwrap());
    let (err, stderr) = gather(guard.0.stderr.take().unwrap());
    let status = guard.end(&format!("goldstream {line} ends"));
    out.join().unwrap();
    err.join().unwrap();
    let text = |gathered: &Mutex<String>| gathered.lock().unwrap().clone();
    let (stdout, stderr) = (text(&stdout), text(&stderr));
    Answer { code: status.code(), stdout, stderr, line: line.to_owned() }
}

/// A goldstream that goes on.
pub(crate) struct Running {
    guard: Guard,
    data: PathBuf,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
}

impl Running {
    pub(crate) fn new(mut command: Command, data: PathBuf) -> Self {
        let (mut running, stdout) = Self::unread(&mut command, data);
        running.read(stdout);
        running
    }

    /// One whose output is read by the test, or by nobody.
    pub(crate) fn unread(command: &mut Command, data: PathBuf) -> (Self, ChildStdout) {
        let mut guard = Guard(command.spawn().unwrap());
        let stdout = guard.0.stdout.take().unwrap();
        let (_, stderr) = gather(guard.0.stderr.take().unwrap());
        (Self { guard, data, stdout: Arc::default(), stderr }, stdout)
    }

    /// Reads its output from now on, so that it never waits for its reader.
    pub(crate) fn read(&mut self, stdout: ChildStdout) {
        (_, self.stdout) = gather(stdout);
    }

    /// What it printed on stdout so far.
    pub(crate) fn printed(&self) -> String {
        self.stdout.lock().unwrap().clone()
    }

    /// Waits until it has printed these words.
    pub(crate) fn prints(&mut self, words: &str) {
        eventually(&format!("it prints {words}"), || {
            let printed = self.printed();
            if printed.contains(words) {
                Ok(())
            } else {
                Err(format!("{printed} {}", self.alive()))
            }
        });
    }

    /// What it said on stderr so far.
    pub(crate) fn said(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// Waits until it has said these words.
    pub(crate) fn says(&mut self, words: &str) {
        eventually(&format!("it says {words}"), || {
            if self.said().contains(words) { Ok(()) } else { Err(self.alive()) }
        });
    }

    pub(crate) fn pid(&self) -> u32 {
        self.guard.0.id()
    }

    /// Where it listens: a note that a killed one left is not believed. One that works on servers
    /// leaves none and says it.
    pub(crate) fn address(&mut self) -> String {
        eventually("it says where it listens", || {
            let note = ServerFile::read(&self.data).filter(|note| note.pid == self.guard.0.id());
            let noted = note.map(|note| note.address.to_string());
            noted.or_else(|| announced(&self.said())).ok_or_else(|| self.alive())
        })
    }

    /// Once its store is loaded.
    pub(crate) fn ready(mut self) -> Self {
        self.wait_until_ready();
        self
    }

    pub(crate) fn wait_until_ready(&mut self) {
        let url = format!("http://{}/readyz", self.address());
        eventually("it is ready", || match http::get(&url) {
            Ok((200, _)) => Ok(()),
            other => Err(format!("{other:?}, {}", self.alive())),
        });
    }

    /// The answer to a GET once it is a 200.
    pub(crate) fn get(&mut self, path: &str) -> String {
        let url = format!("http://{}{path}", self.address());
        eventually(&format!("{path} is answered"), || match http::get(&url) {
            Ok((200, body)) => Ok(body),
            other => Err(format!("{other:?}, {}", self.alive())),
        })
    }

    /// Posts JSON, which is taken.
    pub(crate) fn post(&mut self, path: &str, body: &str) {
        let url = format!("http://{}{path}", self.address());
        let (status, answer) = http::post(&url, "application/json", body).unwrap();
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
    }

    /// What it says of itself and its pipeline.
    pub(crate) fn status(&mut self) -> serde_json::Value {
        serde_json::from_str(&self.get("/api/v1/status")).unwrap()
    }

    pub(crate) fn accounting(&mut self) -> Accounting {
        serde_json::from_str(&self.get("/api/v1/accounting")).unwrap()
    }

    pub(crate) fn gold(&mut self) -> Gold {
        serde_json::from_str(&self.get("/api/v1/gold")).unwrap()
    }

    /// Waits until so many rows are counted.
    pub(crate) fn counts(&mut self, rows: u64) -> Accounting {
        eventually(&format!("{rows} rows are counted"), || {
            let accounting = self.accounting();
            if accounting.rows() == rows { Ok(accounting) } else { Err(format!("{accounting:?}")) }
        })
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.guard.0.kill().unwrap();
        self.guard.0.wait().unwrap();
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.pid().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Sends a signal and waits for the end: the exit code.
    pub(crate) fn end(mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        self.guard.end(&format!("it ends after {signal}")).code()
    }

    /// Waits for its own end: the exit code and what it said.
    pub(crate) fn wait(mut self) -> (Option<i32>, String) {
        let status = self.guard.end("it ends by itself");
        (status.code(), self.said())
    }

    /// Fails at once where it has ended.
    fn alive(&mut self) -> String {
        if let Some(status) = self.guard.0.try_wait().unwrap() {
            panic!("it ended, {status}: {}", self.said());
        }
        format!("it runs and said: {}", self.said())
    }
}

/// The address in `goldstream is live: http://…`.
fn announced(said: &str) -> Option<String> {
    let (_, rest) = said.split_once("is live: http://")?;
    rest.split_whitespace().next().map(str::to_owned)
}

/// Kills its process at the end of the test, however that comes.
struct Guard(Child);

impl Guard {
    fn end(&mut self, wish: &str) -> ExitStatus {
        eventually(wish, || self.0.try_wait().unwrap().ok_or_else(|| "it runs".to_owned()))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !matches!(self.0.try_wait(), Ok(Some(_))) {
            self.0.kill().ok();
            self.0.wait().ok();
        }
    }
}

/// Reads a pipe to its end, beside the test.
fn gather(mut pipe: impl Read + Send + 'static) -> (JoinHandle<()>, Arc<Mutex<String>>) {
    let gathered = Arc::new(Mutex::new(String::new()));
    let into = Arc::clone(&gathered);
    let reader = std::thread::spawn(move || {
        let mut piece = vec![0; 64 * 1024];
        let mut bytes = Vec::new();
        while let Ok(count) = pipe.read(&mut piece)
            && count > 0
        {
            bytes.extend_from_slice(&piece[..count]);
            // What is not whole text yet waits for the next piece.
            let whole = match std::str::from_utf8(&bytes) {
                Ok(_) => bytes.len(),
                Err(error) => error.valid_up_to(),
            };
            let text = bytes.drain(..whole).collect::<Vec<_>>();
            into.lock().unwrap().push_str(std::str::from_utf8(&text).unwrap());
        }
    });
    (reader, gathered)
}

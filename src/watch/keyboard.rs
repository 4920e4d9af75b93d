//! The keys of a terminal: `q` ends what is watched. Ctrl-C stays the signal that it is, and the terminal is left
//! as it was found. It reads nothing where another process has the terminal.

use rustix::process::getpgrp;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};
use std::io::{IsTerminal, Read, Stdin, stdin};
use tokio::sync::mpsc;

/// Keys, as long as it is held.
pub(super) struct Keyboard {
    /// How the terminal was, where it was changed.
    before: Option<Termios>,
    quits: mpsc::Receiver<()>,
    /// Where there is no keyboard, nothing is ever pressed.
    _never: Option<mpsc::Sender<()>>,
}

impl Keyboard {
    /// One on which nothing is pressed.
    pub(super) fn none() -> Self {
        let (never, quits) = mpsc::channel(1);
        Self { before: None, quits, _never: Some(never) }
    }

    /// The terminal that is read from, if there is one and it is ours.
    pub(super) fn begin() -> Self {
        let stdin = stdin();
        let Some(before) = is_ours(&stdin).then(|| tcgetattr(&stdin).ok()).flatten() else {
            return Self::none();
        };
        let mut keys = before.clone();
        // Each key at once, and none on the picture.
        keys.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        if tcsetattr(&stdin, OptionalActions::Now, &keys).is_err() {
            return Self::none();
        }
        let (quit, quits) = mpsc::channel(1);
        let never = quit.clone();
        std::thread::spawn(move || hear(&quit));
        Self { before: Some(before), quits, _never: Some(never) }
    }

    /// Whether keys are heard.
    pub(super) fn is_there(&self) -> bool {
        self.before.is_some()
    }

    /// Resolves when `q` is pressed.
    pub(super) async fn quit(&mut self) {
        // A sender is kept: only a key resolves it.
        self.quits.recv().await;
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        let stdin = stdin();
        // Who was put into the background must not touch the terminal: it would be stopped.
        if let Some(before) = self.before.take().filter(|_| is_ours(&stdin))
            && let Err(error) = tcsetattr(&stdin, OptionalActions::Now, &before)
        {
            tracing::debug!(%error, "the terminal stays as it is");
        }
    }
}

fn is_ours(stdin: &Stdin) -> bool {
    stdin.is_terminal() && tcgetpgrp(stdin).is_ok_and(|group| group == getpgrp())
}

/// Reads keys until one ends it, or none can come any more.
fn hear(quit: &mpsc::Sender<()>) {
    let mut key = [0];
    while let Ok(1) = stdin().read(&mut key) {
        if key.eq_ignore_ascii_case(b"q") {
            // Nobody hears it where the process has ended meanwhile.
            quit.try_send(()).unwrap_or_default();
            return;
        }
    }
}

//! The wish to end, passed to every role: a value to wait for, not a flag to poll.

use tokio::sync::watch;

/// Says when to end.
#[derive(Debug, Clone)]
pub struct Shutdown {
    wanted: watch::Receiver<bool>,
}

/// Makes the wish.
#[derive(Debug, Clone)]
pub struct ShutdownHandle {
    want: watch::Sender<bool>,
}

impl ShutdownHandle {
    /// A handle and nothing wished yet.
    #[must_use]
    pub fn new() -> (Self, Shutdown) {
        let (want, wanted) = watch::channel(false);
        (Self { want }, Shutdown { wanted })
    }

    /// Asks every role to finish what it has begun and end.
    pub fn begin(&self) {
        self.want.send_replace(true);
    }
}

impl Shutdown {
    /// Resolves when the end is wished.
    pub async fn wished(&mut self) {
        // A dropped handle means that nobody will ever wish: the owner of the process is gone, so end.
        match self.wanted.wait_for(|wanted| *wanted).await {
            Ok(_) | Err(_) => (),
        }
    }

    /// Whether the end is wished already.
    #[must_use]
    pub fn is_wished(&self) -> bool {
        *self.wanted.borrow()
    }
}

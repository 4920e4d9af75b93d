//! Standard output on a thread of its own, since who reads it may stand still. One text is being written and
//! one waits; the session reads nothing more meanwhile, so that a slow reader gets fewer and fuller frames.

use std::io::{self, ErrorKind, Write};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// How long the reader may take over the last words.
const LAST_WORDS_MAX: Duration = Duration::from_millis(500);

/// Writes texts one after another.
pub(super) struct Output {
    to_writer: mpsc::Sender<String>,
    ended: oneshot::Receiver<io::Result<()>>,
}

impl Output {
    pub(super) fn begin() -> Self {
        let (to_writer, texts) = mpsc::channel(1);
        let (end, ended) = oneshot::channel();
        std::thread::spawn(move || {
            // Nobody hears it where the process has ended meanwhile.
            end.send(write_all(texts)).ok();
        });
        Self { to_writer, ended }
    }

    /// Whether a text is taken.
    pub(super) fn is_free(&self) -> bool {
        self.to_writer.capacity() > 0
    }

    /// Resolves once a text is taken again.
    pub(super) async fn freed(&self) {
        if self.to_writer.reserve().await.is_err() {
            // There is no writer any more, which is another matter.
            std::future::pending::<()>().await;
        }
    }

    /// Writes a text, where one is taken.
    pub(super) fn write(&self, text: String) {
        if let Err(error) = self.to_writer.try_send(text) {
            tracing::debug!(%error, "nothing is written any more");
        }
    }

    /// Resolves when nothing can be written any more; [`Self::end`] says why.
    pub(super) async fn closed(&self) {
        self.to_writer.closed().await;
    }

    /// Writes the last words, if anybody reads them; gives why nothing could be written. A reader that has
    /// gone, or stands still, is no failure.
    pub(super) async fn end(self, text: String) -> io::Result<()> {
        let Self { to_writer, ended } = self;
        let last = async {
            to_writer.send(text).await.unwrap_or_default();
            drop(to_writer);
            ended.await
        };
        match timeout(LAST_WORDS_MAX, last).await {
            Ok(Ok(Err(error))) if error.kind() != ErrorKind::BrokenPipe => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

fn write_all(mut texts: mpsc::Receiver<String>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    while let Some(text) = texts.blocking_recv() {
        out.write_all(text.as_bytes())?;
        out.flush()?;
    }
    Ok(())
}

//! The producer: the real replay of the shop's two files, followed for ever. It is polled by hand, so a
//! crash can come wherever it waits.

use crate::clock::now_ms;
use crate::port::Handle;
use crate::shared::Owner;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use futures::task::noop_waker_ref;
use goldstream_domain::column::Kind;
use goldstream_platform::inputs::Inputs;
use goldstream_platform::shutdown::ShutdownHandle;
use goldstream_producers::input::{Input, NamedInput};
use goldstream_producers::replay::{AtEnd, Replay, ReplayError};

use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll};

/// One life of the producer.
pub(crate) struct Producer {
    /// Which.
    pub(crate) owner: Owner,
    running: LocalBoxFuture<'static, Result<(), ReplayError>>,
    _end: ShutdownHandle,
}

impl Producer {
    /// A producer of the files in a folder.
    #[must_use]
    pub(crate) fn new(handle: &Handle, partitions: u32, folder: &Path) -> Self {
        let (end, shutdown) = ShutdownHandle::new();
        let input = |kind: Kind| NamedInput {
            kind,
            key: source_key(kind).into(),
            input: Input::Plain(folder.join(kind.name())),
        };
        let replay = Replay {
            log: Arc::new(handle.clone()),
            store: Arc::new(handle.clone()),
            partitions,
            inputs: Kind::ALL.map(input).to_vec(),
            folder: None,
            handed: None,
            rate: None,
            at_end: AtEnd::Follow,
            now_ms,
            board: Inputs::default(),
        };
        Self { owner: handle.owner(), running: replay.run(shutdown).boxed_local(), _end: end }
    }

    /// Lets it do what it can; gives why it has ended, where it has.
    pub(crate) fn poll(&mut self) -> Option<String> {
        let mut context = Context::from_waker(noop_waker_ref());
        match self.running.poll_unpin(&mut context) {
            Poll::Pending => None,
            Poll::Ready(Ok(())) => Some("its work is done".to_owned()),
            Poll::Ready(Err(error)) => Some(error.to_string()),
        }
    }
}

/// The name of a file's source, without its generation.
#[must_use]
pub(crate) fn source_key(kind: Kind) -> String {
    format!("file:/{}", kind.name())
}

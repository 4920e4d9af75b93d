//! A connection that is made when it is needed and made again after it broke.
//!
//! It never waits between tries: who asks decides when to ask again, and gets an error within the
//! limits of connecting and answering. A request lost with its connection is sent once more, so
//! every request must be harmless when made twice.

use super::server::Server;
use crate::store::StoreError;
use ::redis::aio::MultiplexedConnection;
use ::redis::{Cmd, Pipeline, RedisError, RedisResult, Value};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use std::sync::{Arc, Mutex, PoisonError};

/// One attempt to connect, shared by all who wait for it.
type Attempt = Shared<BoxFuture<'static, RedisResult<MultiplexedConnection>>>;

/// What can be asked.
#[derive(Clone, Copy)]
pub(super) enum Request<'a> {
    /// A command.
    One(&'a Cmd),
    /// Several in one round trip, with one answer each.
    Many(&'a Pipeline),
}

impl<'a> From<&'a Cmd> for Request<'a> {
    fn from(command: &'a Cmd) -> Self {
        Self::One(command)
    }
}

impl<'a> From<&'a mut Cmd> for Request<'a> {
    fn from(command: &'a mut Cmd) -> Self {
        Self::One(command)
    }
}

impl<'a> From<&'a Pipeline> for Request<'a> {
    fn from(pipeline: &'a Pipeline) -> Self {
        Self::Many(pipeline)
    }
}

#[derive(Debug)]
pub(super) struct Link {
    server: Server,
    attempt: Mutex<Option<Attempt>>,
}

/// A connection that was made, and the attempt by which it is known.
struct Line {
    attempt: Attempt,
    connection: MultiplexedConnection,
}

/// A connection in use. It is never replaced by another, so what it reads belongs together.
pub(super) struct Live {
    link: Arc<Link>,
    line: Line,
}

impl Link {
    pub(super) fn new(server: Server) -> Self {
        Self { server, attempt: Mutex::new(None) }
    }

    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    /// Asks, on a new connection if the present one turns out to be broken.
    pub(super) async fn ask<'a>(&self, request: impl Into<Request<'a>>) -> RedisResult<Value> {
        let request = request.into();
        let mut line = self.connect().await?;
        match self.send(&mut line, request).await {
            Err(error) if error.is_connection_dropped() => {
                let mut line = self.connect().await?;
                self.send(&mut line, request).await
            }
            answer => answer,
        }
    }

    /// As [`Self::ask`], with the errors of a store.
    pub(super) async fn query<'a>(
        &self,
        request: impl Into<Request<'a>>,
    ) -> Result<Value, StoreError> {
        self.ask(request).await.map_err(|error| self.server.store_error(&error))
    }

    /// A connection for requests that must all reach the same server process.
    pub(super) async fn live(self: Arc<Self>) -> Result<Live, StoreError> {
        let line = self.connect().await.map_err(|error| self.server.store_error(&error))?;
        Ok(Live { link: self, line })
    }

    async fn connect(&self) -> RedisResult<Line> {
        let attempt = {
            let mut current = self.attempt.lock().unwrap_or_else(PoisonError::into_inner);
            current.get_or_insert_with(|| self.begin()).clone()
        };
        match attempt.clone().await {
            Ok(connection) => Ok(Line { attempt, connection }),
            Err(error) => {
                self.discard(&attempt);
                Err(error)
            }
        }
    }

    async fn send(&self, line: &mut Line, request: Request<'_>) -> RedisResult<Value> {
        let answer = send(&mut line.connection, request).await;
        if answer.as_ref().is_err_and(is_broken) {
            self.discard(&line.attempt);
        }
        answer
    }

    fn begin(&self) -> Attempt {
        let server = self.server.clone();
        async move { server.connect().await }.boxed().shared()
    }

    /// Forgets a connection, unless another was made in its place already.
    fn discard(&self, attempt: &Attempt) {
        let mut current = self.attempt.lock().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_some_and(|current| current.ptr_eq(attempt)) {
            *current = None;
        }
    }
}

impl Live {
    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    pub(super) async fn send<'a>(&mut self, request: impl Into<Request<'a>>) -> RedisResult<Value> {
        self.link.send(&mut self.line, request.into()).await
    }

    pub(super) async fn query<'a>(
        &mut self,
        request: impl Into<Request<'a>>,
    ) -> Result<Value, StoreError> {
        let answer = self.send(request).await;
        answer.map_err(|error| self.link.server.store_error(&error))
    }
}

/// One request on one connection.
pub(super) async fn send(
    connection: &mut MultiplexedConnection,
    request: Request<'_>,
) -> RedisResult<Value> {
    match request {
        Request::One(command) => command.query_async(connection).await,
        Request::Many(pipeline) => pipeline.query_async(connection).await,
    }
}

/// Also after a timeout: the answer of a server that vanished never comes. And where the server is not the
/// one that it was: behind one address another may be the master now.
fn is_broken(error: &RedisError) -> bool {
    let is_demoted = matches!(error.code(), Some("READONLY" | "MASTERDOWN" | "LOADING"));
    error.is_io_error() || error.is_unrecoverable_error() || is_demoted
}

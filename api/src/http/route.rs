//! What a route is.

use super::document::Doc;
use crate::server::Server;
use axum::http::Method;
use axum::routing::MethodRouter;
use std::sync::Arc;

/// One route.
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) handler: MethodRouter<Arc<Server>>,
    pub(super) patience: Patience,
    pub(super) door: Door,
    pub(super) doc: Doc,
}

/// Who is let through to a route, where the server has a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// Who shows it in a header.
    Guarded,
    /// Who shows it in a header or in the first message: the route looks itself.
    GuardedWithin,
    /// Everybody: nothing of the shop is there.
    Open,
}

/// How long an answer may take to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// As long as any.
    Usual,
    /// As long as it takes: it waits for something, or stays open.
    Endless,
}

impl Route {
    pub(super) fn get(path: &'static str, handler: MethodRouter<Arc<Server>>, doc: Doc) -> Self {
        let door = Door::Guarded;
        Self { method: Method::GET, path, handler, patience: Patience::Usual, door, doc }
    }

    pub(super) fn post(path: &'static str, handler: MethodRouter<Arc<Server>>, doc: Doc) -> Self {
        Self { method: Method::POST, ..Self::get(path, handler, doc) }
    }

    pub(super) fn patient(self) -> Self {
        Self { patience: Patience::Endless, ..self }
    }

    pub(super) fn behind(self, door: Door) -> Self {
        Self { door, ..self }
    }
}

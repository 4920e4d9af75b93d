//! The connections of one purpose: to the only server, or to each node of a cluster. A command goes to the
//! node that has its key, and follows the key where that has moved.
//!
//! As a [`Link`] it never waits between tries, and every request must be harmless when made twice.

use super::link::{Link, Request};
use super::reply;
use super::server::Server;
use super::site::Site;
use super::slots::{Detour, Node, SlotMap, detour, slot_of_command};
use crate::limits::REDIS_DETOURS_MAX;
use crate::store::StoreError;
use ::redis::{Cmd, ErrorKind, Pipeline, RedisError, ServerErrorKind, Value, cmd, pipe};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug)]
pub(super) struct Links {
    site: Site,
    by_node: ByNode,
}

#[derive(Debug)]
enum ByNode {
    /// There is one server only.
    One(Arc<Link>),
    /// Nodes of a cluster that were met so far.
    Many(Mutex<HashMap<Node, Arc<Link>>>),
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) struct Failure {
    /// What the server said, if it was one that did.
    kind: Option<ErrorKind>,
    error: StoreError,
}

/// What became of a command that a node did not take.
pub(super) enum Elsewhere {
    /// The whole slot is there now.
    Moved(Arc<Link>),
    /// The key was there already, and this is the answer.
    Answered(Value),
}

impl Failure {
    pub(super) fn new(error: &RedisError, server: &Server, site: &Site) -> Self {
        Self { kind: Some(error.kind()), error: site.trouble(server, error) }
    }

    /// Whether the user may not do that.
    pub(super) fn is_not_permitted(&self) -> bool {
        self.kind == Some(ErrorKind::Server(ServerErrorKind::NoPerm))
    }

    /// Whether the server does not know the script that it was to run.
    pub(super) fn is_unknown_script(&self) -> bool {
        self.kind == Some(ErrorKind::Server(ServerErrorKind::NoScript))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self { kind: None, error }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

impl Links {
    pub(super) fn new(site: Site) -> Self {
        let by_node = if site.is_cluster() {
            ByNode::Many(Mutex::default())
        } else {
            ByNode::One(Arc::new(Link::new(site.first().clone())))
        };
        Self { site, by_node }
    }

    pub(super) fn is_cluster(&self) -> bool {
        self.site.is_cluster()
    }

    pub(super) fn site(&self) -> &Site {
        &self.site
    }

    /// Asks whoever has the key of the request; of several commands each on its own, where they may
    /// have to go to several.
    pub(super) async fn ask<'a>(&self, request: impl Into<Request<'a>>) -> Result<Value, Failure> {
        let request = request.into();
        if let ByNode::One(link) = &self.by_node {
            let answer = link.ask(request).await;
            return answer.map_err(|error| Failure::new(&error, link.server(), &self.site));
        }
        match request {
            Request::One(command) => self.find(command).await,
            Request::Many(commands) => {
                let mut answers = Vec::new();
                for command in commands.cmd_iter() {
                    answers.push(self.find(command).await?);
                }
                Ok(Value::Array(answers))
            }
        }
    }

    /// As [`Self::ask`], with the errors of a store.
    pub(super) async fn query<'a>(
        &self,
        request: impl Into<Request<'a>>,
    ) -> Result<Value, StoreError> {
        Ok(self.ask(request).await?)
    }

    /// Every server that has keys, as it is now.
    pub(super) async fn all(&self) -> Result<Vec<Arc<Link>>, StoreError> {
        if let ByNode::One(link) = &self.by_node {
            return Ok(vec![Arc::clone(link)]);
        }
        self.learn().await?;
        let nodes = self.site.nodes();
        Ok(nodes.iter().map(|node| self.link(node)).collect())
    }

    /// The node of a cluster that has a slot.
    pub(super) async fn node_of(&self, slot: u16) -> Result<Node, StoreError> {
        if let Some(node) = self.site.node_of(slot) {
            return Ok(node);
        }
        self.learn().await?;
        let nobody = || {
            let address = self.site.address();
            StoreError::Unavailable(format!(
                "no node of the redis cluster {address} has slot {slot}"
            ))
        };
        self.site.node_of(slot).ok_or_else(nobody)
    }

    /// Asks whoever may know for the map of the slots.
    pub(super) async fn learn(&self) -> Result<(), StoreError> {
        let mut failed =
            StoreError::Unavailable("no node of the redis cluster is known".to_owned());
        for node in self.site.who_may_know() {
            let answer = self.link(&node).query(cmd("CLUSTER").arg("SLOTS")).await;
            match answer.map(|slots| SlotMap::read(slots, &node.host)) {
                // A node that left the cluster knows of no slots.
                Ok(Some(map)) if !map.nodes().is_empty() => {
                    self.site.learned(map);
                    return Ok(());
                }
                Ok(_) => {}
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    /// One command, wherever its key is.
    async fn find(&self, command: &Cmd) -> Result<Value, Failure> {
        let slot = slot_of_command(command);
        let mut link = self.link_of(slot).await?;
        let mut answer = link.ask(command).await;
        for _ in 0..REDIS_DETOURS_MAX {
            let error = match answer {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            match self.elsewhere(command, &error, link.server()).await? {
                Elsewhere::Answered(value) => return Ok(value),
                Elsewhere::Moved(to) => link = to,
            }
            answer = link.ask(command).await;
        }
        answer.map_err(|error| Failure::new(&error, link.server(), &self.site))
    }

    /// Goes on with a command that `server` answered with an error, where that says where.
    pub(super) async fn elsewhere(
        &self,
        command: &Cmd,
        error: &RedisError,
        server: &Server,
    ) -> Result<Elsewhere, Failure> {
        match detour(error, server.host()) {
            None => Err(Failure::new(error, server, &self.site)),
            Some(Detour::Moved(node)) => {
                let link = self.link(&node);
                self.site.moved(slot_of_command(command), node);
                Ok(Elsewhere::Moved(link))
            }
            Some(Detour::Ask(node)) => {
                let link = self.link(&node);
                let answer = link.ask(&asking(command)).await;
                let answer =
                    answer.map_err(|error| Failure::new(&error, link.server(), &self.site))?;
                Ok(Elsewhere::Answered(asked(answer)))
            }
        }
    }

    pub(super) async fn link_of(&self, slot: u16) -> Result<Arc<Link>, StoreError> {
        match &self.by_node {
            ByNode::One(link) => Ok(Arc::clone(link)),
            ByNode::Many(_) => Ok(self.link(&self.node_of(slot).await?)),
        }
    }

    fn link(&self, node: &Node) -> Arc<Link> {
        let new = || Arc::new(Link::new(self.site.server(node)));
        let ByNode::Many(links) = &self.by_node else { return new() };
        let mut links = links.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(links.entry(node.clone()).or_insert_with(new))
    }
}

/// A command for a node to which its slot is still on the way.
pub(super) fn asking(command: &Cmd) -> Pipeline {
    let mut both = pipe();
    both.cmd("ASKING").ignore().add_command(command.clone());
    both
}

/// What such a command was answered.
pub(super) fn asked(answer: Value) -> Value {
    reply::array::<1>(answer).map_or(Value::Nil, |[it]| it)
}

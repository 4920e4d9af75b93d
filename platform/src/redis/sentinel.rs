//! Sentinels, who know which server is the master of a name. They are asked whenever a connection is made, so that a
//! failover is followed by connecting again. Nothing is kept but who led to it last.

use super::connect::connect;
use super::slots::Node;
use ::redis::aio::MultiplexedConnection;
use ::redis::{Client, ErrorKind, RedisError, RedisResult, cmd};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What an error is called that a sentinel's own refusal is.
pub(super) const SENTINEL: &str = "a sentinel refuses";

/// The sentinels that watch over one master.
pub(super) struct Sentinels {
    clients: Vec<Client>,
    /// How they call the master.
    name: String,
    /// Who led to it last is asked first.
    first: AtomicUsize,
}

impl Sentinels {
    pub(super) fn new(clients: Vec<Client>, name: String) -> Self {
        Self { clients, name, first: AtomicUsize::default() }
    }

    /// The name of the master, and where its sentinels are.
    pub(super) fn address(&self) -> String {
        let of = |client: &Client| client.get_connection_info().addr().to_string();
        let addresses: Vec<_> = self.clients.iter().map(of).collect();
        format!("{} (by the sentinels {})", self.name, addresses.join(","))
    }

    /// A connection to the master, by the first sentinel that leads to it: one that was cut off from the others names
    /// the one before. `reach` is the way to a server.
    pub(super) async fn connect<F: Future<Output = RedisResult<MultiplexedConnection>>>(
        &self,
        reach: impl Fn(Node) -> F,
    ) -> RedisResult<MultiplexedConnection> {
        let first = self.first.load(Ordering::Relaxed);
        let mut failed = unknown("no sentinel is named".to_owned());
        for number in (0..self.clients.len()).map(|step| (first + step) % self.clients.len()) {
            match self.led_by(&self.clients[number], &reach).await {
                Ok(connection) => {
                    self.first.store(number, Ordering::Relaxed);
                    return Ok(connection);
                }
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    async fn led_by<F: Future<Output = RedisResult<MultiplexedConnection>>>(
        &self,
        client: &Client,
        reach: impl Fn(Node) -> F,
    ) -> RedisResult<MultiplexedConnection> {
        let mut connection = reach(self.ask(client).await?).await?;
        must_be_master(&mut connection).await?;
        Ok(connection)
    }

    async fn ask(&self, client: &Client) -> RedisResult<Node> {
        let address = client.get_connection_info().addr().to_string();
        let told = |error: RedisError| match error.code() {
            // What it refuses no waiting mends.
            Some("NOAUTH" | "NOPERM" | "WRONGPASS") => refused(&address),
            _ if error.kind() == ErrorKind::AuthenticationFailed => refused(&address),
            _ => unknown(format!("the sentinel at {address}: {error}")),
        };
        let mut connection = connect(client).await.map_err(told)?;
        let mut question = cmd("SENTINEL");
        question.arg("GET-MASTER-ADDR-BY-NAME").arg(&self.name);
        let answer: Option<(String, u16)> =
            question.query_async(&mut connection).await.map_err(told)?;
        let Some((host, port)) = answer else {
            return Err(unknown(format!(
                "the sentinel at {address} knows no master {:?}",
                self.name
            )));
        };
        Ok(Node { host: host.into(), port })
    }
}

/// Whether a server is the master that it is taken for: sentinels that were cut off name the one before. Who may not
/// ask believes them.
async fn must_be_master(connection: &mut MultiplexedConnection) -> RedisResult<()> {
    let Ok(role) = cmd("INFO").arg("replication").query_async::<String>(connection).await else {
        return Ok(());
    };
    match role.lines().find_map(|line| line.strip_prefix("role:")) {
        Some(role) if role.trim() != "master" => {
            Err(unknown(format!("the server that the sentinels name is a {} by now", role.trim())))
        }
        _ => Ok(()),
    }
}

/// By the sentinel itself, whose password is not that of the master.
fn refused(address: &str) -> RedisError {
    let sentence = format!(
        "the sentinel at {address} refuses the password: see --redis-sentinel-password-file"
    );
    RedisError::from((ErrorKind::AuthenticationFailed, SENTINEL, sentence))
}

/// It may be known a moment later.
fn unknown(reason: String) -> RedisError {
    RedisError::from((ErrorKind::Io, "the master is not known", reason))
}

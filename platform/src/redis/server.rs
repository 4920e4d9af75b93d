//! The server as a place to connect to, and what its errors mean to a store.
//! It keeps no connection, and no text that it gives holds the password.

use super::slots::Node;
use crate::limits::{REDIS_CONNECT_TIMEOUT, REDIS_RESPONSE_TIMEOUT};
use crate::store::StoreError;
use ::redis::aio::MultiplexedConnection;
use ::redis::io::tcp::TcpSettings;
use ::redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo,
    ProtocolVersion, RedisError, RedisResult,
};
use std::fmt;
use std::sync::Arc;

/// A Redis server by its address. Cheap to clone.
#[derive(Clone)]
pub(super) struct Server {
    client: Client,
    host: Arc<str>,
    address: Arc<str>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Server {
    /// The servers of `URL` or `URL,HOST:PORT,…`, which have their credentials in common. None where that
    /// is not understood.
    pub(super) fn several(urls: &str) -> Option<Vec<Self>> {
        // A comma may be a part of the password, which ends at the last @.
        let (scheme, rest) = urls.split_once("://")?;
        let (credentials, hosts) =
            rest.rsplit_once('@').map_or(("", rest), |(it, rest)| (it, rest));
        let (hosts, path) = hosts.find(['/', '?']).map_or((hosts, ""), |end| hosts.split_at(end));
        let at = if credentials.is_empty() && !rest.contains('@') { "" } else { "@" };
        let url = |host: &str| format!("{scheme}://{credentials}{at}{host}{path}");
        hosts.split(',').map(|host| Self::new(url(host).into_connection_info().ok()?)).collect()
    }

    fn new(info: ConnectionInfo) -> Option<Self> {
        let address = info.addr().to_string().into();
        let host = match info.addr() {
            ConnectionAddr::Tcp(host, _) | ConnectionAddr::TcpTls { host, .. } => host.as_str(),
            _ => "",
        };
        let host = host.into();
        // A commit waits for its answer: Nagle's algorithm would only add to that.
        let tcp = TcpSettings::default().set_nodelay(true);
        let redis = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
        let info = info.set_tcp_settings(tcp).set_redis_settings(redis);
        Some(Self { client: Client::open(info).ok()?, host, address })
    }

    /// Another one that is reached in the same way.
    pub(super) fn at(&self, node: &Node) -> Self {
        let info = self.client.get_connection_info().clone();
        let (host, port) = (node.host.to_string(), node.port);
        let addr = match info.addr() {
            ConnectionAddr::TcpTls { insecure, tls_params, .. } => ConnectionAddr::TcpTls {
                host,
                port,
                insecure: *insecure,
                tls_params: tls_params.clone(),
            },
            _ => ConnectionAddr::Tcp(host, port),
        };
        Self::new(info.set_addr(addr)).unwrap_or_else(|| self.clone())
    }

    /// `HOST:PORT`
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) fn shared_address(&self) -> Arc<str> {
        Arc::clone(&self.address)
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// A new connection, driven by the runtime that polls this.
    pub(super) async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(REDIS_CONNECT_TIMEOUT))
            .set_response_timeout(Some(REDIS_RESPONSE_TIMEOUT));
        self.client.get_multiplexed_async_connection_with_config(&config).await
    }

    /// Only what another try cannot mend is damage; everything that a server under way, full, read-only
    /// or far away answers is trouble that passes.
    pub(super) fn store_error(&self, error: &RedisError) -> StoreError {
        let sentence = format!("redis at {}: {error}", self.address);
        let damaged =
            error.kind() == ErrorKind::UnexpectedReturnType || error.code() == Some("WRONGTYPE");
        if damaged { StoreError::Damaged(sentence) } else { StoreError::Unavailable(sentence) }
    }
}

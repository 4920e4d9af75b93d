//! The server as a place to connect to, and what its errors mean to a store.
//! It keeps no connection, and no text that it gives holds the password.

use crate::limits::{REDIS_CONNECT_TIMEOUT, REDIS_RESPONSE_TIMEOUT};
use crate::store::StoreError;
use ::redis::aio::MultiplexedConnection;
use ::redis::io::tcp::TcpSettings;
use ::redis::{
    AsyncConnectionConfig, Client, ErrorKind, IntoConnectionInfo, ProtocolVersion, RedisError,
    RedisResult,
};
use std::fmt;
use std::sync::Arc;

/// A Redis server by its address. Cheap to clone.
#[derive(Clone)]
pub(super) struct Server {
    client: Client,
    address: Arc<str>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Server {
    /// None where `url` is not one of a server that can be reached without TLS.
    pub(super) fn new(url: &str) -> Option<Self> {
        let info = url.into_connection_info().ok()?;
        let address = info.addr().to_string().into();
        // A commit waits for its answer: Nagle's algorithm would only add to that.
        let tcp = TcpSettings::default().set_nodelay(true);
        let redis = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
        let info = info.set_tcp_settings(tcp).set_redis_settings(redis);
        Some(Self { client: Client::open(info).ok()?, address })
    }

    pub(super) fn address(&self) -> &str {
        &self.address
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

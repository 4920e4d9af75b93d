//! The server as a place to connect to, and what its errors mean to a store.
//! It keeps no connection, and no text that it gives holds the password.

use super::connect::connect;
use super::error::OpenError;
use super::sentinel::{SENTINEL, Sentinels};
use super::slots::Node;
use crate::secret::Secret;
use crate::settings::RedisSettings;
use crate::store::StoreError;
use ::redis::aio::MultiplexedConnection;
use ::redis::io::tcp::TcpSettings;
use ::redis::{
    Client, ClientTlsConfig, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo,
    ProtocolVersion, RedisConnectionInfo, RedisError, RedisResult, TlsCertificates,
};
use std::fmt;
use std::sync::Arc;

/// What rustls says where it does not trust the other side.
const UNTRUSTED: &str = "invalid peer certificate";

/// A Redis server by its address. Cheap to clone.
#[derive(Clone)]
pub(super) struct Server {
    client: Client,
    node: Node,
    address: Arc<str>,
    /// Who knows where it is; none where it is where its address says.
    sentinels: Option<Arc<Sentinels>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Server {
    /// The servers of `URL` or `URL,HOST:PORT,…`, which have credentials and certificates in common; of sentinels the
    /// one server that they name.
    pub(super) fn several(settings: &RedisSettings) -> Result<Vec<Self>, OpenError> {
        let certificates = TlsCertificates {
            client_tls: settings.client.as_ref().map(|client| ClientTlsConfig {
                client_cert: client.certificate.clone().into_bytes(),
                client_key: client.key.expose().as_bytes().to_vec(),
            }),
            root_cert: settings.ca.clone().map(String::into_bytes),
        };
        let Named { urls, master } = named(settings.url.expose()).ok_or(OpenError::BadUrl)?;
        let with_tls = |info: ConnectionInfo| match info.addr() {
            ConnectionAddr::TcpTls { .. } => {
                let client = Client::build_with_tls(info, certificates.clone());
                Ok(client.map_err(|_| OpenError::BadCertificate)?.get_connection_info().clone())
            }
            _ => Ok(info),
        };
        let infos = urls.into_iter().map(|url| {
            let info = url.into_connection_info().map_err(|_| OpenError::BadUrl)?;
            with_tls(info)
        });
        let infos = infos.collect::<Result<Vec<_>, OpenError>>()?;
        let Some(name) = master else {
            let servers = infos.into_iter().map(|info| {
                Self::new(with_password(info, settings.password.as_ref())).ok_or(OpenError::BadUrl)
            });
            return servers.collect();
        };
        Ok(vec![Self::by_sentinels(infos, name, settings).ok_or(OpenError::BadUrl)?])
    }

    /// The master that these sentinels know by a name.
    fn by_sentinels(
        infos: Vec<ConnectionInfo>,
        name: String,
        settings: &RedisSettings,
    ) -> Option<Self> {
        let master = Self::new(with_password(infos.first()?.clone(), settings.password.as_ref()))?;
        // The URL's user, password and number are those of the master.
        let sentinel = |info: ConnectionInfo| {
            let redis = RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP2);
            let info = info.set_redis_settings(redis);
            Client::open(with_password(info, settings.sentinel_password.as_ref())).ok()
        };
        let clients = infos.into_iter().map(sentinel).collect::<Option<Vec<_>>>()?;
        let sentinels = Sentinels::new(clients, name);
        let address = sentinels.address().into();
        Some(Self { address, sentinels: Some(Arc::new(sentinels)), ..master })
    }

    fn new(info: ConnectionInfo) -> Option<Self> {
        let address = info.addr().to_string().into();
        let (host, port) = match info.addr() {
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                (host.as_str(), *port)
            }
            _ => ("", 0),
        };
        let node = Node { host: host.into(), port };
        // A commit waits for its answer: Nagle's algorithm would only add to that.
        let tcp = TcpSettings::default().set_nodelay(true);
        let redis = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
        let info = info.set_tcp_settings(tcp).set_redis_settings(redis);
        Some(Self { client: Client::open(info).ok()?, node, address, sentinels: None })
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

    /// The same as a node of a cluster.
    pub(super) fn node(&self) -> &Node {
        &self.node
    }

    pub(super) fn host(&self) -> &str {
        &self.node.host
    }

    /// A new connection, driven by the runtime that polls this.
    pub(super) async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let Some(sentinels) = &self.sentinels else { return connect(&self.client).await };
        sentinels.connect(|master| async move { connect(&self.at(&master).client).await }).await
    }

    /// Only what another try cannot mend is damage; everything that a server under way, full, read-only
    /// or far away answers is trouble that passes.
    pub(super) fn store_error(&self, error: &RedisError) -> StoreError {
        let address = &self.address;
        let denied = match (error.kind(), error.code()) {
            (ErrorKind::AuthenticationFailed, _) if error.to_string().contains(SENTINEL) => {
                error.detail().map(str::to_owned)
            }
            (ErrorKind::AuthenticationFailed, _) => {
                Some(format!("redis at {address} refuses the user or the password"))
            }
            (_, Some("NOAUTH")) => Some(format!(
                "redis at {address} wants a password: redis://[USER]:PASSWORD@HOST, or \
                 --redis-password-file"
            )),
            (_, Some("DENIED")) => Some(format!(
                "redis at {address} is in protected mode, and lets nobody in from another machine"
            )),
            (_, Some("NOPERM")) => Some(format!(
                "redis at {address} does not permit its user what goldstream needs ({error}); the \
                 rights stand in docs/servers.md"
            )),
            _ if error.to_string().contains(UNTRUSTED) => Some(format!(
                "redis at {address} shows a certificate that is not trusted ({error}): --redis-ca-file must name who \
                 signed it, and the URL a host that it is for"
            )),
            _ => None,
        };
        if let Some(sentence) = denied {
            return StoreError::Denied(sentence);
        }
        let sentence = format!("redis at {address}: {error}");
        let damaged =
            error.kind() == ErrorKind::UnexpectedReturnType || error.code() == Some("WRONGTYPE");
        if damaged { StoreError::Damaged(sentence) } else { StoreError::Unavailable(sentence) }
    }
}

/// Where a server is, with a password where its URL has none.
fn with_password(info: ConnectionInfo, password: Option<&Secret>) -> ConnectionInfo {
    let redis = info.redis_settings().clone();
    match (redis.password(), password) {
        (None, Some(password)) => info.set_redis_settings(redis.set_password(password.expose())),
        _ => info,
    }
}

/// What a setting names.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    /// One URL for each host.
    urls: Vec<String>,
    /// How sentinels call the master, where the hosts are such.
    master: Option<String>,
}

/// One URL for each host of `SCHEME://[CREDENTIALS@]HOST,HOST,…[/PATH]`, and the name behind `#` where they are
/// sentinels.
fn named(setting: &str) -> Option<Named> {
    let (scheme, rest) = setting.split_once("://")?;
    let (scheme, is_sentinel) = match scheme.strip_suffix("-sentinel") {
        Some(scheme) => (scheme, true),
        None => (scheme, false),
    };
    // A comma may be a part of the password, which ends at the last @.
    let (credentials, hosts) = rest.split_at(rest.rfind('@').map_or(0, |at| at + 1));
    let (hosts, master) = match hosts.split_once('#') {
        Some((hosts, name)) if is_sentinel && !name.is_empty() => (hosts, Some(name.to_owned())),
        None if !is_sentinel => (hosts, None),
        _ => return None,
    };
    let (hosts, path) = hosts.split_at(hosts.find(['/', '?']).unwrap_or(hosts.len()));
    let url = |host: &str| {
        let has_port = host.rsplit(']').next().is_some_and(|behind| behind.contains(':'));
        let port = if is_sentinel && !has_port { ":26379" } else { "" };
        format!("{scheme}://{credentials}{host}{port}{path}")
    };
    Some(Named { urls: hosts.split(',').map(url).collect(), master })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_gets_the_credentials_and_the_path() {
        let urls = |setting| Some(named(setting)?.urls);
        let expected = ["redis://u:a,b@h:1/2", "redis://u:a,b@i/2"].map(str::to_owned);
        assert_eq!(urls("redis://u:a,b@h:1,i/2"), Some(expected.to_vec()));
        assert_eq!(urls("rediss://h"), Some(vec!["rediss://h".to_owned()]));
        assert_eq!(urls("h:1"), None);
    }

    #[test]
    fn sentinels_have_a_master_and_a_port_of_their_own() {
        let expected = Named {
            urls: ["rediss://u:p@a:26379/1", "rediss://u:p@b:7/1", "rediss://u:p@[::1]:26379/1"]
                .map(str::to_owned)
                .to_vec(),
            master: Some("shop".to_owned()),
        };
        assert_eq!(named("rediss-sentinel://u:p@a,b:7,[::1]/1#shop"), Some(expected));
        for nameless in ["redis-sentinel://a", "redis-sentinel://a#", "redis://a#shop"] {
            assert_eq!(named(nameless), None, "{nameless}");
        }
    }
}

//! An address to listen on, as people write it. It opens nothing.

use serde::{Deserialize, Deserializer};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};

/// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`, or a port alone, which is of this machine only.
///
/// # Errors
/// What would be one, in words.
pub fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let text = text.trim();
    if let Ok(port) = text.trim_start_matches(':').parse() {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    let looked_up = text.to_socket_addrs().map_err(|error| {
        format!("{error}; give an address and a port, as 127.0.0.1:8080 or localhost:8080")
    })?;
    let mut addresses: Vec<SocketAddr> = looked_up.collect();
    // A name often has both; whoever types it into a browser may take either, and most take this one.
    addresses.sort_by_key(SocketAddr::is_ipv6);
    addresses.first().copied().ok_or_else(|| format!("{text} has no address"))
}

pub(super) fn read<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    listen_address(&text).map(Some).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_a_name_or_a_port() {
        for (text, is) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            (" [::1]:80 ", "[::1]:80"),
            ("localhost:8081", "127.0.0.1:8081"),
            ("8082", "127.0.0.1:8082"),
            (":8083", "127.0.0.1:8083"),
        ] {
            assert_eq!(listen_address(text).unwrap(), is.parse().unwrap(), "{text}");
        }
        for text in [
            "",
            "localhost",
            "127.0.0.1",
            "localhost:http",
            "127.0.0.1:99999",
            "no.such.host.invalid:1",
        ] {
            assert!(listen_address(text).unwrap_err().contains("127.0.0.1:8080"), "{text}");
        }
    }
}

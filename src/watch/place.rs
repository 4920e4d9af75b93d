//! Where the feed is: at the address that was given, or where a running goldstream says that it listens.

use crate::finding::store_dir;
use crate::outcome::Usage;
use goldstream_platform::secret::Secret;
use goldstream_platform::server_file::ServerFile;
use goldstream_platform::settings::Settings;
use std::path::PathBuf;
use tokio_tungstenite::tungstenite::http::Uri;

const PATH: &str = "/api/v1/feed";

/// Where to ask.
pub(super) enum Place {
    Given {
        url: String,
        token: Option<Secret>,
    },
    /// Looked up for each attempt: who is started again may listen elsewhere.
    Noted {
        data_dir: PathBuf,
        otherwise: ServerFile,
    },
}

impl Place {
    pub(super) fn new(settings: &Settings) -> Result<Self, Usage> {
        Ok(match &settings.url {
            Some(url) => {
                Self::Given { url: feed_url(url).map_err(Usage)?, token: settings.token.clone() }
            }
            None => Self::Noted {
                data_dir: settings.data_dir.clone(),
                otherwise: ServerFile {
                    address: settings.listen,
                    pid: 0,
                    token: settings.token.clone(),
                },
            },
        })
    }

    /// The feed's address, and what its server wants to know.
    pub(super) fn url_and_token(&self) -> (String, Option<Secret>) {
        match self {
            Self::Given { url, token } => (url.clone(), token.clone()),
            Self::Noted { data_dir, otherwise } => {
                let server =
                    ServerFile::read(&store_dir(data_dir)).unwrap_or_else(|| otherwise.clone());
                (server.url(PATH).replacen("http://", "ws://", 1), server.token)
            }
        }
    }
}

/// `ws://HOST:PORT/api/v1/feed` from any of the ways in which people write it.
fn feed_url(text: &str) -> Result<String, String> {
    let why =
        |why: &str| format!("--url {text:?} {why}: give http://HOST:PORT or ws://HOST:PORT{PATH}");
    let uri: Uri = text.trim().parse().map_err(|_| why("is no address"))?;
    match uri.scheme_str() {
        None | Some("http" | "ws") => {}
        Some("https" | "wss") => return Err(why("wants TLS, which watch does not speak")),
        Some(_) => return Err(why("is of no scheme that a goldstream has")),
    }
    let host =
        uri.authority().filter(|it| !it.host().is_empty()).ok_or_else(|| why("names no host"))?;
    if host.port_u16().is_none() && !host.as_str().ends_with(host.host()) {
        return Err(why("names no port"));
    }
    if uri.query().is_some() {
        return Err(why("has a query, which the feed has not"));
    }
    let path = uri.path().trim_end_matches('/');
    let path = path.strip_suffix(PATH).unwrap_or(path);
    Ok(format!("ws://{host}{path}{PATH}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_written_in_several_ways() {
        for text in [
            "http://127.0.0.1:8080",
            "http://127.0.0.1:8080/",
            "ws://127.0.0.1:8080",
            "ws://127.0.0.1:8080/api/v1/feed",
            "127.0.0.1:8080",
            " http://127.0.0.1:8080/api/v1/feed/\n",
        ] {
            assert_eq!(feed_url(text).unwrap(), "ws://127.0.0.1:8080/api/v1/feed", "{text}");
        }
        assert_eq!(feed_url("http://[::1]:80/shop").unwrap(), "ws://[::1]:80/shop/api/v1/feed");
        assert_eq!(feed_url("shop.example").unwrap(), "ws://shop.example/api/v1/feed");
    }

    #[test]
    fn what_cannot_be_an_address_is_refused_by_name() {
        for text in [
            "",
            "http://",
            "https://x",
            "wss://x",
            "ftp://x",
            "http://x?y",
            "/x",
            "a b",
            "http://x:y",
        ] {
            let refused = feed_url(text).unwrap_err();
            assert!(refused.contains("--url") && refused.contains(PATH), "{refused}");
        }
    }
}

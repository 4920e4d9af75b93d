//! A webhook: one POST within a time. Any answer but 2xx is a refusal; none is followed elsewhere.

use crate::mail::sentence;
use crate::roots::roots;
use crate::sign::signature;
use goldstream_platform::secret::Secret;
use goldstream_platform::settings::Shape;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

/// For all of it.
const POST_MAX: Duration = Duration::from_secs(20);

/// The longest text that Discord takes.
const DISCORD_CHARS_MAX: usize = 2_000;

/// What is posted.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// The same however often it is sent.
    pub id: String,
    /// When it is sent: seconds since 1970 UTC.
    pub at_s: i64,
    /// For people.
    pub text: String,
    /// For programs.
    pub details: Value,
}

/// Why nothing was posted. It does not say where: who knows the address of a webhook can write there.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// Whom to trust cannot be read.
    #[error("{0}")]
    Roots(String),
    /// The server does not take it.
    #[error("the webhook answered {0}")]
    Refused(u16),
    /// It did not come to an answer.
    #[error("the webhook does not answer: {0}")]
    Unreachable(String),
}

/// Posts to one address.
#[derive(Debug, Clone)]
pub struct Webhook {
    agent: ureq::Agent,
    url: Secret,
    shape: Shape,
    secret: Option<Secret>,
}

impl Webhook {
    /// To this address. `ca` are certificates in PEM form of who may sign that of the server; none takes the
    /// system's.
    ///
    /// # Errors
    /// [`WebhookError::Roots`].
    pub fn new(
        url: &Secret,
        shape: Shape,
        secret: Option<&Secret>,
        ca: Option<&str>,
    ) -> Result<Self, WebhookError> {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(POST_MAX))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("goldstream/", env!("CARGO_PKG_VERSION")));
        // Whom the system trusts is looked up for who needs it.
        let config = match url.expose().starts_with("https://") {
            true => config.tls_config(tls(ca)?),
            false => config,
        };
        let agent = config.build().new_agent();
        Ok(Self { agent, url: url.clone(), shape, secret: secret.cloned() })
    }

    /// Posts.
    ///
    /// # Errors
    /// [`WebhookError`].
    pub async fn post(&self, post: Post) -> Result<(), WebhookError> {
        let webhook = self.clone();
        let posted = tokio::task::spawn_blocking(move || webhook.post_here(&post));
        posted.await.unwrap_or_else(|_| Err(WebhookError::Unreachable("it broke off".to_owned())))
    }

    fn post_here(&self, post: &Post) -> Result<(), WebhookError> {
        let body = body(self.shape, post).to_string();
        let mut request = self
            .agent
            .post(self.url.expose())
            .header("content-type", "application/json")
            .header("webhook-id", &post.id)
            .header("webhook-timestamp", post.at_s.to_string());
        if let Some(secret) = &self.secret {
            let signed = signature(secret.expose(), &post.id, post.at_s, &body);
            request = request.header("webhook-signature", signed);
        }
        let answer = request.send(&*body);
        let answer = answer.map_err(|error| WebhookError::Unreachable(sentence(&error)))?;
        match answer.status().as_u16() {
            200..=299 => Ok(()),
            status => Err(WebhookError::Refused(status)),
        }
    }
}

fn tls(ca: Option<&str>) -> Result<TlsConfig, WebhookError> {
    let roots = roots(ca).map_err(WebhookError::Roots)?;
    let roots: Vec<_> = roots.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
    let cryptography = Arc::new(rustls::crypto::ring::default_provider());
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(cryptography)
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .build())
}

fn body(shape: Shape, post: &Post) -> Value {
    match shape {
        Shape::Json => post.details.clone(),
        Shape::Slack => json!({ "text": plain_for_slack(&post.text) }),
        Shape::Discord => {
            let text: String = post.text.chars().take(DISCORD_CHARS_MAX).collect();
            // Nothing that stands in a shop calls anybody.
            json!({ "content": text, "allowed_mentions": { "parse": [] } })
        }
    }
}

/// Slack's three signs, so that nothing that stands in a shop is a link or calls anybody.
fn plain_for_slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shape_is_what_its_receiver_takes() {
        let text = format!("<!everyone> & {}", "x".repeat(3_000));
        let details = json!({ "alerts": [] });
        let post = Post { id: "a".to_owned(), at_s: 0, text, details: details.clone() };
        assert_eq!(body(Shape::Json, &post), details);
        let slack = body(Shape::Slack, &post);
        assert!(slack["text"].as_str().unwrap().starts_with("&lt;!everyone&gt; &amp; x"));
        let discord = body(Shape::Discord, &post);
        assert_eq!(discord["content"].as_str().unwrap().len(), DISCORD_CHARS_MAX);
        assert_eq!(discord["allowed_mentions"]["parse"], json!([]));
    }
}

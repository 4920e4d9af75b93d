//! Who is told when something is wrong, and by which rules: `[alerts]` of `goldstream.toml`. Where it names
//! nobody nothing is looked at.

use super::error::SettingsError;
use super::mail::{MailSettings, password};
use crate::secret::Secret;
use goldstream_alerts::rules::Rules;
use goldstream_alerts::words::Language;
use serde::Deserialize;
use std::path::PathBuf;

/// What the file says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertsTable {
    /// Who is told.
    #[serde(default)]
    to: Vec<To>,
    /// In which language.
    #[serde(default)]
    language: Language,
    /// Where the page is, for links.
    page: Option<String>,
    #[serde(default)]
    sales_drop: goldstream_alerts::rules::SalesDrop,
    #[serde(default)]
    silence: goldstream_alerts::rules::Silence,
    #[serde(default)]
    quarantine_share: goldstream_alerts::rules::QuarantineShare,
    #[serde(default)]
    lag: goldstream_alerts::rules::LagRule,
    #[serde(default)]
    not_equal: goldstream_alerts::rules::NotEqual,
    #[serde(default)]
    goal: goldstream_alerts::rules::Goal,
}

/// One of them: an address, a webhook, or whoever has the page open.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct To {
    email: Option<String>,
    webhook: Option<Secret>,
    #[serde(default)]
    shape: Shape,
    secret_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    browser: Option<bool>,
}

/// What a webhook is posted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// The incidents as JSON.
    #[default]
    Json,
    /// What Slack's incoming webhooks take.
    Slack,
    /// What Discord's take.
    Discord,
}

/// One who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receiver {
    /// By mail.
    Email {
        /// The address.
        address: String,
    },
    /// By a request.
    Webhook {
        /// Where: whoever knows it can write there, so it is a secret.
        url: Secret,
        /// What.
        shape: Shape,
        /// What it is signed with.
        secret: Option<Secret>,
        /// Certificates in PEM form of who may sign that of the server; none takes the system's.
        ca: Option<String>,
    },
    /// By the browser, whoever has the page open and wishes it.
    Browser,
}

impl Receiver {
    /// How it is called, in the book and for people. It shows no secret: of a webhook it has the host alone.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Email { address } => format!("email {address}"),
            Self::Webhook { url, shape, .. } => {
                let url = url.expose();
                let host = url.split("://").nth(1).unwrap_or(url);
                let host = host.split(['/', '?', '#']).next().unwrap_or(host);
                let host = host.rsplit('@').next().unwrap_or(host);
                let kind = match shape {
                    Shape::Json => "webhook",
                    Shape::Slack => "slack",
                    Shape::Discord => "discord",
                };
                // Two of one host are two.
                let hash = xxhash_rust::xxh3::xxh3_64(url.as_bytes()) as u16;
                format!("{kind} {host} {hash:04x}")
            }
            Self::Browser => "browser".to_owned(),
        }
    }
}

/// What holds. There is somebody to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertsSettings {
    /// How the rules are set.
    pub rules: Rules,
    /// Who is told.
    pub receivers: Vec<Receiver>,
    /// In which language.
    pub language: Language,
    /// Where the page is; none is where it listens.
    pub page: Option<String>,
}

pub(super) fn resolve(
    table: Option<&AlertsTable>,
    mail: Option<&MailSettings>,
) -> Result<Option<AlertsSettings>, SettingsError> {
    let Some(table) = table else { return Ok(None) };
    let rules = Rules {
        sales_drop: table.sales_drop.clone(),
        silence: table.silence.clone(),
        quarantine_share: table.quarantine_share.clone(),
        lag: table.lag.clone(),
        not_equal: table.not_equal.clone(),
        goal: table.goal.clone(),
    };
    if let Some(fault) = rules.fault() {
        return Err(SettingsError::Table(format!("alerts.{fault}")));
    }
    let receivers: Vec<Receiver> = table.to.iter().map(receiver).collect::<Result<_, _>>()?;
    let has_mail = receivers.iter().any(|it| matches!(it, Receiver::Email { .. }));
    if has_mail && mail.is_none() {
        let reason =
            "[[alerts.to]] names an email, but there is no [mail] that says how one is sent";
        return Err(SettingsError::Table(reason.to_owned()));
    }
    if receivers.is_empty() {
        return Ok(None);
    }
    let (language, page) = (table.language, table.page.clone());
    Ok(Some(AlertsSettings { rules, receivers, language, page }))
}

fn receiver(to: &To) -> Result<Receiver, SettingsError> {
    let odd = |reason: String| Err(SettingsError::Table(reason));
    match (&to.email, &to.webhook, to.browser) {
        (Some(address), None, None) => Ok(Receiver::Email { address: address.clone() }),
        (None, Some(url), None) => {
            let is_url =
                ["https://", "http://"].iter().any(|scheme| url.expose().starts_with(scheme));
            if !is_url {
                return odd(
                    "a webhook of [[alerts.to]] must begin with https:// or http://".to_owned()
                );
            }
            let secret = to.secret_file.as_deref().map(password).transpose()?;
            let ca = to.ca_file.as_deref().map(password).transpose()?;
            let ca = ca.map(|text| text.expose().to_owned());
            Ok(Receiver::Webhook { url: url.clone(), shape: to.shape, secret, ca })
        }
        (None, None, Some(true)) => Ok(Receiver::Browser),
        _ => odd("each [[alerts.to]] has one of these: email, webhook, browser = true".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::of_file as of;
    use super::*;

    #[test]
    fn nothing_is_looked_at_before_somebody_is_named() {
        assert_eq!(of("").unwrap().alerts, None);
        assert_eq!(of("[alerts.silence]\nminutes = 60\n").unwrap().alerts, None);
        let some = of("[[alerts.to]]\nbrowser = true\n").unwrap().alerts.unwrap();
        assert_eq!(some.receivers, [Receiver::Browser]);
        assert_eq!((some.language, some.rules), (Language::En, Rules::default()));
    }

    #[test]
    fn what_is_set_of_a_rule_leaves_the_rest_of_it() {
        let text = "[alerts]\nlanguage = \"fr\"\n[alerts.silence]\nminutes = 60\n[[alerts.to]]\nbrowser = true\n";
        let alerts = of(text).unwrap().alerts.unwrap();
        assert_eq!((alerts.language, alerts.rules.silence.minutes), (Language::Fr, 60));
        assert_eq!(alerts.rules.silence.hours, [9, 21]);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_name() {
        for (text, says) in [
            ("[[alerts.to]]\nemail = \"a@b.c\"\n", "no [mail]"),
            ("[[alerts.to]]\n", "each [[alerts.to]]"),
            ("[[alerts.to]]\nemail = \"a@b.c\"\nbrowser = true\n", "each [[alerts.to]]"),
            ("[[alerts.to]]\nwebhook = \"ftp://x\"\n", "https://"),
            ("[alerts.silence]\nhours = [21, 9]\n", "alerts.silence.hours"),
            ("[alerts.silenc]\nminutes = 1\n", "silenc"),
            ("[mail]\nserver = \"a\"\nfrom = \"a@b.c\"\nuser = \"x\"\n", "mail.password_file"),
        ] {
            let error = of(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn a_webhook_is_called_by_its_host_and_shown_with_no_secret() {
        let of = |url: &str, shape| Receiver::Webhook {
            url: Secret::new(url),
            shape,
            secret: None,
            ca: None,
        };
        let name = of("https://hooks.slack.com/services/T0/B0/xyz", Shape::Slack).name();
        assert!(name.starts_with("slack hooks.slack.com ") && !name.contains("xyz"), "{name}");
        let name = of("https://me:word@x.example:8443?token=abc", Shape::Json).name();
        assert!(name.starts_with("webhook x.example:8443 "), "{name}");
    }
}

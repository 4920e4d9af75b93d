//! The ways to those who are told, made from the settings: what cannot be one is refused before anything runs.

use crate::outcome::Usage;
use goldstream_api::alerting::{Enclosed, Written};
use goldstream_notify::mail::{Attachment, Mail, Mailer};
use goldstream_notify::webhook::{Post, Webhook};
use goldstream_platform::clock::now_ms;
use goldstream_platform::settings::{MailSettings, Receiver, ReportSettings, Settings};

/// One way.
#[derive(Clone)]
pub(crate) struct Channel {
    /// The receiver's name.
    pub(crate) name: String,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Mail(Mailer, String),
    Webhook(Webhook),
}

/// A way to each who is sent messages.
pub(crate) fn channels(settings: &Settings) -> Result<Vec<Channel>, Usage> {
    let alerts = settings.alerts.as_ref();
    let receivers = alerts.map(|alerts| &*alerts.receivers).unwrap_or_default();
    let ways = receivers.iter().map(|receiver| {
        let way = way(receiver, settings.mail.as_ref())?;
        Ok(way.map(|way| Channel { name: receiver.name(), way }))
    });
    Ok(ways.collect::<Result<Vec<_>, Usage>>()?.into_iter().flatten().collect())
}

/// A way to each who is sent reports.
pub(crate) fn report_channels(settings: &Settings) -> Result<Vec<Channel>, Usage> {
    // The settings see to it that there is a server where there is somebody.
    let (Some(report), Some(mail)) = (&settings.report, &settings.mail) else {
        return Ok(Vec::new());
    };
    let usage = |error: &dyn std::fmt::Display| Usage(format!("report: {error}"));
    let mailer = Mailer::new(mail).map_err(|error| usage(&error))?;
    let channel = |address: &String| {
        mailer.must_be_address(address).map_err(|error| usage(&error))?;
        let way = Way::Mail(mailer.clone(), address.clone());
        Ok(Channel { name: ReportSettings::receiver(address), way })
    };
    report.to.iter().map(channel).collect()
}

fn way(receiver: &Receiver, mail: Option<&MailSettings>) -> Result<Option<Way>, Usage> {
    let usage = |error: &dyn std::fmt::Display| Usage(format!("alerts: {error}"));
    Ok(match (receiver, mail) {
        (Receiver::Email { address }, Some(mail)) => {
            let mailer = Mailer::new(mail).map_err(|error| usage(&error))?;
            mailer.must_be_address(address).map_err(|error| usage(&error))?;
            Some(Way::Mail(mailer, address.clone()))
        }
        (Receiver::Webhook { url, shape, secret, ca }, _) => {
            let webhook = Webhook::new(url, *shape, secret.as_ref(), ca.as_deref());
            Some(Way::Webhook(webhook.map_err(|error| usage(&error))?))
        }
        // The settings see to it that there is a server where there is an address.
        (Receiver::Email { .. }, None) | (Receiver::Browser, _) => None,
    })
}

impl Channel {
    /// Sends a message.
    pub(crate) async fn send(&self, written: Written) -> Result<(), String> {
        let Written { id, letter, details, enclosed } = written;
        match &self.way {
            Way::Mail(mailer, address) => {
                let mail = Mail {
                    id,
                    to: address.clone(),
                    subject: letter.subject,
                    text: letter.text,
                    html: letter.html,
                    attachments: enclosed.into_iter().map(attached).collect(),
                };
                mailer.send(mail).await.map_err(|error| error.to_string())
            }
            Way::Webhook(webhook) => {
                let post = Post { id, at_s: now_ms() / 1_000, text: letter.text, details };
                webhook.post(post).await.map_err(|error| error.to_string())
            }
        }
    }
}

fn attached(Enclosed { name, media_type, content }: Enclosed) -> Attachment {
    Attachment { name, content_type: media_type.to_owned(), content }
}

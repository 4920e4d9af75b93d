//! Mail by SMTP, one connection a message, within a time. It is used by itself, with attachments or without.

use crate::roots::roots;
use goldstream_platform::settings::{Encryption, MailSettings};
use lettre::message::header::ContentType;
use lettre::message::{Attachment as Attached, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};
use std::error::Error;
use std::time::Duration;

/// For one step of the conversation: a server that greets slowly on purpose takes some seconds.
const STEP_MAX: Duration = Duration::from_secs(15);

/// For all of it.
const MAIL_MAX: Duration = Duration::from_secs(45);

/// A mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mail {
    /// The same however often it is sent; letters, digits, dots, dashes and underscores.
    pub id: String,
    /// The address of who gets it.
    pub to: String,
    /// In one line.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// Files that come with it.
    pub attachments: Vec<Attachment>,
}

/// A file that comes with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// What it is: `application/pdf`.
    pub content_type: String,
    /// What is in it.
    pub content: Vec<u8>,
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// An address is none.
    #[error("{0:?} is no address for mail: {1}")]
    Address(String, lettre::address::AddressError),
    /// The mail cannot be put together.
    #[error("the mail cannot be written: {0}")]
    Unwritable(String),
    /// Whom to trust cannot be read.
    #[error("{0}")]
    Roots(String),
    /// The server is not who it says, or does not encrypt.
    #[error("{server} is not trusted with mail: {reason}")]
    Untrusted {
        /// Where.
        server: String,
        /// Why.
        reason: String,
    },
    /// The server does not take it.
    #[error("{server} refused the mail: {reason}")]
    Refused {
        /// Where.
        server: String,
        /// What it said.
        reason: String,
    },
    /// The server does not answer.
    #[error("{server} does not answer: {reason}")]
    Unreachable {
        /// Where.
        server: String,
        /// Why.
        reason: String,
    },
}

/// Sends mail through one server.
#[derive(Debug, Clone)]
pub struct Mailer {
    transport: SmtpTransport,
    from: Mailbox,
    /// For people: `smtp.example:587`.
    server: String,
}

impl Mailer {
    /// Through the server of these settings. It is not asked yet.
    ///
    /// # Errors
    /// [`MailError`], where they cannot be used.
    pub fn new(settings: &MailSettings) -> Result<Self, MailError> {
        let from = mailbox(&settings.from)?;
        let mut builder = SmtpTransport::builder_dangerous(&*settings.host)
            .port(settings.port)
            .timeout(Some(STEP_MAX))
            .tls(tls(settings)?);
        if let Some((user, password)) = &settings.login {
            builder =
                builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        let server = format!("{}:{}", settings.host, settings.port);
        Ok(Self { transport: builder.build(), from, server })
    }

    /// Looks at an address without sending anything.
    ///
    /// # Errors
    /// [`MailError::Address`]
    pub fn must_be_address(&self, address: &str) -> Result<(), MailError> {
        mailbox(address).map(drop)
    }

    /// Sends a mail.
    ///
    /// # Errors
    /// [`MailError`].
    pub async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let (mailer, server) = (self.clone(), self.server.clone());
        let sent = tokio::task::spawn_blocking(move || mailer.send_here(&mail));
        let late = |reason: &str| MailError::Unreachable { server, reason: reason.to_owned() };
        match tokio::time::timeout(MAIL_MAX, sent).await {
            Ok(Ok(sent)) => sent,
            Ok(Err(_)) => Err(late("sending broke off")),
            Err(_) => Err(late("it takes too long")),
        }
    }

    fn send_here(&self, mail: &Mail) -> Result<(), MailError> {
        let message = self.written(mail)?;
        self.transport.send(&message).map(drop).map_err(|error| self.failure(&error))
    }

    fn written(&self, mail: &Mail) -> Result<Message, MailError> {
        let to = mailbox(&mail.to)?;
        let id = format!("<{}@{}>", mail.id, self.from.email.domain());
        let both = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
        let builder = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&mail.subject)
            .message_id(Some(id))
            .date_now();
        let unwritable = |error: &dyn Error| MailError::Unwritable(error.to_string());
        if mail.attachments.is_empty() {
            return builder.multipart(both).map_err(|error| unwritable(&error));
        }
        let mut parts = MultiPart::mixed().multipart(both);
        for attachment in &mail.attachments {
            parts = parts.singlepart(attached(attachment)?);
        }
        builder.multipart(parts).map_err(|error| unwritable(&error))
    }

    fn failure(&self, error: &lettre::transport::smtp::Error) -> MailError {
        let (server, reason) = (self.server.clone(), sentence(error));
        if error.status().is_some() {
            return MailError::Refused { server, reason };
        }
        // A server that offers no encryption is one that cannot be trusted, too.
        if error.is_tls() || error.is_client() || reason.contains("certificate") {
            return MailError::Untrusted { server, reason };
        }
        MailError::Unreachable { server, reason }
    }
}

fn tls(settings: &MailSettings) -> Result<Tls, MailError> {
    let parameters = || {
        // Looked at first: an error here names the file.
        roots(settings.ca.as_deref()).map_err(MailError::Roots)?;
        let mut builder = TlsParameters::builder(settings.host.clone());
        if let Some(pem) = &settings.ca {
            let certificate = Certificate::from_pem(pem.as_bytes());
            let certificate = certificate.map_err(|error| MailError::Roots(error.to_string()))?;
            builder = builder.certificate_store(CertificateStore::None);
            builder = builder.add_root_certificate(certificate);
        }
        builder.build().map_err(|error| MailError::Roots(error.to_string()))
    };
    Ok(match settings.encryption {
        Encryption::Starttls => Tls::Required(parameters()?),
        Encryption::Tls => Tls::Wrapper(parameters()?),
        Encryption::None => Tls::None,
    })
}

fn mailbox(text: &str) -> Result<Mailbox, MailError> {
    text.parse().map_err(|error| MailError::Address(text.to_owned(), error))
}

fn attached(attachment: &Attachment) -> Result<SinglePart, MailError> {
    let content_type = ContentType::parse(&attachment.content_type)
        .map_err(|error| MailError::Unwritable(error.to_string()))?;
    Ok(Attached::new(attachment.name.clone()).body(attachment.content.clone(), content_type))
}

/// An error with what is behind it.
pub(crate) fn sentence(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut behind = error.source();
    while let Some(error) = behind {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        behind = error.source();
    }
    text
}

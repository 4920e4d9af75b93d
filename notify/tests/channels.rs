//! Mail and webhooks to servers over real sockets: encrypted, refused, mistrusted.

#![allow(clippy::unwrap_used, reason = "these are tests")]

use goldstream_notify::mail::{Attachment, Mail, MailError, Mailer};
use goldstream_notify::testing::certificates::Certificates;
use goldstream_notify::testing::hook::HookServer;
use goldstream_notify::testing::smtp::{Setup, SmtpServer};
use goldstream_notify::webhook::{Post, Webhook, WebhookError};
use goldstream_platform::secret::Secret;
use goldstream_platform::settings::{Encryption, MailSettings, Shape};
use serde_json::json;

/// What trusts the certification authority in this file.
fn settings(server: &SmtpServer, certificates: &Certificates, ca: &str) -> MailSettings {
    MailSettings {
        host: "127.0.0.1".to_owned(),
        port: server.port(),
        encryption: Encryption::Starttls,
        from: "Émile's shop <goldstream@shop.example>".to_owned(),
        login: None,
        ca: Some(std::fs::read_to_string(certificates.path(ca)).unwrap()),
    }
}

fn encrypted(certificates: &Certificates) -> Setup {
    Setup::encrypted(&certificates.path("server.pem"), &certificates.path("server.key"))
}

fn mail() -> Mail {
    Mail {
        id: "7f3a.sales_drop.2026-11-28.opened".to_owned(),
        to: "owner@shop.example".to_owned(),
        subject: "Ventes en baisse".to_owned(),
        text: "Aucun achat".to_owned(),
        html: "<p>Aucun achat</p>".to_owned(),
        attachments: Vec::new(),
    }
}

async fn send(settings: &MailSettings, mail: Mail) -> Result<(), MailError> {
    Mailer::new(settings).unwrap().send(mail).await
}

#[tokio::test]
async fn a_mail_goes_encrypted_by_starttls_with_its_id_text_and_html() {
    let certificates = Certificates::new();
    let server = SmtpServer::start(encrypted(&certificates));
    send(&settings(&server, &certificates, "ca.pem"), mail()).await.unwrap();
    let [taken] = &server.taken()[..] else { panic!() };
    assert!(taken.encrypted);
    assert_eq!(taken.to, ["owner@shop.example"]);
    let id = "<7f3a.sales_drop.2026-11-28.opened@shop.example>";
    assert_eq!(taken.field("Message-ID"), Some(id));
    assert_eq!(taken.field("Subject"), Some("Ventes en baisse"));
    assert!(taken.field("Content-Type").unwrap().starts_with("multipart/alternative"));
    assert!(taken.data.contains("Aucun achat") && taken.data.contains("<p>Aucun achat</p>"));
}

#[tokio::test]
async fn a_mail_goes_over_tls_from_the_first_byte_with_a_login() {
    let certificates = Certificates::new();
    let login = Some(("shop", "open sesame"));
    let setup = Setup { wrapped: true, login, ..encrypted(&certificates) };
    let server = SmtpServer::start(setup);
    let with = |password: &str| MailSettings {
        encryption: Encryption::Tls,
        login: Some(("shop".to_owned(), Secret::new(password))),
        ..settings(&server, &certificates, "ca.pem")
    };
    send(&with("open sesame"), mail()).await.unwrap();
    let refused = send(&with("sesame"), mail()).await.unwrap_err();
    assert!(matches!(refused, MailError::Refused { .. }), "{refused}");
    let sentence = refused.to_string();
    assert!(sentence.contains("wrong password") && !sentence.contains("sesame"), "{sentence}");
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn files_come_with_a_mail() {
    let certificates = Certificates::new();
    let server = SmtpServer::start(encrypted(&certificates));
    let report = Attachment {
        name: "november.pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
        content: b"%PDF-1.7 \xff\x00 end".to_vec(),
    };
    let mail = Mail { attachments: vec![report], ..mail() };
    send(&settings(&server, &certificates, "ca.pem"), mail).await.unwrap();
    let taken = &server.taken()[0];
    let data = &taken.data;
    assert!(data.contains("multipart/mixed") && data.contains("application/pdf"), "{data}");
    let file = taken.file().expect("a file");
    assert_eq!(file, ("november.pdf", b"%PDF-1.7 \xff\x00 end".to_vec()));
}

#[tokio::test]
async fn a_certificate_that_nobody_trusted_signed_is_refused_and_no_mail_is_shown() {
    let certificates = Certificates::new();
    let server = SmtpServer::start(encrypted(&certificates));
    for encryption in [Encryption::Starttls, Encryption::Tls] {
        let setup = Setup { wrapped: encryption == Encryption::Tls, ..encrypted(&certificates) };
        let server = SmtpServer::start(setup);
        let settings = MailSettings { encryption, ..settings(&server, &certificates, "other.pem") };
        let error = send(&settings, mail()).await.unwrap_err();
        assert!(matches!(error, MailError::Untrusted { .. }), "{error}");
        assert!(error.to_string().contains("certificate"), "{error}");
        assert_eq!((server.taken().len(), server.connections()), (0, 1));
    }
    // It bears another name.
    let mut named = settings(&server, &certificates, "ca.pem");
    named.host = "localhost".to_owned();
    let error = send(&named, mail()).await.unwrap_err();
    assert!(matches!(error, MailError::Untrusted { .. }), "{error}");
    assert!(server.taken().is_empty());
}

#[tokio::test]
async fn nothing_is_sent_plainly_where_encryption_is_wanted() {
    let certificates = Certificates::new();
    let plain = SmtpServer::start(Setup::default());
    let error = send(&settings(&plain, &certificates, "ca.pem"), mail()).await.unwrap_err();
    assert!(matches!(error, MailError::Untrusted { .. }), "{error}");
    assert!(plain.taken().is_empty());
    let wished = MailSettings {
        encryption: Encryption::None,
        ca: None,
        ..settings(&plain, &certificates, "ca.pem")
    };
    send(&wished, mail()).await.unwrap();
    assert!(!plain.taken()[0].encrypted);
}

#[tokio::test]
async fn what_is_no_server_and_no_address_is_said_so() {
    let certificates = Certificates::new();
    let server = SmtpServer::start(Setup::default());
    let settings = settings(&server, &certificates, "ca.pem");
    drop(server);
    let error = send(&settings, mail()).await.unwrap_err();
    assert!(matches!(error, MailError::Unreachable { .. }), "{error}");
    let odd = Mail { to: "nobody".to_owned(), ..mail() };
    assert!(send(&settings, odd).await.unwrap_err().to_string().contains("\"nobody\""));
    let odd = MailSettings { ca: Some("no certificate".to_owned()), ..settings };
    assert!(Mailer::new(&odd).unwrap_err().to_string().contains("ca_file"));
}

fn post() -> Post {
    let details = json!({ "alerts": [{ "id": "lag:2026-11-29T10" }] });
    Post { id: "7f3a.lag".to_owned(), at_s: 1_731_705_121, text: "Rows wait".to_owned(), details }
}

#[tokio::test]
async fn a_webhook_is_posted_json_that_is_signed_and_refused_by_any_answer_but_2xx() {
    let server = HookServer::start(&[500, 302]);
    let secret = Secret::new("whsec_plJ3nmyCDGBKInavdOK15jsl");
    let url = Secret::new(server.url());
    let webhook = Webhook::new(&url, Shape::Json, Some(&secret), None).unwrap();
    for status in [500, 302] {
        let refused = webhook.post(post()).await.unwrap_err();
        assert!(matches!(refused, WebhookError::Refused(code) if code == status), "{refused}");
    }
    webhook.post(post()).await.unwrap();
    let [first, _, last] = &server.posted()[..] else { panic!() };
    assert_eq!((&first.head, &first.body), (&last.head, &last.body));
    assert_eq!(last.body, post().details.to_string());
    assert_eq!(last.field("webhook-id"), Some("7f3a.lag"));
    assert_eq!(last.field("webhook-timestamp"), Some("1731705121"));
    assert!(last.field("webhook-signature").unwrap().starts_with("v1,"));
}

#[tokio::test]
async fn a_webhook_that_is_away_is_said_so_without_its_address() {
    let server = HookServer::start(&[]);
    let url = Secret::new(server.url());
    drop(server);
    let webhook = Webhook::new(&url, Shape::Slack, None, None).unwrap();
    let error = webhook.post(post()).await.unwrap_err();
    assert!(matches!(error, WebhookError::Unreachable(_)), "{error}");
    assert!(!error.to_string().contains("not-to-be-shown"), "{error}");
}

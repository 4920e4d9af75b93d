//! The collector: how spans are posted to it, and what it says to that, which the exporter keeps to itself. It keeps
//! no span and counts none.

use crate::error::TracesError;
use crate::variables;
use async_trait::async_trait;
use goldstream_platform::limits::TRACES_SEND_MAX;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    RetryPolicy, SpanExporter as OtlpExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use prost::Message;
use reqwest::Certificate;
use reqwest::blocking::Client;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::{Action, Attempt, Policy};
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// gRPC's port, which people give by mistake.
const GRPC_PORT: &str = ":4317/";

/// How often a post is led elsewhere.
const REDIRECTS_MAX: usize = 5;

/// How much of what a collector says is told.
const SAID_CHARS_MAX: usize = 200;

/// Spans that were not taken, and why.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct NotTaken {
    pub(crate) spans: usize,
    pub(crate) extent: Extent,
    reason: String,
}

/// How much of a post was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Whole,
    Part,
}

/// Where spans are posted.
#[derive(Debug)]
pub(crate) struct Collector {
    exporter: OtlpExporter,
    url: Box<str>,
    heard: Arc<Mutex<Heard>>,
}

/// What was said to the last post.
#[derive(Debug, Default)]
struct Heard {
    /// Why it was not taken, or not as a whole.
    reason: Option<String>,
    /// Spans that were refused of a post that was taken.
    refused: usize,
}

impl Collector {
    pub(crate) fn at(url: &str) -> Result<Self, TracesError> {
        variables::check();
        let is_encrypted = url.starts_with("https://");
        let certificates = if is_encrypted { variables::certificates()? } else { Vec::new() };
        Self::trusting(certificates, url)
    }

    fn trusting(certificates: Vec<Certificate>, url: &str) -> Result<Self, TracesError> {
        let heard = Arc::<Mutex<Heard>>::default();
        let client = Listening { client: client(certificates)?, heard: Arc::clone(&heard) };
        let exporter = OtlpExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(url)
            // What is not taken is lost, not tried again: it would hold the end of the process up.
            .with_retry_policy(RetryPolicy::disabled())
            .with_timeout(TRACES_SEND_MAX)
            .build()
            .map_err(|error| TracesError::Client(error.to_string()))?;
        Ok(Self { exporter, url: url.into(), heard })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) async fn post(&self, spans: Vec<SpanData>) -> Result<(), NotTaken> {
        let count = spans.len();
        let exported = self.exporter.export(spans).await;
        let Heard { reason, refused } =
            std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner));
        let url = &*self.url;
        match (exported, reason) {
            (Ok(()), None) => Ok(()),
            (Ok(()), Some(reason)) => {
                let reason =
                    format!("{url} refuses spans, {refused} of {count} at a time: {reason}");
                Err(NotTaken { spans: refused.min(count), extent: Extent::Part, reason })
            }
            (Err(error), reason) => {
                let reason = reason.unwrap_or_else(|| error.to_string());
                let hint = match url.contains(GRPC_PORT) {
                    true => {
                        "; 4317 is the port of OTLP over gRPC, goldstream speaks it over HTTP: 4318"
                    }
                    false => "",
                };
                let reason = format!("{url} does not take traces: {reason}{hint}");
                Err(NotTaken { spans: count, extent: Extent::Whole, reason })
            }
        }
    }

    pub(crate) fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }

    pub(crate) fn shutdown(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }
}

/// What a collector says to a post without a span.
#[derive(Debug)]
pub enum Probed {
    /// It takes it.
    Taken,
    /// It does not, for this reason: spans would be lost.
    Lost(String),
    /// Nothing can be posted, for this reason: nothing that is to be traced starts.
    NoStart(String),
}

/// Asks a collector. Blocks.
#[must_use]
pub fn probe(url: &str) -> Probed {
    let collector = match Collector::at(url) {
        Ok(collector) => collector,
        Err(error) => return Probed::NoStart(error.to_string()),
    };
    match futures::executor::block_on(collector.post(Vec::new())) {
        Ok(()) => Probed::Taken,
        Err(reason) => Probed::Lost(reason.to_string()),
    }
}

fn client(certificates: Vec<Certificate>) -> Result<Client, TracesError> {
    // The client's TLS takes what the process has; another part of it may have said so before.
    rustls::crypto::ring::default_provider().install_default().ok();
    let made = std::thread::spawn(|| {
        let client = Client::builder().timeout(TRACES_SEND_MAX).redirect(Policy::custom(led));
        client.tls_certs_merge(certificates).build()
    });
    // It has a runtime of its own, which cannot be made on one.
    let made = made.join().map_err(|_| TracesError::Client("its thread ended".to_owned()))?;
    made.map_err(|error| TracesError::Client(root_of(&error)))
}

/// A post that is led elsewhere is a post there by two of the answers only; by the others it is a question.
fn led(attempt: Attempt<'_>) -> Action {
    match attempt.status().as_u16() {
        307 | 308 if attempt.previous().len() <= REDIRECTS_MAX => attempt.follow(),
        _ => attempt.stop(),
    }
}

/// A client that keeps what was said to the last post.
#[derive(Debug)]
struct Listening {
    client: Client,
    heard: Arc<Mutex<Heard>>,
}

#[async_trait]
impl HttpClient for Listening {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = self.client.send_bytes(request).await.and_then(must_not_be_a_page);
        let heard = match &answer {
            Ok(answer) => heard_in(answer),
            Err(error) => Heard { reason: Some(cause(&**error)), refused: 0 },
        };
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = heard;
        answer
    }
}

fn heard_in(answer: &Response<Bytes>) -> Heard {
    let status = answer.status();
    if !status.is_success() {
        let hint = match status.as_u16() {
            401 | 403 => ": give its key in OTEL_EXPORTER_OTLP_HEADERS",
            404 | 405 => ": no collector listens under this path",
            300..=399 => ": it leads elsewhere, give that address",
            _ => "",
        };
        return Heard { reason: Some(format!("it answers {status}{hint}")), refused: 0 };
    }
    // What cannot be read says nothing against what was taken.
    let said = ExportTraceServiceResponse::decode(answer.body().clone()).unwrap_or_default();
    match said.partial_success {
        Some(said) if said.rejected_spans > 0 => Heard {
            refused: usize::try_from(said.rejected_spans).unwrap_or_default(),
            reason: Some(told(&said.error_message)),
        },
        _ => Heard::default(),
    }
}

/// A server of pages, or a login before the collector, answers everything with a page, and that all is well.
fn must_not_be_a_page(answer: Response<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let form = answer.headers().get(CONTENT_TYPE).and_then(|form| form.to_str().ok());
    match form {
        Some(form) if answer.status().is_success() && form.starts_with("text/") => {
            Err(format!("it answers with a page ({form}): no collector listens there").into())
        }
        _ => Ok(answer),
    }
}

/// What another program says, as one short line.
fn told(said: &str) -> String {
    let line = said.chars().map(|c| if c.is_control() { ' ' } else { c });
    let line: String = line.take(SAID_CHARS_MAX).collect();
    if line.trim().is_empty() { "it does not say why".to_owned() } else { line }
}

/// The first cause, and what is most likely behind it.
fn cause(error: &(dyn Error + 'static)) -> String {
    let reason = root_of(error);
    let hint = match () {
        () if reason.contains("InvalidContentType") => ": it speaks no TLS, give http://",
        () if reason.contains("CaUsedAsEndEntity") => {
            ": it shows the certificate of an authority (CA:TRUE), which no server may be trusted by"
        }
        () if reason.contains("certificate") => {
            ": who signed it is named by OTEL_EXPORTER_OTLP_CERTIFICATE"
        }
        () if reason.contains("reset by peer") => ": it may speak TLS, give https://",
        () if reason.contains("unexpected message") => {
            ": it does not speak HTTP/1; OTLP over HTTP has port 4318, over gRPC 4317"
        }
        () => "",
    };
    format!("{}{hint}", told(&reason))
}

/// What follows from it says only that it failed.
fn root_of(error: &(dyn Error + 'static)) -> String {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root.to_string()
}

#[cfg(test)]
#[path = "collector_tests.rs"]
mod tests;

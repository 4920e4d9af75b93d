//! What a collector's answers are told as, by one that answers over a real socket.

use super::*;
use goldstream_notify::testing::certificates::Certificates;
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTracePartialSuccess;
use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::SystemTime;

/// A port whose server deals with one connection after the other, until the test ends.
fn server(
    deal: impl Fn(&mut dyn ReadWrite) + Send + 'static,
    tls: Option<ServerConfig>,
) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let tls = tls.map(Arc::new);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            match &tls {
                None => deal(&mut stream),
                Some(tls) => {
                    let server = ServerConnection::new(Arc::clone(tls)).unwrap();
                    deal(&mut StreamOwned::new(server, stream));
                }
            }
        }
    });
    address
}

trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}

/// Answers whatever is posted. A client that goes away is no failure of a test.
fn answers(status: &str, body: &[u8]) -> impl Fn(&mut dyn ReadWrite) + Send + use<> {
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let answer = [head.as_bytes(), body].concat();
    move |stream| {
        let taken = take(stream).and_then(|()| stream.write_all(&answer));
        taken.and_then(|()| stream.flush()).unwrap_or_default();
    }
}

/// Reads all that is posted.
fn take(stream: &mut dyn ReadWrite) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().unwrap();
            }
            Some(_) => {}
            None if line.trim().is_empty() => break,
            None => {}
        }
    }
    reader.read_exact(&mut vec![0; length])
}

fn spans(count: u64) -> Vec<SpanData> {
    let span = |id| SpanData {
        span_context: SpanContext::new(
            TraceId::from(1),
            SpanId::from(id),
            TraceFlags::SAMPLED,
            false,
            TraceState::NONE,
        ),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: "a step".into(),
        start_time: SystemTime::UNIX_EPOCH,
        end_time: SystemTime::UNIX_EPOCH,
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: opentelemetry::InstrumentationScope::default(),
    };
    (1..=count).map(span).collect()
}

/// What is said of three spans.
fn said_at(url: &str, certificates: Vec<Certificate>) -> (usize, String) {
    let collector = Collector::trusting(certificates, url).unwrap();
    match futures::executor::block_on(collector.post(spans(3))) {
        Ok(()) => (0, String::new()),
        Err(not_taken) => (not_taken.spans, not_taken.to_string()),
    }
}

#[test]
fn why_a_collector_does_not_take_spans_is_said() {
    let all = [
        ("401 Unauthorized", "OTEL_EXPORTER_OTLP_HEADERS"),
        ("404 Not Found", "no collector listens under this path"),
        ("302 Found", "it leads elsewhere"),
        ("503 Service Unavailable", "it answers 503 Service Unavailable"),
    ];
    for (status, reason) in all {
        let address = server(answers(status, b""), None);
        let (lost, said) = said_at(&format!("http://{address}/v1/traces"), Vec::new());
        assert!(lost == 3 && said.contains(reason), "{status}: {said}");
    }
    let (lost, said) = said_at("http://127.0.0.1:1/v1/traces", Vec::new());
    assert!(lost == 3 && said.contains("Connection refused"), "{said}");
    let page = "200 OK\r\ncontent-type: text/html; charset=utf-8";
    let address = server(answers(page, b"<!DOCTYPE html><title>Welcome</title>"), None);
    let (lost, said) = said_at(&format!("http://{address}/v1/traces"), Vec::new());
    assert!(lost == 3 && said.contains("it answers with a page (text/html"), "{said}");
    let (lost, said) = said_at("http://no.such.host.invalid/v1/traces", Vec::new());
    assert!(lost == 3 && said.contains("lookup"), "{said}");
}

#[test]
fn spans_that_a_collector_refuses_of_a_post_are_not_counted_as_sent() {
    let refused =
        ExportTracePartialSuccess { rejected_spans: 2, error_message: "they are too old".into() };
    let answer = ExportTraceServiceResponse { partial_success: Some(refused) }.encode_to_vec();
    let address = server(answers("200 OK", &answer), None);
    let url = format!("http://{address}/v1/traces");
    let (lost, said) = said_at(&url, Vec::new());
    assert_eq!(
        (lost, said),
        (2, format!("{url} refuses spans, 2 of 3 at a time: they are too old"))
    );
}

#[test]
fn a_post_that_is_led_elsewhere_for_good_arrives_there() {
    let there = server(answers("200 OK", b""), None);
    let led = format!("307 Temporary Redirect\r\nlocation: http://{there}/v1/traces");
    let address = server(answers(&led, b""), None);
    let url = format!("http://{address}/v1/traces");
    assert_eq!(said_at(&url, Vec::new()), (0, String::new()));
}

#[test]
fn what_a_collector_says_is_told_as_one_short_line() {
    assert_eq!(told("a\nb\u{1b}[31m"), "a b [31m");
    assert_eq!(told(" \n"), "it does not say why");
    assert_eq!(told(&"x".repeat(4000)).len(), SAID_CHARS_MAX);
}

#[test]
fn a_collector_behind_a_certificate_of_ones_own_is_reached_where_that_is_trusted() {
    let made = Certificates::new();
    let chain = CertificateDer::pem_file_iter(made.path("server.pem")).unwrap();
    let chain = chain.collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(made.path("server.key")).unwrap();
    rustls::crypto::ring::default_provider().install_default().ok();
    let tls = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let url = format!("https://{}/v1/traces", server(answers("200 OK", b""), Some(tls)));
    let (lost, said) = said_at(&url, Vec::new());
    assert!(lost == 3 && said.contains("certificate"), "{said}");
    let trusted = variables::read(&made.path("ca.pem")).unwrap();
    assert_eq!(said_at(&url, trusted), (0, String::new()));
    let odd = variables::read(&made.path("server.key")).unwrap_err();
    assert_eq!(odd, "it has no certificate (PEM)");
}

//! A collector of OpenTelemetry spans, over a real socket: it reads what is posted by the protocol's own definitions.

use goldstream_notify::testing::hook::HookServer;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use prost::Message;
use std::collections::BTreeMap;

/// One span, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub(crate) trace: Vec<u8>,
    pub(crate) id: Vec<u8>,
    pub(crate) parent: Vec<u8>,
    pub(crate) name: String,
    pub(crate) start_ns: u64,
    pub(crate) end_ns: u64,
    pub(crate) attributes: BTreeMap<String, String>,
    /// Of the process that told it.
    pub(crate) resource: BTreeMap<String, String>,
}

/// The collector. It ends when it is dropped.
pub(crate) struct Collector(HookServer);

impl Collector {
    /// One that answers so, and then that all is well.
    pub(crate) fn start(answers: &[u16]) -> Self {
        Self(HookServer::start(answers))
    }

    /// What `--otlp` is given.
    pub(crate) fn url(&self) -> String {
        let url = self.0.url();
        url.split_once("/hook").unwrap().0.to_owned()
    }

    /// How often it was posted to.
    pub(crate) fn posts(&self) -> usize {
        self.0.posted().len()
    }

    /// All spans that it took.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let taken = self.0.posted().into_iter().filter(|posted| posted.status == 200);
        taken
            .flat_map(|posted| {
                assert!(posted.head[0].contains("POST /v1/traces"), "{:?}", posted.head);
                spans(&posted.bytes)
            })
            .collect()
    }

    /// The spans of each trace, by when they began.
    pub(crate) fn traces(&self) -> Vec<Vec<Span>> {
        let mut traces = BTreeMap::<_, Vec<Span>>::new();
        for span in self.spans() {
            traces.entry(span.trace.clone()).or_default().push(span);
        }
        let sorted = |mut spans: Vec<Span>| {
            spans.sort_by_key(|span| (span.start_ns, span.end_ns));
            spans
        };
        traces.into_values().map(sorted).collect()
    }
}

fn spans(posted: &[u8]) -> Vec<Span> {
    let request = ExportTraceServiceRequest::decode(posted).unwrap();
    let mut found = Vec::new();
    for of in request.resource_spans {
        let resource = texts(&of.resource.unwrap().attributes);
        for span in of.scope_spans.into_iter().flat_map(|of| of.spans) {
            found.push(Span {
                trace: span.trace_id,
                id: span.span_id,
                parent: span.parent_span_id,
                name: span.name,
                start_ns: span.start_time_unix_nano,
                end_ns: span.end_time_unix_nano,
                attributes: texts(&span.attributes),
                resource: resource.clone(),
            });
        }
    }
    found
}

fn texts(of: &[KeyValue]) -> BTreeMap<String, String> {
    of.iter().map(|of| (of.key.clone(), text(of.value.as_ref()))).collect()
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

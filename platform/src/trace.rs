//! The trace that a row's way is told under, as it travels from who counts the row to who shows it: in the form of
//! W3C's `traceparent`. Which rows are traced, and where that is told, is decided elsewhere.

use std::fmt;
use std::str::FromStr;

/// Where in which trace something happened, for who goes on with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceContext {
    /// The trace; never 0.
    pub trace_id: u128,
    /// The span that what follows is a child of; never 0.
    pub span_id: u64,
}

/// Who wishes to know when a traced row is shown.
pub trait Shown: Send + Sync {
    /// A view has these rows in its numbers since this version.
    fn is_in(&self, traces: &[TraceContext], version: u64);
    /// A frame of this version has gone to a client.
    fn is_sent(&self, version: u64);
}

/// It is no `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no traceparent")]
pub struct NoTraceContext;

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-01", self.trace_id, self.span_id)
    }
}

impl FromStr for TraceContext {
    type Err = NoTraceContext;

    fn from_str(text: &str) -> Result<Self, NoTraceContext> {
        let mut parts = text.splitn(4, '-').skip(1);
        let mut part = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits);
            part.and_then(|part| u128::from_str_radix(part, 16).ok()).filter(|id| *id != 0)
        };
        let (trace_id, span_id) = (part(32), part(16));
        let (Some(trace_id), Some(span_id)) = (trace_id, span_id) else {
            return Err(NoTraceContext);
        };
        Ok(Self { trace_id, span_id: u64::try_from(span_id).map_err(|_| NoTraceContext)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_traceparent_and_read_back() {
        let context = TraceContext { trace_id: 0x0af7, span_id: 0xb7ad };
        let text = context.to_string();
        assert_eq!(text, "00-00000000000000000000000000000af7-000000000000b7ad-01");
        assert_eq!(text.parse(), Ok(context));
        for odd in ["", "00", "00-1-2-01", &text.replace("0af7", "0000"), &text.replace('b', "x")] {
            assert_eq!(odd.parse::<TraceContext>(), Err(NoTraceContext), "{odd}");
        }
    }
}

//! `GET /api/v1/quarantine/{kind}`: refused rows in the shape of the file that they came from, to be
//! corrected and replayed as a new file. In the order in which they came, so that of two records of
//! one customer the later stays the later.

use super::problem::Problem;
use super::quarantine::Wanted;
use super::query::{Parameters, bad};
use super::records::{away, each, ends, failed};
use super::streamed::{self, Out};
use super::table::EncodeError;
use crate::corrected::{Corrected, refused_at};
use crate::server::Server;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use goldstream_domain::column::{COLUMNS, Kind};
use goldstream_domain::quarantine::{QuarantinedRow, place};
use goldstream_platform::log::{Log, Topic, TopicPartition};
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio::runtime::Handle;

/// `GET /api/v1/quarantine/{kind}`.
pub(super) async fn correctable(
    State(server): State<Arc<Server>>,
    kind: Result<Path<String>, PathRejection>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    let Path(kind) = kind.map_err(|error| bad(error.body_text()))?;
    let kind = Kind::ALL.into_iter().find(|known| known.name() == kind);
    let kind = kind.ok_or_else(|| bad("a kind is customers or purchases".to_owned()))?;
    let wanted = Wanted::taken(&mut parameters)?;
    parameters.none_left()?;
    let corrected = server.corrected().await?;
    let ends = ends(&server, &[Topic::Quarantine]).await.map_err(|error| away(&error))?;
    let (log, runtime) = (Arc::clone(&server.state.log), Handle::current());
    let body = streamed::body(&server.streams, move |out| {
        write(&ends, (&*log, &runtime), (kind, &wanted, &corrected), out)
    })?;
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, body).into_response())
}

/// What stands behind the columns of the file; readers of the file pass over it.
const ABOUT: [&str; 3] = ["reason", "line", "raw"];

fn write(
    ends: &[(TopicPartition, u64)],
    (log, runtime): (&dyn Log, &Handle),
    (kind, wanted, corrected): (Kind, &Wanted, &Corrected),
    out: Out,
) -> Result<(), EncodeError> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    csv.write_record(kind.columns().iter().map(|column| column.french).chain(ABOUT))?;
    each(ends, log, runtime, |at, _, record| {
        let row = QuarantinedRow::decode(record.payload).map_err(|error| failed(&error))?;
        let place = refused_at(at, row.kind, record);
        let is_corrected = place.is_some_and(|place| corrected.contains_key(&place));
        if row.kind == kind && wanted.has(&row.reason.account(kind), is_corrected) {
            csv.write_record(line_of(kind, &row, record.headers.line))?;
        }
        Ok(())
    })?;
    Ok(csv.flush()?)
}

/// The row, why it was refused, where it stands, and what it was if it was none: that comes behind empty columns, so
/// that it is refused again, whoever pads its line, when it comes back as it is.
fn line_of(kind: Kind, row: &QuarantinedRow<'_>, line: Option<u64>) -> Vec<String> {
    let fields = fields(kind, row);
    let is_row = fields.len() == COLUMNS;
    let (mut all, raw) = if is_row {
        (fields, String::new())
    } else {
        (vec![String::new(); COLUMNS], fields.concat())
    };
    let place = place(row.source, row.position, line);
    all.extend([format!("{}: {}", row.reason.code(), row.detail), place, raw]);
    all
}

/// The row's fields in the order of the file. What is no row is one field, as it came; of what was
/// too long to be kept, where it stands.
fn fields(kind: Kind, row: &QuarantinedRow<'_>) -> Vec<String> {
    let object: Option<Map<String, Value>> = serde_json::from_str(row.raw).ok();
    let Some(object) = object else { return vec![row.raw.to_owned()] };
    match (object.get("raw"), object.get("fault").and_then(Value::as_str)) {
        (Some(Value::String(line)), None) if object.len() == 1 => return vec![line.clone()],
        (Some(Value::String(line)), Some("open_quote")) => return vec![line.clone()],
        (Some(_), Some("too_long")) => return vec![format!("{}: {}", row.source, row.detail)],
        _ => {}
    }
    let field = |[french, english]: [&str; 2]| match object.get(french).or(object.get(english)) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    };
    kind.columns().iter().map(|column| field([column.french, column.english])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_domain::reason::Reason;

    fn check(kind: Kind, raw: &str, expected: &[&str]) {
        let (source, detail) = ("file:/achats.csv@0", "why");
        let row =
            QuarantinedRow { kind, source, position: 3, reason: Reason::Malformed, detail, raw };
        assert_eq!(fields(kind, &row), expected, "{raw}");
    }

    #[test]
    fn a_row_has_its_fields_whatever_its_columns_are_called_and_a_line_is_one_field() {
        let french = r#"{"id_achat":"1","id_client":"7","date_achat":"x","montant":12.5}"#;
        check(Kind::Purchases, french, &["1", "7", "x", "12.5", ""]);
        let english = r#"{"customer_id":"7","name":"A, B","country":null}"#;
        check(Kind::Customers, english, &["7", "A, B", "", "", ""]);
        check(Kind::Purchases, r#"{"raw":"1,\"2"}"#, &["1,\"2"]);
        check(Kind::Purchases, r#"{"id_achat":"cut…"#, &[r#"{"id_achat":"cut…"#]);
    }

    #[test]
    fn why_and_where_stand_behind_the_columns_and_what_is_no_row_behind_these() {
        let raw = r#"{"id_achat":"1"}"#;
        let reason = Reason::Malformed;
        let (source, detail) = ("file:/achats.csv@0", "why");
        let row =
            QuarantinedRow { kind: Kind::Purchases, source, position: 3, reason, detail, raw };
        let expected = ["1", "", "", "", "", "malformed: why", "achats.csv:5", ""];
        assert_eq!(line_of(Kind::Purchases, &row, Some(5)), expected);
        let row = QuarantinedRow { raw: r#"{"raw":"1,2"}"#, ..row };
        let expected = ["", "", "", "", "", "malformed: why", "achats.csv, row 3", "1,2"];
        assert_eq!(line_of(Kind::Purchases, &row, None), expected);
    }

    #[test]
    fn a_line_with_an_open_quote_comes_whole_and_one_that_was_cut_says_where_it_stands() {
        let open = r#"{"raw":"1,\"2","fault":"open_quote","line":4}"#;
        check(Kind::Purchases, open, &["1,\"2"]);
        let cut = r#"{"raw":"1,2","fault":"too_long","line":4,"from_bytes":90,"to_bytes":400000}"#;
        check(Kind::Purchases, cut, &["file:/achats.csv@0: why"]);
    }
}

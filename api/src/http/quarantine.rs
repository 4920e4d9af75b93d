//! `GET /api/v1/quarantine`: refused rows, newest first.

use super::around::Timing;
use super::backwards::{Backwards, Mark};
use super::format::Format;
use super::lists::{self, Page};
use super::problem::Problem;
use super::query::{Parameters, bad};
use super::records::away;
use super::streamed::{self, Out};
use super::table::EncodeError;
use super::table::encode::{RowsFormat, RowsWriter};
use super::table::records::RefusedRow;
use super::tagged;
use crate::limits::{QUARANTINE_CHUNK, QUARANTINE_SCAN_MAX, ROWS_DEFAULT};
use crate::server::Server;
use crate::view::state::State as ViewState;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;
use goldstream_domain::reason::Reason;
use goldstream_platform::log::{Log, LogError};
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Handle;

/// `GET /api/v1/quarantine`.
pub(super) async fn quarantine(
    State(server): State<Arc<Server>>,
    mut parameters: Parameters,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let format = Format::of_table(&mut parameters, (&uri, &headers), &Format::ALL)?;
    let limit = lists::limit(&mut parameters, format, ROWS_DEFAULT)?;
    let wanted = Wanted::taken(&mut parameters)?;
    let cursor = parameters.take("cursor");
    parameters.none_left()?;
    let marks = cursor.map(|text| read_cursor(&text, server.state.partitions)).transpose()?;
    server.must_have_loaded()?;
    // A refused row is appended before it is counted: what a version counts can be seen in it.
    let stamp = server.state.view.read(ViewState::stamp);
    if tagged::is_known(&headers, &stamp, format) {
        return Ok(tagged::not_modified(&stamp, format));
    }
    let began = Instant::now();
    let log = Arc::clone(&server.state.log);
    let corrected = server.corrected().await?;
    let rows = Backwards::from_end(&*log, server.state.partitions, corrected).await;
    let rows = rows.map_err(|error| away(&error))?;
    let rows = rows.going_on(&marks.unwrap_or_default());
    match (limit, format) {
        (None, Format::Rows(form)) => {
            let runtime = Handle::current();
            let body = streamed::body(&server.streams, move |out| {
                write_all(rows, &wanted, &*log, &runtime, form, out)
            })?;
            Ok(tagged::answer(&stamp, format, body, Timing::default()))
        }
        (limit, _) => {
            let limit = limit.unwrap_or(ROWS_DEFAULT);
            let (rows, next) =
                page(rows, &wanted, &*log, limit).await.map_err(|error| away(&error))?;
            let page = Page { stamp, rows, next };
            lists::answer(&server, page, (format, None), &uri, Timing::read_since(began)).await
        }
    }
}

/// Which rows are asked for.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    reason: Option<WantedReason>,
    corrected: WantedCorrected,
}

impl Wanted {
    pub(super) fn taken(parameters: &mut Parameters) -> Result<Self, Problem> {
        let codes = Reason::ALL.map(Reason::code).join(", ");
        let legal =
            format!("one of {codes}, perhaps with its kind before it, as purchases.bad_date");
        let reason = parameters.take_as("reason", &legal, WantedReason::parse)?;
        let corrected =
            parameters.take_as("corrected", "no, yes or all", WantedCorrected::parse)?;
        Ok(Self { reason, corrected: corrected.unwrap_or(WantedCorrected::No) })
    }

    pub(super) fn has(&self, account: &str, is_corrected: bool) -> bool {
        let is_meant = match self.corrected {
            WantedCorrected::No => !is_corrected,
            WantedCorrected::Yes => is_corrected,
            WantedCorrected::All => true,
        };
        is_meant && self.reason.as_ref().is_none_or(|reason| reason.names(account))
    }

    fn has_row(&self, row: &RefusedRow) -> bool {
        self.has(&row.reason, row.corrected_at_ms.is_some())
    }
}

/// Whether corrected rows are meant.
#[derive(Debug, Clone, Copy)]
enum WantedCorrected {
    No,
    Yes,
    All,
}

impl WantedCorrected {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "no" => Some(Self::No),
            "yes" => Some(Self::Yes),
            "all" => Some(Self::All),
            _ => None,
        }
    }
}

/// Which reasons are meant.
#[derive(Debug, Clone)]
enum WantedReason {
    /// This one, of either kind.
    Code(&'static str),
    /// This one of one kind.
    Account(String),
}

impl WantedReason {
    fn parse(text: &str) -> Option<Self> {
        if let Some(reason) = Reason::ALL.into_iter().find(|reason| reason.code() == text) {
            return Some(Self::Code(reason.code()));
        }
        Reason::of_account(text).map(|(kind, reason)| Self::Account(reason.account(kind)))
    }

    fn names(&self, account: &str) -> bool {
        match self {
            Self::Code(code) => account.split_once('.').is_some_and(|(_, own)| own == *code),
            Self::Account(wanted) => account == wanted,
        }
    }
}

async fn page(
    mut all: Backwards,
    wanted: &Wanted,
    log: &dyn Log,
    limit: usize,
) -> Result<(Vec<RefusedRow>, Option<String>), LogError> {
    let mut rows = Vec::new();
    for _ in 0..QUARANTINE_SCAN_MAX {
        let Some(row) = all.next(log).await? else { return Ok((rows, None)) };
        if wanted.has_row(&row) {
            rows.push(row);
        }
        if rows.len() == limit {
            break;
        }
    }
    let next = (!all.is_at_start()).then(|| write_cursor(&all.marks()));
    Ok((rows, next))
}

fn write_all(
    mut all: Backwards,
    wanted: &Wanted,
    log: &dyn Log,
    runtime: &Handle,
    format: RowsFormat,
    out: Out,
) -> Result<(), EncodeError> {
    let mut writer = RowsWriter::new::<RefusedRow>(format, out)?;
    let mut rows = Vec::new();
    loop {
        let row = runtime.block_on(all.next(log));
        let row = row.map_err(|error| EncodeError::Source(error.to_string()))?;
        let is_last = row.is_none();
        rows.extend(row.filter(|row| wanted.has_row(row)));
        // A refused row may be a quarter of a megabyte.
        if is_last || rows.len() as u64 >= QUARANTINE_CHUNK {
            writer.write(&rows)?;
            rows.clear();
        }
        if is_last {
            return writer.finish();
        }
    }
}

fn write_cursor(marks: &[Mark]) -> String {
    // Numbers always have a JSON form.
    BASE64URL_NOPAD.encode(&serde_json::to_vec(marks).unwrap_or_default())
}

fn read_cursor(text: &str, partitions: u32) -> Result<Vec<Mark>, Problem> {
    let json = BASE64URL_NOPAD.decode(text.as_bytes()).ok();
    let marks = json.and_then(|json| serde_json::from_slice::<Vec<Mark>>(&json).ok());
    let marks = marks.filter(|marks| marks.len() == partitions as usize);
    marks.ok_or_else(|| bad("this is no cursor of the quarantine".to_owned()))
}

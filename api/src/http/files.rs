//! Tables as files: with their length, and read in parts by who wants only some of it, as polars,
//! DuckDB and spreadsheets do. What is too large to be held is sent while it is made, as a whole.

use super::around::Timing;
use super::format::Format;
use super::kept::{Asked, File, Kept};
use super::problem::Problem;
use super::ranges::{self, Part};
use super::streamed::{self, Made};
use super::table::Tabular;
use super::table::encode::{RowsFormat, RowsWriter};
use super::tagged;
use crate::limits::{FILE_BYTES_MAX, STREAM_ROWS};
use crate::server::Server;
use crate::view::state::Stamp;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

const BYTES: HeaderValue = HeaderValue::from_static("bytes");

/// A request for a table as a file.
pub(super) struct Wish<'a> {
    kept: &'a Kept,
    asked: Asked,
    headers: &'a HeaderMap,
    /// What has no body is not cut either.
    is_get: bool,
}

impl<'a> Wish<'a> {
    pub(super) fn new(
        server: &'a Server,
        (method, uri, headers): (&Method, &Uri, &'a HeaderMap),
        format: Format,
    ) -> Self {
        let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let path_and_query = uri.path_and_query().map_or(uri.path(), |both| both.as_str());
        let what = format!("{} {path_and_query}", format.tag_name());
        let asked = Asked { what, agent: agent.unwrap_or_default().to_owned() };
        Self { kept: &server.kept, asked, headers, is_get: *method == Method::GET }
    }

    /// The answer from a file that was made before, where the request goes on with one.
    pub(super) fn going_on(&self) -> Option<Response> {
        let named = ranges::if_match(self.headers).or_else(|| Some(vec![self.tag_of_range()?]));
        let is_part = self.is_get && self.headers.contains_key(header::RANGE);
        let file = match named {
            Some(tags) => tags.iter().find_map(|tag| self.kept.tagged(&self.asked.what, tag)),
            None if is_part => self.kept.told(&self.asked),
            None => None,
        };
        file.map(|file| self.answer(&file, Timing::default()))
    }

    fn tag_of_range(&self) -> Option<&'a str> {
        let is_part = self.is_get && self.headers.contains_key(header::RANGE);
        ranges::if_range(self.headers).filter(|_| is_part)
    }

    /// The answer from a file of this version, where somebody has asked for it already.
    pub(super) fn known(&self, tag: &str) -> Option<Response> {
        let file = self.kept.tagged(&self.asked.what, tag)?;
        Some(self.begin(&file, Timing::default()))
    }

    /// The answer from a new file, which is kept for who goes on with it.
    pub(super) fn begin(&self, file: &File, timing: Timing) -> Response {
        self.kept.keep(self.asked.clone(), file.clone());
        self.answer(file, timing)
    }

    /// The file, or the part of it that is wanted.
    fn answer(&self, file: &File, timing: Timing) -> Response {
        if !self.is_match(&file.tag) {
            return changed();
        }
        let is_same = ranges::if_range(self.headers).is_none_or(|tag| tag == file.tag);
        let part = if self.is_get && is_same {
            ranges::part(self.headers, file.bytes.len())
        } else {
            Part::Whole
        };
        let mut response = match part {
            Part::Whole => Body::from(file.bytes.clone()).into_response(),
            Part::Bytes(range) => {
                let text = format!("bytes {}-{}/{}", range.start, range.end - 1, file.bytes.len());
                let status = StatusCode::PARTIAL_CONTENT;
                let body = Body::from(file.bytes.slice(range));
                (status, [(header::CONTENT_RANGE, text)], body).into_response()
            }
            Part::Nothing => return outside(file),
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
        headers.insert(header::ACCEPT_RANGES, BYTES);
        if let Some(link) = &file.link {
            headers.insert(header::LINK, link.clone());
        }
        tagged::put(headers, &file.tag);
        response.extensions_mut().insert(timing);
        response
    }

    fn is_match(&self, tag: &str) -> bool {
        let is_named = |tags: Vec<&str>| tags.iter().any(|named| *named == "*" || *named == tag);
        ranges::if_match(self.headers).is_none_or(is_named)
    }
}

/// 412: the file that is asked for is not there any more.
fn changed() -> Response {
    let detail = "the table has changed since, and that version is not kept any more: begin anew";
    Problem::new(StatusCode::PRECONDITION_FAILED, detail).into_response()
}

/// 416: it has no such bytes.
fn outside(file: &File) -> Response {
    let length = file.bytes.len();
    let problem =
        Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, format!("the file has {length} bytes"));
    ([(header::CONTENT_RANGE, format!("bytes */{length}"))], problem).into_response()
}

/// Rows as a file, or as a body that is sent while it is made.
pub(super) async fn made<R: Tabular>(
    server: &Server,
    stamp: &Stamp,
    format: RowsFormat,
    rows: Vec<R>,
    link: Option<HeaderValue>,
) -> Result<Result<File, Body>, Problem> {
    let made = streamed::made(&server.streams, FILE_BYTES_MAX, move |out| {
        let mut writer = RowsWriter::new::<R>(format, out)?;
        for rows in rows.chunks(STREAM_ROWS) {
            writer.write(rows)?;
        }
        writer.finish()
    });
    let format = Format::Rows(format);
    let (tag, content_type) = (tagged::tag(stamp, format), format.content_type());
    Ok(match made.await? {
        Made::Whole(bytes) => Ok(File { tag, content_type, link, bytes }),
        Made::Streamed(body) => Err(body),
    })
}

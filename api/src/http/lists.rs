//! Lists of a gold table's rows, whatever the table: sort, cursor, limit, form.

use super::around::Timing;
use super::files::{self, Wish};
use super::format::Format;
use super::problem::Problem;
use super::query::{Parameters, bad};
use super::table::Tabular;
use super::table::cursor;
use super::table::sort::Place;
use super::table::sort::Sort;
use super::tagged;
use crate::limits::{ROWS_DEFAULT, ROWS_MAX};
use crate::server::Server;
use crate::view::View;
use crate::view::state::{Stamp, State as ViewState};
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use goldstream_platform::clock::rfc3339;
use std::sync::Arc;
use std::time::Instant;

/// A table that can be listed.
pub(super) trait Listed: Tabular {
    /// Which of its rows are meant.
    type Filter: Filter;

    /// Rows of a page where no number is asked for.
    const ROWS_DEFAULT: usize = ROWS_DEFAULT;

    /// Whether what is served has such rows: an older version may have folded it without.
    fn is_known(_: &View) -> bool {
        true
    }

    /// Whether the answer takes longer than threads that answer may be busy.
    fn weight(_: &View, _: &Self::Filter, _: &Wanted<Self>) -> Weight {
        Weight::Light
    }

    /// The rows meant, at one version.
    fn select(view: &View, filter: &Self::Filter, wanted: &Wanted<Self>)
    -> (Stamp, Selected<Self>);

    /// The same for one row.
    fn find_weight(_: &View) -> Weight {
        Weight::Light
    }

    /// The row of a key as it stands in a path.
    fn find(view: &View, key: &str) -> (Stamp, Option<Self>);

    /// The key that is meant by one that no row has, where keys are names. It looks at all of them.
    fn meant(_: &View, _: &str) -> Option<String> {
        None
    }
}

/// Which rows of a list are meant.
pub(super) trait Filter: Sized + Send + 'static {
    /// Takes its parameters.
    fn take(parameters: &mut Parameters) -> Result<Self, Problem>;
}

/// All of them.
impl Filter for () {
    fn take(_: &mut Parameters) -> Result<Self, Problem> {
        Ok(())
    }
}

/// How much work an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// Microseconds.
    Light,
    /// More: it is done on a thread that may be busy.
    Heavy,
}

/// Selected rows.
pub(super) enum Selected<R> {
    /// They are in the order wanted and begin behind the cursor; there may be more than wanted.
    Ordered(Vec<R>),
    /// All of them, in any order.
    Unordered(Vec<R>),
}

/// Which part of a list is wanted, in which order and form.
pub(super) struct Wanted<R: 'static> {
    pub(super) sort: Sort<R>,
    pub(super) after: Option<Place<'static>>,
    /// None is every row.
    pub(super) limit: Option<usize>,
}

impl<R: Listed> Wanted<R> {
    fn take(parameters: &mut Parameters, format: Format) -> Result<Self, Problem> {
        let columns: Vec<_> = R::TABLE.columns.iter().map(|column| column.name).collect();
        let columns =
            format!("one of {}, with - before it for the largest first", columns.join(", "));
        let sort = parameters.take_as("sort", &columns, Sort::parse)?;
        let sort = match sort.or_else(|| Sort::parse(R::TABLE.default_sort)) {
            Some(sort) => sort,
            None => return Err(Problem::internal()),
        };
        let after = match parameters.take("cursor") {
            Some(text) => Some(cursor::read(&sort, &text).map_err(|why| bad(why.to_string()))?),
            None => None,
        };
        Ok(Self { sort, after, limit: limit(parameters, format, R::ROWS_DEFAULT)? })
    }

    /// How many rows are of use: one more than wanted tells whether there are more.
    pub(super) fn count(&self) -> usize {
        self.limit.map_or(usize::MAX, |limit| limit + 1)
    }
}

/// How many rows are wanted; none is every row, which only JSON does not give.
pub(super) fn limit(
    parameters: &mut Parameters,
    format: Format,
    default: usize,
) -> Result<Option<usize>, Problem> {
    let wanted = format!("a number from 1 to {ROWS_MAX}");
    let limit = parameters.take_as("limit", &wanted, |text| {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let limit = text.parse().ok().filter(|_| is_number)?;
        (1..=ROWS_MAX).contains(&limit).then_some(limit)
    })?;
    Ok(limit.or((format == Format::Json).then_some(default)))
}

/// A part of a list.
pub(super) struct Page<R> {
    pub(super) stamp: Stamp,
    pub(super) rows: Vec<R>,
    /// The cursor of the part behind it.
    pub(super) next: Option<String>,
}

/// `GET /api/v1/TABLE`, `/api/v1/TABLE.FORM`.
pub(super) async fn list<R: Listed>(
    State(server): State<Arc<Server>>,
    mut parameters: Parameters,
    method: Method,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let format = Format::of_table(&mut parameters, (&uri, &headers), &Format::ALL)?;
    let wanted = Wanted::<R>::take(&mut parameters, format)?;
    let filter = R::Filter::take(&mut parameters)?;
    parameters.none_left()?;
    server.must_be_loaded()?;
    let view = server.state.view.clone();
    if !R::is_known(&view) {
        return Err(Problem::counted_by_older());
    }
    let wish = match format {
        Format::Json => None,
        Format::Rows(_) => Some(Wish::new(&server, (&method, &uri, &headers), format)),
    };
    if let Some(response) = wish.as_ref().and_then(Wish::going_on) {
        return Ok(response);
    }
    let stamp = view.read(ViewState::stamp);
    if tagged::is_known(&headers, &stamp, format) {
        return Ok(tagged::not_modified(&stamp, format));
    }
    let tag = tagged::tag(&stamp, format);
    if let Some(response) = wish.as_ref().and_then(|wish| wish.known(&tag)) {
        return Ok(response);
    }
    let began = Instant::now();
    let weight = R::weight(&view, &filter, &wanted);
    let page = weigh(weight, move || page(&view, &filter, &wanted)).await?;
    answer(&server, page, (format, wish.as_ref()), &uri, Timing::read_since(began)).await
}

/// Does work where it belongs.
pub(super) async fn weigh<T: Send + 'static>(
    weight: Weight,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    match weight {
        Weight::Light => Ok(work()),
        Weight::Heavy => tokio::task::spawn_blocking(work).await.map_err(|_| Problem::internal()),
    }
}

fn page<R: Listed>(view: &View, filter: &R::Filter, wanted: &Wanted<R>) -> Page<R> {
    let (stamp, selected) = R::select(view, filter, wanted);
    let mut rows = match selected {
        Selected::Ordered(rows) => rows,
        Selected::Unordered(rows) => wanted.sort.page(rows, wanted.after.as_ref(), wanted.count()),
    };
    let limit = wanted.limit.unwrap_or(usize::MAX);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| has_more).map(|last| cursor::write(&wanted.sort, last));
    Page { stamp, rows, next }
}

/// The answer that a page is. Only who may go on reading it in parts has a wish.
pub(super) async fn answer<R: Tabular>(
    server: &Server,
    page: Page<R>,
    (format, wish): (Format, Option<&Wish<'_>>),
    uri: &Uri,
    mut timing: Timing,
) -> Result<Response, Problem> {
    let began = Instant::now();
    let Page { stamp, rows, next } = page;
    let link = next.as_deref().and_then(|next| link(uri, next));
    let body = match format {
        Format::Json => Body::from(envelope(&stamp, &rows, next.as_deref())),
        Format::Rows(form) => match files::made(server, &stamp, form, rows, link.clone()).await? {
            Ok(file) => {
                timing.encode = Some(began.elapsed());
                match wish {
                    Some(wish) => return Ok(wish.begin(&file, timing)),
                    None => Body::from(file.bytes),
                }
            }
            Err(body) => body,
        },
    };
    timing.encode = (format == Format::Json).then(|| began.elapsed()).or(timing.encode);
    let mut response = tagged::answer(&stamp, format, body, timing);
    if let Some(link) = link {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

/// Rows with their version around them.
fn envelope<R: Tabular>(stamp: &Stamp, rows: &[R], next: Option<&str>) -> Vec<u8> {
    let Stamp { epoch, version, as_of_ms } = stamp;
    let as_of = rfc3339(*as_of_ms);
    // Epoch, moment and cursor are of letters that need no escape.
    let head =
        format!("{{\"epoch\":\"{epoch}\",\"version\":{version},\"as_of\":\"{as_of}\",\"rows\":[");
    let mut out = head.into_bytes();
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        row.write_json(&mut out);
    }
    let next = next.map_or("null".to_owned(), |next| format!("\"{next}\""));
    out.extend_from_slice(format!("],\"next\":{next}}}").as_bytes());
    out
}

/// The address of the next page, for forms that have no room for a cursor.
fn link(uri: &Uri, next: &str) -> Option<HeaderValue> {
    let pairs = uri.query().unwrap_or_default().split('&');
    let kept = pairs.filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let query: String = kept.map(|pair| format!("{pair}&")).collect();
    HeaderValue::from_str(&format!("<{}?{query}cursor={next}>; rel=\"next\"", uri.path())).ok()
}

/// `GET /api/v1/TABLE/{key}`.
pub(super) async fn single<R: Listed>(
    State(server): State<Arc<Server>>,
    key: Result<Path<String>, PathRejection>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path(key) = key.map_err(|why| Problem::new(why.status(), why.body_text()))?;
    let format = Format::of_one(&mut parameters, &headers, &Format::ALL)?;
    parameters.none_left()?;
    server.must_be_loaded()?;
    let began = Instant::now();
    let view = server.state.view.clone();
    let missing = format!("{} has no row {key:.80?}", R::TABLE.name);
    let (stamp, found) = find::<R>(&view, key).await?;
    let row = found.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, missing))?;
    if tagged::is_known(&headers, &stamp, format) {
        return Ok(tagged::not_modified(&stamp, format));
    }
    tagged::one(&stamp, format, &row, Timing::read_since(began))
}

/// The row of a key: exactly this one, else the one that is meant by it.
async fn find<R: Listed>(view: &View, key: String) -> Result<(Stamp, Option<R>), Problem> {
    let (of, asked) = (view.clone(), key.clone());
    let (stamp, found) = weigh(R::find_weight(view), move || R::find(&of, &asked)).await?;
    if found.is_some() {
        return Ok((stamp, found));
    }
    let of = view.clone();
    let meant = weigh(Weight::Heavy, move || Some(R::find(&of, &R::meant(&of, &key)?))).await?;
    Ok(meant.unwrap_or((stamp, None)))
}

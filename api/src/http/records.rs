//! `GET /api/v1/bronze`, `/silver`: all records of a topic, in the order of their partitions, as
//! they are read. Nobody has them all in memory.

use super::days::Days;
use super::format::Format;
use super::lists::Filter;
use super::problem::Problem;
use super::query::Parameters;
use super::streamed::{self, Out};
use super::table::EncodeError;
use super::table::Tabular;
use super::table::encode::{RowsFormat, RowsWriter};
use super::table::records::{BronzeRecord, SilverRecord, Stood};
use crate::limits::{STREAM_ROWS, STREAM_ROWS_BYTES};
use crate::server::Server;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::chain::Chain;
use goldstream_domain::codec::CodecError;
use goldstream_domain::column::Kind;
use goldstream_domain::record::{Headers, Record};
use goldstream_domain::silver::SilverEvent;
use goldstream_platform::log::{Log, LogError, Topic, TopicPartition};
use std::sync::Arc;
use tokio::runtime::Handle;

/// A record in the form of its table.
trait Logged: Tabular {
    fn read(at: TopicPartition, stood: Stood, payload: &[u8]) -> Result<Self, CodecError>;

    /// Whether it is one of these days. Only who has a day is asked for some.
    fn is_of(&self, days: Days) -> bool;
}

impl Logged for BronzeRecord {
    fn read(at: TopicPartition, stood: Stood, payload: &[u8]) -> Result<Self, CodecError> {
        let kind = match at.topic {
            Topic::Bronze(kind) => kind,
            Topic::Silver | Topic::Quarantine => Kind::Purchases,
        };
        Ok(Self::new(kind, stood, &BronzeRow::decode(payload)?))
    }

    fn is_of(&self, days: Days) -> bool {
        days.are_all()
    }
}

impl Logged for SilverRecord {
    fn read(_: TopicPartition, stood: Stood, payload: &[u8]) -> Result<Self, CodecError> {
        Ok(Self::new(stood, &SilverEvent::decode(payload)?))
    }

    fn is_of(&self, days: Days) -> bool {
        days.are_all() || self.purchased_at().is_some_and(|at| days.hold(at.day()))
    }
}

/// `GET /api/v1/bronze`.
pub(super) async fn bronze(
    State(server): State<Arc<Server>>,
    parameters: Parameters,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let topics = Kind::ALL.map(Topic::Bronze);
    whole::<BronzeRecord>(&server, parameters, (&uri, &headers), (&topics, Days::ALL)).await
}

/// `GET /api/v1/silver`.
pub(super) async fn silver(
    State(server): State<Arc<Server>>,
    mut parameters: Parameters,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let days = Days::take(&mut parameters)?;
    whole::<SilverRecord>(&server, parameters, (&uri, &headers), (&[Topic::Silver], days)).await
}

async fn whole<R: Logged>(
    server: &Server,
    mut parameters: Parameters,
    asked: (&Uri, &HeaderMap),
    (topics, days): (&[Topic], Days),
) -> Result<Response, Problem> {
    let format = Format::of_table(&mut parameters, asked, &Format::ROWS_ONLY)?;
    parameters.none_left()?;
    let Format::Rows(rows) = format else { return Err(Problem::internal()) };
    let ends = ends(server, topics).await.map_err(|error| away(&error))?;
    let (log, runtime) = (Arc::clone(&server.state.log), Handle::current());
    let body = streamed::body(&server.streams, move |out| {
        write::<R>((&ends, days), &*log, &runtime, rows, out)
    })?;
    let headers = [
        (header::CONTENT_TYPE, format.content_type()),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "accept"),
    ];
    Ok((headers, body).into_response())
}

/// 503 where the log cannot tell.
pub(super) fn away(error: &LogError) -> Problem {
    tracing::warn!(%error, "records cannot be read");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
}

/// Where the topics end now: later records are for who asks later.
pub(super) async fn ends(
    server: &Server,
    topics: &[Topic],
) -> Result<Vec<(TopicPartition, u64)>, LogError> {
    let mut ends = Vec::new();
    for topic in topics {
        for partition in 0..server.state.partitions {
            let at = TopicPartition::new(*topic, partition);
            ends.push((at, server.state.log.end(at).await?));
        }
    }
    Ok(ends)
}

fn write<R: Logged>(
    (ends, days): (&[(TopicPartition, u64)], Days),
    log: &dyn Log,
    runtime: &Handle,
    format: RowsFormat,
    out: Out,
) -> Result<(), EncodeError> {
    let mut writer = RowsWriter::new::<R>(format, out)?;
    let mut rows: Vec<R> = Vec::new();
    let mut bytes = 0;
    each(ends, log, runtime, |at, position, record| {
        bytes += record.payload.len();
        let stood = stood(at, position, &record.headers);
        let row = R::read(at, stood, record.payload).map_err(|error| failed(&error))?;
        rows.extend(Some(row).filter(|row| row.is_of(days)));
        if rows.len() >= STREAM_ROWS || bytes >= STREAM_ROWS_BYTES {
            writer.write(&rows)?;
            rows.clear();
            bytes = 0;
        }
        Ok(())
    })?;
    writer.write(&rows)?;
    writer.finish()
}

pub(super) fn failed(error: &dyn std::error::Error) -> EncodeError {
    EncodeError::Source(error.to_string())
}

/// Hands every record over, in the order in which they stand; what was sent twice once.
pub(super) fn each(
    ends: &[(TopicPartition, u64)],
    log: &dyn Log,
    runtime: &Handle,
    mut take: impl FnMut(TopicPartition, u64, &Record<'_>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    for (at, end) in ends {
        let (mut chain, mut next) = (Chain::default(), 0);
        while next < *end {
            let fetched = runtime.block_on(log.read(*at, next)).map_err(|error| failed(&error))?;
            let Some(fetched) = fetched else { break };
            for (position, record) in (fetched.first..).zip(fetched.block.records()) {
                let record = record.map_err(|error| failed(&error))?;
                if (next..*end).contains(&position) && record.headers.is_next_in(&mut chain) {
                    take(*at, position, &record)?;
                }
            }
            next = fetched.first + fetched.block.len();
        }
    }
    Ok(())
}

fn stood(at: TopicPartition, position: u64, headers: &Headers<'_>) -> Stood {
    Stood {
        partition: at.partition,
        position,
        ingested_at_ms: headers.ingested_at_ms,
        origin: headers.origin.map(|origin| (origin.source_id.to_string(), origin.origin)),
    }
}

//! Rows as they came: the text of each cell under its column's English name, and what else it takes to make the
//! very record again.

use super::column::{Named, Placed, Presence};
use super::stood::Stood;
use crate::error::LakeError;
use crate::names::Folder;
use arrow_array::builder::{BinaryBuilder, Int64Builder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{Array, BinaryArray, Int64Array, RecordBatch, StringArray};
use goldstream_domain::bronze::{BronzeRow, Fields};
use goldstream_domain::chain::SourceId;
use goldstream_domain::codec::CodecError;
use goldstream_domain::column::{COLUMNS, Kind, Language, Names};
use goldstream_domain::moment::Moment;
use goldstream_domain::record::{Headers, Origin};
use std::borrow::Cow;
use std::sync::Arc;

/// Which of the columns is the date of a purchase.
const PURCHASED_AT: usize = 2;

/// A row with what its columns hold.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// None where it is no row of its kind.
    fields: Option<Fields<'a>>,
    /// Under which names the columns came; none where the record itself is kept. French ones, which come first, are
    /// not written.
    names: Option<Names>,
    /// The record as the topic has it, where its columns do not say all.
    record: Option<Cow<'a, [u8]>>,
}

impl<'a> Row<'a> {
    pub(super) fn read(kind: Kind, payload: &'a [u8]) -> Result<Self, CodecError> {
        let row = BronzeRow::decode(payload)?;
        if let BronzeRow::Columns { names, fields } = row {
            let fields = Some(fields.map(Cow::Borrowed));
            return Ok(Self { fields, names: Some(names), record: None });
        }
        let fields = row.fields(kind).ok();
        if let BronzeRow::Json(json) = row {
            let names = fields.as_ref().and_then(|fields| names_of(kind, fields, json));
            let record = names.is_none().then_some(Cow::Borrowed(json));
            return Ok(Self { fields, names, record });
        }
        let mut record = Vec::new();
        row.write_json(kind, &mut record);
        Ok(Self { fields, names: None, record: Some(Cow::Owned(record)) })
    }

    /// By the month of its date, where rows of its kind have one to be looked for by.
    pub(super) fn folder(&self, kind: Kind) -> Folder {
        if kind == Kind::Customers {
            return Folder::Flat;
        }
        let date = self.fields.as_ref().map(|fields| fields[PURCHASED_AT].trim());
        let moment = date.and_then(Moment::parse);
        moment.map_or(Folder::NoMonth, |moment| Folder::Month(moment.day().month()))
    }
}

/// The names under which columns give this very JSON, if there are such.
fn names_of(kind: Kind, fields: &Fields<'_>, json: &[u8]) -> Option<Names> {
    let mut names = Names::default();
    for (index, column) in kind.columns().iter().enumerate() {
        let quoted = |name: &str| [b"\"", name.as_bytes(), b"\":"].concat();
        let has = |name| json.windows(quoted(name).len()).any(|it| it == quoted(name));
        if has(column.english) && !has(column.french) {
            names.set(index, Language::English);
        }
    }
    let columns = BronzeRow::Columns { names, fields: std::array::from_fn(|at| &*fields[at]) };
    let mut again = Vec::with_capacity(json.len());
    columns.write_json(kind, &mut again);
    (again == json).then_some(names)
}

/// The columns of rows of one kind.
#[derive(Debug)]
pub(crate) struct BronzeColumns {
    kind: Kind,
    stood: Stood,
    prev: Int64Builder,
    line: Int64Builder,
    cells: [StringBuilder; COLUMNS],
    columns: StringBuilder,
    record: BinaryBuilder,
    /// How the names read that were told last.
    last: Option<(Names, String)>,
}

impl BronzeColumns {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            stood: Stood::default(),
            prev: Int64Builder::new(),
            line: Int64Builder::new(),
            cells: Default::default(),
            columns: StringBuilder::new(),
            record: BinaryBuilder::new(),
            last: None,
        }
    }

    pub(super) fn push(&mut self, placed: Placed<'_>, row: &Row<'_>) {
        let Headers { origin, line, .. } = placed.headers;
        self.stood.push(&placed);
        self.prev.append_option(origin.map(|origin| origin.prev.cast_signed()));
        self.line.append_option(line.map(u64::cast_signed));
        for (at, cell) in self.cells.iter_mut().enumerate() {
            cell.append_option(row.fields.as_ref().map(|fields| &*fields[at]));
        }
        match row.names.filter(|names| *names != Names::default()) {
            Some(names) => {
                if self.last.as_ref().is_none_or(|(known, _)| *known != names) {
                    self.last = Some((names, header(self.kind, names)));
                }
                self.columns.append_option(self.last.as_ref().map(|(_, text)| text));
            }
            None => self.columns.append_null(),
        }
        self.record.append_option(row.record.as_deref());
    }

    pub(super) fn finish(&mut self) -> Vec<Named> {
        let mut columns = self.stood.finish();
        columns.push(("prev", Presence::Nullable, Arc::new(self.prev.finish())));
        columns.push(("line", Presence::Nullable, Arc::new(self.line.finish())));
        for (column, cell) in self.kind.columns().iter().zip(&mut self.cells) {
            columns.push((column.english, Presence::Nullable, Arc::new(cell.finish())));
        }
        columns.push(("columns", Presence::Nullable, Arc::new(self.columns.finish())));
        columns.push(("record", Presence::Nullable, Arc::new(self.record.finish())));
        columns
    }
}

/// The names of the columns, as the head of a file has them.
fn header(kind: Kind, names: Names) -> String {
    let names: Vec<_> = (0..COLUMNS).map(|at| names.name(kind, at)).collect();
    names.join(",")
}

/// The names that such a head says.
fn names_in(kind: Kind, header: &str) -> Option<Names> {
    let mut names = Names::default();
    let mut count = 0;
    for (at, name) in header.split(',').enumerate() {
        let (index, language) = kind.find_column(name)?;
        if index != at {
            return None;
        }
        names.set(at, language);
        count += 1;
    }
    (count == COLUMNS).then_some(names)
}

/// Rows that were written here, to be made records again.
#[derive(Debug)]
pub(crate) struct BronzeRows {
    kind: Kind,
    position: Int64Array,
    ingested_at: Vec<i64>,
    source: StringArray,
    origin: Int64Array,
    prev: Int64Array,
    line: Int64Array,
    cells: Vec<StringArray>,
    columns: StringArray,
    record: BinaryArray,
    /// One value a source: records of a block share it.
    sources: Option<SourceId>,
    next: usize,
}

impl BronzeRows {
    /// # Errors
    /// Where the columns are not those that are written here.
    pub(crate) fn new(kind: Kind, batch: &RecordBatch) -> Result<Self, LakeError> {
        let column = |name: &'static str| {
            let missing = || LakeError::Refused(format!("bronze in the lake has no column {name}"));
            batch.column_by_name(name).ok_or_else(missing)
        };
        let odd =
            |name| LakeError::Refused(format!("bronze in the lake has another column {name}"));
        let text = |name| column(name)?.as_string_opt().cloned().ok_or_else(|| odd(name));
        let number =
            |name| column(name)?.as_primitive_opt::<Int64Type>().cloned().ok_or_else(|| odd(name));
        let ingested_at = column("ingested_at")?
            .as_primitive_opt::<TimestampMillisecondType>()
            .ok_or_else(|| odd("ingested_at"))?;
        let cells =
            kind.columns().iter().map(|column| text(column.english)).collect::<Result<_, _>>();
        Ok(Self {
            kind,
            position: number("position")?,
            ingested_at: ingested_at.values().to_vec(),
            source: text("source")?,
            origin: number("origin")?,
            prev: number("prev")?,
            line: number("line")?,
            cells: cells?,
            columns: text("columns")?,
            record: column("record")?.as_binary_opt().cloned().ok_or_else(|| odd("record"))?,
            sources: None,
            next: 0,
        })
    }

    /// Position of the row that is next; none behind the last.
    pub(crate) fn position(&self) -> Option<u64> {
        (self.next < self.position.len()).then(|| self.position.value(self.next).cast_unsigned())
    }

    /// Hands the next row over, and goes on.
    ///
    /// # Errors
    /// [`LakeError::Refused`] where it is none that is written here.
    pub(crate) fn take<T>(
        &mut self,
        make: impl FnOnce(Headers<'_>, &BronzeRow<'_>) -> T,
    ) -> Result<T, LakeError> {
        let at = self.next;
        self.next += 1;
        let number = |of: &Int64Array| of.is_valid(at).then(|| of.value(at).cast_unsigned());
        if self.source.is_valid(at) {
            let source = self.source.value(at);
            if self.sources.as_deref() != Some(source) {
                self.sources = Some(source.into());
            }
        }
        let of = self.sources.as_ref().filter(|_| self.source.is_valid(at));
        let origin = of.zip(number(&self.origin)).map(|(source_id, origin)| Origin {
            source_id,
            origin,
            prev: number(&self.prev).unwrap_or(0),
        });
        let headers =
            Headers { origin, ingested_at_ms: self.ingested_at[at], line: number(&self.line) };
        if self.record.is_valid(at) {
            return Ok(make(headers, &BronzeRow::Json(self.record.value(at))));
        }
        let names = match self.columns.is_valid(at).then(|| self.columns.value(at)) {
            None => Names::default(),
            Some(header) => names_in(self.kind, header).ok_or_else(|| {
                LakeError::Refused(format!(
                    "a row of bronze in the lake has the columns {header:?}"
                ))
            })?,
        };
        let fields = std::array::from_fn(|column| self.cells[column].value(at));
        Ok(make(headers, &BronzeRow::Columns { names, fields }))
    }
}

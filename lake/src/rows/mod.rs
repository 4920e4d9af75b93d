//! Records of the log as columns: one kind of columns a table. Names and types are those of the REST API's forms;
//! what is needed to fill a log again stands beside. Nothing is written here.

mod bronze;
mod column;
mod quarantine;
mod silver;
mod stood;

pub(crate) use bronze::{BronzeColumns, BronzeRows};
pub(crate) use column::Placed;

use crate::error::LakeError;
use crate::names::{Dataset, Folder};
use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema};
use column::{Named, Presence};
use goldstream_domain::codec::CodecError;
use goldstream_domain::moment::Moment;
use goldstream_domain::silver::SilverEvent;
use goldstream_platform::log::Topic;
use quarantine::QuarantineColumns;
use silver::{CustomerColumns, PurchaseColumns};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The rows of one file while they are collected.
#[derive(Debug)]
pub(crate) enum Columns {
    Bronze(Box<BronzeColumns>),
    Purchases(Box<PurchaseColumns>),
    Customers(Box<CustomerColumns>),
    Quarantine(Box<QuarantineColumns>),
}

impl Columns {
    pub(crate) fn new(dataset: Dataset) -> Self {
        use goldstream_domain::column::Kind;
        match dataset {
            Dataset::Bronze(kind) => Self::Bronze(Box::new(BronzeColumns::new(kind))),
            Dataset::Silver(Kind::Purchases) => Self::Purchases(Box::default()),
            Dataset::Silver(Kind::Customers) => Self::Customers(Box::default()),
            Dataset::Quarantine => Self::Quarantine(Box::default()),
        }
    }

    /// The rows.
    pub(crate) fn finish(self) -> Result<RecordBatch, LakeError> {
        let columns = match self {
            Self::Bronze(mut columns) => columns.finish(),
            Self::Purchases(mut columns) => columns.finish(),
            Self::Customers(mut columns) => columns.finish(),
            Self::Quarantine(mut columns) => columns.finish(),
        };
        batch(columns)
    }
}

/// The rows of a roll, by file.
#[derive(Debug)]
pub(crate) struct Files {
    topic: Topic,
    /// Where the columns of each file are.
    places: BTreeMap<(Dataset, Folder), usize>,
    columns: Vec<((Dataset, Folder), Columns)>,
    /// Rows of a month mostly follow each other.
    last: usize,
}

impl Files {
    pub(crate) const fn new(topic: Topic) -> Self {
        Self { topic, places: BTreeMap::new(), columns: Vec::new(), last: 0 }
    }

    fn of(&mut self, dataset: Dataset, folder: Folder) -> &mut Columns {
        let place = (dataset, folder);
        if self.columns.get(self.last).is_none_or(|(last, _)| *last != place) {
            self.last = *self.places.entry(place).or_insert_with(|| {
                self.columns.push((place, Columns::new(dataset)));
                self.columns.len() - 1
            });
        }
        &mut self.columns[self.last].1
    }

    /// Takes a record in.
    pub(crate) fn push(&mut self, placed: Placed<'_>, payload: &[u8]) -> Result<(), CodecError> {
        use goldstream_domain::column::Kind;
        match self.topic {
            Topic::Bronze(kind) => {
                let row = bronze::Row::read(kind, payload)?;
                if let Columns::Bronze(columns) = self.of(Dataset::Bronze(kind), row.folder(kind)) {
                    columns.push(placed, &row);
                }
            }
            Topic::Silver => match SilverEvent::decode(payload)? {
                SilverEvent::Purchase(purchase) => {
                    let folder = Folder::Month(purchase.purchased_at.day().month());
                    let columns = self.of(Dataset::Silver(Kind::Purchases), folder);
                    if let Columns::Purchases(columns) = columns {
                        columns.push(placed, &purchase);
                    }
                }
                SilverEvent::Customer(customer) => {
                    let columns = self.of(Dataset::Silver(Kind::Customers), Folder::Flat);
                    if let Columns::Customers(columns) = columns {
                        columns.push(placed, &customer);
                    }
                }
            },
            Topic::Quarantine => {
                let folder = month_of(placed.headers.ingested_at_ms);
                if let Columns::Quarantine(columns) = self.of(Dataset::Quarantine, folder) {
                    columns.push(placed, payload)?;
                }
            }
        }
        Ok(())
    }

    /// The files, each with its place.
    pub(crate) fn into_columns(self) -> impl Iterator<Item = ((Dataset, Folder), Columns)> {
        self.columns.into_iter()
    }
}

/// The first second of 2200, behind which no month of ours lies.
const SECONDS_END: i64 = 7_258_118_400;

/// The month, in UTC, of a moment of the machine. What a foreign clock says may be none.
fn month_of(at_ms: i64) -> Folder {
    let seconds = at_ms.div_euclid(1_000);
    match (0..SECONDS_END).contains(&seconds) {
        true => Folder::Month(Moment(seconds).day().month()),
        false => Folder::NoMonth,
    }
}

fn batch(columns: Vec<Named>) -> Result<RecordBatch, LakeError> {
    let field = |(name, presence, array): &Named| {
        Field::new(*name, array.data_type().clone(), *presence == Presence::Nullable)
    };
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
    let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
    Ok(RecordBatch::try_new(Arc::new(schema), arrays)?)
}

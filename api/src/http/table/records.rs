//! The columns of the log's records. As JSON a record is what the contract shows, nothing added;
//! the other forms say where it stood, too.

use super::column::{Cell, Column, Kind, Table};
use super::tabular::Tabular;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::column;
use goldstream_domain::moment::{Day, Moment};
use goldstream_domain::silver::SilverEvent;
use serde::de::IgnoredAny;
use serde_json::json;
use std::borrow::Cow;

/// Where a record stood, and where it came from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stood {
    pub(crate) partition: u32,
    pub(crate) position: u64,
    pub(crate) ingested_at_ms: i64,
    /// The source that its writer named, and the place there.
    pub(crate) origin: Option<(String, u64)>,
}

/// A record that stood somewhere.
trait Stands {
    fn stood(&self) -> &Stood;
}

impl Stands for BronzeRecord {
    fn stood(&self) -> &Stood {
        &self.stood
    }
}

impl Stands for SilverRecord {
    fn stood(&self) -> &Stood {
        &self.stood
    }
}

const INGESTED: &str = "when bronze took the row in";

/// The columns that tell where a record stood.
mod stood {
    use super::{Cell, Column, INGESTED, Kind, Stands};

    pub(super) const fn partition<R: Stands>() -> Column<R> {
        let about = "its partition";
        Column::always("partition", Kind::Integer, about, |row| {
            Cell::count(row.stood().partition.into())
        })
    }

    pub(super) const fn position<R: Stands>() -> Column<R> {
        let about = "its place there";
        Column::always("position", Kind::Integer, about, |row| Cell::count(row.stood().position))
    }

    pub(super) const fn ingested_at<R: Stands>() -> Column<R> {
        Column::always("ingested_at", Kind::Instant, INGESTED, |row| {
            Cell::Instant(row.stood().ingested_at_ms)
        })
    }

    pub(super) const fn source<R: Stands>() -> Column<R> {
        let about = "the file or partition that it came from; null for rows by POST and others'";
        Column::nullable("source", Kind::Text, about, |row| {
            Cell::text(row.stood().origin.as_ref().map(|(source, _)| &**source))
        })
    }

    pub(super) const fn origin<R: Stands>() -> Column<R> {
        let about = "its place there";
        Column::nullable("origin", Kind::Integer, about, |row| {
            row.stood().origin.as_ref().map_or(Cell::Null, |(_, origin)| Cell::count(*origin))
        })
    }
}

/// A row as it came.
#[derive(Debug)]
pub(crate) struct BronzeRecord {
    topic: &'static str,
    stood: Stood,
    key: Option<String>,
    /// The JSON object of the row, in one line.
    record: String,
}

impl BronzeRecord {
    pub(crate) fn new(kind: column::Kind, stood: Stood, row: &BronzeRow<'_>) -> Self {
        let key = row.id(kind).map(Cow::into_owned);
        Self { topic: kind.name(), stood, key, record: one_line(row.to_json(kind)) }
    }
}

/// A record of another program may hold line ends between its values, or be no JSON at all.
fn one_line(record: String) -> String {
    if serde_json::from_str::<IgnoredAny>(&record).is_err() {
        return json!({ "raw": record }).to_string();
    }
    if record.contains(['\n', '\r']) { record.replace(['\n', '\r'], " ") } else { record }
}

impl Tabular for BronzeRecord {
    const TABLE: &'static Table<Self> = &Table {
        name: "bronze",
        schema: "BronzeRecord",
        about: "a row as it came, in the order of its partition",
        columns: &[
            Column::always("topic", Kind::Text, "customers or purchases", |row| {
                Cell::text(Some(row.topic))
            }),
            stood::partition(),
            stood::position(),
            stood::ingested_at(),
            stood::source(),
            stood::origin(),
            Column::nullable("key", Kind::Text, "the row's id", |row| {
                Cell::text(row.key.as_deref())
            }),
            Column::always("record", Kind::Text, "the JSON object of the row", |row| {
                Cell::text(Some(&row.record))
            }),
        ],
        default_sort: "topic",
        example: || {
            Self {
            topic: "purchases",
            stood: Stood::default(),
            key: Some("1".to_owned()),
            record: r#"{"id_achat":"1","id_client":"7","date_achat":"2024-03-01 14:03:22","montant":"12,50","produit":"Souris"}"#.to_owned(),
        }
        },
    };

    fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.record.as_bytes());
    }
}

/// An accepted event.
#[derive(Debug, Default)]
pub(crate) struct SilverRecord {
    stood: Stood,
    kind: &'static str,
    customer_id: String,
    purchase_id: Option<String>,
    purchased_at: Option<Moment>,
    amount_cents: Option<i64>,
    product: Option<String>,
    name: Option<String>,
    email: Option<String>,
    signup_date: Option<Day>,
    country: Option<String>,
    /// As it stands in the topic.
    record: Vec<u8>,
}

impl SilverRecord {
    pub(crate) fn new(stood: Stood, event: &SilverEvent<'_>) -> Self {
        let mut record = Vec::new();
        event.write_json(&mut record);
        match event {
            SilverEvent::Purchase(purchase) => Self {
                stood,
                kind: "purchase",
                customer_id: purchase.customer_id.to_owned(),
                purchase_id: Some(purchase.purchase_id.to_owned()),
                purchased_at: Some(purchase.purchased_at),
                amount_cents: Some(purchase.amount_cents),
                product: Some(purchase.product.to_owned()),
                record,
                ..Self::default()
            },
            SilverEvent::Customer(customer) => Self {
                stood,
                kind: "customer",
                customer_id: customer.customer_id.to_owned(),
                name: customer.name.map(str::to_owned),
                email: customer.email.as_deref().map(str::to_owned),
                signup_date: customer.signup_date,
                country: customer.country.map(str::to_owned),
                record,
                ..Self::default()
            },
        }
    }
}

impl SilverRecord {
    /// When it was bought; none of a customer.
    pub(crate) const fn purchased_at(&self) -> Option<Moment> {
        self.purchased_at
    }
}

impl Tabular for SilverRecord {
    const TABLE: &'static Table<Self> = &Table {
        name: "silver",
        schema: "SilverRecord",
        about: "an accepted event, in the order of its partition; the columns of the other kind are \
                null",
        columns: &[
            Column::always("kind", Kind::Text, "purchase or customer", |row| {
                Cell::text(Some(row.kind))
            }),
            stood::partition(),
            stood::position(),
            stood::ingested_at(),
            stood::source(),
            stood::origin(),
            Column::always("customer_id", Kind::Text, "whom it concerns", |row| {
                Cell::text(Some(&row.customer_id))
            }),
            Column::nullable("purchase_id", Kind::Text, "of a purchase", |row| {
                Cell::text(row.purchase_id.as_deref())
            }),
            Column::nullable("purchased_at", Kind::Moment, "of a purchase", |row| {
                Cell::moment(row.purchased_at)
            }),
            Column::nullable("amount_cents", Kind::Integer, "of a purchase", |row| {
                Cell::integer(row.amount_cents)
            }),
            Column::nullable("product", Kind::Text, "of a purchase", |row| {
                Cell::text(row.product.as_deref())
            }),
            Column::nullable("name", Kind::Text, "of a customer", |row| {
                Cell::text(row.name.as_deref())
            }),
            Column::nullable("email", Kind::Text, "of a customer", |row| {
                Cell::text(row.email.as_deref())
            }),
            Column::nullable("signup_date", Kind::Day, "of a customer", |row| {
                row.signup_date.map_or(Cell::Null, Cell::Day)
            }),
            Column::nullable("country", Kind::Text, "of a customer", |row| {
                Cell::text(row.country.as_deref())
            }),
        ],
        default_sort: "kind",
        example: Self::default,
    };

    fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.record);
    }
}

/// A refused row.
#[derive(Debug, Clone)]
pub(crate) struct RefusedRow {
    pub(crate) source: String,
    pub(crate) position: u64,
    pub(crate) reason: String,
    pub(crate) detail: String,
    pub(crate) raw: String,
    pub(crate) at_ms: i64,
    pub(crate) line: Option<u64>,
    pub(crate) corrected_at_ms: Option<i64>,
}

impl Tabular for RefusedRow {
    const TABLE: &'static Table<Self> = &Table {
        name: "quarantine",
        schema: "RefusedRow",
        about: "a refused row, so that a person can mend and send it again",
        columns: &[
            Column::always("source", Kind::Text, "the file or bronze partition it is of", |row| {
                Cell::text(Some(&row.source))
            }),
            Column::always(
                "position",
                Kind::Integer,
                "its place there: the number of the file's row, from 1, or the offset",
                |row| Cell::count(row.position),
            ),
            Column::always("reason", Kind::Text, "kind and first rule that failed", |row| {
                Cell::text(Some(&row.reason))
            }),
            Column::always("detail", Kind::Text, "what was found", |row| {
                Cell::text(Some(&row.detail))
            }),
            Column::always("raw", Kind::Text, "the bronze record as JSON", |row| {
                Cell::text(Some(&row.raw))
            }),
            Column::always("at", Kind::Instant, INGESTED, |row| Cell::Instant(row.at_ms)),
            Column::nullable(
                "line",
                Kind::Integer,
                "the line of its file on which it begins",
                |row| row.line.map_or(Cell::Null, Cell::count),
            ),
            Column::nullable(
                "corrected_at",
                Kind::Instant,
                "when bronze took in the row that was accepted under its id afterwards",
                |row| row.corrected_at_ms.map_or(Cell::Null, Cell::Instant),
            ),
        ],
        default_sort: "-at",
        example: || Self {
            source: "achats.csv#0".to_owned(),
            position: 4_711,
            reason: "purchases.bad_date".to_owned(),
            detail: "\"2024/03/01\" is no date".to_owned(),
            raw: json!({ "id_achat": "1", "date_achat": "2024/03/01" }).to_string(),
            at_ms: 1_709_298_202_000,
            line: Some(4_712),
            corrected_at_ms: None,
        },
    };
}

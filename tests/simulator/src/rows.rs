//! The rows of a simulated shop: few ids, so that customers move, purchases come twice and conflict, and
//! countries are left by their last buyer and come back.

use crate::draw::Draw;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::column::{COLUMNS, Kind, Names};
use goldstream_platform::limits::BLOCK_BYTES_MAX;

/// How a row comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// In the file of its kind.
    File,
    /// From a program, without an origin.
    Post,
    /// From a program that does not know the partition of its id.
    Misrouted,
}

/// One row that the shop writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRow {
    /// Its kind.
    pub kind: Kind,
    /// How it comes.
    pub via: Via,
    /// Its text, without a comma in it.
    pub fields: [String; COLUMNS],
}

impl PlannedRow {
    /// As bronze has it.
    #[must_use]
    pub fn bronze(&self) -> BronzeRow<'_> {
        let fields = self.fields.each_ref().map(String::as_str);
        BronzeRow::Columns { names: Names::default(), fields }
    }

    /// As a line of its file, with its end.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}\n", self.fields.join(","))
    }
}

/// The header of a file, with its end.
#[must_use]
pub fn header(kind: Kind) -> String {
    let names: Vec<_> = kind.columns().iter().map(|column| column.french).collect();
    format!("{}\n", names.join(","))
}

const COUNTRIES: [&str; 5] = ["France", "Italie", "Japon", "Brésil", ""];
const NAMES: [&str; 3] = ["N0", "N1", ""];
const EMAILS: [&str; 2] = ["A@B", " "];

/// The rows of one run.
pub fn draw(draw: &mut Draw) -> Vec<PlannedRow> {
    let (customers, ids) = (draw.between(2, 8), draw.between(10, 80));
    let count = draw.between(20, 110);
    let mut rows: Vec<_> = (0..count).map(|_| row(draw, customers, ids)).collect();
    if draw.once_in(4) {
        let first = draw.below(rows.len());
        for (n, place) in (first..rows.len()).step_by(2).take(8).enumerate() {
            rows.insert(place, long_row(draw, n));
        }
    }
    rows
}

/// A refused row that fills a block by itself: it is appended before a commit is near.
fn long_row(draw: &mut Draw, number: usize) -> PlannedRow {
    let via = if draw.once_in(2) { Via::File } else { Via::Post };
    let product = "x".repeat(BLOCK_BYTES_MAX);
    let fields = [format!("long{number}"), "c1".into(), "soon".into(), "1".into(), product];
    PlannedRow { kind: Kind::Purchases, via, fields }
}

fn row(draw: &mut Draw, customers: u64, ids: u64) -> PlannedRow {
    let via = match draw.below(12) {
        0..=7 => Via::File,
        8..=10 => Via::Post,
        _ => Via::Misrouted,
    };
    let customer_id = format!("c{}", draw.between(1, customers));
    if draw.once_in(3) {
        let country = *draw.one_of(&COUNTRIES);
        let id = if draw.once_in(15) { "" } else { &*customer_id };
        let [name, email] = [*draw.one_of(&NAMES), *draw.one_of(&EMAILS)];
        let fields = [id, name, email, "2024-01-02", country].map(str::to_owned);
        return PlannedRow { kind: Kind::Customers, via, fields };
    }
    let rare = |draw: &mut Draw, text: String, wrong: &str| {
        if draw.once_in(25) { wrong.to_owned() } else { text }
    };
    let number = draw.between(1, ids);
    let (id, date) = (
        number.to_string(),
        format!("2024-0{}-1{} {:02}:59", 1 + number % 4, number % 7, number % 24),
    );
    let amount = format!("{}.{:02}", draw.between(1, 90), draw.below(100));
    // Most purchases that come twice are the same purchase.
    let amount = if draw.once_in(2) { format!("{number}.50") } else { amount };
    let product = format!("P{}", draw.below(4));
    let fields = [
        rare(draw, id, ""),
        rare(draw, customer_id, ""),
        rare(draw, date, "soon"),
        rare(draw, amount, "abc"),
        rare(draw, product, ""),
    ];
    PlannedRow { kind: Kind::Purchases, via, fields }
}

//! What is wrong with real files: rows that must end in quarantine, repeated rows, and odd
//! spellings of good ones.
//!
//! Every clean row of generated files stays in them, perhaps oddly spelled; all else is added around it. Of the
//! watched shop some are never put right.

use super::catalogue::COUNTRIES;
use super::files::{CsvWriter, Fields};
use super::plan::Plan;
use super::random::{Random, Use};
use goldstream_domain::moment::{Day, Moment};
use std::collections::VecDeque;
use std::io::{self, Write};

/// Most rows that wait to come later in the file.
const LATER_ROWS_MAX: usize = 40;
/// How many of 100 rows let a waiting one pass.
const LATER_PERCENT: u64 = 4;
/// How many of 1000 rows of a shop that is watched are dirty.
const DAILY_PER_MILLE: u64 = 3;
/// How many people buy who are in no customers' file.
const STRANGERS: u64 = 20;

// The places of the purchases' columns.
const PURCHASE_ID: usize = 0;
const CUSTOMER_ID: usize = 1;
const PURCHASED_AT: usize = 2;
const AMOUNT: usize = 3;
const PRODUCT: usize = 4;
// Those of the customers' columns.
const CLIENT_ID: usize = 0;
const EMAIL: usize = 2;
const SIGNUP_DATE: usize = 3;
const COUNTRY: usize = 4;

/// What happens to one row.
#[derive(Debug, Clone, Copy)]
enum Flaw {
    /// The same row again, later.
    Repeated,
    /// The row again, later, with another amount.
    OtherAmount,
    /// The row again, later, with another country.
    Moved,
    /// A purchase of somebody who is not in the customers' file.
    Stranger,
    /// First with this text in that column, then as it should be.
    Botched(usize, &'static str),
    /// With this text in that column, and never as it should be.
    Spoilt(usize, &'static str),
    /// First without its last fields.
    CutShort,
    /// First with a field too many.
    Surplus,
    /// The row itself, spelled in a way that means the same.
    Spelled(fn(&mut Fields)),
}

/// In turn, so that a small file has every one of them too.
const PURCHASE_FLAWS: [Flaw; 24] = [
    Flaw::Repeated,
    Flaw::Botched(PURCHASED_AT, "2025-02-30 10:00:00"),
    Flaw::Spelled(decimal_comma),
    Flaw::OtherAmount,
    Flaw::Botched(AMOUNT, "douze euros"),
    Flaw::Spelled(spaced),
    Flaw::Botched(CUSTOMER_ID, ""),
    Flaw::Botched(AMOUNT, "0.00"),
    Flaw::Spelled(day_first),
    Flaw::Botched(PRODUCT, " "),
    Flaw::Stranger,
    Flaw::Botched(AMOUNT, ""),
    Flaw::Botched(PURCHASE_ID, ""),
    Flaw::Spelled(thousands),
    Flaw::CutShort,
    Flaw::Botched(AMOUNT, "-19.90"),
    Flaw::Spelled(iso_utc),
    Flaw::Surplus,
    Flaw::Botched(PURCHASED_AT, "hier"),
    Flaw::Repeated,
    Flaw::Spelled(fraction),
    Flaw::Botched(AMOUNT, "1,23.45"),
    Flaw::Botched(PURCHASED_AT, ""),
    Flaw::Botched(AMOUNT, "1e9"),
];

const CUSTOMER_FLAWS: [Flaw; 9] = [
    Flaw::Repeated,
    Flaw::Moved,
    Flaw::Botched(CLIENT_ID, ""),
    Flaw::Spelled(spaced),
    Flaw::Moved,
    Flaw::Botched(SIGNUP_DATE, "bientôt"),
    Flaw::CutShort,
    Flaw::Spelled(shouted),
    Flaw::Botched(COUNTRY, ""),
];

/// What goes wrong in a shop that is watched; its customers are known to it.
const DAILY_FLAWS: [Flaw; 9] = [
    Flaw::Repeated,
    Flaw::Spoilt(PURCHASED_AT, "hier"),
    Flaw::Botched(AMOUNT, "douze euros"),
    Flaw::Repeated,
    Flaw::OtherAmount,
    Flaw::Botched(PRODUCT, " "),
    Flaw::CutShort,
    Flaw::Spoilt(AMOUNT, "-19.90"),
    Flaw::Botched(CUSTOMER_ID, ""),
];

/// The dirt of one file.
pub(super) struct Dirt {
    random: Random,
    /// How many rows are dirty, and of how many.
    share: (u64, u64),
    flaws: &'static [Flaw],
    /// Which flaw is next.
    turn: usize,
    /// Rows that come later in the file.
    later: VecDeque<Fields>,
    strangers: u64,
}

impl Dirt {
    /// That of the customers' file.
    pub(super) fn of_customers(plan: &Plan) -> Self {
        let random = Random::new(plan.seed, Use::CustomerDirt);
        Self::new(random, (plan.dirt_percent.into(), 100), &CUSTOMER_FLAWS)
    }

    /// That of the purchases' file.
    pub(super) fn of_purchases(plan: &Plan) -> Self {
        let random = Random::new(plan.seed, Use::PurchaseDirt);
        Self::new(random, (plan.dirt_percent.into(), 100), &PURCHASE_FLAWS)
    }

    /// That of one day of a shop that is watched; each day begins with another flaw.
    pub(super) fn of_day(seed: u64, day: Day) -> Self {
        let mut random = Random::of_day(seed, Use::DailyDirt, day);
        let turn = random.index(DAILY_FLAWS.len());
        Self { turn, ..Self::new(random, (DAILY_PER_MILLE, 1000), &DAILY_FLAWS) }
    }

    fn new(random: Random, share: (u64, u64), flaws: &'static [Flaw]) -> Self {
        Self { random, share, flaws, turn: 0, later: VecDeque::new(), strangers: 0 }
    }

    /// Writes a clean row and what the dirt makes of it.
    pub(super) fn write(
        &mut self,
        row: &Fields,
        csv: &mut CsvWriter<impl Write>,
    ) -> io::Result<()> {
        if !self.random.happens(self.share.0, self.share.1) {
            csv.row(row)?;
            return self.release(csv);
        }
        let flaw = self.flaws[self.turn % self.flaws.len()];
        self.turn += 1;
        let mut other = row.clone();
        match flaw {
            Flaw::Repeated => self.later.push_back(other),
            Flaw::OtherAmount => {
                other[AMOUNT].insert(0, '1');
                self.later.push_back(other);
            }
            Flaw::Moved => {
                other[COUNTRY] = self.other_country(&row[COUNTRY]).to_owned();
                self.later.push_back(other);
            }
            Flaw::Stranger => {
                self.strangers += 1;
                other[PURCHASE_ID] = format!("EXT-{}", self.strangers);
                other[CUSTOMER_ID] = format!("inconnu-{}", self.random.between(1, STRANGERS));
                csv.row(&other)?;
            }
            Flaw::Botched(column, text) => {
                text.clone_into(&mut other[column]);
                csv.row(&other)?;
            }
            Flaw::Spoilt(column, text) => {
                text.clone_into(&mut other[column]);
                csv.row(&other)?;
                return self.release(csv);
            }
            Flaw::CutShort => csv.row(&row[..self.random.between(2, 4) as usize])?,
            Flaw::Surplus => csv.row(&[&other[..], &["?".to_owned()]].concat())?,
            Flaw::Spelled(spell) => {
                spell(&mut other);
                csv.row(&other)?;
                return self.release(csv);
            }
        }
        csv.row(row)?;
        self.release(csv)
    }

    /// Writes the rows that still wait.
    pub(super) fn finish(self, csv: &mut CsvWriter<impl Write>) -> io::Result<()> {
        self.later.iter().try_for_each(|row| csv.row(row))
    }

    /// Lets a waiting row pass now and then.
    fn release(&mut self, csv: &mut CsvWriter<impl Write>) -> io::Result<()> {
        if self.later.is_empty() {
            return Ok(());
        }
        let full = self.later.len() > LATER_ROWS_MAX;
        if !self.random.happens(LATER_PERCENT, 100) && !full {
            return Ok(());
        }
        self.later.pop_front().map_or(Ok(()), |row| csv.row(&row))
    }

    fn other_country(&mut self, country: &str) -> &'static str {
        let index = self.random.index(COUNTRIES.len());
        if COUNTRIES[index].name != country {
            return COUNTRIES[index].name;
        }
        COUNTRIES[(index + 1) % COUNTRIES.len()].name
    }
}

/// `1299,90`, which a file with commas must quote.
fn decimal_comma(row: &mut Fields) {
    row[AMOUNT] = row[AMOUNT].replace('.', ",");
}

/// Spaces around everything.
fn spaced(row: &mut Fields) {
    for field in row {
        *field = format!(" {field}  ");
    }
}

/// `1 299.90`.
fn thousands(row: &mut Fields) {
    if let Some(place) = row[AMOUNT].len().checked_sub("000.00".len()).filter(|place| *place > 0) {
        row[AMOUNT].insert(place, ' ');
    }
}

/// `1/3/2025 9:05:00`.
fn day_first(row: &mut Fields) {
    let Some(moment) = Moment::parse(&row[PURCHASED_AT]) else { return };
    let (year, month, day) = moment.day().to_civil();
    let time = row[PURCHASED_AT].split(' ').next_back().unwrap_or_default();
    let time = time.strip_prefix('0').unwrap_or(time);
    row[PURCHASED_AT] = format!("{day}/{month}/{year} {time}");
}

/// `2025-03-01T09:05:00Z`.
fn iso_utc(row: &mut Fields) {
    row[PURCHASED_AT] = row[PURCHASED_AT].replace(' ', "T") + "Z";
}

/// `2025-03-01 09:05:00.250`.
fn fraction(row: &mut Fields) {
    row[PURCHASED_AT].push_str(".250");
}

/// An e-mail address in capitals.
fn shouted(row: &mut Fields) {
    row[EMAIL] = row[EMAIL].to_uppercase();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(spell: fn(&mut Fields), column: usize, expected: &str) {
        let mut row = ["7", "9", "2025-03-01 09:05:00", "1299.90", "Souris"].map(str::to_owned);
        spell(&mut row);
        assert_eq!(row[column], expected);
    }

    #[test]
    fn odd_spellings_are_those_of_the_rules() {
        check(decimal_comma, AMOUNT, "1299,90");
        check(thousands, AMOUNT, "1 299.90");
        check(spaced, PRODUCT, " Souris  ");
        check(day_first, PURCHASED_AT, "1/3/2025 9:05:00");
        check(iso_utc, PURCHASED_AT, "2025-03-01T09:05:00Z");
        check(fraction, PURCHASED_AT, "2025-03-01 09:05:00.250");
    }

    #[test]
    fn small_amounts_have_no_thousands() {
        let mut row = Fields::default();
        for amount in ["9.90", "299.90"] {
            amount.clone_into(&mut row[AMOUNT]);
            thousands(&mut row);
            assert_eq!(row[AMOUNT], amount);
        }
    }
}

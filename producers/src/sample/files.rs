//! Rows as CSV text, under French headers.
//! Must not open files: the caller gives what is written to.

use super::purchases::Sale;
use goldstream_domain::column::{COLUMNS, Kind};
use std::fmt::{self, Write as _};
use std::io::{self, Write};

/// How much text is gathered before it is written.
const BUFFER_BYTES: usize = 64 * 1024;
const DAY_SECONDS: i64 = 86_400;

/// The text of one row's columns, in the order of the header.
pub(super) type Fields = [String; COLUMNS];

/// Writes rows and counts them.
pub(super) struct CsvWriter<W: Write> {
    out: W,
    buffer: Vec<u8>,
    rows: u64,
    flushed_bytes: usize,
}

impl<W: Write> CsvWriter<W> {
    /// Begins with the header line.
    pub(super) fn new(out: W, kind: Kind) -> io::Result<Self> {
        let mut csv = Self::under_header(out);
        csv.row(&kind.columns().map(|column| column.french))?;
        csv.rows = 0;
        Ok(csv)
    }

    /// Goes on under a header that stands elsewhere.
    pub(super) fn under_header(out: W) -> Self {
        let buffer = Vec::with_capacity(BUFFER_BYTES + 1024);
        Self { out, buffer, rows: 0, flushed_bytes: 0 }
    }

    /// How many rows so far, and how many bytes with all that stands above them.
    pub(super) fn written(&self) -> (u64, usize) {
        (self.rows, self.flushed_bytes + self.buffer.len())
    }

    /// Writes one row, of however many fields.
    pub(super) fn row<T: AsRef<str>>(&mut self, fields: &[T]) -> io::Result<()> {
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                self.buffer.push(b',');
            }
            self.push(field.as_ref());
        }
        self.buffer.push(b'\n');
        self.rows += 1;
        if self.buffer.len() >= BUFFER_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes what is left, and gives the number of rows under the header.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        self.flush()?;
        self.out.flush()?;
        Ok(self.rows)
    }

    fn push(&mut self, field: &str) {
        if !field.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
            self.buffer.extend_from_slice(field.as_bytes());
            return;
        }
        self.buffer.push(b'"');
        self.buffer.extend_from_slice(field.replace('"', "\"\"").as_bytes());
        self.buffer.push(b'"');
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.flushed_bytes += self.buffer.len();
        self.buffer.clear();
        Ok(())
    }
}

/// Fills in the columns of a purchase.
pub(super) fn fill_purchase(sale: &Sale, fields: &mut Fields) -> fmt::Result {
    for field in &mut *fields {
        field.clear();
    }
    let [id, customer, purchased_at, amount, product] = fields;
    let seconds = sale.purchased_at.0.rem_euclid(DAY_SECONDS);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let day = sale.purchased_at.day();
    write!(id, "{}", sale.number)?;
    write!(customer, "{}", sale.customer)?;
    write!(purchased_at, "{day} {hour:02}:{minute:02}:{second:02}")?;
    write!(amount, "{}", Euros { cents: sale.amount_cents })?;
    product.write_str(sale.product)
}

/// An amount as euros with two digits behind a point.
pub(super) struct Euros {
    pub(super) cents: u64,
}

impl fmt::Display for Euros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.cents / 100, self.cents % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be_and_rows_counted() {
        let mut out = Vec::new();
        let mut csv = CsvWriter::new(&mut out, Kind::Purchases).unwrap();
        csv.row(&["1", "12,50", "say \"x\"", "a b"]).unwrap();
        assert_eq!(csv.finish().unwrap(), 1);
        let text = String::from_utf8(out).unwrap();
        let expected = "id_achat,id_client,date_achat,montant,produit\n\
                        1,\"12,50\",\"say \"\"x\"\"\",a b\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn amounts_have_two_digits_behind_the_point() {
        for (cents, expected) in [(5, "0.05"), (1990, "19.90"), (189_999, "1899.99")] {
            assert_eq!(Euros { cents }.to_string(), expected);
        }
    }
}

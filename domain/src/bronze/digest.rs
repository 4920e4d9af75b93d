//! What tells one row's text from another's, in whatever form it came. It is kept nowhere: it holds rows of
//! a file against rows of a log, and may change with any version.

use super::BronzeRow;
use crate::column::Kind;
use xxhash_rust::xxh3::Xxh3;

impl BronzeRow<'_> {
    /// The same for rows with the same text in the same columns, whether they came as CSV or as JSON, and
    /// under which names; for what is no row, of its text.
    #[must_use]
    pub fn digest(&self, kind: Kind) -> u64 {
        let mut hasher = Xxh3::with_seed(kind as u64);
        match self.fields(kind) {
            Ok(fields) => {
                for field in &fields {
                    hasher.update(&(field.len() as u64).to_le_bytes());
                    hasher.update(field.as_bytes());
                }
            }
            Err(_) => hasher.update(self.to_json(kind).as_bytes()),
        }
        hasher.digest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bronze::LineFault;
    use crate::column::{Language, Names};

    #[test]
    fn a_row_is_known_again_in_every_form_and_another_text_is_another() {
        let kind = Kind::Purchases;
        let fields = ["1", "7", "2024-03-01", "12,50", "Caf\u{e9} \"x\"\n"];
        let row = BronzeRow::Columns { names: Names::default(), fields };
        let mut names = Names::default();
        names.set(3, Language::English);
        let json = BronzeRow::Columns { names, fields }.to_json(kind);
        assert_eq!(BronzeRow::Json(json.as_bytes()).digest(kind), row.digest(kind));
        assert_ne!(row.digest(Kind::Customers), row.digest(kind));
        for other in [["1", "7", "2024-03-01", "12,50", ""], ["17", "", "2024-03-01", "12,50", ""]]
        {
            let other = BronzeRow::Columns { names, fields: other };
            assert_ne!(other.digest(kind), row.digest(kind));
        }
    }

    #[test]
    fn what_is_no_row_is_known_by_its_text() {
        let kind = Kind::Customers;
        for row in [
            BronzeRow::Line("a,b"),
            BronzeRow::Broken { fault: LineFault::OpenQuote { line: 3 }, text: "a,\"b" },
        ] {
            let json = row.to_json(kind);
            assert_eq!(BronzeRow::Json(json.as_bytes()).digest(kind), row.digest(kind));
            assert_ne!(BronzeRow::Line("a,c").digest(kind), row.digest(kind));
        }
    }
}

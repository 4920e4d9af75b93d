//! What tells one row's text from another's, in whatever form it came. It is kept nowhere: it holds rows of
//! a file against rows of a log, and may change with any version.

use super::cut::{KEPT_BYTES, row_checksum};
use super::row::BronzeRow;
use crate::column::Kind;
use xxhash_rust::xxh3::Xxh3;

/// A log may have cut a row that has more text than this: its JSON is six times as long at most.
const TEXT_BYTES_WHOLE: usize = KEPT_BYTES / 8;

impl BronzeRow<'_> {
    /// The same for rows with the same text in the same columns, whether they came as CSV or as JSON, and
    /// under which names. What is no row, or is long, has that of its JSON, also where a log has cut it.
    #[must_use]
    pub fn digest(&self, kind: Kind) -> u64 {
        let mut hasher = Xxh3::with_seed(kind as u64);
        match self.fields(kind) {
            Ok(fields)
                if fields.iter().map(|field| field.len()).sum::<usize>() <= TEXT_BYTES_WHOLE =>
            {
                for field in &fields {
                    hasher.update(&(field.len() as u64).to_le_bytes());
                    hasher.update(field.as_bytes());
                }
            }
            _ => hasher.update(&row_checksum(self.to_json(kind).as_bytes()).to_le_bytes()),
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
    fn a_row_that_a_log_has_cut_is_known_as_the_row_that_it_was() {
        let kind = Kind::Purchases;
        for text in ["x".repeat(700), "\u{1}".repeat(100_000)] {
            let names = Names::default();
            let row = BronzeRow::Columns { names, fields: ["1", "7", "2024-03-01", "5", &text] };
            let json = row.to_json(kind);
            assert_eq!(BronzeRow::Json(json.as_bytes()).digest(kind), row.digest(kind));
            let cut = crate::bronze::cut::TooLarge::of(json.as_bytes());
            assert_eq!(cut.row().digest(kind), row.digest(kind));
            let cut = cut.row().to_json(kind);
            assert_eq!(BronzeRow::Json(cut.as_bytes()).digest(kind), row.digest(kind));
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

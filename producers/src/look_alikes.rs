//! Products that look the same and are written in different ways: each counts by itself, which nobody sees in
//! a table. The first is told, the others of a file are counted. It changes no row.

use foldhash::fast::FixedState;
use goldstream_domain::bronze::BronzeRow;
use goldstream_domain::text::{look, trim};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use xxhash_rust::xxh3::xxh3_64;

/// Different products of one file that are remembered; later ones are held against these.
const PRODUCTS_MAX: usize = 100_000;

/// The products of one file, by what they look like.
#[derive(Debug, Default)]
pub(crate) struct LookAlikes {
    /// How each was first written: hashes, for texts may be long.
    written: HashMap<u64, u64, FixedState>,
    /// The product of the row before, which most often comes again.
    last: u64,
    first: Option<First>,
    /// Other ways in which some were written since, by their hash.
    others: HashSet<u64, FixedState>,
}

#[derive(Debug)]
struct First {
    line: u64,
    looks: String,
    written: String,
}

impl LookAlikes {
    /// Looks at the product of a row of purchases. Whether it is the first that looks like another.
    #[inline]
    pub(crate) fn take(&mut self, line: u64, row: &BronzeRow<'_>) -> bool {
        let BronzeRow::Columns { fields: [.., product], .. } = row else { return false };
        let product = trim(product);
        let written = xxh3_64(product.as_bytes());
        if written == self.last {
            return false;
        }
        self.last = written;
        self.compare(line, product, written)
    }

    fn compare(&mut self, line: u64, product: &str, written: u64) -> bool {
        let looks = look(product);
        let known = match &looks {
            Cow::Borrowed(_) => written,
            Cow::Owned(looks) => xxh3_64(looks.as_bytes()),
        };
        match self.written.get(&known) {
            Some(before) if *before == written => false,
            Some(_) => {
                self.others.insert(written);
                let is_first = self.first.is_none();
                self.first.get_or_insert_with(|| First {
                    line,
                    looks: looks.into_owned(),
                    written: escaped(product),
                });
                is_first
            }
            None if self.written.len() < PRODUCTS_MAX => {
                self.written.insert(known, written);
                false
            }
            None => false,
        }
    }

    /// What a person should know; none where all products look different.
    pub(crate) fn warning(&self) -> Option<String> {
        self.first.as_ref().map(|first| Told { first, count: self.others.len() }.to_string())
    }
}

struct Told<'a> {
    first: &'a First,
    count: usize,
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let First { line, looks, written } = self.first;
        write!(
            f,
            "products that look the same are written in different ways, and each counts by itself: {looks:?} \
             also stands there as \"{written}\" (line {line})"
        )?;
        match self.count {
            0 | 1 => Ok(()),
            count => write!(f, "; {} more are like that", count - 1),
        }
    }
}

/// With all signs that are not plain named by their number: none of them could be told apart else.
fn escaped(text: &str) -> String {
    text.chars().map(|c| c.escape_default().to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_domain::column::Names;

    fn warned(products: &[&str]) -> Option<String> {
        let mut look_alikes = LookAlikes::default();
        for (line, product) in (2..).zip(products) {
            let fields = ["1", "7", "", "5", product];
            look_alikes.take(line, &BronzeRow::Columns { names: Names::default(), fields });
        }
        look_alikes.warning()
    }

    #[test]
    fn what_is_invisible_within_a_product_makes_it_another() {
        let told = warned(&["Pain", "Pa\u{200b}in"]).unwrap();
        assert!(told.contains(r#""Pain" also stands there as "Pa\u{200b}in" (line 3)"#), "{told}");
    }

    #[test]
    fn products_that_look_the_same_are_told_and_others_are_not() {
        for same in [
            ["Caf\u{e9} noir", "Caf\u{e9} noir "],
            ["Th\u{e9} : vert", "Th\u{e9}\u{a0}: noir"],
            ["pen", "Pen"],
        ] {
            assert_eq!(warned(&same), None, "{same:?}");
        }
        let told = warned(&["Pen", "Caf\u{e9} noir", "Pen", "Cafe\u{301}\u{a0}noir"]).unwrap();
        assert!(
            told.contains(r#""Café noir" also stands there as "Cafe\u{301}\u{a0}noir" (line 5)"#),
            "{told}"
        );
        // In whatever order, and once for each way of writing.
        let told = warned(&["a\u{a0}b", "a b", "Pen", "a b", "a\u{202f}b", "a\u{a0}b"]).unwrap();
        assert!(told.contains(r#""a b" also stands there as "a b" (line 3); 1 more"#), "{told}");
    }
}

//! What objects of the lake are called. A file's name says what is in it: table, month, partition, and the first
//! and last position of the rows that it may hold.
//!
//! What begins with `_` is no data: Spark, Hive and Arrow pass over it.

use goldstream_domain::column::Kind;
use goldstream_domain::moment::Month;
use goldstream_platform::log::{Topic, TopicPartition};
use object_store::path::Path;

/// What a lake is, once for all of it.
pub(crate) const MANIFEST: &str = "_goldstream.json";
/// Where ledgers stand.
const LEDGERS: &str = "_log";

/// The tables that rows are written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Dataset {
    /// Rows as they came.
    Bronze(Kind),
    /// Accepted events.
    Silver(Kind),
    /// Refused rows.
    Quarantine,
}

impl Dataset {
    /// Those that the rows of a topic go to.
    pub(crate) fn of(topic: Topic) -> Vec<Self> {
        match topic {
            Topic::Bronze(kind) => vec![Self::Bronze(kind)],
            Topic::Silver => Kind::ALL.map(Self::Silver).to_vec(),
            Topic::Quarantine => vec![Self::Quarantine],
        }
    }

    /// Its folder.
    pub(crate) const fn folder(self) -> &'static str {
        match self {
            Self::Bronze(Kind::Customers) => "bronze/customers",
            Self::Bronze(Kind::Purchases) => "bronze/purchases",
            Self::Silver(Kind::Customers) => "silver/customers",
            Self::Silver(Kind::Purchases) => "silver/purchases",
            Self::Quarantine => "quarantine",
        }
    }
}

/// In which folder of its table a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Folder {
    /// The table has none: its rows are read whole.
    Flat,
    /// Of a month.
    Month(Month),
    /// Of rows whose date cannot be read.
    NoMonth,
}

/// How Hive calls the folder of rows that have no value for it; readers make null of it.
const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

/// Which rows a file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    /// How often the topic was begun anew before.
    pub(crate) epoch: u32,
    /// Of which partition.
    pub(crate) partition: u32,
    /// First position.
    pub(crate) first: u64,
    /// Last position.
    pub(crate) last: u64,
}

impl Span {
    /// Whether all its rows stand in a file of that other span, and more.
    pub(crate) fn is_within(self, other: Self) -> bool {
        (self.epoch, self.partition) == (other.epoch, other.partition)
            && other.first <= self.first
            && self.last <= other.last
            && self != other
    }
}

/// The name of a data file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DataName {
    pub(crate) dataset: Dataset,
    pub(crate) folder: Folder,
    pub(crate) span: Span,
}

impl DataName {
    /// Where it stands.
    pub(crate) fn path(&self) -> String {
        let Span { epoch, partition, first, last } = self.span;
        let folder = match self.folder {
            Folder::Flat => String::new(),
            Folder::Month(month) => format!("month={month}/"),
            Folder::NoMonth => format!("month={NO_VALUE}/"),
        };
        let begun = if epoch == 0 { String::new() } else { format!("e{epoch}-") };
        let table = self.dataset.folder();
        format!("{table}/{folder}{begun}{partition:04}-{first:016}-{last:016}.parquet")
    }

    /// The name that a path is, where it is one of this table.
    pub(crate) fn parse(dataset: Dataset, path: &str) -> Option<Self> {
        let rest = path.strip_prefix(dataset.folder())?.strip_prefix('/')?;
        let (folder, name) = match rest.split_once('/') {
            None => (Folder::Flat, rest),
            Some((folder, name)) => match folder.strip_prefix("month=")? {
                NO_VALUE => (Folder::NoMonth, name),
                month => (Folder::Month(Month::parse(month)?), name),
            },
        };
        let mut numbers = name.strip_suffix(".parquet")?.split('-').peekable();
        let epoch = numbers.next_if(|number| number.starts_with('e'));
        let epoch = epoch.map_or(Some(0), |epoch| epoch[1..].parse().ok())?;
        let (partition, first) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
        let last = numbers.next()?.parse().ok()?;
        let name = Self { dataset, folder, span: Span { epoch, partition, first, last } };
        (name.path() == path).then_some(name)
    }
}

/// The folder of a partition's ledger.
pub(crate) fn ledger(at: TopicPartition) -> Path {
    Path::from(format!("{LEDGERS}/{}/{:04}", at.topic, at.partition))
}

/// An entry of it.
pub(crate) fn entry(at: TopicPartition, number: u64) -> Path {
    ledger(at).join(format!("{number:010}.json"))
}

/// The number of the entry at that path.
pub(crate) fn number_of(path: &Path) -> Option<u64> {
    path.filename()?.strip_suffix(".json")?.parse().ok()
}

/// The file of a gold table; of a day where one is given.
pub(crate) fn gold(table: &str, day: Option<&str>) -> Path {
    match day {
        Some(day) => Path::from(format!("gold/date={day}/{table}.parquet")),
        None => Path::from(format!("gold/{table}.parquet")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(folder: Folder, epoch: u32) -> DataName {
        let span = Span { epoch, partition: 3, first: 0, last: 1_233 };
        DataName { dataset: Dataset::Silver(Kind::Purchases), folder, span }
    }

    #[test]
    fn a_name_says_table_month_partition_and_positions_and_is_read_back() {
        let month = Folder::Month(Month::parse("2011-01").unwrap());
        assert_eq!(
            name(month, 0).path(),
            "silver/purchases/month=2011-01/0003-0000000000000000-0000000000001233.parquet"
        );
        for name in [name(month, 0), name(Folder::NoMonth, 7), name(Folder::Flat, 1)] {
            assert_eq!(DataName::parse(name.dataset, &name.path()), Some(name));
        }
    }

    #[test]
    fn what_is_called_otherwise_is_none_of_ours() {
        for path in [
            "silver/purchases/x.parquet",
            "silver/purchases/0003-0-1233.parquet",
            "silver/purchases/month=2011-1/0003-0000000000000000-0000000000001233.parquet",
            "silver/customers/0003-0000000000000000-0000000000001233.parquet",
            "silver/purchases/0003-0000000000000000-0000000000001233.parquet.tmp",
        ] {
            assert_eq!(DataName::parse(Dataset::Silver(Kind::Purchases), path), None, "{path}");
        }
    }

    #[test]
    fn a_file_within_another_is_never_that_other() {
        let span = |epoch, first, last| Span { epoch, partition: 0, first, last };
        assert!(span(0, 0, 9).is_within(span(0, 0, 19)));
        for other in [span(0, 0, 9), span(1, 0, 19), span(0, 5, 19), span(0, 0, 8)] {
            assert!(!span(0, 0, 9).is_within(other), "{other:?}");
        }
    }

    #[test]
    fn entries_are_found_by_their_numbers() {
        let at = TopicPartition::new(Topic::Bronze(Kind::Customers), 1);
        assert_eq!(entry(at, 7).as_ref(), "_log/bronze.customers/0001/0000000007.json");
        assert_eq!(number_of(&entry(at, 7)), Some(7));
    }
}

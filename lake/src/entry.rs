//! What a lake has of one partition, as one value: an entry of its ledger. Pure: what may follow what.
//!
//! An entry says everything anew, so the newest alone is needed. What is written, merged or removed next is
//! announced in it first: whoever finds it unfinished can finish it, and two do the same.

use crate::limits::{MERGE_BYTES_MAX, MERGE_FILES, MERGE_ROWS_MAX};
use crate::names::{DataName, Dataset, Folder, Span};
use goldstream_domain::chain::Chain;
use goldstream_domain::progress::LastApplied;
use goldstream_platform::log::{Topic, TopicPartition};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The form of what is written here.
pub(crate) const FORMAT: u32 = 1;

/// A file with rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DataFile {
    /// Where in the lake.
    pub(crate) path: String,
    /// How many.
    pub(crate) rows: u64,
    /// How large it is.
    pub(crate) bytes: u64,
}

/// What is being done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Pending {
    /// The rows before this position are being written.
    Roll {
        /// The first that is not.
        to: u64,
        /// The last record among them, to notice another log.
        last: Option<LastApplied>,
    },
    /// These files are being made one.
    Merge {
        /// Their paths, in the order of their rows.
        from: Vec<String>,
        /// The path of the one.
        into: String,
    },
    /// These are in others, or nobody's any more, and are being removed.
    Remove(Vec<String>),
}

/// All that a lake has of a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// [`FORMAT`].
    pub(crate) format: u32,
    /// The topic, for readers.
    pub(crate) topic: String,
    /// The partition, for readers.
    pub(crate) partition: u32,
    /// How many entries there were before.
    pub(crate) number: u64,
    /// Who wrote it: no two writers have one name.
    pub(crate) writer: String,
    /// The generation whose records these are; bronze has none.
    pub(crate) generation: u32,
    /// How often it was begun anew, because another generation is served.
    pub(crate) epoch: u32,
    /// The first position that is not in it.
    pub(crate) next: u64,
    /// The last record taken in.
    pub(crate) last: Option<LastApplied>,
    /// How far each source is.
    pub(crate) chain: Chain,
    /// The files that hold its rows, each row in one of them.
    pub(crate) files: Vec<DataFile>,
    /// What is being done.
    pub(crate) pending: Option<Pending>,
}

/// What a roll has made of the rows before its end.
#[derive(Debug, Clone)]
pub(crate) struct Rolled {
    pub(crate) last: Option<LastApplied>,
    pub(crate) chain: Chain,
    pub(crate) files: Vec<DataFile>,
}

impl Entry {
    /// Nothing yet.
    pub(crate) fn begun(at: TopicPartition, generation: u32) -> Self {
        Self {
            format: FORMAT,
            topic: at.topic.to_string(),
            partition: at.partition,
            number: 0,
            writer: String::new(),
            generation: generation_of(at.topic, generation),
            epoch: 0,
            next: 0,
            last: None,
            chain: Chain::default(),
            files: Vec::new(),
            pending: None,
        }
    }

    /// The one behind it, with something else in it.
    fn then(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut next = self.clone();
        next.number += 1;
        change(&mut next);
        next
    }

    /// Where the records are those of this generation, nothing; else begun anew for it.
    pub(crate) fn of_generation(&self, topic: Topic, generation: u32) -> Option<Self> {
        let generation = generation_of(topic, generation);
        (generation != self.generation).then(|| self.anew(generation))
    }

    /// Begun anew, with all files to be removed: the log has other records now.
    pub(crate) fn anew(&self, generation: u32) -> Self {
        self.then(|entry| {
            let files = std::mem::take(&mut entry.files);
            entry.pending = Some(Pending::Remove(files.into_iter().map(|it| it.path).collect()));
            entry.generation = generation;
            entry.epoch += 1;
            entry.next = 0;
            entry.last = None;
            entry.chain = Chain::default();
        })
    }

    /// The rows before that position are about to be written.
    pub(crate) fn to_roll(&self, to: u64, last: Option<LastApplied>) -> Self {
        self.then(|entry| entry.pending = Some(Pending::Roll { to, last }))
    }

    /// They are written.
    pub(crate) fn rolled(&self, to: u64, rolled: Rolled) -> Self {
        self.then(|entry| {
            entry.next = to;
            entry.last = rolled.last.or(entry.last);
            entry.chain = rolled.chain;
            entry.files.extend(rolled.files);
            entry.pending = None;
        })
    }

    /// The span of a roll that ends there.
    pub(crate) fn span(&self, to: u64) -> Span {
        let Self { epoch, partition, next, .. } = *self;
        Span { epoch, partition, first: next, last: to.saturating_sub(1) }
    }

    /// Small files that are to be made one, if there are enough.
    pub(crate) fn to_merge(&self, topic: Topic) -> Option<Self> {
        let (from, into) = Dataset::of(topic).into_iter().find_map(|of| self.mergeable(of))?;
        Some(self.then(|entry| entry.pending = Some(Pending::Merge { from, into })))
    }

    fn mergeable(&self, dataset: Dataset) -> Option<(Vec<String>, String)> {
        let mut folders: BTreeMap<_, Vec<(Span, &DataFile)>> = BTreeMap::new();
        for file in &self.files {
            if let Some(name) = DataName::parse(dataset, &file.path) {
                folders.entry(name.folder).or_default().push((name.span, file));
            }
        }
        folders.into_iter().find_map(|(folder, mut files)| {
            files.sort_unstable_by_key(|(span, _)| span.first);
            let small = newest_small(&files);
            let (first, last) = (small.first()?.0, small.last()?.0);
            let span = Span { last: last.last, ..first };
            let from = small.iter().map(|(_, file)| file.path.clone()).collect();
            Some((from, DataName { dataset, folder, span }.path()))
        })
    }

    /// They are one.
    pub(crate) fn merged(&self, from: &[String], into: DataFile) -> Self {
        self.then(|entry| {
            entry.files.retain(|file| !from.contains(&file.path));
            entry.files.push(into);
            entry.pending = Some(Pending::Remove(from.to_vec()));
        })
    }

    /// What was to be done is done, or given up.
    pub(crate) fn settled(&self) -> Self {
        self.then(|entry| entry.pending = None)
    }

    /// What its files of a table hold, by folder.
    pub(crate) fn spans(&self, dataset: Dataset) -> BTreeMap<Folder, Vec<Span>> {
        let mut spans: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for name in self.files.iter().filter_map(|file| DataName::parse(dataset, &file.path)) {
            spans.entry(name.folder).or_default().push(name.span);
        }
        spans
    }

    /// Whether a file of that name is nobody's for ever, where its table has these: its rows are in another one, or
    /// of an earlier beginning. Also true by an entry that is not the newest: what is merged stays merged.
    pub(crate) fn is_left_over(
        &self,
        spans: &BTreeMap<Folder, Vec<Span>>,
        name: &DataName,
    ) -> bool {
        let of_folder = spans.get(&name.folder).map_or(&[][..], Vec::as_slice);
        name.span.partition == self.partition
            && (name.span.epoch < self.epoch
                || of_folder.iter().any(|span| name.span.is_within(*span)))
    }
}

/// Rows are of all generations.
const fn generation_of(topic: Topic, generation: u32) -> u32 {
    match topic {
        Topic::Bronze(_) => 0,
        Topic::Silver | Topic::Quarantine => generation,
    }
}

/// The newest of these files of a folder that are worth to be made one; empty where they are not. Files are made one
/// with those of their own size or below, so that each row is written again as often only as sizes there are.
fn newest_small<'a>(files: &'a [(Span, &DataFile)]) -> &'a [(Span, &'a DataFile)] {
    for size in 0..=size_of(MERGE_ROWS_MAX) {
        let large = files.iter().rposition(|(_, file)| size_of(file.rows) > size);
        let small = &files[large.map_or(0, |large| large + 1)..];
        let of_size = small.iter().filter(|(_, file)| size_of(file.rows) == size).count();
        let rows: u64 = small.iter().map(|(_, file)| file.rows).sum();
        let bytes: u64 = small.iter().map(|(_, file)| file.bytes).sum();
        if of_size >= MERGE_FILES && rows <= MERGE_ROWS_MAX && bytes <= MERGE_BYTES_MAX {
            return small;
        }
    }
    &[]
}

/// So many files of one size are one of the next.
fn size_of(rows: u64) -> u32 {
    rows.max(1).ilog(MERGE_FILES as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_domain::column::Kind;

    const AT: TopicPartition = TopicPartition::new(Topic::Bronze(Kind::Customers), 3);

    fn with_files(rows: &[u64]) -> Entry {
        let mut entry = Entry::begun(AT, 0);
        for rows in rows {
            let to = entry.next + rows;
            let span = entry.span(to);
            let name = DataName { dataset: Dataset::of(AT.topic)[0], folder: Folder::Flat, span };
            let files = vec![DataFile { path: name.path(), rows: *rows, bytes: 1 }];
            let rolled = Rolled { last: None, chain: Chain::default(), files };
            entry = entry.to_roll(to, None).rolled(to, rolled);
        }
        entry
    }

    fn merge_of(entry: &Entry) -> Option<(usize, String)> {
        match entry.to_merge(AT.topic)?.pending? {
            Pending::Merge { from, into } => Some((from.len(), into)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn enough_small_files_are_made_one_and_a_large_one_is_left_alone() {
        assert_eq!(merge_of(&with_files(&[5; MERGE_FILES - 1])), None);
        let path = "bronze/customers/0003-0000000000000000-0000000000000039.parquet";
        assert_eq!(merge_of(&with_files(&[5; MERGE_FILES])), Some((MERGE_FILES, path.to_owned())));
        let mut rows = vec![1_000];
        rows.extend([5; MERGE_FILES - 1]);
        assert_eq!(merge_of(&with_files(&rows)), None, "the large one would be written again");
        rows.push(5);
        assert_eq!(merge_of(&with_files(&rows)).map(|it| it.0), Some(MERGE_FILES));
        let sizes: Vec<_> = [50; MERGE_FILES].into_iter().chain([5; 3]).collect();
        assert_eq!(merge_of(&with_files(&sizes)).map(|it| it.0), Some(MERGE_FILES + 3));
        assert_eq!(merge_of(&with_files(&[MERGE_ROWS_MAX / 4; 9])), None, "they are large");
    }

    #[test]
    fn merging_writes_each_row_a_few_times_only() {
        let mut entry = with_files(&[]);
        let (mut written, mut rows) = (0, 0);
        for _ in 0..20_000 {
            let to = entry.next + 5;
            let name = DataName {
                dataset: Dataset::of(AT.topic)[0],
                folder: Folder::Flat,
                span: entry.span(to),
            };
            let files = vec![DataFile { path: name.path(), rows: 5, bytes: 1 }];
            entry = entry.rolled(to, Rolled { last: None, chain: Chain::default(), files });
            rows += 5;
            while let Some(Entry { pending: Some(Pending::Merge { from, into }), .. }) =
                entry.to_merge(AT.topic)
            {
                let files = entry.files.iter().filter(|file| from.contains(&file.path));
                let merged = files.map(|file| file.rows).sum();
                written += merged;
                entry = entry.merged(&from, DataFile { path: into, rows: merged, bytes: 1 });
            }
        }
        assert_eq!(entry.files.iter().map(|file| file.rows).sum::<u64>(), rows);
        assert!(written < rows * 8, "{written} of {rows}");
        assert!(entry.files.len() < 40, "{}", entry.files.len());
    }

    #[test]
    fn another_generation_begins_anew_and_bronze_goes_on() {
        let bronze = with_files(&[5]);
        assert_eq!(bronze.of_generation(AT.topic, 2), None);
        let silver = Entry { topic: "silver".to_owned(), ..bronze };
        let anew = silver.of_generation(Topic::Silver, 2).unwrap();
        assert_eq!((anew.epoch, anew.next, anew.files.len(), anew.generation), (1, 0, 0, 2));
        let path = "bronze/customers/0003-0000000000000000-0000000000000004.parquet".to_owned();
        assert_eq!(anew.pending, Some(Pending::Remove(vec![path])));
        assert_eq!(anew.of_generation(Topic::Silver, 2), None);
    }

    #[test]
    fn only_what_can_never_be_of_use_again_is_left_over() {
        let entry = with_files(&[5, 5, 5]);
        let name = |epoch, partition, first, last| DataName {
            dataset: Dataset::of(AT.topic)[0],
            folder: Folder::Flat,
            span: Span { epoch, partition, first, last },
        };
        let merged = DataFile { path: name(0, 3, 0, 9).path(), rows: 10, bytes: 1 };
        let from: Vec<_> = entry.files[..2].iter().map(|file| file.path.clone()).collect();
        let entry = entry.merged(&from, merged);
        let spans = entry.spans(Dataset::of(AT.topic)[0]);
        assert!(entry.is_left_over(&spans, &name(0, 3, 5, 9)), "it was merged");
        for other in [name(0, 3, 0, 9), name(0, 3, 10, 14), name(0, 3, 15, 19), name(0, 2, 5, 9)] {
            assert!(!entry.is_left_over(&spans, &other), "{other:?}");
        }
        assert!(!entry.is_left_over(&spans, &name(0, 3, 0, 99)), "a later writer may have made it");
    }
}

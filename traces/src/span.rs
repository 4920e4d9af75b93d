//! What is told of a row: which steps there are, which follows from which, and under which numbers. A number follows
//! from the row's place in bronze and the time at which it was taken in, which every role knows: nothing is added to
//! a record for it, and what is done again has the numbers of the first time.

use goldstream_platform::log::Topic;
use opentelemetry::trace::SpanKind;
use std::borrow::Cow;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// The step of a row from one place to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Read from its file, or posted, until bronze has it.
    SendRow(Topic),
    /// In the silver stage: read from bronze until what became of it is acknowledged.
    ProcessRow(Topic),
    /// That, as it is appended.
    SendOutcome(Topic),
    /// In the gold stage: read from silver until it is committed.
    ProcessEvent,
    /// The commit.
    Commit,
    /// From when a view has it until a frame that shows it has gone to a client.
    SendFrame,
}

impl Step {
    /// As messaging's conventions have it: what is done, and where.
    pub(crate) fn name(self) -> Cow<'static, str> {
        match self {
            Self::SendRow(topic) | Self::SendOutcome(topic) => format!("send {topic}").into(),
            Self::ProcessRow(topic) => format!("process {topic}").into(),
            Self::ProcessEvent => "process silver".into(),
            Self::Commit => "commit gold".into(),
            Self::SendFrame => "send frame".into(),
        }
    }

    /// As the conventions call it.
    pub(crate) fn operation(self) -> &'static str {
        match self {
            Self::SendRow(_) | Self::SendOutcome(_) | Self::SendFrame => "send",
            Self::ProcessRow(_) | Self::ProcessEvent => "process",
            Self::Commit => "settle",
        }
    }

    pub(crate) fn kind(self) -> SpanKind {
        match self {
            Self::SendRow(_) | Self::SendOutcome(_) | Self::SendFrame => SpanKind::Producer,
            Self::ProcessRow(_) | Self::ProcessEvent => SpanKind::Consumer,
            Self::Commit => SpanKind::Client,
        }
    }

    /// Its number in a trace. Bronze is of no generation; what follows from it is there once in each.
    pub(crate) fn id(self, trace_id: u128, generation: u32) -> u64 {
        let (number, generation) = match self {
            Self::SendRow(_) => (1_u8, 0),
            Self::ProcessRow(_) => (2, generation),
            Self::SendOutcome(_) => (3, generation),
            Self::ProcessEvent => (4, generation),
            Self::Commit => (5, generation),
            // Its number is of the process, too: several may show a row.
            Self::SendFrame => (6, generation),
        };
        let mut of = [0; 21];
        of[..16].copy_from_slice(&trace_id.to_le_bytes());
        of[16] = number;
        of[17..].copy_from_slice(&generation.to_le_bytes());
        xxh3_64(&of).max(1)
    }
}

/// A partition of bronze, by which rows of it are told from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Partition(u64);

impl Partition {
    /// `source_id` names it.
    pub(crate) fn of(source_id: &str) -> Self {
        Self(xxh3_64(source_id.as_bytes()))
    }
}

/// Numbers of traces, and which rows have one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sampling {
    /// Of the 56 bits of a trace's number that are random to who samples.
    below: u64,
}

const RANDOM_BITS: u32 = 56;

impl Sampling {
    /// One row of so many. Who takes one of more takes some of the same.
    pub(crate) fn one_in(one_in: u32) -> Self {
        Self { below: (1 << RANDOM_BITS) / u64::from(one_in.max(1)) }
    }

    /// The trace of the row that lies there in bronze, if it has one.
    pub(crate) fn trace_of(
        self,
        Partition(partition): Partition,
        offset: u64,
        ingested_at_ms: i64,
    ) -> Option<u128> {
        let mut of = [0; 24];
        of[..8].copy_from_slice(&partition.to_le_bytes());
        of[8..16].copy_from_slice(&offset.to_le_bytes());
        of[16..].copy_from_slice(&ingested_at_ms.to_le_bytes());
        let trace_id = xxh3_128(&of).max(1);
        let random = (trace_id as u64) & ((1 << RANDOM_BITS) - 1);
        (random < self.below).then_some(trace_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use goldstream_domain::column::Kind;
    use std::collections::BTreeSet;

    fn traced(one_in: u32) -> BTreeSet<u64> {
        let sampling = Sampling::one_in(one_in);
        let partition = Partition::of("bronze.purchases/3");
        let of = |offset: &u64| sampling.trace_of(partition, *offset, 7).is_some();
        (0..100_000).filter(of).collect()
    }

    #[test]
    fn one_row_of_so_many_is_traced_and_who_traces_fewer_traces_some_of_the_same() {
        assert_eq!(traced(1).len(), 100_000);
        let (ten, thousand) = (traced(10), traced(1000));
        assert!((9_000..11_000).contains(&ten.len()), "{}", ten.len());
        assert!((60..150).contains(&thousand.len()), "{}", thousand.len());
        assert!(thousand.is_subset(&ten));
    }

    #[test]
    fn each_step_has_a_number_of_its_own_and_bronze_that_of_all_generations() {
        let topic = Topic::Bronze(Kind::Purchases);
        let steps = [
            Step::SendRow(topic),
            Step::ProcessRow(topic),
            Step::SendOutcome(Topic::Silver),
            Step::ProcessEvent,
            Step::Commit,
            Step::SendFrame,
        ];
        let ids = |generation| steps.map(|step| step.id(7, generation));
        assert_eq!(BTreeSet::from(ids(0)).len(), steps.len());
        assert_eq!(BTreeSet::from(ids(0)).intersection(&BTreeSet::from(ids(1))).count(), 1);
    }
}

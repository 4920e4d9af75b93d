//! What the roles of a process count, in the form in which Prometheus reads it. Names and units are
//! made here and in the API; nothing is decided by a number that stands here.

use crate::log::TopicPartition;
use prometheus::core::Collector;
use prometheus::process_collector::ProcessCollector;
use prometheus::{
    HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    exponential_buckets,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub use prometheus::Error as MetricsError;

/// The numbers of one process.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    commit_records: HistogramVec,
    commit_seconds: HistogramVec,
    append_seconds: HistogramVec,
    waited_seconds: HistogramVec,
    positions: IntGaugeVec,
    partitions: IntGaugeVec,
    fates: IntGaugeVec,
    rebalances: IntCounterVec,
    restarts: IntCounterVec,
}

/// What one stage does, as it is counted.
#[derive(Debug, Clone)]
pub struct StageMetrics {
    all: Metrics,
    stage: &'static str,
}

/// Where one stage stands over one generation. What it told goes with it.
#[derive(Debug)]
pub struct Standing {
    all: Metrics,
    stage: &'static str,
    /// As a label.
    generation: String,
    /// How many partitions it works on.
    partitions: IntGauge,
    told: BTreeSet<TopicPartition>,
    /// The labels under which rows are told of each partition.
    fates: BTreeMap<TopicPartition, BTreeSet<(&'static str, &'static str)>>,
}

/// So many rows had a fate, with a reason or the empty one.
pub type Fate = (&'static str, &'static str, u64);

impl Metrics {
    /// None counted yet.
    ///
    /// # Errors
    /// Where two have the same name, which is a fault of the program.
    pub fn new() -> Result<Self, MetricsError> {
        let registry = Registry::new();
        // Memory, CPU, open files and start, under the names that every Prometheus knows.
        registry.register(Box::new(ProcessCollector::for_self()))?;
        let histogram = |name: &str, about: &str, buckets: Vec<f64>| {
            let options = HistogramOpts::new(name, about).buckets(buckets);
            registered(&registry, HistogramVec::new(options, &["stage"])?)
        };
        let seconds = exponential_buckets(0.000_25, 4.0, 9)?;
        let gauges = |name: &str, about: &str, labels: &[&str]| {
            registered(&registry, IntGaugeVec::new(Opts::new(name, about), labels)?)
        };
        let about = "Times at which partitions came to a stage or were taken from it.";
        let rebalances = Opts::new("goldstream_rebalances_total", about);
        let about = "Times at which a shard waited too long for an answer and began anew.";
        let restarts = Opts::new("goldstream_stage_restarts_total", about);
        Ok(Self {
            commit_records: histogram(
                "goldstream_commit_records",
                "Records that one commit of a stage took in.",
                exponential_buckets(1.0, 4.0, 10)?,
            )?,
            commit_seconds: histogram(
                "goldstream_commit_seconds",
                "From asking the store to commit to its answer.",
                seconds.clone(),
            )?,
            append_seconds: histogram(
                "goldstream_append_seconds",
                "From asking the log to append to its answer.",
                seconds.clone(),
            )?,
            waited_seconds: histogram(
                "goldstream_ingested_to_commit_seconds",
                "From bronze taking in the oldest row of a commit to its being stored.",
                exponential_buckets(0.01, 2.0, 14)?,
            )?,
            positions: gauges(
                "goldstream_position",
                "The first record of a partition that its stage has not taken in.",
                &["stage", "topic", "partition", "generation"],
            )?,
            partitions: gauges(
                "goldstream_assigned_partitions",
                "Partitions that a stage of this process works on.",
                &["stage", "generation"],
            )?,
            fates: gauges(
                "goldstream_stage_rows",
                "Rows that the stage has counted for a partition since its first one, by what became of them.",
                &["stage", "topic", "partition", "generation", "fate", "reason"],
            )?,
            rebalances: registered(&registry, IntCounterVec::new(rebalances, &["stage"])?)?,
            restarts: registered(&registry, IntCounterVec::new(restarts, &["stage"])?)?,
            registry,
        })
    }

    /// Where other numbers of the process join.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Those of a stage.
    #[must_use]
    pub fn of_stage(&self, stage: &'static str) -> StageMetrics {
        StageMetrics { all: self.clone(), stage }
    }

    /// Where a stage stands over a generation.
    #[must_use]
    pub fn standing(&self, stage: &'static str, generation: u32) -> Standing {
        let generation = generation.to_string();
        // Looked up once: it is set with every event.
        let partitions = self.partitions.with_label_values(&[stage, &generation]);
        Standing {
            all: self.clone(),
            stage,
            generation,
            partitions,
            told: BTreeSet::new(),
            fates: BTreeMap::new(),
        }
    }
}

impl StageMetrics {
    /// Which stage.
    #[must_use]
    pub const fn stage(&self) -> &'static str {
        self.stage
    }

    /// The log has taken blocks.
    pub fn appended(&self, took: Duration) {
        self.all.append_seconds.with_label_values(&[self.stage]).observe(took.as_secs_f64());
    }

    /// So many records are committed.
    pub fn committed(&self, records: u64, took: Duration) {
        let Metrics { commit_records, commit_seconds, .. } = &self.all;
        commit_records.with_label_values(&[self.stage]).observe(records as f64);
        commit_seconds.with_label_values(&[self.stage]).observe(took.as_secs_f64());
    }

    /// So long the oldest row of a commit has waited.
    pub fn waited(&self, waited_ms: i64) {
        let seconds = waited_ms.max(0) as f64 / 1_000.0;
        self.all.waited_seconds.with_label_values(&[self.stage]).observe(seconds);
    }

    /// A shard waited too long for an answer and begins anew.
    pub fn restarted(&self) {
        self.all.restarts.with_label_values(&[self.stage]).inc();
    }

    /// Partitions came to it, or were taken.
    pub fn rebalanced(&self) {
        self.all.rebalances.with_label_values(&[self.stage]).inc();
    }
}

impl Standing {
    /// It works on so many partitions.
    pub fn works_on(&self, partitions: usize) {
        self.partitions.set(partitions as i64);
    }

    fn labels(&self, at: TopicPartition) -> [String; 4] {
        let (topic, partition) = (at.topic.to_string(), at.partition.to_string());
        [self.stage.to_owned(), topic, partition, self.generation.clone()]
    }

    /// So far it is in a partition.
    pub fn is_at(&mut self, at: TopicPartition, position: u64) {
        self.told.insert(at);
        self.all.positions.with_label_values(&self.labels(at)).set(position.cast_signed());
    }

    /// What became of the rows of a partition, by the state that is stored with its position.
    pub fn has_counted(&mut self, at: TopicPartition, fates: &[Fate]) {
        for (fate, reason, rows) in fates {
            self.fates.entry(at).or_default().insert((fate, reason));
            let [stage, topic, partition, generation] = self.labels(at);
            let labels = [&*stage, &*topic, &*partition, &*generation, fate, reason];
            self.all.fates.with_label_values(&labels).set(rows.cast_signed());
        }
    }

    /// A partition was handed back: where that is, says who has it next.
    pub fn has_left(&mut self, at: TopicPartition) {
        for (fate, reason) in self.fates.remove(&at).unwrap_or_default() {
            let [stage, topic, partition, generation] = self.labels(at);
            let labels = [&*stage, &*topic, &*partition, &*generation, fate, reason];
            self.all.fates.remove_label_values(&labels).unwrap_or_default();
        }
        if self.told.remove(&at) {
            self.all.positions.remove_label_values(&self.labels(at)).unwrap_or_default();
        }
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        for at in self.told.clone() {
            self.has_left(at);
        }
        let labels = [self.stage, &self.generation];
        self.all.partitions.remove_label_values(&labels).unwrap_or_default();
    }
}

/// Adds numbers to those that are read.
///
/// # Errors
/// Where there are some of that name already.
pub fn registered<C: Collector + Clone + 'static>(
    registry: &Registry,
    collector: C,
) -> Result<C, MetricsError> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Topic;
    use prometheus::TextEncoder;

    fn text(metrics: &Metrics) -> String {
        TextEncoder::new().encode_to_string(&metrics.registry().gather()).unwrap()
    }

    #[test]
    fn commits_are_counted_by_stage() {
        let metrics = Metrics::new().unwrap();
        let gold = metrics.of_stage("gold");
        gold.committed(200, Duration::from_millis(3));
        gold.committed(1, Duration::from_millis(1));
        let text = text(&metrics);
        for line in [
            r#"goldstream_commit_records_count{stage="gold"} 2"#,
            r#"goldstream_commit_records_sum{stage="gold"} 201"#,
        ] {
            assert!(text.lines().any(|it| it == line), "no {line} in {text}");
        }
    }

    #[test]
    fn what_is_handed_back_is_told_of_no_more_and_a_stage_that_ends_of_nothing() {
        let metrics = Metrics::new().unwrap();
        let mut gold = metrics.standing("gold", 3);
        let [one, two] = [1, 2].map(|partition| TopicPartition::new(Topic::Silver, partition));
        gold.works_on(2);
        gold.is_at(one, 7);
        gold.is_at(two, 9);
        gold.has_counted(one, &[("accepted_purchases", "", 5)]);
        gold.has_counted(two, &[("quarantined", "bad_date", 6)]);
        gold.has_left(one);
        gold.works_on(1);
        let told = text(&metrics);
        let at = r#"{generation="3",partition="2",stage="gold",topic="silver"} 9"#;
        assert!(told.contains(&format!("goldstream_position{at}")), "{told}");
        assert!(!told.contains(r#"partition="1""#), "{told}");
        let at = r#"{fate="quarantined",generation="3",partition="2",reason="bad_date",stage="gold",topic="silver"} 6"#;
        assert!(told.contains(&format!("goldstream_stage_rows{at}")), "{told}");
        let labels = r#"{generation="3",stage="gold"}"#;
        assert!(told.contains(&format!("goldstream_assigned_partitions{labels} 1")), "{told}");
        drop(gold);
        let told = text(&metrics);
        assert!(!told.contains("goldstream_position{") && !told.contains(labels), "{told}");
        assert!(!told.contains("goldstream_stage_rows{"), "{told}");
    }
}

//! What the roles of a process count, in the form in which Prometheus reads it. Names and units are
//! made here and in the API; nothing is decided by a number that stands here.

use crate::log::TopicPartition;
use prometheus::core::Collector;
use prometheus::process_collector::ProcessCollector;
use prometheus::{
    HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry, exponential_buckets,
};
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
    rebalances: IntCounterVec,
}

/// The same of one stage over one generation.
#[derive(Debug, Clone)]
pub struct StageMetrics {
    all: Metrics,
    stage: &'static str,
    /// As a label.
    generation: String,
}

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
            rebalances: registered(
                &registry,
                IntCounterVec::new(rebalances, &["stage", "generation"])?,
            )?,
            registry,
        })
    }

    /// Where other numbers of the process join.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Those of a stage over a generation.
    #[must_use]
    pub fn of_stage(&self, stage: &'static str, generation: u32) -> StageMetrics {
        StageMetrics { all: self.clone(), stage, generation: generation.to_string() }
    }
}

impl StageMetrics {
    /// Which stage.
    #[must_use]
    pub const fn stage(&self) -> &'static str {
        self.stage
    }

    fn labels(&self) -> [&str; 2] {
        [self.stage, &self.generation]
    }

    /// So many partitions came to it.
    pub fn assigned(&self, partitions: usize) {
        self.all.rebalances.with_label_values(&self.labels()).inc();
        self.all.partitions.with_label_values(&self.labels()).add(partitions as i64);
    }

    /// Some are to be handed back.
    pub fn revoked(&self) {
        self.all.rebalances.with_label_values(&self.labels()).inc();
    }

    /// One was handed back: where it is, is said by who has it next.
    pub fn released(&self, at: TopicPartition) {
        self.all.partitions.with_label_values(&self.labels()).dec();
        let (topic, partition) = (at.topic.to_string(), at.partition.to_string());
        let labels = [self.stage, &topic, &partition, &self.generation];
        // One that has committed nothing yet has none.
        self.all.positions.remove_label_values(&labels).unwrap_or_default();
    }

    /// The log has taken blocks.
    pub fn appended(&self, took: Duration) {
        self.all.append_seconds.with_label_values(&[self.stage]).observe(took.as_secs_f64());
    }

    /// So many records of a partition are committed, up to this position.
    pub fn committed(&self, at: TopicPartition, to: u64, records: u64, took: Duration) {
        let Metrics { commit_records, commit_seconds, positions, .. } = &self.all;
        commit_records.with_label_values(&[self.stage]).observe(records as f64);
        commit_seconds.with_label_values(&[self.stage]).observe(took.as_secs_f64());
        let (topic, partition) = (at.topic.to_string(), at.partition.to_string());
        let labels = [self.stage, &topic, &partition, &self.generation];
        positions.with_label_values(&labels).set(to.cast_signed());
    }

    /// So long the oldest row of a commit has waited.
    pub fn waited(&self, waited_ms: i64) {
        let seconds = waited_ms.max(0) as f64 / 1_000.0;
        self.all.waited_seconds.with_label_values(&[self.stage]).observe(seconds);
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
        let gold = metrics.of_stage("gold", 3);
        let at = TopicPartition::new(Topic::Silver, 1);
        gold.committed(at, 200, 200, Duration::from_millis(3));
        gold.committed(at, 201, 1, Duration::from_millis(1));
        let text = text(&metrics);
        for line in [
            r#"goldstream_commit_records_count{stage="gold"} 2"#,
            r#"goldstream_commit_records_sum{stage="gold"} 201"#,
            r#"goldstream_position{generation="3",partition="1",stage="gold",topic="silver"} 201"#,
        ] {
            assert!(text.lines().any(|it| it == line), "no {line} in {text}");
        }
    }

    #[test]
    fn a_partition_that_is_handed_back_is_told_of_no_more() {
        let metrics = Metrics::new().unwrap();
        let gold = metrics.of_stage("gold", 0);
        let at = TopicPartition::new(Topic::Silver, 1);
        gold.assigned(2);
        gold.committed(at, 7, 7, Duration::ZERO);
        gold.revoked();
        gold.released(at);
        let text = text(&metrics);
        assert!(!text.contains("goldstream_position{"), "{text}");
        let labels = r#"{generation="0",stage="gold"}"#;
        assert!(text.contains(&format!("goldstream_assigned_partitions{labels} 1")), "{text}");
        assert!(text.contains(&format!("goldstream_rebalances_total{labels} 2")), "{text}");
    }
}

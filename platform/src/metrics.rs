//! What the roles of a process count, in the form in which Prometheus reads it. Names and units are
//! made here and in the API; nothing is decided by a number that stands here.

use prometheus::core::Collector;
use prometheus::process_collector::ProcessCollector;
use prometheus::{HistogramOpts, HistogramVec, Registry, exponential_buckets};
use std::time::Duration;

pub use prometheus::Error as MetricsError;

/// The numbers of one process.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    commit_records: HistogramVec,
    commit_seconds: HistogramVec,
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
        let about = "Records that one commit of a stage took in.";
        let records = HistogramOpts::new("goldstream_commit_records", about);
        let records = records.buckets(exponential_buckets(1.0, 4.0, 10)?);
        let about = "From asking the store to commit to its answer.";
        let seconds = HistogramOpts::new("goldstream_commit_seconds", about);
        let seconds = seconds.buckets(exponential_buckets(0.000_25, 4.0, 9)?);
        Ok(Self {
            commit_records: registered(&registry, HistogramVec::new(records, &["stage"])?)?,
            commit_seconds: registered(&registry, HistogramVec::new(seconds, &["stage"])?)?,
            registry,
        })
    }

    /// Where other numbers of the process join.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// A stage has committed so many records.
    pub fn committed(&self, stage: &str, records: u64, took: Duration) {
        self.commit_records.with_label_values(&[stage]).observe(records as f64);
        self.commit_seconds.with_label_values(&[stage]).observe(took.as_secs_f64());
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

    #[test]
    fn commits_are_counted_by_stage() {
        let metrics = Metrics::new().unwrap();
        metrics.committed("gold", 200, Duration::from_millis(3));
        metrics.committed("gold", 1, Duration::from_millis(1));
        let families = metrics.registry().gather();
        let records = families.iter().find(|it| it.name() == "goldstream_commit_records").unwrap();
        let histogram = records.get_metric()[0].get_histogram();
        assert_eq!((histogram.get_sample_count(), histogram.get_sample_sum()), (2, 201.0));
    }
}

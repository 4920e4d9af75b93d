//! What the clients of one log have in common.

use super::names::Names;
use super::reachable::Reachable;
use super::reader::Reader;
use super::settings::KafkaSettings;
use super::sizes::Sizes;
use super::skips::Skips;
use super::standing::Standing;
use super::topic_settings::TopicSettings;
use crate::instance::Instances;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: KafkaSettings,
    pub(super) names: Names,
    pub(super) partitions: u32,
    pub(super) instances: Instances,
    pub(super) reachable: Reachable,
    pub(super) reader: Reader,
    pub(super) standing: Standing,
    pub(super) sizes: Arc<Sizes>,
    pub(super) skips: Skips,
    /// What its consumers were called so far.
    pub(super) consumers: Mutex<BTreeSet<String>>,
}

impl Shared {
    pub(super) fn note_consumer(&self, name: &str) {
        let mut consumers = self.consumers.lock().unwrap_or_else(PoisonError::into_inner);
        consumers.insert(name.to_owned());
    }

    pub(super) fn note_sizes(&self, settings: &[TopicSettings]) {
        for TopicSettings { topic, takes, .. } in settings {
            if let (Some(at), Some(takes)) = (self.names.find(topic, 0), takes) {
                self.sizes.configured(at.topic, *takes);
            }
        }
    }
}

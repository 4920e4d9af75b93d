//! What every stored form depends on. It is written where state is, and another one is refused.

use goldstream_domain::clean::{FUTURE_DAYS_DEFAULT, Rules};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::LazyLock;

/// Partitions of every topic where neither a store nor a setting says otherwise.
pub const PARTITIONS_DEFAULT: u32 = 4;

/// Of the rules of the data and the stored form. 2: an empty name or e-mail of a customer is null. 3: gold has
/// hours.
pub const LOGIC_VERSION: u32 = 3;

/// Of the stored form of rows: what a program needs to show what another version has folded. It grows when an
/// older program could not read them any more; it passes over a table that it does not know.
pub const FORM_VERSION: u32 = 1;

/// The logic version of this program. Builds with debug assertions take another one from
/// `GOLDSTREAM_LOGIC_VERSION`, so that two versions can be tried beside each other.
#[must_use]
pub fn logic_version() -> u32 {
    static TOLD: LazyLock<u32> = LazyLock::new(|| {
        let told =
            std::env::var("GOLDSTREAM_LOGIC_VERSION").ok().filter(|_| cfg!(debug_assertions));
        told.and_then(|told| told.parse().ok()).unwrap_or(LOGIC_VERSION)
    });
    *TOLD
}

/// How rows are spread and folded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topology {
    /// Number of partitions of every topic, and so of shards.
    pub partitions: u32,
    /// How keys find their partition.
    pub hash: String,
    /// Grows when the rules of the data or the stored form change.
    pub logic_version: u32,
    /// How far ahead of its ingestion a purchase may lie.
    #[serde(default = "future_days_default")]
    pub future_days: u32,
    /// Of the stored form of rows.
    #[serde(default = "first_form", skip_serializing_if = "is_first_form")]
    pub form_version: u32,
}

const fn first_form() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
const fn is_first_form(form_version: &u32) -> bool {
    *form_version == first_form()
}

const fn future_days_default() -> u32 {
    FUTURE_DAYS_DEFAULT
}

impl Topology {
    /// The topology of this version with that many partitions.
    #[must_use]
    pub fn of_this_version(partitions: u32) -> Self {
        Self {
            partitions,
            hash: "murmur2".to_owned(),
            logic_version: logic_version(),
            future_days: FUTURE_DAYS_DEFAULT,
            form_version: FORM_VERSION,
        }
    }

    /// The same, as this version would fold it.
    #[must_use]
    pub fn by_this_version(self) -> Self {
        Self { logic_version: logic_version(), form_version: FORM_VERSION, ..self }
    }

    /// Whether this version can read what stands there.
    #[must_use]
    pub const fn is_readable(&self) -> bool {
        self.form_version <= FORM_VERSION
    }

    /// The same where that much is set of the rules; none is what `stored` says.
    #[must_use]
    pub fn with_future_days(self, set: Option<u32>, stored: Option<&Self>) -> Self {
        let stored = stored.map(|stored| stored.future_days);
        Self { future_days: set.or(stored).unwrap_or(self.future_days), ..self }
    }

    /// What is set of the rules.
    #[must_use]
    pub fn rules(&self) -> Rules {
        Rules { future_days: self.future_days }
    }
}

impl fmt::Display for Topology {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partitions, hash, logic_version, future_days, .. } = self;
        write!(
            f,
            "partitions: {partitions}, hash: {hash}, logic version: {logic_version}, \
             future_days: {future_days}"
        )
    }
}

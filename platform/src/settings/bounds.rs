//! Bounds that an error tells, too.

/// Room for the rest of a topic's name.
pub(super) const PREFIX_CHARS_MAX: usize = 200;

/// More than any shop needs, few enough for every loop over them.
pub(super) const PARTITIONS_MAX: u32 = 256;

//! Drawn numbers for moments and sizes that should differ from run to run. The seed is printed, and
//! `GOLDSTREAM_TEST_SEED` gives it back.

use std::time::SystemTime;

/// The name of the variable that repeats a run.
pub(crate) const SEED: &str = "GOLDSTREAM_TEST_SEED";

/// A course of drawn numbers (splitmix64).
pub(crate) struct Draw(u64);

impl Draw {
    /// A new course for the test of this name.
    pub(crate) fn announced(test: &str) -> Self {
        let given = std::env::var(SEED).ok().map(|seed| seed.parse().expect("a number as seed"));
        let seed = given.unwrap_or_else(|| {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
            now.subsec_nanos().into()
        });
        println!("{test}: {SEED}={seed}");
        Self(seed)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

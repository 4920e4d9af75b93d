//! The one source of randomness: integers only, fixed here for ever.
//!
//! A generator of our own (SplitMix64), because the small ones of libraries differ between
//! platforms and versions, and the sample's bytes must not.

use goldstream_domain::moment::Day;

/// What a sequence of random numbers is for: each use has its own, so that reading one file, or
/// adding dirt, changes nothing elsewhere.
#[derive(Debug, Clone, Copy)]
pub(super) enum Use {
    Customers = 1,
    Purchases = 2,
    CustomerDirt = 3,
    PurchaseDirt = 4,
    Rush = 5,
    DailyCustomers = 6,
    DailyPurchases = 7,
    DailyDirt = 8,
}

/// A sequence of random numbers.
#[derive(Debug, Clone)]
pub(super) struct Random {
    state: u64,
}

impl Random {
    pub(super) fn new(seed: u64, purpose: Use) -> Self {
        let mut random = Self { state: seed };
        // Stepping off the seed by a mixed number keeps the sequences of neighbour seeds apart.
        random.state = random.next().wrapping_add(purpose as u64);
        random.state = random.next();
        random
    }

    /// That of one day: whatever other days drew changes nothing in it.
    pub(super) fn of_day(seed: u64, purpose: Use, day: Day) -> Self {
        let mut random = Self::new(seed, purpose);
        random.state = random.next().wrapping_add(u64::from(day.0));
        random.state = random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 up to, not including, `bound`; 0 where there is none.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True in `part` of `of` cases.
    pub(super) fn happens(&mut self, part: u64, of: u64) -> bool {
        self.below(of) < part
    }

    /// An index into a list of that length.
    pub(super) fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }
}

/// Things of unequal weight, known by their index.
#[derive(Debug, Clone)]
pub(super) struct Weights {
    /// The sums of the weights up to and including each index.
    sums: Vec<u64>,
}

impl Weights {
    pub(super) fn new(weights: impl IntoIterator<Item = u64>) -> Self {
        let mut sum = 0;
        let sums = weights.into_iter().map(|weight| {
            sum += weight;
            sum
        });
        Self { sums: sums.collect() }
    }

    /// One more.
    pub(super) fn push(&mut self, weight: u64) {
        self.sums.push(self.sums.last().copied().unwrap_or(0) + weight);
    }

    /// All of them together.
    pub(super) fn sum(&self) -> u64 {
        self.sums.last().copied().unwrap_or(0)
    }

    /// Which of them that part of the sum is in, and how far, of how much.
    pub(super) fn at(&self, point: u64) -> (usize, u64, u64) {
        let index = self.sums.partition_point(|sum| *sum <= point);
        let before = index.checked_sub(1).map_or(0, |before| self.sums[before]);
        let end = self.sums.get(index).copied().unwrap_or(before + 1);
        (index, point - before, end - before)
    }

    pub(super) fn len(&self) -> usize {
        self.sums.len()
    }

    /// One of them, each as likely as its weight; 0 where there is none.
    pub(super) fn pick(&self, random: &mut Random) -> usize {
        self.pick_among(self.sums.len(), random)
    }

    /// One of the first `count`.
    pub(super) fn pick_among(&self, count: usize, random: &mut Random) -> usize {
        let sums = &self.sums[..count];
        let point = random.below(sums.last().copied().unwrap_or(0));
        sums.partition_point(|sum| *sum <= point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_fixed_and_differs_by_seed_and_use() {
        let first = |seed, purpose| Random::new(seed, purpose).below(1 << 32);
        assert_eq!(first(42, Use::Customers), first(42, Use::Customers));
        assert_ne!(first(42, Use::Customers), first(42, Use::Purchases));
        assert_ne!(first(42, Use::Customers), first(43, Use::Customers));
        assert_ne!(first(42, Use::Purchases), first(43, Use::Customers));
    }

    #[test]
    fn every_day_has_a_sequence_of_its_own() {
        let first = |day| Random::of_day(42, Use::DailyPurchases, Day(day)).below(1 << 32);
        assert_eq!(first(20_000), first(20_000));
        assert_ne!(first(20_000), first(20_001));
    }

    #[test]
    fn things_are_picked_as_often_as_they_weigh() {
        let mut random = Random::new(1, Use::Rush);
        let weights = Weights::new([1, 0, 3]);
        let mut counts = [0; 3];
        for _ in 0..40_000 {
            counts[weights.pick(&mut random)] += 1;
        }
        assert!((9_500..10_500).contains(&counts[0]) && counts[1] == 0, "{counts:?}");
        assert!((0..1000).all(|_| weights.pick_among(1, &mut random) == 0));
        assert!((0..1000).all(|_| (5..=7).contains(&random.between(5, 7))));
    }
}

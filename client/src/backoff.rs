//! How long to wait before coming back: full jitter under a limit that doubles, so that clients which lost
//! their server at one instant do not come back at one instant.

/// Limit of the first wait.
const FIRST_MS: u64 = 250;
/// Limit of every later wait, however many there were.
const LAST_MS: u64 = 10_000;
/// Nobody hammers a server, whatever the chance.
const LEAST_MS: u64 = 50;

/// The wait before attempt number `attempt`, the first being 0; `chance` is drawn evenly from all numbers.
#[must_use]
pub fn wait_ms(attempt: u32, chance: u32) -> u64 {
    let doubled = FIRST_MS.checked_shl(attempt).filter(|ms| ms >> attempt.min(63) == FIRST_MS);
    let limit = doubled.map_or(LAST_MS, |ms| ms.min(LAST_MS));
    ((limit * u64::from(chance)) >> 32).max(LEAST_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_limit_doubles_up_to_ten_seconds() {
        let longest = |attempt| wait_ms(attempt, u32::MAX);
        assert_eq!([0, 1, 2, 5, 6].map(longest), [249, 499, 999, 7_999, 9_999]);
        assert_eq!([31, 63, 64, u32::MAX].map(longest), [9_999; 4]);
    }

    proptest! {
        #[test]
        fn every_wait_is_between_its_bounds(attempt: u32, chance: u32) {
            prop_assert!((LEAST_MS..LAST_MS).contains(&wait_ms(attempt, chance)));
        }

        #[test]
        fn the_whole_range_is_used(attempt in 0u32..20) {
            let middle = wait_ms(attempt, 1 << 31);
            let doubled = wait_ms(attempt, u32::MAX);
            prop_assert!(middle.abs_diff(doubled / 2) <= 1);
            prop_assert_eq!(wait_ms(attempt, 0), LEAST_MS);
        }
    }
}

//! How many files this process may have open. Where the system does not tell, nothing is guessed.

/// Where Linux tells it.
const LIMITS: &str = "/proc/self/limits";

/// The limit as it stands now.
pub(super) fn open_max() -> Option<usize> {
    std::fs::read_to_string(LIMITS).ok().as_deref().and_then(soft_limit)
}

/// The first number behind the name is the one that holds.
fn soft_limit(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_that_holds_is_the_soft_one() {
        let told = "Limit                     Soft Limit           Hard Limit           Units     \n\
                    Max processes             unlimited            unlimited            processes \n\
                    Max open files            1024                 524288               files     \n";
        assert_eq!(soft_limit(told), Some(1024));
        assert_eq!(soft_limit("Max open files            unlimited    unlimited    files"), None);
        assert_eq!(soft_limit(""), None);
    }
}

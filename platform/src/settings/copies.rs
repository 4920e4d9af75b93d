//! How many copies of topics there are to be, and how many of them must have a record. It asks nobody.

use super::error::SettingsError;
use super::given::Given;

/// Copies of a topic, and those of them that must have a record; none takes the broker's.
type Copies = (Option<u32>, Option<u32>);

pub(super) fn resolve(given: &Given, file: &Given) -> Result<Copies, SettingsError> {
    let replication = given.replication.or(file.replication);
    let min_insync = given.min_insync.or(file.min_insync);
    let odd = |reason: String| Err(SettingsError::Table(reason));
    match (replication, min_insync) {
        (Some(0), _) => odd("--replication is 1 copy or more, not 0".to_owned()),
        (_, Some(0)) => odd("--min-insync is 1 copy or more, not 0".to_owned()),
        (Some(copies), Some(wanted)) if copies < wanted => odd(format!(
            "--min-insync {wanted} is more than --replication {copies}: no record would ever be acknowledged"
        )),
        both => Ok(both),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::*;

    #[test]
    fn copies_that_nobody_could_write_are_refused() {
        let of = |replication, min_insync| {
            let given = Given { replication, min_insync, ..Given::default() };
            Settings::resolve(given, None).map_err(|error| error.to_string())
        };
        assert!(of(Some(3), Some(2)).is_ok() && of(None, Some(2)).is_ok());
        for (replication, min_insync, says) in [
            (Some(0), None, "--replication is 1"),
            (None, Some(0), "--min-insync is 1"),
            (Some(1), Some(2), "--min-insync 2 is more than --replication 1"),
        ] {
            let refused = of(replication, min_insync).unwrap_err();
            assert!(refused.contains(says), "{refused}");
        }
    }
}

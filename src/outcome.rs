//! How a command ends.

/// What a command ends with when it does not fail.
pub(crate) enum Outcome {
    /// 0
    Done,
    /// 3: it finished, and the answer is "no".
    No,
    /// 130
    Interrupted,
}

/// Arguments that do not go together.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

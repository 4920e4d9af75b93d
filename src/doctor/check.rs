//! What `doctor` looked at, and what it tells of it.

/// One thing that was looked at.
pub(super) enum Check {
    /// It is as it should be.
    Good(String),
    /// It works, but a person should know.
    Note(String),
    /// It must be mended.
    Bad(String),
}

impl Check {
    pub(super) fn line(&self) -> String {
        let (mark, sentence) = match self {
            Self::Good(sentence) => ("ok", sentence),
            Self::Note(sentence) => ("note", sentence),
            Self::Bad(sentence) => ("mend", sentence),
        };
        format!("{mark:<6}{sentence}\n")
    }
}

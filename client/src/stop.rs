//! Why a connection came to nothing: reasons after which to come back, and reasons to stop.

use std::fmt;

/// How a connection ended, or why there was none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loss {
    /// The server closed it with a code.
    Closed {
        /// RFC 6455's or the feed's own.
        code: u16,
        /// For people.
        reason: String,
    },
    /// It answered the request for a connection with an HTTP status.
    Http {
        /// The status.
        status: u16,
        /// For people.
        detail: String,
    },
    /// There is no server, or no way to it, or it broke off.
    Broken(String),
    /// Something answers, and it is no feed.
    NoFeed(String),
}

/// Why nothing more is tried. Each would only come again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The server refuses what is asked.
    #[error("the server refuses: {detail} ({code})")]
    Refused {
        /// For programs.
        code: String,
        /// For people.
        detail: String,
    },
    /// The connection ended for a reason that stays.
    #[error("the server is not asked again: {0}")]
    Final(Loss),
}

/// Codes of the feed that mean: not like this.
const CODES_FINAL: [u16; 6] = [1009, 4400, 4401, 4403, 4406, 4429];

impl Loss {
    /// Whether coming back would end in the same way. An unknown code does not say so.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Closed { code, .. } => CODES_FINAL.contains(code),
            // A server that is asked too often or too slowly may answer better later.
            Self::Http { status, .. } => {
                (400..500).contains(status) && ![408, 425, 429].contains(status)
            }
            Self::Broken(_) => false,
            Self::NoFeed(_) => true,
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed { code, reason } if reason.is_empty() => write!(f, "closed with {code}"),
            Self::Closed { code, reason } => write!(f, "closed with {code}, {reason}"),
            Self::Http { status, detail } if detail.is_empty() => write!(f, "it answers {status}"),
            Self::Http { status, detail } => write!(f, "it answers {status}, {detail}"),
            Self::Broken(why) => f.write_str(why),
            Self::NoFeed(why) => write!(f, "no feed is there: {why}"),
        }
    }
}

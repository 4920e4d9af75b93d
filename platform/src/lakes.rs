//! How a lake is, as the roles of one process see it. Written by who writes the lake, read by status, page and
//! metrics. It writes no row.

use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};

/// How the part of a lake is that one process writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LakeStatus {
    /// Where it is.
    pub address: String,
    /// Files with rows.
    pub files: u64,
    /// Rows in them.
    pub rows: u64,
    /// Their size.
    pub bytes: u64,
    /// Records of the log that are not in it yet.
    pub lag_records: u64,
    /// When rows were written last: milliseconds since 1970 UTC.
    pub written_at_ms: Option<i64>,
    /// When the tables of gold were written last: milliseconds since 1970 UTC.
    pub gold_at_ms: Option<i64>,
}

impl LakeStatus {
    /// Of a lake of which nothing is known yet.
    #[must_use]
    pub fn of(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            files: 0,
            rows: 0,
            bytes: 0,
            lag_records: 0,
            written_at_ms: None,
            gold_at_ms: None,
        }
    }

    /// What several processes write of one lake, together.
    #[must_use]
    pub fn together(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        parts.into_iter().reduce(|all, part| Self {
            files: all.files + part.files,
            rows: all.rows + part.rows,
            bytes: all.bytes + part.bytes,
            lag_records: all.lag_records + part.lag_records,
            written_at_ms: all.written_at_ms.max(part.written_at_ms),
            gold_at_ms: all.gold_at_ms.max(part.gold_at_ms),
            address: all.address,
        })
    }
}

/// Shared by all roles of a process; says nothing where no lake is written.
#[derive(Debug, Clone, Default)]
pub struct LakeBoard(Arc<Mutex<Option<LakeStatus>>>);

impl LakeBoard {
    /// Says how it is.
    pub fn tell(&self, status: LakeStatus) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(status);
    }

    /// How it is.
    #[must_use]
    pub fn status(&self) -> Option<LakeStatus> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_processes_write_is_one_lake() {
        let part = |rows, written_at_ms| LakeStatus {
            address: "s3://lake".to_owned(),
            files: 2,
            rows,
            bytes: 10,
            lag_records: 1,
            written_at_ms,
            gold_at_ms: None,
        };
        let all = LakeStatus::together([part(5, Some(7)), part(6, None)]).unwrap();
        assert_eq!((all.files, all.rows, all.bytes, all.lag_records), (4, 11, 20, 2));
        assert_eq!(all.written_at_ms, Some(7));
        assert_eq!(LakeStatus::together([]), None);
    }
}

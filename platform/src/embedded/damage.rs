//! Damage in the file: where redb meets a page that somebody spoiled, it panics. Here that becomes an
//! error like any other; what stands in the file is not judged here.

use super::file::FileError;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What `work` on the file gives; a panic of it is damage. `work` must hold no lock.
pub(super) fn caught<T>(work: impl FnOnce() -> Result<T, FileError>) -> Result<T, FileError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no reason is known");
        Err(FileError::Damaged(text.to_owned()))
    })
}

//! Files of tables that were encoded lately, for who reads one in parts: the shop goes on between two
//! of his requests, and all parts must be of the same bytes. Which part is wanted is not looked at here.

use crate::limits::{KEPT_BYTES_MAX, KEPT_FILES_MAX, KEPT_MAX, KEPT_SWEEP_PACE};
use axum::body::Bytes;
use axum::http::HeaderValue;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::{Instant, sleep};

/// A table of one version in one form.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// Its strong tag.
    pub(super) tag: String,
    pub(super) content_type: &'static str,
    /// To the next page, where it is one.
    pub(super) link: Option<HeaderValue>,
    pub(super) bytes: Bytes,
}

/// Who asks for what: who reads in parts seldom says which version he began with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// Path, query and form.
    pub(super) what: String,
    /// The program, as it calls itself.
    pub(super) agent: String,
}

#[derive(Debug)]
struct Entry {
    asked: Asked,
    file: File,
    used_at: Instant,
}

impl Entry {
    fn bytes(&self) -> usize {
        self.file.bytes.len() + self.asked.what.len() + self.asked.agent.len()
    }
}

/// The files that are kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Shelf>>);

#[derive(Debug, Default)]
struct Shelf {
    /// The one that was told of last comes last.
    entries: VecDeque<Entry>,
    is_swept: bool,
}

impl Kept {
    /// Keeps the file that somebody is being told of.
    pub(super) fn keep(&self, asked: Asked, file: File) {
        let mut shelf = self.locked();
        let is_same = |entry: &Entry| entry.asked == asked && entry.file.tag == file.tag;
        shelf.entries.retain(|entry| !is_same(entry));
        shelf.entries.push_back(Entry { asked, file, used_at: Instant::now() });
        shelf.make_room();
        if !shelf.is_swept && !shelf.entries.is_empty() {
            shelf.is_swept = true;
            tokio::spawn(self.clone().sweep());
        }
    }

    /// The file that he was told of last.
    pub(super) fn told(&self, asked: &Asked) -> Option<File> {
        self.find(|entry| entry.asked == *asked)
    }

    /// The file with this tag, whoever was told of it.
    pub(super) fn tagged(&self, what: &str, tag: &str) -> Option<File> {
        self.find(|entry| entry.asked.what == what && entry.file.tag == tag)
    }

    fn find(&self, is_meant: impl Fn(&Entry) -> bool) -> Option<File> {
        let mut shelf = self.locked();
        shelf.forget_unused();
        let entry = shelf.entries.iter_mut().rev().find(|entry| is_meant(entry))?;
        entry.used_at = Instant::now();
        Some(entry.file.clone())
    }

    /// Gives the memory back when nobody asks any more.
    async fn sweep(self) {
        loop {
            sleep(KEPT_SWEEP_PACE).await;
            let mut shelf = self.locked();
            shelf.forget_unused();
            if shelf.entries.is_empty() {
                shelf.is_swept = false;
                return;
            }
        }
    }

    /// One whose holder panicked is whole: each change is one insertion or removal.
    fn locked(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn forget_unused(&mut self) {
        self.entries.retain(|entry| entry.used_at.elapsed() < KEPT_MAX);
    }

    fn make_room(&mut self) {
        self.forget_unused();
        let mut bytes: usize = self.entries.iter().map(Entry::bytes).sum();
        while bytes > KEPT_BYTES_MAX || self.entries.len() > KEPT_FILES_MAX {
            let used_at = |place: &usize| self.entries.get(*place).map(|entry| entry.used_at);
            let Some(oldest) = (0..self.entries.len()).min_by_key(used_at) else { return };
            let gone = self.entries.remove(oldest);
            bytes -= gone.map_or(0, |entry| entry.bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::advance;

    fn asked(what: &str, agent: &str) -> Asked {
        Asked { what: what.to_owned(), agent: agent.to_owned() }
    }

    fn file(tag: &str, bytes: usize) -> File {
        let (tag, content_type) = (tag.to_owned(), "text/csv");
        File { tag, content_type, link: None, bytes: vec![0; bytes].into() }
    }

    fn told(kept: &Kept, what: &str, agent: &str) -> Option<String> {
        kept.told(&asked(what, agent)).map(|file| file.tag)
    }

    #[tokio::test(start_paused = true)]
    async fn each_program_finds_the_file_that_it_was_told_of_last() {
        let kept = Kept::default();
        kept.keep(asked("/a", "duckdb"), file("1", 10));
        kept.keep(asked("/a", "polars"), file("2", 10));
        assert_eq!(told(&kept, "/a", "duckdb").as_deref(), Some("1"));
        assert_eq!(told(&kept, "/a", "polars").as_deref(), Some("2"));
        assert_eq!(told(&kept, "/a", "excel"), None);
        assert_eq!(told(&kept, "/b", "polars"), None);
        assert!(kept.tagged("/a", "1").is_some() && kept.tagged("/b", "1").is_none());
        kept.keep(asked("/a", "duckdb"), file("2", 10));
        assert_eq!(told(&kept, "/a", "duckdb").as_deref(), Some("2"));
        assert!(kept.tagged("/a", "1").is_some(), "who names it still finds it");
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_uses_is_forgotten_and_its_memory_given_back() {
        let kept = Kept::default();
        kept.keep(asked("/a", ""), file("1", 10));
        kept.keep(asked("/b", ""), file("1", 10));
        for _ in 0..4 {
            advance(KEPT_MAX - Duration::from_secs(1)).await;
            assert!(told(&kept, "/a", "").is_some(), "it is in use");
        }
        assert_eq!(told(&kept, "/b", ""), None);
        sleep(KEPT_MAX + 2 * KEPT_SWEEP_PACE).await;
        assert!(kept.locked().entries.is_empty() && !kept.locked().is_swept);
    }

    #[tokio::test(start_paused = true)]
    async fn there_are_never_more_files_or_bytes_than_the_limits_and_the_least_used_go_first() {
        let kept = Kept::default();
        let half = KEPT_BYTES_MAX / 2 - 100;
        for what in ["/a", "/b"] {
            kept.keep(asked(what, ""), file("1", half));
            advance(Duration::from_secs(1)).await;
        }
        assert!(told(&kept, "/a", "").is_some());
        advance(Duration::from_secs(1)).await;
        kept.keep(asked("/c", ""), file("1", half));
        assert_eq!(told(&kept, "/b", ""), None, "it was used longest ago");
        assert!(told(&kept, "/a", "").is_some() && told(&kept, "/c", "").is_some());
        for n in 0..2 * KEPT_FILES_MAX {
            kept.keep(asked(&n.to_string(), ""), file("1", 1));
        }
        assert_eq!(kept.locked().entries.len(), KEPT_FILES_MAX);
        kept.keep(asked("/d", ""), file("1", KEPT_BYTES_MAX + 1));
        assert_eq!(told(&kept, "/d", ""), None, "it is more than there is room for");
    }
}

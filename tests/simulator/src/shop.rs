//! The shop: it writes rows into its two files, now and then half of a line, and posts others. What it has
//! written is counted, so that in the end every row can be asked for.

use crate::draw::Draw;
use crate::plan::Plan;
use crate::rows::{PlannedRow, Via, header};
use goldstream_domain::column::Kind;
use goldstream_domain::partition::partition_of;
use goldstream_domain::record::{Block, BlockBuilder, Headers};
use goldstream_platform::log::{Appended, Log, LogError, Topic, TopicPartition};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::task::{Context, Poll};

use crate::clock::now_ms;
use crate::port::Handle;
use crate::shared::Owner;
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::task::noop_waker_ref;

/// See the module.
pub(crate) struct Shop {
    rows: Vec<PlannedRow>,
    next: usize,
    partitions: u32,
    files: BTreeMap<Kind, PathBuf>,
    /// The rest of a line that is there in part.
    torn: BTreeMap<Kind, String>,
    rest_due: u64,
    rows_at_once: usize,
    /// Rows written to each file, the torn ones not.
    pub(crate) written: BTreeMap<Kind, u64>,
    handle: Handle,
    post: Option<Post>,
}

struct Post {
    at: TopicPartition,
    block: Block,
    sending: Option<BoxFuture<'static, Result<Appended, LogError>>>,
}

/// What the shop did.
pub(crate) enum Did {
    /// It has nothing more to write.
    Nothing,
    /// It wrote or posted rows.
    Rows(String),
    /// It wrote half of a line.
    Half(String),
}

impl Shop {
    /// A shop whose files hold nothing but their headers.
    ///
    /// # Errors
    /// Where the files cannot be written.
    pub(crate) fn open(plan: &Plan, folder: &Path, handle: Handle) -> io::Result<Self> {
        let files: BTreeMap<_, _> =
            Kind::ALL.into_iter().map(|kind| (kind, folder.join(kind.name()))).collect();
        for (kind, path) in &files {
            File::create(path)?.write_all(header(*kind).as_bytes())?;
        }
        Ok(Self {
            rows: plan.rows.clone(),
            next: 0,
            partitions: plan.partitions,
            files,
            torn: BTreeMap::new(),
            rest_due: 0,
            rows_at_once: plan.rows_at_once.max(1),
            written: BTreeMap::new(),
            handle,
            post: None,
        })
    }

    /// Who posts.
    #[must_use]
    pub(crate) const fn owner(&self) -> Owner {
        self.handle.owner()
    }

    /// Whether everything is written and acknowledged.
    #[must_use]
    pub(crate) fn is_done(&self) -> bool {
        self.next == self.rows.len() && self.torn.is_empty() && self.post.is_none()
    }

    /// The step from which on it writes its next row: they come over the whole run.
    #[must_use]
    pub(crate) fn next_due(&self, steps: u64) -> u64 {
        if !self.torn.is_empty() {
            return self.rest_due;
        }
        let all = self.rows.len().max(1) as u64;
        let written = self.next - self.next % self.rows_at_once;
        steps * written as u64 / all
    }

    /// Whether it has begun with its last row.
    #[must_use]
    pub(crate) fn has_written(&self) -> bool {
        self.next == self.rows.len()
    }

    /// Writes on; where half a line is wished, the next row of a file in part, and its rest some steps
    /// later.
    ///
    /// # Errors
    /// Where the files cannot be written.
    pub(crate) fn write(&mut self, draw: &mut Draw, step: u64, half: Half) -> io::Result<Did> {
        if let Some((kind, rest)) = self.torn.pop_first() {
            self.append(kind, &rest)?;
            *self.written.entry(kind).or_default() += 1;
            return Ok(Did::Rows(format!("the rest of a line of {}", kind.name())));
        }
        if self.post.is_some() {
            return Ok(Did::Nothing);
        }
        let Some(row) = self.rows.get(self.next).cloned() else { return Ok(Did::Nothing) };
        self.next += 1;
        if row.via != Via::File {
            return Ok(self.post(&row, draw));
        }
        let mut text = row.line();
        if half == Half::Wished {
            let mut cut = draw.between(1, text.len() as u64 - 1) as usize;
            while !text.is_char_boundary(cut) {
                cut -= 1;
            }
            let rest = text.split_off(cut);
            self.torn.insert(row.kind, rest);
            self.rest_due = step + draw.between(5, 60);
            self.append(row.kind, &text)?;
            return Ok(Did::Half(format!("half of a line of {}: {text:?}", row.kind.name())));
        }
        let mut rows = 1;
        for _ in 0..draw.below(5) {
            let next = self.rows.get(self.next);
            let Some(next) = next.filter(|it| it.via == Via::File && it.kind == row.kind) else {
                break;
            };
            text.push_str(&next.line());
            self.next += 1;
            rows += 1;
        }
        self.append(row.kind, &text)?;
        *self.written.entry(row.kind).or_default() += rows;
        Ok(Did::Rows(format!("{rows} rows of {}", row.kind.name())))
    }

    fn append(&self, kind: Kind, text: &str) -> io::Result<()> {
        let Some(path) = self.files.get(&kind) else { return Ok(()) };
        OpenOptions::new().append(true).open(path)?.write_all(text.as_bytes())
    }

    fn post(&mut self, row: &PlannedRow, draw: &mut Draw) -> Did {
        let bronze = row.bronze();
        let id = bronze.id(row.kind);
        let partition = match (&id, row.via) {
            (Some(id), Via::Post) => partition_of(id.as_bytes(), self.partitions),
            _ => draw.below(self.partitions as usize) as u32,
        };
        let mut builder = BlockBuilder::default();
        let headers = Headers { origin: None, ingested_at_ms: now_ms(), line: None };
        builder.push(headers, |out| bronze.encode(out));
        let at = TopicPartition::new(Topic::Bronze(row.kind), partition);
        self.post = Some(Post { at, block: builder.take(), sending: None });
        self.poll();
        Did::Rows(format!("a post to {at}: {:.60}", row.fields.join(",")))
    }

    /// An answer may have come. What failed is posted again: it may be there twice then.
    pub(crate) fn poll(&mut self) {
        let mut context = Context::from_waker(noop_waker_ref());
        let Some(post) = &mut self.post else { return };
        let sending = post.sending.take();
        let mut sending =
            sending.unwrap_or_else(|| self.handle.append(vec![(post.at, post.block.clone())]));
        match sending.poll_unpin(&mut context) {
            Poll::Pending => post.sending = Some(sending),
            Poll::Ready(Ok(_)) => self.post = None,
            Poll::Ready(Err(_)) => {
                post.sending = Some(self.handle.append(vec![(post.at, post.block.clone())]));
            }
        }
    }
}

/// Whether the last line is to be there in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    /// It is.
    Wished,
    /// It is not.
    NotWished,
}

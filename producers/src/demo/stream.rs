//! The demo's rows as a file that grows: all of one kind since the shop's first day, in the order of
//! time, up to what its clock shows. Read again they are the same bytes, so that whatever reads and
//! resumes files does the rest.

use crate::input::Made;
use crate::sample::{DailyShop, Page};
use goldstream_domain::column::Kind;
use goldstream_domain::moment::Day;
use goldstream_platform::shop_clock::ShopClock;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// About how many bytes an average day has, for the bar that shows how far a replay is.
const DAY_BYTES: u64 = 136_000;

/// The rows of a kind.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) kind: Kind,
    pub(super) first_day: Day,
    pub(super) clock: ShopClock,
    /// So many rows were sent before this process: they are told whatever the clock shows, which is
    /// put forward to them.
    pub(super) sent_rows: u64,
    /// How many bytes were told.
    told_bytes: Arc<AtomicU64>,
}

impl Stream {
    pub(super) fn new(kind: Kind, first_day: Day, clock: ShopClock, sent_rows: u64) -> Self {
        Self { kind, first_day, clock, sent_rows, told_bytes: Arc::default() }
    }
}

impl Made for Stream {
    fn open(&self) -> Box<dyn Read + Send> {
        let header = self.kind.columns().map(|column| column.french).join(",") + "\n";
        let told_to = header.len();
        Box::new(Telling {
            shop: DailyShop::new(self.first_day),
            kind: self.kind,
            clock: self.clock.clone(),
            sent_rows: self.sent_rows,
            next_day: self.first_day,
            page: Page { bytes: header.into_bytes(), events: Vec::new() },
            happened: 0,
            rows_before: 0,
            told: 0,
            told_to,
            bytes: 0,
            most_bytes: Arc::clone(&self.told_bytes),
        })
    }

    fn size_bytes(&self) -> u64 {
        let about = match self.kind {
            Kind::Customers => 0,
            Kind::Purchases => {
                let days = self.clock.now().day().0.saturating_sub(self.first_day.0);
                u64::from(days) * DAY_BYTES
            }
        };
        about.max(self.told_bytes.load(Ordering::Relaxed))
    }
}

/// One reading of a stream.
struct Telling {
    shop: DailyShop,
    kind: Kind,
    clock: ShopClock,
    sent_rows: u64,
    next_day: Day,
    /// The day that is being told; at first the header.
    page: Page,
    /// How many of its events have happened.
    happened: usize,
    rows_before: u64,
    /// Of its bytes, what was told, and what may be told now.
    told: usize,
    told_to: usize,
    bytes: u64,
    most_bytes: Arc<AtomicU64>,
}

impl Telling {
    /// Looks at the clock: whether there is more to tell now.
    fn goes_on(&mut self) -> io::Result<bool> {
        let now = self.clock.now();
        loop {
            self.let_happen();
            if self.told < self.told_to {
                return Ok(true);
            }
            let next = self.page.events.get(self.happened);
            if let Some(next) = next {
                if self.kind == Kind::Purchases {
                    self.clock.bring_near(next.at);
                }
                return Ok(false);
            }
            if self.next_day > now.day() && self.rows_before_next() >= self.sent_rows {
                return Ok(false);
            }
            self.turn_page()?;
        }
    }

    /// Lets all happen for which it is time, or that was sent before.
    fn let_happen(&mut self) {
        let now = self.clock.now();
        let events = &self.page.events;
        let by_clock = events.partition_point(|event| event.at <= now);
        let sent = self.sent_rows.saturating_sub(self.rows_before);
        // An event of which a part was sent has happened.
        let by_log = if sent == 0 {
            0
        } else {
            (events.partition_point(|event| event.end_rows < sent) + 1).min(events.len())
        };
        self.happened = self.happened.max(by_clock).max(by_log);
        if by_log > by_clock && self.kind == Kind::Purchases {
            self.clock.has_been(events[by_log - 1].at);
        }
        if let Some(last) = self.happened.checked_sub(1) {
            self.told_to = events[last].end_bytes;
        }
    }

    fn rows_before_next(&self) -> u64 {
        self.rows_before + self.page.events.last().map_or(0, |event| event.end_rows)
    }

    fn turn_page(&mut self) -> io::Result<()> {
        self.rows_before = self.rows_before_next();
        self.page = self.shop.page(self.kind, self.next_day)?;
        self.next_day = Day(self.next_day.0 + 1);
        (self.happened, self.told, self.told_to) = (0, 0, 0);
        Ok(())
    }
}

impl Read for Telling {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.told == self.told_to && !self.goes_on()? {
            return Ok(0);
        }
        let count = out.len().min(self.told_to - self.told);
        out[..count].copy_from_slice(&self.page.bytes[self.told..self.told + count]);
        self.told += count;
        self.bytes += count as u64;
        self.most_bytes.fetch_max(self.bytes, Ordering::Relaxed);
        Ok(count)
    }
}

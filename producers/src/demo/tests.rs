//! The demo over a wall clock that is wound forward: whenever it is looked at its figures are those of a
//! shop, and whatever stopped it nothing is missing and nothing comes twice.

use super::*;
use crate::csv::RowReader;
use crate::input::Made;
use goldstream_domain::clean::{Route, Rules, clean_purchase};
use goldstream_domain::moment::Moment;
use goldstream_platform::embedded::Embedded;
use goldstream_platform::shop_clock::FAST;
use goldstream_platform::shutdown::ShutdownHandle;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::atomic::{AtomicI64, Ordering};

const RULES: Rules = Rules { future_days: 366 };
const ALONE: Route = Route { partition: 0, partitions: 1, ingested_at_ms: 0, rules: RULES };
const HOUR: i64 = 3600;

/// A shop's clock, and the wall clock below it.
struct Wound {
    clock: ShopClock,
    wall_ms: Arc<AtomicI64>,
}

impl Wound {
    fn at(text: &str) -> Self {
        let wall_ms = Arc::new(AtomicI64::new(moment(text).0 * 1000));
        let hand = Arc::clone(&wall_ms);
        Self { clock: ShopClock::over(move || hand.load(Ordering::SeqCst)), wall_ms }
    }

    fn wind(&self, seconds: i64) {
        self.wall_ms.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// A process that is started now.
    fn started(&self) -> ShopClock {
        let hand = Arc::clone(&self.wall_ms);
        ShopClock::over(move || hand.load(Ordering::SeqCst))
    }
}

fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// All that there is to read by now.
fn rest(reading: &mut Box<dyn Read + Send>) -> Vec<u8> {
    let mut bytes = Vec::new();
    reading.read_to_end(&mut bytes).unwrap();
    bytes
}

fn purchases(first: &str, clock: &ShopClock, sent_rows: u64) -> Stream {
    Stream::new(Kind::Purchases, day(first), clock.clone(), sent_rows)
}

/// What a file of purchases comes to.
#[derive(Default)]
struct Figures {
    /// Of each accepted purchase its moment.
    sold: Vec<Moment>,
    ids: BTreeSet<String>,
    rows: u64,
    repeated: u64,
    refused: u64,
    euros: BTreeMap<Day, i64>,
}

impl Figures {
    fn of(file: &[u8]) -> Self {
        let mut figures = Self::default();
        let mut reader = RowReader::new(Kind::Purchases);
        reader
            .push(file, &mut |row| {
                figures.rows = row.number;
                let fields = row.content.fields(Kind::Purchases);
                let purchase = fields.as_ref().ok().and_then(|it| clean_purchase(it, ALONE).ok());
                let Some(purchase) = purchase else {
                    figures.refused += 1;
                    return;
                };
                if figures.ids.insert(purchase.purchase_id.to_owned()) {
                    figures.sold.push(purchase.purchased_at);
                    let day = purchase.purchased_at.day();
                    *figures.euros.entry(day).or_default() += purchase.amount_cents / 100;
                } else {
                    figures.repeated += 1;
                }
            })
            .unwrap();
        assert!(!reader.ended_unfinished());
        figures
    }

    /// How many were sold from one moment to another.
    fn between(&self, from: i64, to: i64) -> usize {
        self.sold.iter().filter(|at| (from..to).contains(&at.0)).count()
    }

    /// Holds the last day, as far as it is, and the one before against the same weekdays a week and two
    /// before; there is no hole in the last three days and nothing from later than now.
    fn must_be_believed(&self, now: Moment) {
        const WEEK: i64 = 7 * 24 * HOUR;
        let midnight = i64::from(now.day().0) * 24 * HOUR;
        let yesterday = (midnight - 24 * HOUR, midnight);
        for (from, to) in [(midnight, now.0), yesterday] {
            let sold = self.between(from, to);
            for weeks in [1, 2] {
                let before = self.between(from - weeks * WEEK, to - weeks * WEEK);
                let (least, most) = (before * 7 / 10, before * 14 / 10);
                assert!((least..=most).contains(&sold), "{sold} after {before} at {now}");
            }
        }
        assert!(self.sold.is_sorted() && self.sold.iter().all(|at| *at <= now));
        let recent = self.sold.iter().filter(|at| at.0 > now.0 - 72 * HOUR);
        let times: Vec<_> = recent.map(|at| at.0).chain([now.0]).collect();
        let longest = times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert!(longest < HOUR / 2, "nobody bought for {longest} s before {now}");
        let days: Vec<_> = self.euros.values().rev().skip(1).take(30).copied().collect();
        let (least, most) = (days.iter().min().unwrap(), days.iter().max().unwrap());
        assert!(most < &(4 * least), "a day of {most} euros in a month with one of {least}");
    }
}

#[test]
fn its_figures_are_those_of_a_shop_after_a_minute_an_hour_a_night_and_days_off() {
    let wound = Wound::at("2026-05-12 10:00:00");
    let mut reading = purchases("2025-05-01", &wound.clock, 0).open();
    let mut file = rest(&mut reading);
    let mut before = Figures::of(&file).rows;
    Figures::of(&file).must_be_believed(wound.clock.now());
    // A minute, an hour, until late, over the night, to noon: looked at more often than anything changes.
    for (steps, seconds) in [(60, 1), (59, 60), (6, 2 * HOUR), (8 * 60, 60), (1, 5 * HOUR)] {
        for _ in 0..steps {
            wound.wind(seconds);
            file.extend(rest(&mut reading));
        }
        let figures = Figures::of(&file);
        figures.must_be_believed(wound.clock.now());
        assert!(figures.rows > before, "nobody bought in {steps} times {seconds} s");
        before = figures.rows;
    }
    // Three days off, then another process.
    wound.wind(72 * HOUR);
    let clock = wound.started();
    let later = rest(&mut purchases("2025-05-01", &clock, before).open());
    Figures::of(&later).must_be_believed(clock.now());
    assert!(later.starts_with(&file));
}

#[test]
fn at_christmas_too_no_day_is_a_spike() {
    for now in ["2026-11-29 10:00:00", "2026-12-12 21:00:00", "2027-01-20 03:00:00"] {
        let wound = Wound::at(now);
        let figures = Figures::of(&rest(&mut purchases("2025-11-01", &wound.clock, 0).open()));
        let days: Vec<_> = figures.euros.values().rev().skip(1).take(60).copied().collect();
        let mean = days.iter().sum::<i64>() / 60;
        assert!(days.iter().all(|euros| *euros < mean * 5 / 2), "{days:?} around {mean}");
        assert!(figures.between(0, i64::MAX) / 400 > 1_500);
    }
}

#[test]
fn a_few_rows_of_each_day_are_dirty() {
    let wound = Wound::at("2026-05-12 10:00:00");
    let figures = Figures::of(&rest(&mut purchases("2026-05-01", &wound.clock, 0).open()));
    let dirty = figures.repeated + figures.refused;
    assert!(figures.refused > 10 && figures.repeated > 10, "{dirty} of {}", figures.rows);
    assert!((1..=6).contains(&(dirty * 1000 / figures.rows)), "{dirty} of {}", figures.rows);
}

#[test]
fn who_buys_has_signed_up_before() {
    let wound = Wound::at("2026-05-12 10:00:00");
    let customers = Stream::new(Kind::Customers, day("2026-05-01"), wound.clock.clone(), 0);
    let file = rest(&mut customers.open());
    let mut signups = Vec::new();
    RowReader::new(Kind::Customers)
        .push(&file, &mut |row| {
            let fields = row.content.fields(Kind::Customers).unwrap();
            assert_eq!(*fields[0], *row.number.to_string());
            signups.push(Day::parse(&fields[3]).unwrap());
        })
        .unwrap();
    assert!(signups.is_sorted() && signups.last() == Some(&day("2026-05-12")));
    let file = rest(&mut purchases("2026-05-01", &wound.clock, 0).open());
    RowReader::new(Kind::Purchases)
        .push(&file, &mut |row| {
            let Ok(fields) = row.content.fields(Kind::Purchases) else { return };
            let Ok(purchase) = clean_purchase(&fields, ALONE) else { return };
            let customer: usize = purchase.customer_id.parse().unwrap();
            assert!(signups[customer - 1] < purchase.purchased_at.day());
        })
        .unwrap();
}

#[test]
fn somebody_buys_within_seconds_of_a_start_by_day_and_by_night() {
    for now in ["2026-05-12 10:00:00", "2026-05-12 03:20:00", "2026-05-12 20:59:00"] {
        let wound = Wound::at(now);
        let mut reading = purchases("2026-05-01", &wound.clock, 0).open();
        rest(&mut reading);
        wound.wind(4);
        assert!(!rest(&mut reading).is_empty(), "{now}");
    }
}

#[test]
fn a_clock_that_is_behind_what_was_sold_is_put_forward() {
    let wound = Wound::at("2026-05-12 10:00:00");
    wound.clock.run(FAST).unwrap();
    let mut reading = purchases("2026-05-01", &wound.clock, 0).open();
    let mut file = rest(&mut reading);
    for _ in 0..30 * 60 {
        wound.wind(1);
        file.extend(rest(&mut reading));
    }
    assert!(wound.clock.now() > moment("2026-05-13 16:00:00"));
    let figures = Figures::of(&file);
    let clock = wound.started();
    let again = rest(&mut purchases("2026-05-01", &clock, figures.rows).open());
    assert_eq!(again, file);
    assert!(clock.now() >= *figures.sold.last().unwrap() && clock.read().pace == 1);
    // A day later the wall clock is still behind; two days later it has caught up.
    wound.wind(48 * HOUR);
    let later = rest(&mut purchases("2026-05-01", &wound.started(), figures.rows).open());
    assert!(later.len() > file.len() && later.starts_with(&file));
}

/// A log that holds the demo of a shop which opened lately, replayed up to now.
async fn replay(embedded: &Embedded, clock: &ShopClock, inputs: Option<Vec<NamedInput>>) {
    let (_handle, mut shutdown) = ShutdownHandle::new();
    let (log, store): (Arc<dyn Log>, Arc<dyn Store>) =
        (Arc::new(embedded.clone()), Arc::new(embedded.clone()));
    let demo = Demo { log: log.clone(), store: store.clone(), partitions: 3, clock: clock.clone() };
    let inputs = match inputs {
        Some(inputs) => inputs,
        None => demo.inputs(&mut shutdown).await.unwrap().unwrap(),
    };
    let (rate, at_end) = (None, AtEnd::Stop);
    let now_ms = goldstream_platform::clock::now_ms;
    let board = goldstream_platform::inputs::Inputs::default();
    let replay = Replay {
        log,
        store,
        partitions: 3,
        inputs,
        folder: None,
        handed: None,
        rate,
        at_end,
        now_ms,
        board,
    };
    demo.play(replay, shutdown).await.unwrap();
}

fn opened_on(first: &str, name: &str, clock: &ShopClock) -> Vec<NamedInput> {
    let inputs = Kind::ALL.map(|kind| NamedInput {
        kind,
        key: format!("{name}:{}:{first}", kind.name()).into(),
        input: Input::Made(Arc::new(Stream::new(kind, day(first), clock.clone(), 0))),
    });
    inputs.into()
}

async fn rows(embedded: &Embedded) -> u64 {
    let mut rows = 0;
    for partition in 0..3 {
        let at = TopicPartition::new(Topic::Bronze(Kind::Purchases), partition);
        rows += embedded.end(at).await.unwrap();
    }
    rows
}

#[tokio::test]
async fn a_shop_is_gone_on_with_from_its_first_day_and_each_row_is_sent_once() {
    let dir = tempfile::tempdir().unwrap();
    let embedded = Embedded::open(dir.path(), Some(3)).unwrap();
    let wound = Wound::at("2026-05-12 10:00:00");
    replay(&embedded, &wound.clock, Some(opened_on("2026-05-10", INPUTS, &wound.clock))).await;
    let mut before = 0;
    // At once, a minute later, at night, after three days off, and with a clock that was set back.
    for seconds in [0, 60, 15 * HOUR, 72 * HOUR, -24 * HOUR] {
        wound.wind(seconds);
        let clock = wound.started();
        replay(&embedded, &clock, None).await;
        let told = rest(&mut purchases("2026-05-10", &clock, before).open());
        let sent = rows(&embedded).await;
        assert_eq!(sent, Figures::of(&told).rows, "after {seconds} s");
        assert!(sent >= before);
        before = sent;
    }
    embedded.close().unwrap();
}

#[tokio::test]
async fn a_shop_of_an_earlier_version_is_refused_and_a_new_one_opened_thirteen_months_before() {
    let dir = tempfile::tempdir().unwrap();
    let embedded = Embedded::open(dir.path(), Some(3)).unwrap();
    let wound = Wound::at("2026-05-12 10:00:00");
    let (log, store) = (Arc::new(embedded.clone()), Arc::new(embedded.clone()));
    let demo = Demo { log, store, partitions: 3, clock: wound.clock.clone() };
    assert_eq!(demo.first_day().await.unwrap(), day("2025-05-01"));
    replay(&embedded, &wound.clock, Some(opened_on("2026-05-11", "sample", &wound.clock))).await;
    assert!(matches!(demo.first_day().await, Err(DemoError::Earlier)));
    embedded.close().unwrap();
}

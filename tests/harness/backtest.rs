//! How good the forecast is on the two shops that there are: the lines of the tables of docs/forecast.md, which a
//! test holds against the page and `make bench` prints.

use flate2::read::GzDecoder;
use goldstream_domain::gold::report::Gold;
use goldstream_domain::moment::Day;
use goldstream_forecast::{Backtest, History, Score, backtest, forecast};
use goldstream_producers::sample::{Plan, Shop};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

/// All days of both shops are over.
const NEVER: Day = Day(u32::MAX);

/// The real one, as another program counted it.
pub(crate) fn online_retail() -> History {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = path.join("tests/data/online_retail/expected.json.gz");
    let gold: Gold = serde_json::from_reader(GzDecoder::new(File::open(path).unwrap())).unwrap();
    History::of(gold.days.iter().map(|row| (row.day, row.revenue_cents)), NEVER).unwrap()
}

/// What `goldstream generate` writes.
fn sample_shop() -> History {
    let mut file = Vec::new();
    Shop::new(Plan::default()).write_purchases(&mut file).unwrap();
    let mut days = BTreeMap::<Day, i64>::new();
    for row in csv::Reader::from_reader(file.as_slice()).records() {
        let row = row.unwrap();
        let cents: i64 = row[3].replace('.', "").parse().unwrap();
        assert_eq!(row[3].len() - row[3].find('.').unwrap(), 3, "two decimals");
        *days.entry(Day::parse(&row[2][..10]).unwrap()).or_default() += cents;
    }
    History::of(days, NEVER).unwrap()
}

/// The heads of the tables.
const HEADS: [&str; 3] = [
    "| shop | model | missed of a day | missed of the 28 days together |\n|---|---|---|---|",
    "| shop | weeks asked | days within the band |\n|---|---|---|",
    "| shop | `error_percent` | `naive_error_percent` | served |\n|---|---|---|---|",
];

/// The lines that a shop gives, of each table.
fn lines(shop: &str, history: &History) -> [Vec<String>; 3] {
    let Backtest { origins, stl, naive, served, within_band_percent } = backtest(history).unwrap();
    let models = [("`stl`", stl), ("`seasonal_naive`", naive), ("what is served", served)];
    let line = |(model, score): (&str, Score)| {
        let Score { error_percent, sum_error_percent } = score;
        format!("| {shop} | {model} | {error_percent:.1} % | {sum_error_percent:.1} % |")
    };
    let told = forecast(history);
    let (error, naive) = (told.error_percent.unwrap(), told.naive_error_percent.unwrap());
    [
        models.map(line).into(),
        vec![format!("| {shop} | {origins} | {within_band_percent:.1} % |")],
        vec![format!("| {shop} | {error:.1} % | {naive:.1} % | `{}` |", told.model.name())],
    ]
}

/// The tables, each with its head.
pub(crate) fn tables() -> [String; 3] {
    let mut tables = HEADS.map(|head| format!("{head}\n"));
    for (shop, history) in shops() {
        for (table, lines) in tables.iter_mut().zip(lines(shop, &history)) {
            *table += &lines.into_iter().map(|line| line + "\n").collect::<String>();
        }
    }
    tables
}

/// Both shops by the names that they have there.
pub(crate) fn shops() -> [(&'static str, History); 2] {
    [("Online Retail", online_retail()), ("sample shop", sample_shop())]
}

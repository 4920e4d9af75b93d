//! Prints how well a shop's days would have been forecast: days as `goldstream export days --format csv` has them
//! come on standard input. `scripts/backtest.sh` runs it.

use goldstream_domain::moment::Day;
use goldstream_forecast::{History, Score, backtest, forecast};
use std::io::{self, BufRead, Write};

/// After every day that there is: all of them are over.
const NEVER: Day = Day(u32::MAX);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut days = Vec::new();
    for line in io::stdin().lock().lines().skip(1) {
        let line = line?;
        let mut cells = line.split(',');
        let day = cells.next().and_then(Day::parse).ok_or("no day")?;
        let revenue_cents = cells.nth(1).ok_or("no revenue")?.parse()?;
        days.push((day, revenue_cents));
    }
    let history = History::of(days, NEVER)?;
    let tested = backtest(&history).ok_or("too few days to test")?;
    let now = forecast(&history);
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "days {} to {}, asked as of {} weeks",
        history.from(),
        history.to(),
        tested.origins
    )?;
    let mut say = |name: &str, Score { error_percent, sum_error_percent }: Score| {
        writeln!(
            out,
            "{name:<15} a day {error_percent:5.1} %   the 28 days together {sum_error_percent:5.1} %"
        )
    };
    say("stl", tested.stl)?;
    say("seasonal_naive", tested.naive)?;
    say("served", tested.served)?;
    writeln!(out, "within the band {:.1} % of the days", tested.within_band_percent)?;
    let written =
        |error: Option<f64>| error.map_or_else(|| "-".to_owned(), |it| format!("{it:.1} %"));
    let (error, naive) = (written(now.error_percent), written(now.naive_error_percent));
    writeln!(
        out,
        "the last 28 days: stl {error}, seasonal_naive {naive}; served {}",
        now.model.name()
    )?;
    Ok(())
}

//! What stands in a report, in which order: the period, its chart, what is expected, who is new, and what is best.

use crate::charts::{Bar, Chart, Coming, chart};
use crate::figures::{Sum, Unit, buyers, marks};
use crate::font::{Fonts, Weight};
use crate::map::map;
use crate::period::Range;
use crate::report::{Alert, Names, Report, Verified};
use crate::scope::Scope;
use crate::sheet::{BAD, BODY, GOOD, HEIGHT, MARGIN, NOTE, ROOM, SMALL, STRONG, Sheets, Style};
use crate::table::{Row, columns_of, height_of, strong, table};
use crate::words::{Words, fill, words_of};
use crate::write::Writer;
use goldstream_domain::moment::Day;
use goldstream_forecast::{Forecast, Model};
use std::collections::BTreeMap;

const TITLE: Style = Style { weight: Weight::Bold, size: 22.0, ..BODY };
const CHART_HEIGHT: f32 = 150.0;
/// Of products, customers and countries.
const BEST: usize = 10;
/// More of them is a page that nobody reads.
const ALERTS_MAX: usize = 8;
const MONTHS: usize = 13;
const PAST_DAYS: u32 = 28;
const COMING_DAYS: usize = 30;

/// All pages.
pub(crate) fn pages<'a>(report: &Report<'_>, fonts: &'a Fonts) -> Sheets<'a> {
    let mut page = Page {
        sheets: Sheets::new(fonts),
        report,
        words: words_of(report.language),
        writer: Writer { language: report.language, currency: report.currency },
    };
    page.period();
    page.alerts();
    page.expected();
    page.new_and_returning();
    page.best();
    page.feet();
    page.sheets
}

struct Page<'a, 'r> {
    sheets: Sheets<'a>,
    report: &'r Report<'r>,
    words: &'static Words,
    writer: Writer<'r>,
}

impl Page<'_, '_> {
    fn period(&mut self) {
        let (report, words, writer) = (self.report, self.words, self.writer);
        let days = &report.gold.days;
        let Scope { range, before, now, then } = Scope::of(days, report.period, report.today);
        let ends = |Range { from, to }: Range| [from, to].map(|day| writer.day(day));
        self.sheets.heading(1, TITLE, words.title);
        let [from, to] = ends(range);
        let mut about = fill(words.subtitle, &[&from, &to]);
        if let Some([from, to]) = before.map(ends) {
            about = format!("{about}, {}", fill(words.against, &[&from, &to]));
        }
        self.sheets.paragraph(STRONG, &format!("{about}."));
        self.proof();
        self.sheets.y += 8.0;
        self.compared(now, then);
        self.since_start();
        let unit = Unit::of(range);
        let title = match unit {
            Unit::Day => words.by_day,
            Unit::Week => words.by_week,
            Unit::Month => words.by_month,
        };
        self.sheets.section(title, CHART_HEIGHT + 40.0);
        if now.orders == 0 {
            return self.sheets.paragraph(BODY, words.nothing);
        }
        self.bars(title, unit, &marks(days, range, unit));
        let best = days.iter().filter(|row| range.has(row.day)).max_by_key(|row| row.revenue_cents);
        if let Some(best) = best {
            let (day, amount) = (writer.day(best.day), writer.money(best.revenue_cents));
            self.sheets.paragraph(NOTE, &fill(words.best_day, &[&day, &amount]));
        }
    }

    fn proof(&mut self) {
        let (words, writer) = (self.words, self.writer);
        let (colour, text) = match self.report.verified {
            None => (NOTE.colour, words.unverified.to_owned()),
            Some(Verified { at, rows, differences }) => {
                let day = writer.day(at.day());
                match differences {
                    0 => (GOOD, fill(words.verified, &[&writer.count(rows), &day])),
                    _ => (BAD, fill(words.differs, &[&writer.count(differences), &day])),
                }
            }
        };
        self.sheets.paragraph(Style { colour, ..BODY }, &text);
    }

    fn compared(&mut self, now: Sum, then: Option<Sum>) {
        let (words, writer) = (self.words, self.writer);
        let count = |of: fn(&Sum) -> u64| {
            let (now, then) = (of(&now), then.as_ref().map(of));
            (
                writer.count(now),
                then.map(|it| writer.count(it)),
                Some(now as i64),
                then.map(|it| it as i64),
            )
        };
        let money = |of: fn(&Sum) -> Option<i64>| {
            let (now, then) = (of(&now), then.as_ref().and_then(of));
            let before = then.map(|it| writer.money(it));
            (writer.money_or_dash(now), before, now, then)
        };
        let rows = [
            (words.revenue, money(|it| Some(it.revenue_cents))),
            (words.orders, count(|it| it.orders)),
            (words.basket, money(Sum::basket_cents)),
            (words.open_days, count(|it| it.open_days)),
        ];
        let rows = rows.map(|(name, (written, before, now, then))| {
            let change = now.zip(then).and_then(|(now, then)| writer.change(now, then));
            let colour = match now.zip(then) {
                Some((now, then)) if now < then => BAD,
                Some((now, then)) if now > then => GOOD,
                _ => BODY.colour,
            };
            let [before, change] =
                [before, change].map(|text| text.unwrap_or_else(|| "–".to_owned()));
            let change = (change, Style { colour, ..BODY });
            Row {
                cells: vec![(name.to_owned(), BODY), strong(written), (before, BODY), change],
                bar: None,
            }
        });
        let columns =
            [(words.figure, 3.0), (words.period, 2.0), (words.before, 2.0), (words.change, 1.4)];
        table(&mut self.sheets, &columns_of(&columns), &rows);
    }

    /// The summary, in the words of a sentence.
    fn since_start(&mut self) {
        let (words, writer) = (self.words, self.writer);
        let summary = &self.report.gold.summary;
        let written = [
            writer.money(summary.revenue_cents),
            writer.count(summary.orders),
            writer.count(summary.customers),
            writer.count(summary.buyers),
            writer.money_or_dash(summary.average_basket_cents),
        ];
        let values: Vec<&str> = written.iter().map(String::as_str).collect();
        let until = fill(words.since_start, &[&writer.day(self.report.today)]);
        self.sheets
            .paragraph(NOTE, &format!("{until}{}{}", words.colon, fill(words.in_all, &values)));
    }

    fn bars(&mut self, title: &str, unit: Unit, marks: &[(Day, i64)]) {
        let (words, writer) = (self.words, self.writer);
        let short = |day: Day| match unit {
            Unit::Month => writer.month_short(day.month()),
            Unit::Day | Unit::Week => writer.day_short(day),
        };
        let bars: Vec<_> =
            marks.iter().map(|(day, cents)| Bar { label: short(*day), cents: *cents }).collect();
        let most = marks.iter().max_by_key(|(_, cents)| *cents).copied().unwrap_or((Day(0), 0));
        let least = marks.iter().min_by_key(|(_, cents)| *cents).copied().unwrap_or((Day(0), 0));
        let [high, low] = [most, least].map(|(day, cents)| (writer.money(cents), writer.day(day)));
        let count = writer.count(bars.len() as u64);
        let alt = fill(words.chart_alt, &[title, &count, &high.0, &high.1, &low.0, &low.1]);
        chart(
            &mut self.sheets,
            writer,
            Chart { bars: &bars, coming: &[], height: CHART_HEIGHT, alt },
        );
    }

    /// What there was to be told, where somebody is.
    fn alerts(&mut self) {
        let (words, writer) = (self.words, self.writer);
        let Some(alerts) = self.report.alerts else { return };
        self.sheets.section(words.alerts, 30.0);
        if alerts.is_empty() {
            return self.sheets.paragraph(BODY, words.alerts_none);
        }
        for Alert { sentence, began, ended } in alerts.iter().take(ALERTS_MAX) {
            let began = writer.moment(*began);
            let when = match ended.map(|ended| writer.moment(ended)) {
                Some(ended) => fill(words.alert_over, &[&began, &ended]),
                None => fill(words.alert_holds, &[&began]),
            };
            self.sheets.paragraph(BODY, &format!("{sentence} {when}"));
        }
        if let Some(more) = alerts.len().checked_sub(ALERTS_MAX).filter(|more| *more > 0) {
            self.sheets.paragraph(NOTE, &fill(words.alerts_more, &[&writer.count(more as u64)]));
        }
    }

    fn expected(&mut self) {
        let words = self.words;
        self.sheets.section(words.forecast, CHART_HEIGHT + 60.0);
        match self.report.forecast {
            None => self.sheets.paragraph(NOTE, words.forecast_none),
            Some(forecast) => self.forecast(forecast),
        }
    }

    fn forecast(&mut self, forecast: &Forecast) {
        let (words, writer) = (self.words, self.writer);
        let month = &forecast.month;
        let cents = [month.expected_cents, month.low_cents, month.high_cents];
        let [amount, low, high] = cents.map(|cents| writer.about(cents));
        let name = capital(&writer.month(month.month));
        self.sheets.paragraph(STRONG, &fill(words.forecast_ends, &[&name, &amount, &low, &high]));
        self.sheets.y += 6.0;
        let to = forecast.trained_to;
        let past = Range { from: Day(to.0.saturating_sub(PAST_DAYS - 1)), to };
        let past = marks(&self.report.gold.days, past, Unit::Day);
        let bars: Vec<_> = past
            .iter()
            .map(|(day, cents)| Bar { label: writer.day_short(*day), cents: *cents })
            .collect();
        let days = &forecast.days[..COMING_DAYS.min(forecast.days.len())];
        let coming = days.iter().map(|day| Coming {
            label: writer.day_short(day.day),
            expected_cents: day.expected_cents,
            low_cents: day.low_cents,
            high_cents: day.high_cents,
        });
        let coming: Vec<_> = coming.collect();
        let most = days.iter().map(|day| day.expected_cents).max().unwrap_or_default();
        let least = days.iter().map(|day| day.expected_cents).min().unwrap_or_default();
        let [first, last] =
            [days.first(), days.last()].map(|it| writer.day(it.map_or(to, |it| it.day)));
        let [least, most] = [least, most].map(|cents| writer.about(cents));
        let alt = fill(words.forecast_alt, &[&first, &last, &least, &most]);
        chart(
            &mut self.sheets,
            writer,
            Chart { bars: &bars, coming: &coming, height: CHART_HEIGHT, alt },
        );
        let errors = [forecast.error_percent, forecast.naive_error_percent];
        let [error, naive] =
            errors.map(|it| it.map_or_else(|| "–".to_owned(), |it| writer.percent(it)));
        self.sheets.paragraph(NOTE, &fill(words.forecast_error, &[&error, &naive]));
        if forecast.model == Model::SeasonalNaive {
            self.sheets.paragraph(NOTE, words.forecast_naive);
        }
    }

    fn new_and_returning(&mut self) {
        let (words, writer, gold) = (self.words, self.writer, self.report.gold);
        let to = self.report.range().to.month();
        let rows = buyers(&gold.months, &gold.customers, to, MONTHS);
        if rows.is_empty() {
            return;
        }
        self.sheets.section(words.new_title, height_of(rows.len()) + 14.0);
        let most = rows.iter().map(|row| row.all).max().unwrap_or(1).max(1);
        let row = |row: &crate::figures::Buyers| {
            let counts = [row.all, row.new, row.all.saturating_sub(row.new)];
            let mut cells = vec![capital(&writer.month(row.month))];
            cells.extend(counts.map(|count| writer.count(count)));
            Row { bar: Some(row.all as f32 / most as f32), ..Row::plain(cells) }
        };
        let rows: Vec<_> = rows.iter().map(row).collect();
        let columns =
            [(words.month, 3.0), (words.buyers, 1.5), (words.new, 1.5), (words.returning, 1.5)];
        table(&mut self.sheets, &columns_of(&columns), &rows);
        self.sheets.paragraph(NOTE, words.new_note);
    }

    fn best(&mut self) {
        let (words, gold) = (self.words, self.report.gold);
        let products = gold.products.iter();
        let products = products.map(|row| (row.product.to_string(), row.orders, row.revenue_cents));
        self.ranked(words.products, words.product, products.collect());
        let customers = gold.customers.iter().map(|row| {
            let name = row.name.as_deref().filter(|_| self.report.names == Names::Shown);
            let id = format!("{} {}", words.customer, row.customer_id);
            (name.map_or(id, str::to_owned), row.orders, row.revenue_cents)
        });
        self.ranked(words.best_customers, words.customer, customers.collect());
        let countries = gold.countries.iter().map(|row| {
            let name = row.country.as_deref().unwrap_or(words.unknown);
            (name.to_owned(), row.orders, row.revenue_cents)
        });
        self.ranked(words.countries, words.country, countries.collect());
        self.sheets.paragraph(NOTE, words.all_time);
        self.world();
    }

    /// Countries that have a code, on the map.
    fn world(&mut self) {
        let (words, report) = (self.words, self.report);
        let mut by_code = BTreeMap::<&str, i64>::new();
        let named =
            report.gold.countries.iter().filter_map(|row| Some((row.country.as_deref()?, row)));
        for (code, row) in named.filter_map(|(name, row)| Some(((report.code_of)(name)?, row))) {
            *by_code.entry(code).or_default() += row.revenue_cents;
        }
        let rows = report.gold.countries.iter().filter(|row| row.country.is_some());
        let Some(most) = rows.max_by_key(|row| row.revenue_cents) else { return };
        let most = most.country.as_deref().unwrap_or(words.unknown);
        let count = self.writer.count(by_code.len() as u64);
        self.sheets.y += 12.0;
        map(&mut self.sheets, &by_code, fill(words.map_alt, &[&count, most]));
        self.sheets.paragraph(NOTE, words.map);
    }

    /// The first of them by revenue; equal ones as they come, which is by their keys.
    fn ranked(&mut self, title: &str, name: &str, mut rows: Vec<(String, u64, i64)>) {
        let (words, writer) = (self.words, self.writer);
        rows.sort_by_key(|(_, _, cents)| std::cmp::Reverse(*cents));
        rows.truncate(BEST);
        let Some(most) = rows.first().map(|(_, _, cents)| (*cents).max(1)) else { return };
        let whole = self.report.gold.summary.revenue_cents.max(1);
        self.sheets.section(title, height_of(rows.len()) + 14.0);
        let rows = rows.into_iter().map(|(name, orders, cents)| {
            let share = writer.percent(100.0 * cents as f64 / whole as f64);
            let cells = vec![name, writer.count(orders), writer.money(cents), share];
            Row { bar: Some(cents.max(0) as f32 / most as f32), ..Row::plain(cells) }
        });
        let rows: Vec<_> = rows.collect();
        let columns = [(name, 4.0), (words.orders, 1.5), (words.revenue, 2.0), (words.share, 1.0)];
        table(&mut self.sheets, &columns_of(&columns), &rows);
    }

    /// The number of each page, for the eye alone.
    fn feet(&mut self) {
        let count = self.sheets.pages.len();
        let until = fill(self.words.since_start, &[&self.writer.day(self.report.today)]);
        for number in 1..=count {
            let text = fill(self.words.page, &[&number.to_string(), &count.to_string()]);
            let wide = self.sheets.fonts.width(SMALL.weight, SMALL.size, &text);
            self.sheets.foot(number - 1, MARGIN + ROOM - wide, HEIGHT - MARGIN * 0.6, &text);
            self.sheets.foot(
                number - 1,
                MARGIN,
                HEIGHT - MARGIN * 0.6,
                &format!("goldstream · {until}"),
            );
        }
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}
